"""The staged install: what `meson install --destdir` lays down is complete, stays inside, and a
program outside this tree builds against it. script/test runs it with ABIDE_BUILD set.
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("ABIDE_BUILD", ROOT / "build-gcc"))


def output(*command, **environment):
    words = [str(word) for word in command]
    run = subprocess.run(words, env=os.environ | environment, capture_output=True, text=True)
    if run.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: {run.returncode}\n{run.stdout}{run.stderr}")
    return run.stdout


class StagedInstall(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.temporary = pathlib.Path(folder.name)
        cls.stage = cls.temporary / "stage"
        output("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", cls.stage)

    def test_every_planned_file_is_there(self):
        planned = json.loads(output("meson", "introspect", "--installed", BUILD)).values()
        missing = [path for path in planned if not os.path.lexists(f"{self.stage}{path}")]
        self.assertEqual(missing, [])

    def require_library(self):
        found = list(self.stage.rglob("abide.pc"))
        if not (ROOT / "src" / "libabide").is_dir():
            self.skipTest("no src/libabide")
        self.assertEqual(len(found), 1, "abide.pc is installed once")
        return found[0].parent

    def functions(self):
        """What libabide.sym lists."""
        text = (ROOT / "src" / "libabide" / "libabide.sym").read_text(encoding="utf-8")
        found = re.findall(r"\b(abide_\w+);", text)
        self.assertTrue(found)
        return found

    def build_program(self, name, *pkg_config_flags):
        """A program that refers to every function that libabide lists."""
        folder = self.require_library()
        source = self.temporary / f"{name}.c"
        listed = ", ".join(f"(any)&{function}" for function in self.functions())
        source.write_text(
            "#include <abide.h>\n"
            "typedef void (*any)(void);\n"
            f"static any volatile functions[] = {{{listed}}};\n"
            "int main(void) { return functions[0] == 0; }\n"
        )
        environment = {
            "PKG_CONFIG_SYSROOT_DIR": str(self.stage),
            "PKG_CONFIG_LIBDIR": str(folder),
            "PKG_CONFIG_PATH": "",
        }
        flags = output(
            "pkg-config", "--cflags", "--libs", *pkg_config_flags, "abide", **environment
        )
        target = self.temporary / name
        words = flags.split()
        if "--static" in pkg_config_flags:
            words = ["-static", *words]
        output("cc", "-std=c99", source, "-o", target, *words)
        return target, folder.parent

    def test_a_program_builds_against_the_shared_library(self):
        program, libraries = self.build_program("shared")
        output(program, LD_LIBRARY_PATH=str(libraries))

    def test_a_program_builds_against_the_static_library(self):
        program, _ = self.build_program("static", "--static")
        output(program)

    def test_the_static_library_defines_nothing_else(self):
        """A name of ours would clash with one of the program."""
        archive = self.require_library().parent / "libabide.a"
        listing = output("nm", "-P", "-g", "--defined-only", archive).splitlines()
        names = [line.split()[0] for line in listing if len(line.split()) > 1]
        self.assertEqual(sorted(names), sorted(self.functions()))


if __name__ == "__main__":
    unittest.main()
