#!/usr/bin/python3
"""Check 7: what libabide exports. Five lists are the same: the names that libabide.so exports,
those in libabide.sym, those that include/abide.h declares, those in the SYNOPSIS of
man/libabide.3, and those that the programs of test/api use.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import tree

SYM = pathlib.Path("src/libabide/libabide.sym")
HEADER = pathlib.Path("include/abide.h")
MANUAL = pathlib.Path("man/libabide.3")
API = pathlib.Path("test/api")
LIBRARY = pathlib.Path("src/libabide/libabide.so")


def nm(path, *flags):
    """(name, kind) for each symbol."""
    listing = subprocess.run(["nm", "-P", *flags, path], check=True, capture_output=True, text=True)
    for line in listing.stdout.splitlines():
        name, kind = line.split()[:2]
        yield name.split("@")[0], kind


def exported(library):
    """Kind A is the version node itself."""
    return {name for name, kind in nm(library, "-D", "--defined-only") if kind != "A"}


def listed(root):
    text = tree.without_comments(tree.read(root / SYM))
    found = set()
    for part in re.findall(r"global:(.*?)(?:local:|\})", text, re.DOTALL):
        found |= set(re.findall(r"(\w+)\s*;", part))
    return found


def declared(root):
    return set(re.findall(r"\b(abide_\w+)\s*\(", tree.without_comments(tree.read(root / HEADER))))


def documented(root):
    text = tree.read(root / MANUAL)
    synopsis = re.search(r"^\.Sh SYNOPSIS$(.*?)^\.Sh ", text, re.MULTILINE | re.DOTALL)
    return (
        set(re.findall(r"^\.F[no] \"?(?:[^\"\n]*?[ *])?(abide_\w+)", synopsis[1], re.MULTILINE))
        if synopsis
        else set()
    )


def touched(root):
    """What the objects of test/api leave undefined; they see only the public header."""
    found = set()
    with tempfile.TemporaryDirectory() as folder:
        for path in tree.program_files(root, API):
            if path.suffix == ".c":
                target = pathlib.Path(folder) / "api.o"
                command = [
                    "gcc",
                    "-std=gnu17",
                    "-D_GNU_SOURCE",
                    "-Iinclude",
                    "-c",
                    path,
                    "-o",
                    target,
                ]
                subprocess.run(command, cwd=root, check=True)
                found |= {name for name, kind in nm(target) if kind == "U"}
    return {name for name in found if name.startswith("abide_")}


def main():
    args = tree.arguments(__doc__)
    findings = tree.Findings()
    if not (args.root / "src" / "libabide").is_dir():
        findings.finish("no src/libabide")
    library = args.build / LIBRARY
    for path in (SYM, HEADER, MANUAL, API):
        if not (args.root / path).exists():
            findings.add(path, 1, "does not exist", "write it: libabide is known by it")
    if not library.exists():
        findings.add(LIBRARY, 1, f"is not in {args.build}", "build the shared library")
    if findings.lines:
        findings.finish("nothing compared")
    truth = listed(args.root)
    lists = [
        (LIBRARY, exported(library), "fix its link_args, or the definition"),
        (HEADER, declared(args.root), "declare it there, or take it from libabide.sym"),
        (MANUAL, documented(args.root), "document it with .Fn or .Fo in the SYNOPSIS"),
        (API, touched(args.root), "write a test of it there"),
    ]
    for path, names, cure in lists:
        for name in truth - names:
            line = tree.line_of(args.root / SYM, name)
            findings.add(SYM, line, f"{name} is missing from {path}", cure)
        for name in names - truth:
            line = tree.line_of(args.root / path, name) if path in (HEADER, MANUAL) else 1
            findings.add(path, line, f"{name} is not in {SYM}", "list it there, or hide it")
    if not truth:
        findings.add(SYM, 1, "exports nothing", "list the functions of abide.h")
    findings.finish(f"{len(truth)} exported names in {len(lists) + 1} places")


if __name__ == "__main__":
    sys.exit(main())
