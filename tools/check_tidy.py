#!/usr/bin/python3
"""Checks 9 and 10: clang-tidy, by .clang-tidy: functions of at most 70 lines, 5 parameters and 4
nested blocks, close-on-exec everywhere, and what finds bugs. --build is a folder configured for
clang.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess

import tree


def tidy(root, build, path):
    command = ["clang-tidy", "--quiet", "--warnings-as-errors=*", "-p", build, root / path]
    return subprocess.run(command, cwd=root, capture_output=True, text=True)


def main():
    args = tree.arguments(__doc__)
    findings = tree.Findings()
    sources = [unit.source for unit in tree.units(args.root, args.build)]
    paths = [source for source in sources if source.suffix == ".c"]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = list(pool.map(lambda path: tidy(args.root, args.build, path), paths))
    for path, run in zip(paths, runs):
        pattern = r"^(\S+?):(\d+):\d+: (?:error|warning): (.*)$"
        before = len(findings.lines)
        for file, line, message in re.findall(pattern, run.stdout, re.MULTILINE):
            # clang-tidy works in the build folder, and names files from there.
            shown = pathlib.Path(os.path.normpath(pathlib.Path(args.build) / file)).absolute()
            if shown.is_relative_to(args.root):
                shown = shown.relative_to(args.root)
            findings.add(shown, line, message, 'see CONTRIBUTING.md, "The checks"')
        if run.returncode != 0 and len(findings.lines) == before:
            findings.add(path, 1, "clang-tidy failed", run.stdout + run.stderr)
    findings.finish(f"{len(paths)} files")


if __name__ == "__main__":
    main()
