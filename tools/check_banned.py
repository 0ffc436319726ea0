#!/usr/bin/python3
"""Check 11: banned functions. No object of src/ refers to a name that src/base/banned.h bans, and
only layers marked "forks" in tools/layers.txt make processes (their tests may everywhere).

banned.h is also included into every file that Meson compiles, so the compiler says the same, with
the column. This check holds when a file gets around that. The objects are built with -fno-builtin:
else gcc makes a strcpy of a sprintf, or a memcpy of a strcpy.
"""

import re

import tree

FORKS = {
    "_Fork",
    "clone",
    "daemon",
    "fork",
    "forkpty",
    "posix_spawn",
    "posix_spawnp",
    "vfork",
}


def banned(root):
    """Name -> cure."""
    text = tree.read(root / "src" / "base" / "banned.h")
    return dict(re.findall(r"\b(\w+)\([^;\"]*\)\s*banned\(\"([^\"]+)\"\);", text))


def main():
    args = tree.arguments(__doc__)
    findings = tree.Findings()
    layers = tree.layers(args.root)
    cures = banned(args.root)
    units = [u for u in tree.units(args.root, args.build) if u.layer in layers]
    for unit in units:
        bad = {symbol: cures[symbol] for symbol in unit.undefined & cures.keys()}
        if tree.is_product(unit) and not layers[unit.layer].forks:
            bad |= {symbol: "ask os for it" for symbol in unit.undefined & FORKS}
        for symbol, cure in bad.items():
            line = tree.line_of(args.root / unit.source, symbol)
            findings.add(unit.source, line, f"{symbol} is banned in {unit.layer}", cure)
    findings.finish(f"{len(units)} objects, {len(cures)} banned names")


if __name__ == "__main__":
    main()
