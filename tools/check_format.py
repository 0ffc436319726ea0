#!/usr/bin/python3
"""The formatting of C is what clang-format makes of it, by .clang-format."""

import re
import subprocess

import tree


def main():
    args = tree.arguments(__doc__, build=False)
    findings = tree.Findings()
    folders = ("src", "include", "examples", "test", "bench")
    paths = [p for p in tree.program_files(args.root, *folders) if p.suffix != ".S"]
    if paths:
        command = ["clang-format", "--dry-run", "--Werror", *paths]
        run = subprocess.run(command, cwd=args.root, capture_output=True, text=True)
        for path, line in re.findall(r"^(\S+?):(\d+):\d+: error:", run.stderr, re.MULTILINE):
            findings.add(path, line, "is not formatted", f"clang-format -i {path}")
        if run.returncode != 0 and not findings.lines:
            findings.add(".clang-format", 1, "clang-format failed", run.stderr)
    findings.finish(f"{len(paths)} files")


if __name__ == "__main__":
    main()
