#!/usr/bin/python3
"""Check 8: nothing is exported for one user. A function or variable of src/ that is not static is
used in an object other than its own. What include/abide.h names has its users outside, and a test
is a user.
"""

import tree


def main():
    args = tree.arguments(__doc__)
    findings = tree.Findings()
    units = tree.units(args.root, args.build)
    used = set().union(*(unit.undefined for unit in units))
    used |= tree.public_words(args.root)
    count = 0
    for unit in filter(tree.is_product, units):
        for symbol in unit.defined - {"main"}:
            count += 1
            if symbol not in used:
                findings.add(
                    unit.source,
                    tree.line_of(args.root / unit.source, symbol),
                    f"{symbol} is used in this file only",
                    "make it static, or delete it if nothing uses it",
                )
    findings.finish(f"{count} global symbols")


if __name__ == "__main__":
    main()
