#!/usr/bin/python3
"""Checks 2 and 3: the pure layers are pure, and the child is async-signal-safe.

Pure: what the objects of a layer marked "pure" in tools/layers.txt leave undefined is defined in
another pure layer, or listed in tools/pure.txt. The child: what os/spawn_child.o leaves undefined
is listed in tools/child.txt, or defined in an object of ours of which the same is true. The objects
are those of -O0: an optimiser hides calls.
"""

import fnmatch
import pathlib

import tree

CHILD = pathlib.Path("src/os/spawn_child.c")


def pure_patterns(root):
    """(who, pattern) for each word of pure.txt."""
    who = None
    for word in tree.words(root / "tools" / "pure.txt"):
        if word.endswith(":"):
            who = word[:-1]
        else:
            yield who, word


def is_allowed(unit, symbol, patterns):
    names = ("*", unit.layer, str(unit.source.relative_to("src")))
    return any(who in names and fnmatch.fnmatchcase(symbol, p) for who, p in patterns)


def reached(units, source):
    """The unit of that source, and the units that it calls into, directly or not."""
    found = [unit for unit in units if unit.source == source]
    for unit in found:
        found += [u for u in units if u not in found and u.defined & unit.undefined]
    return found


def main():
    args = tree.arguments(__doc__)
    findings = tree.Findings()
    pure = {name for name, layer in tree.layers(args.root).items() if layer.pure}
    units = [u for u in tree.units(args.root, args.build) if tree.is_product(u)]
    pure_units = [unit for unit in units if unit.layer in pure]
    defined = set().union(*(unit.defined for unit in pure_units))
    patterns = list(pure_patterns(args.root))
    for unit in pure_units:
        for symbol in unit.undefined - defined:
            if not is_allowed(unit, symbol, patterns):
                findings.add(
                    unit.source,
                    tree.line_of(args.root / unit.source, symbol),
                    f"{unit.layer} is pure, and {symbol} is not in tools/pure.txt",
                    "ask the caller for it: an argument, an event, an action",
                )
    safe = set(tree.words(args.root / "tools" / "child.txt"))
    children = reached(units, CHILD)
    ours = set().union(*(unit.defined for unit in children))
    for unit in children:
        for symbol in unit.undefined - safe - ours:
            findings.add(
                unit.source,
                tree.line_of(args.root / unit.source, symbol),
                f"the child may not call {symbol}: it is not in tools/child.txt",
                "do it before the clone, or call into files without it",
            )
    findings.finish(f"{len(pure_units)} pure objects, {len(children)} that the child runs")


if __name__ == "__main__":
    main()
