#!/usr/bin/python3
"""man/abide.unit.5 has every key of the table, under its status, with the table's own words.

    check_manual.py KEY_LIST MANUAL
"""
import collections
import pathlib
import re
import subprocess
import sys

# The heading under which a key of each status stands.
HEADINGS = {
    "honoured": "KEYS THAT ARE HONOURED",
    "later: meaning": "What a service is",
    "later: graph": "Dependencies, order and conditions",
    "later: sockets and timers": "Sockets, timers and paths",
    "later: sandbox": "What a process may see and do",
    "later: control groups": "Control groups",
    "not possible here": "KEYS THAT CAN NOT BE HONOURED",
    "nothing to do": "KEYS THAT NEED NOTHING DONE",
}


def table(program):
    """(heading, key, sections, words) of each key."""
    output = subprocess.run([program], capture_output=True, check=True, text=True, timeout=60).stdout
    sections = collections.defaultdict(list)
    for line in output.splitlines():
        section, key, status, guard, about = line.split("\t")
        words = about[0].upper() + about[1:] + ("; guards" if guard else "") + "."
        sections[HEADINGS[status], key, words].append(section)
    return {
        (heading, key, "Service" if "Service" in names else ", ".join(names), words)
        for (heading, key, words), names in sections.items()
    }


def manual(path):
    """The same, of the manual: the sentence is what follows the key's line, up to its full stop."""
    found = set()
    heading = ""
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        if line.startswith((".Sh ", ".Ss ")):
            heading = line[4:]
        match = re.fullmatch(r"\.It Ic (\S+) Pq (.*)", line)
        if match:
            words = []
            for text in lines[number + 1 :]:
                words.append(text)
                if text.endswith("."):
                    break
            found.add((heading, match.group(1), match.group(2), " ".join(words)))
    return found


def main():
    program, path = sys.argv[1:]
    want = table(program)
    have = manual(pathlib.Path(path))
    for row in sorted(want - have):
        print("missing from the manual:", *row, sep="\t")
    for row in sorted(have - want):
        print("not in the table:", *row, sep="\t")
    print(f"{len(want)} keys in the table, {len(have)} in the manual")
    sys.exit(want != have)


if __name__ == "__main__":
    main()
