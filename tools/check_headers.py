#!/usr/bin/python3
"""Check 5: headers stand alone. Each header of src/ compiles as the only include, with gcc and
clang, and has the guard LAYER_FILE_H; include/abide.h compiles so as C99 to C17 and C++11 to C++17
without any extension.
"""

import concurrent.futures
import os
import re
import subprocess

import tree

OURS = ["-std=gnu17", "-D_GNU_SOURCE", "-Isrc", "-Iinclude"]
COMPILERS = ["gcc", "clang"]
PUBLIC_STANDARDS = {
    "c": (["gcc", "clang"], ["c99", "c11", "c17"]),
    "c++": (["g++", "clang++"], ["c++11", "c++17"]),
}


def compile_alone(root, compiler, language, header, flags):
    """The compiler's complaint, or an empty string."""
    command = [
        compiler,
        "-x",
        language,
        *flags,
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fsyntax-only",
        "-",
    ]
    return subprocess.run(
        command, input=f'#include "{header}"\n', cwd=root, capture_output=True, text=True
    ).stderr


def jobs(path):
    """(compiler, language, header as included, flags) for each way to compile it."""
    if path.parts[0] == "src":
        for compiler in COMPILERS:
            yield compiler, "c", str(path.relative_to("src")), OURS
        return
    for language, (compilers, standards) in PUBLIC_STANDARDS.items():
        for standard in standards:
            for compiler in compilers:
                yield compiler, language, path.name, [f"-std={standard}", "-pedantic", "-Iinclude"]


def check_guard(root, path, findings):
    name = path.relative_to(path.parts[0])
    guard = re.sub(r"\W", "_", str(name)).upper()
    text = tree.without_comments(tree.read(root / path)).split("\n")
    directives = [(n, line.split()) for n, line in enumerate(text, 1) if line.startswith("#")]
    if [words for _, words in directives[:2]] != [["#ifndef", guard], ["#define", guard]]:
        line = directives[0][0] if directives else 1
        findings.add(path, line, f"the guard is not {guard}", f"begin with #ifndef {guard}")


def main():
    args = tree.arguments(__doc__, build=False)
    findings = tree.Findings()
    headers = [p for p in tree.program_files(args.root, "src", "include") if p.suffix == ".h"]
    work = [(path, *job) for path in headers for job in jobs(path)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = list(pool.map(lambda item: compile_alone(args.root, *item[1:]), work))
    for (path, compiler, _, _, flags), complaint in zip(work, complaints):
        if complaint:
            findings.add(
                path,
                1,
                f"does not compile as the only include ({compiler} {flags[0]})",
                f"include or forward-declare what it uses:\n{complaint}",
            )
    for path in headers:
        check_guard(args.root, path, findings)
    findings.finish(f"{len(headers)} headers, {len(work)} compilations")


if __name__ == "__main__":
    main()
