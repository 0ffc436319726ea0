#!/usr/bin/python3
"""Check 6: the core handles every (state, event). Its switches have no `default`, so that the
compiler (-Werror=switch-enum) stops at one that does not name a new enumerator.
"""

import re

import tree


def main():
    args = tree.arguments(__doc__, build=False)
    findings = tree.Findings()
    paths = tree.program_files(args.root, "src/core")
    for path in paths:
        text = tree.without_comments(tree.read(args.root / path), strings=False)
        for match in re.finditer(r"\bdefault\s*:", text):
            line = text.count("\n", 0, match.start()) + 1
            findings.add(path, line, "`default` in core", "name every enumerator")
    findings.finish(f"{len(paths)} files")


if __name__ == "__main__":
    main()
