"""What the checks know of the tree: its files and layers, its objects and their symbols.

A check is a program check_NAME.py. It prints each finding as "FILE:LINE: what is wrong; the cure",
then one line that says how much it looked at, and exits 1 when it found something.
"""

import argparse
import configparser
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys

PROGRAM_SUFFIXES = (".c", ".h", ".S")
# A reference that the compiler or the linker makes by itself.
TOOLCHAIN_SYMBOLS = {"_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail"}


def arguments(description, build=True):
    parser = argparse.ArgumentParser(description=description)
    default_root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=pathlib.Path, default=default_root, help="the source tree")
    if build:
        parser.add_argument("--build", type=pathlib.Path, help="a build folder with -O0 objects")
    args = parser.parse_args()
    args.root = args.root.resolve()
    if build:
        args.build = (args.build or args.root / "build-checks").resolve()
        if not (args.build / "compile_commands.json").exists():
            sys.exit(f"{args.build}: no build folder; run script/test, which makes it")
    return args


class Findings:
    def __init__(self):
        self.lines = []

    def add(self, path, line, problem, cure):
        self.lines.append(f"{path}:{line}: {problem}; {cure}")

    def finish(self, looked_at):
        """Ends the program."""
        for line in sorted(set(self.lines)):
            print(line)
        name = pathlib.Path(sys.argv[0]).stem
        print(f"{name}: {looked_at}, {len(set(self.lines))} findings")
        sys.exit(1 if self.lines else 0)


# Files


def files(root, *folders):
    """The files below the folders, as paths relative to the root, without what a build or a tool
    leaves behind."""
    found = []
    for folder in folders:
        for at, subfolders, names in os.walk(root / folder):
            subfolders[:] = [
                s for s in subfolders if not s.startswith((".", "build")) and s != "__pycache__"
            ]
            found += [(pathlib.Path(at) / name).relative_to(root) for name in names]
    return sorted(found)


def program_files(root, *folders):
    return [path for path in files(root, *folders) if path.suffix in PROGRAM_SUFFIXES]


def is_test(path):
    """x_test.c, x_fuzz.c, what the tests of a folder share (testing.h, testing.c), and test/."""
    in_test = path.parts[0] == "test"
    return in_test or path.stem == "testing" or path.stem.endswith(("_test", "_fuzz"))


def read(path):
    return path.read_text(encoding="utf-8")


def without_comments(text, strings=True):
    """C text with its comments blanked (its strings too, unless `strings`); lines stay lines."""
    token = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''

    def blank(match):
        if strings and match[0][0] in "\"'":
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return re.sub(token, blank, text, flags=re.DOTALL)


def line_of(path, word):
    """The line of the file that first uses the word outside comments; 1 when a macro hides it."""
    text = without_comments(read(path), strings=False)
    text = re.sub(r"^[ \t]*#[ \t]*include\b[^\n]*", "", text, flags=re.MULTILINE)
    found = re.search(rf"\b{re.escape(word)}\b", text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def public_words(root):
    """The words of include/abide.h outside comments: a symbol among them is the public API."""
    header = root / "include" / "abide.h"
    if not header.exists():
        return set()
    return set(re.findall(r"\w+", without_comments(read(header), strings=False)))


def words(path):
    """The words of a list file, without its comments."""
    return re.sub(r"#.*", "", read(path)).split()


# Layers


class Layer:
    def __init__(self, name, section, groups):
        self.name = name
        self.uses = section["uses"].split()
        self.pure = section.getboolean("pure", False)
        self.forks = section.getboolean("forks", False)
        self._system = {
            key[len("system") :].strip(): expand(value, groups)
            for key, value in section.items()
            if key.startswith("system")
        }

    def may_include(self, header):
        """Whether a header of ours, as "folder/file.h", may be included by this layer."""
        folder = header.split("/")[0]
        return folder == self.name or folder in self.uses or header in self.uses

    def may_include_system(self, file_name, header):
        allowed = self._system.get("", []) + self._system.get(file_name, [])
        return any(fnmatch.fnmatchcase(header, pattern) for pattern in allowed)


def expand(value, groups):
    expanded = []
    for word in value.split():
        expanded += expand(groups[word[1:]], groups) if word.startswith("@") else [word]
    return expanded


def layers(root):
    """The layers of tools/layers.txt by name, from the bottom up."""
    config = configparser.ConfigParser(delimiters="=", default_section=None)
    config.optionxform = str
    config.read_string(read(root / "tools" / "layers.txt"))
    groups = config["@groups"]
    return {s: Layer(s, config[s], groups) for s in config.sections() if s != "@groups"}


def layer_name(path):
    """The layer of a file, or None: src/os/fd.c is of "os", include/abide.h is "abide.h"."""
    if path.parts[0] == "src" and len(path.parts) > 2:
        return path.parts[1]
    return path.name if path.parts[0] == "include" else None


# Objects


class Unit:
    """A source file, its object, and the object's global symbols."""

    def __init__(self, source, object_file):
        self.source = source
        self.layer = layer_name(source)
        self.object_file = object_file
        self.defined = set()
        self.undefined = set()


def units(root, build):
    """What the build folder compiles, each source once."""
    by_source = {}
    for entry in json.loads(read(build / "compile_commands.json")):
        folder = pathlib.Path(entry["directory"])
        source = pathlib.Path(os.path.normpath(folder / entry["file"]))
        if source.is_relative_to(root):
            source = source.relative_to(root)
            by_source.setdefault(source, Unit(source, folder / entry["output"]))
    for unit in by_source.values():
        if not unit.object_file.exists():
            sys.exit(f"{unit.object_file}: missing; run ninja -C {build}")
    read_symbols(by_source.values())
    ours = set().union(*(unit.defined for unit in by_source.values()))
    for unit in by_source.values():
        unit.undefined = {c_name(symbol, ours) for symbol in unit.undefined}
    return [by_source[source] for source in sorted(by_source)]


def c_name(symbol, ours):
    """The name in the source: with 64-bit offsets, the C library's open() is its symbol open64."""
    return symbol if symbol in ours else symbol.removesuffix("64")


def read_symbols(listed):
    """One nm for all: it prints "OBJECT: NAME KIND ..." lines."""
    by_object = {str(unit.object_file): unit for unit in listed}
    if not by_object:
        return
    command = ["nm", "-A", "-P", "-g", *by_object]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        object_file, symbol = line.split(": ", 1)
        name, kind = symbol.split()[:2]
        unit = by_object[object_file]
        if name not in TOOLCHAIN_SYMBOLS:
            (unit.undefined if kind in "Uwv" else unit.defined).add(name)


def is_product(unit):
    """Whether the unit is of a layer and no test."""
    return unit.layer is not None and not is_test(unit.source)
