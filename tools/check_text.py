#!/usr/bin/python3
"""The text itself: no trailing blank, no tab, LF, one newline at the end, no note of work left to
do; and each link of a Markdown file leads to a file that exists.
"""

import re

import tree

SUFFIXES = {".build", ".c", ".h", ".md", ".py", ".S", ".scn", ".sh", ".sym", ".trace", ".txt"}
MANUAL = re.compile(r"\.[1-9]$")
LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")


def is_text(path):
    in_script = path.parts[0] in (".ci", "script")
    in_corpus = path.parts[:2] == ("test", "corpus")
    return not in_corpus and (in_script or path.suffix in SUFFIXES or MANUAL.search(path.name))


def all_files(root):
    """tree.files() passes over folders that begin with a dot."""
    return tree.files(root, ".") + tree.files(root, ".ci")


def check_lines(path, text, findings):
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            findings.add(path, number, "trailing blank or carriage return", "delete it")
        if "\t" in line:
            findings.add(path, number, "tab", "write blanks")
        if LATER.search(line):
            findings.add(path, number, "work left to do", "do it, or leave the note out")
    if text and (not text.endswith("\n") or text.endswith("\n\n")):
        line = text.count("\n") + 1
        findings.add(path, line, "no single newline at the end", "end the file with one")


def check_links(root, path, text, findings):
    """Links in code, `like [this](one)`, are text."""
    prose = re.sub(
        r"```.*?```|`[^`\n]*`", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.DOTALL
    )
    for match in re.finditer(r"\]\(<?([^)\s>]+)|^\[[^\]\n]+\]:\s*(\S+)", prose, re.MULTILINE):
        target = (match[1] or match[2]).split("#")[0]
        if not target or re.match(r"[a-z]+:", target):
            continue
        if not (root / path.parent / target).exists():
            line = prose.count("\n", 0, match.start()) + 1
            findings.add(path, line, f"link to {target}, which does not exist", "correct the path")


def main():
    args = tree.arguments(__doc__, build=False)
    findings = tree.Findings()
    paths = [path for path in all_files(args.root) if is_text(path)]
    for path in paths:
        text = (args.root / path).read_bytes().decode("utf-8")
        check_lines(path, text, findings)
        if path.suffix == ".md":
            check_links(args.root, path, text, findings)
    findings.finish(f"{len(paths)} files")


if __name__ == "__main__":
    main()
