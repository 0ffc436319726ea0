#!/usr/bin/python3
"""Check 1: who includes whom, no header cycle, no file above 600 lines.

The rule is tools/layers.txt. Our headers are written "layer/file.h", the system's <file.h>. Tests
may be longer, and may include any system header.
"""

import re

import tree

LINES_MAX = 600


def includes(text):
    """(line, our header or None, system header or None) for each #include."""
    pattern = r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>|\S+)'
    for match in re.finditer(pattern, tree.without_comments(text), re.MULTILINE):
        yield text.count("\n", 0, match.start()) + 1, match[1], match[2]


def location(root, header):
    """The file that a header of ours names, relative to the root, or None."""
    for folder in ("src", "include"):
        path = root / folder / header
        if path.is_file() and ".." not in header and path.parent != root / "src":
            return path.relative_to(root)
    return None


def check_order(layers, findings):
    """layers.txt itself: each layer uses only layers above it."""
    known = set()
    for layer in layers.values():
        for used in layer.uses:
            if used.split("/")[0] not in known and used not in known:
                findings.add(
                    "tools/layers.txt",
                    1,
                    f"[{layer.name}] uses {used}, which does not stand above it",
                    "keep the layers in one direction",
                )
        known.add(layer.name)


def check_folders(root, layers, findings):
    for path in tree.files(root, "src"):
        if len(path.parts) == 2 and path.suffix in tree.PROGRAM_SUFFIXES:
            findings.add(path, 1, "is in no layer", "move it into a folder of src/")
        elif len(path.parts) > 2 and path.parts[1] not in layers:
            findings.add(
                path,
                1,
                f"src/{path.parts[1]} is not in tools/layers.txt",
                "give it its section there",
            )


def check_file(root, path, layers, findings):
    layer = layers.get(tree.layer_name(path))
    text = tree.read(root / path)
    count = text.count("\n")
    if count > LINES_MAX and not tree.is_test(path):
        findings.add(
            path,
            count,
            f"has {count} lines, at most {LINES_MAX}",
            "split it where it has two ideas",
        )
    if layer is None:
        return
    for line, ours, system in includes(text):
        if ours is None and system is None:
            findings.add(path, line, "includes by a macro", "name the header")
        elif ours is not None and location(root, ours) is None:
            findings.add(
                path, line, f'"{ours}" is no header of ours', 'write "layer/file.h", or <file.h>'
            )
        elif ours is not None and not layer.may_include(ours):
            findings.add(
                path,
                line,
                f"{layer.name} may not include {ours}",
                "move the code to a layer that may, or the need to a lower one (tools/layers.txt)",
            )
        elif system is not None and location(root, system) is not None:
            findings.add(path, line, f"<{system}> is ours", f'write "{system}"')
        elif system is not None and not (
            tree.is_test(path) or layer.may_include_system(path.name, system)
        ):
            findings.add(
                path,
                line,
                f"{layer.name} may not include <{system}>",
                "use what the lower layers offer, or move the code to os (tools/layers.txt)",
            )


def check_cycles(root, paths, findings):
    """Each cycle is reported once, at the #include that closes it."""
    edges = {}
    for path in paths:
        if path.suffix == ".h":
            ours = [
                (line, location(root, header))
                for line, header, _ in includes(tree.read(root / path))
                if header
            ]
            edges[path] = [(line, target) for line, target in ours if target]
    done = set()

    def visit(path, trail):
        for line, target in edges.get(path, []):
            if target in trail:
                cycle = [*trail[trail.index(target) :], target]
                findings.add(
                    path,
                    line,
                    "header cycle " + " -> ".join(str(p.name) for p in cycle),
                    "forward-declare the struct instead",
                )
            elif target not in done:
                visit(target, [*trail, target])
        done.add(path)

    for path in edges:
        if path not in done:
            visit(path, [path])


def main():
    args = tree.arguments(__doc__, build=False)
    findings = tree.Findings()
    layers = tree.layers(args.root)
    paths = tree.program_files(args.root, "src", "include", "examples", "bench")
    check_order(layers, findings)
    check_folders(args.root, layers, findings)
    for path in paths:
        check_file(args.root, path, layers, findings)
    check_cycles(args.root, paths, findings)
    findings.finish(f"{len(paths)} files of {len(layers)} layers")


if __name__ == "__main__":
    main()
