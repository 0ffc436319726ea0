#!/usr/bin/python3
"""Check 4: link direction. A symbol that a layer's object leaves undefined is defined in a layer
that it may use (tools/layers.txt), whatever declarations it found; and every .c of src/ is built.
"""

import tree


def may_link(layer, definer, symbol, public):
    if definer.layer == "libabide" and "abide.h" in layer.uses and symbol in public:
        return True
    header = definer.source.relative_to("src").with_suffix(".h")
    return layer.may_include(str(header))


def check_unit(root, unit, layers, definers, public, findings):
    layer = layers[unit.layer]
    for symbol in unit.undefined & definers.keys():
        owners = definers[symbol]
        if not any(may_link(layer, owner, symbol, public) for owner in owners):
            owner = owners[0]
            findings.add(
                unit.source,
                tree.line_of(root / unit.source, symbol),
                f"{layer.name} may not use {symbol} of {owner.source}",
                "move the code to a layer that may (tools/layers.txt)",
            )


def main():
    args = tree.arguments(__doc__)
    findings = tree.Findings()
    layers = tree.layers(args.root)
    units = [u for u in tree.units(args.root, args.build) if u.layer in layers]
    definers = {}
    for unit in filter(tree.is_product, units):
        for symbol in unit.defined - {"main"}:
            definers.setdefault(symbol, []).append(unit)
    public = tree.public_words(args.root)
    for unit in units:
        check_unit(args.root, unit, layers, definers, public, findings)
    built = {unit.source for unit in units}
    for path in tree.program_files(args.root, "src"):
        if path.suffix == ".c" and path not in built and path.parts[1] in layers:
            findings.add(path, 1, "is not built", "name it in its folder's meson.build")
    findings.finish(f"{len(units)} objects")


if __name__ == "__main__":
    main()
