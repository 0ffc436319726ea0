#!/usr/bin/python3
"""Compares what this project reads in real unit files with what systemd 252 read in them.

    compare.py UNIT_SHOW KEY_LIST DEFAULT_CORPUS

ABIDE_CORPUS, or else DEFAULT_CORPUS, is a folder with units/ and oracle/; without it the test is
skipped. The comparisons:

  parsed  of oracle/parsed.tsv: each key that a file sets has the same values, or is a key that
          systemd does not show (`hidden`), or is set to what systemd has without it
  hidden  the keys of `parsed` that systemd does not show
  depend  the same for relations between units: each that a file sets is one that systemd has
  lint    of oracle/lint.tsv: the same lines are found fault with

A difference that is meant stands in differences.tsv with its reason, and one that stands there
must occur.
"""
import collections
import fnmatch
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
SKIPPED = 77

# systemd's dump has other names for these.
PROPERTY = {
    "AccuracySec": "Accuracy",
    "CPUQuota": "CPUQuotaPerSecSec",
    "FailureAction": "Failure Action",
    "IOSchedulingPriority": "IOPriority",
    "SecureBits": "Secure Bits",
}
RELATIONS = set(
    "After Before BindsTo Conflicts JoinsNamespaceOf OnFailure OnSuccess PartOf PropagatesReloadTo "
    "PropagatesStopTo ReloadPropagatedFrom Requires RequiresMountsFor Requisite StopPropagatedFrom "
    "Upholds Wants".split()
)
# The dump shows only what differs from a unit without settings; this is what does not.
DEFAULTS = {
    "Accept": ["no"],
    "DefaultDependencies": ["yes"],
    "DirectoryMode": ["0755"],
    "KillMode": ["control-group"],
    "KillSignal": ["SIGTERM"],
    "LimitMEMLOCK": ["8388608"],
    "NoNewPrivileges": ["no"],
    "OOMPolicy": ["stop"],
    "PrivateNetwork": ["no"],
    "PrivateTmp": ["no"],
    "RemainAfterExit": ["no"],
    "Restart": ["no"],
    "RuntimeDirectoryMode": ["0755"],
    "StandardError": ["inherit"],
    "StandardInput": ["null"],
    "StandardOutput": ["journal"],
    "Type": ["simple"],
    "WorkingDirectory": ["/"],
}


def rows(path):
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    return [line.split("\t") for line in text.split("\n")[1:] if line]


class Differences:
    def __init__(self, path):
        self.rows = [r for r in rows(path) if not r[0].startswith("#")]
        self.used = set()
        self.found = []

    def add(self, table, unit, key, text):
        for number, (t, u, k, _reason) in enumerate(self.rows):
            if t == table and fnmatch.fnmatchcase(unit, u) and fnmatch.fnmatchcase(key, k):
                self.used.add(number)
                return
        self.found.append(f"{table}: {unit}: {key}: {text}")

    def finish(self):
        for number, row in enumerate(self.rows):
            if number not in self.used:
                self.found.append("differences.tsv has a line that does not occur: " + "\t".join(row))
        for text in self.found[:100]:
            print(text)
        print(f"{len(self.found)} differences without a reason, {len(self.rows)} lines with one")
        return 1 if self.found else 0


def show(program, corpus):
    """What the files set, {(path, key): [value]}, and what is said, {path: [(kind, line)]}."""
    units = corpus / "units"
    names = ""
    for row in rows(units / "MANIFEST.tsv"):
        path = row[2]
        name = path.rsplit("/", 1)[1].replace("@.", "@inst.")
        if not name.endswith((".conf", ".tsv")):
            names += f"{name}\t{units / path}\n"
    output = subprocess.run(
        [program], input=names, capture_output=True, check=True, text=True,
        encoding="utf-8", errors="surrogateescape", timeout=60,
    ).stdout
    settings = collections.defaultdict(list)
    said = collections.defaultdict(set)
    prefix = len(str(units)) + 1
    for line in output.splitlines():
        fields = line.split("\t")
        path = fields[1][prefix:]
        if fields[0] == "set":
            settings[path, fields[3]].append(fields[4])
        elif fields[0] == "said":
            said[path].add((fields[2], fields[3]))
        else:
            sys.exit(f"{line}: not read")
    return settings, said


def compare_parsed(settings, corpus, differences):
    oracle = collections.defaultdict(list)
    for path, key, value in rows(corpus / "oracle/parsed.tsv"):
        oracle[path, key].append(value)
    known = {path for path, _ in oracle}
    count = 0
    for (path, key), values in sorted(settings.items()):
        if path not in known:
            continue  # a user's unit: the system's manager has not read it
        count += 1
        theirs = oracle.get((path, PROPERTY.get(key, key)))
        if key in RELATIONS:
            have = {re.sub(r" \(.*\)$", "", value) for value in theirs or []}
            missing = [value for value in values if value not in have]
            if missing:
                differences.add("depend", path, key, " ".join(missing))
        elif theirs is None:
            if values != DEFAULTS.get(key):
                differences.add("hidden", path, key, f"{values} is not in the dump")
        else:
            theirs = [re.sub(r" untested$", "", value) for value in theirs]
            if sorted(values) != sorted(theirs):
                differences.add("parsed", path, key, f"{values} instead of {theirs}")
    return count


def compare_lint(said, corpus, differences):
    theirs = {(p, "0" if line == "-" else line) for p, line, _ in rows(corpus / "oracle/lint.tsv")}
    ours = {
        (path, line)
        for path, lines in said.items()
        for kind, line in lines
        if kind not in ("not-yet", "not-here")
    }
    for path, line in sorted(theirs - ours):
        differences.add("lint", path, line, "nothing is said")
    for path, line in sorted(ours - theirs):
        differences.add("lint", path, line, "systemd says nothing")
    return len(theirs)


def check_keys(key_list, corpus):
    """Every key that occurs in the corpus is in the table, unless systemd knows it no more than we."""
    output = subprocess.run([key_list], capture_output=True, check=True, text=True, timeout=60).stdout
    known = {line.split("\t")[1] for line in output.splitlines()}
    unknown = {
        re.search(r"Unknown key '([^']*)'", message).group(1)
        for _, _, message in rows(corpus / "oracle/lint.tsv")
        if message.startswith("Unknown key")
    }
    found = set()
    for path in (corpus / "units").rglob("*"):
        if path.is_file() and path.suffix not in (".tsv", ".conf"):
            text = path.read_text(encoding="utf-8", errors="replace").replace("\\\n", " ")
            found |= set(re.findall(r"^[ \t]*([A-Z][A-Za-z0-9]+)[ \t]*=", text, re.M))
    missing = found - known - unknown
    print(f"keys: {len(found)} in the corpus, {len(known)} in the table; missing: {sorted(missing)}")
    return 1 if missing else 0


def main():
    unit_show, key_list, default = sys.argv[1:]
    corpus = pathlib.Path(os.environ.get("ABIDE_CORPUS", default))
    if not (corpus / "oracle/parsed.tsv").is_file():
        print(f"skipped: no corpus in {corpus} (ABIDE_CORPUS names it)")
        sys.exit(SKIPPED)
    differences = Differences(HERE / "differences.tsv")
    settings, said = show(unit_show, corpus)
    print(f"parsed: {compare_parsed(settings, corpus, differences)} keys that files set")
    print(f"lint: {compare_lint(said, corpus, differences)} lines")
    sys.exit(check_keys(key_list, corpus) | differences.finish())


if __name__ == "__main__":
    main()
