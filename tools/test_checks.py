"""Each check finds what it is for: a small tree with one planted violation makes it fail, and say
the file, the line and the cure; the same tree without it passes.
"""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import suite
import tree

TOOLS = pathlib.Path(__file__).resolve().parent
ROOT = TOOLS.parent

FD_HEADER = """#ifndef OS_FD_H
#define OS_FD_H
int fd_close(int fd);
#endif
"""


class PlantedTree(unittest.TestCase):
    """A temporary tree with this project's lists and rules, and files that a test plants."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.build = self.root / "build-planted"
        self.build.mkdir()
        (self.root / "tools").mkdir()
        for name in ("layers.txt", "pure.txt", "child.txt"):
            shutil.copy(TOOLS / name, self.root / "tools")
        for name in (".clang-format", ".clang-tidy"):
            shutil.copy(ROOT / name, self.root)

    def plant(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def compile(self):
        """Does what Meson does: an object for each .c, and compile_commands.json."""
        entries = []
        for path in tree.program_files(self.root, "src", "test"):
            if path.suffix == ".c":
                target = f"{path}.o"
                (self.build / target).parent.mkdir(parents=True, exist_ok=True)
                flags = ["-O0", "-fPIC", "-fno-builtin", "-w", "-std=gnu17", "-D_GNU_SOURCE"]
                flags += [f"-I{self.root}/src", f"-I{self.root}/include"]
                command = ["gcc", *flags, "-c", f"{self.root}/{path}", "-o", target]
                subprocess.run(command, cwd=self.build, check=True)
                entries.append(
                    {
                        "directory": str(self.build),
                        "command": " ".join(command),
                        "file": f"{self.root}/{path}",
                        "output": target,
                    }
                )
        (self.build / "compile_commands.json").write_text(json.dumps(entries))

    def check(self, name):
        """(exit status, output)"""
        command = ["/usr/bin/python3", TOOLS / f"check_{name}.py", "--root", self.root]
        if "tree.arguments(__doc__)" in tree.read(TOOLS / f"check_{name}.py"):
            self.compile()
            command += ["--build", self.build]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return run.returncode, run.stdout

    def assert_passes(self, name):
        status, output = self.check(name)
        self.assertEqual(status, 0, output)
        self.assertIn(" 0 findings", output)

    def assert_finds(self, name, place, problem, cure):
        """`place` is FILE:LINE."""
        status, output = self.check(name)
        self.assertEqual(status, 1, output)
        lines = [line for line in output.splitlines() if line.startswith(f"{place}: ")]
        self.assertTrue(lines, f"nothing at {place}:\n{output}")
        self.assertTrue(any(problem in line and cure in line for line in lines), output)


class Layers(PlantedTree):
    def test_what_the_table_allows(self):
        self.plant("src/os/fd.h", FD_HEADER)
        self.plant(
            "src/os/fd.c", '#include "os/fd.h"\n\n#include <sys/epoll.h>\n#include <unistd.h>\n'
        )
        self.plant("src/os/fd_test.c", '#include "os/fd.h"\n\n#include <cmocka.h>\n')
        self.plant("src/base/alloc.c", "#include <stdlib.h>\n")
        self.assert_passes("layers")

    def test_upward(self):
        self.plant("src/core/service.h", "")
        self.plant("src/os/fd.c", '/* One\n * two. */\n#include "core/service.h"\n')
        self.assert_finds("layers", "src/os/fd.c:3", "os may not include core/service.h", "move")

    def test_upward_in_a_test(self):
        self.plant("src/core/service.h", "")
        self.plant("src/os/fd_test.c", '#include "core/service.h"\n')
        self.assert_finds("layers", "src/os/fd_test.c:1", "os may not include", "move")

    def test_one_header_of_a_layer(self):
        self.plant("src/core/spec.h", "")
        self.plant("src/core/service.h", "")
        self.plant("src/exec/exec.c", '#include "core/spec.h"\n#include "core/service.h"\n')
        self.assert_finds(
            "layers", "src/exec/exec.c:2", "exec may not include core/service.h", "move"
        )

    def test_system_header(self):
        self.plant("src/core/service.c", "#include <string.h>\n#include <unistd.h>\n")
        self.assert_finds("layers", "src/core/service.c:2", "may not include <unistd.h>", "os")

    def test_system_header_of_one_file(self):
        self.plant("src/base/str.c", "#include <stdlib.h>\n")
        self.assert_finds("layers", "src/base/str.c:1", "may not include <stdlib.h>", "os")

    def test_public_header(self):
        self.plant("include/abide.h", "#include <stddef.h>\n#include <unistd.h>\n")
        self.assert_finds("layers", "include/abide.h:2", "may not include <unistd.h>", "os")

    def test_relative_include(self):
        self.plant("src/os/fd.h", FD_HEADER)
        self.plant("src/os/fd.c", '#include "fd.h"\n')
        self.assert_finds("layers", "src/os/fd.c:1", "no header of ours", 'write "layer/file.h"')

    def test_ours_in_angle_brackets(self):
        self.plant("src/os/fd.h", FD_HEADER)
        self.plant("src/os/fd.c", "#include <os/fd.h>\n")
        self.assert_finds("layers", "src/os/fd.c:1", "is ours", 'write "os/fd.h"')

    def test_include_by_a_macro(self):
        self.plant("src/os/fd.c", '#define H "core/service.h"\n#include H\n')
        self.assert_finds("layers", "src/os/fd.c:2", "by a macro", "name the header")

    def test_cycle(self):
        self.plant("src/os/a.h", '#include "os/b.h"\n')
        self.plant("src/os/b.h", '\n#include "os/c.h"\n')
        self.plant("src/os/c.h", '\n\n#include "os/a.h"\n')
        cycle = "header cycle a.h -> b.h -> c.h -> a.h"
        self.assert_finds("layers", "src/os/c.h:3", cycle, "forward-declare")

    def test_length(self):
        self.plant("src/os/fd.c", "\n" * 600)
        self.plant("src/os/fd_test.c", "\n" * 601)
        self.assert_passes("layers")
        self.plant("src/os/fd.c", "\n" * 601)
        self.assert_finds("layers", "src/os/fd.c:601", "at most 600", "split")

    def test_unknown_folder(self):
        self.plant("src/util/misc.c", "")
        self.assert_finds("layers", "src/util/misc.c:1", "not in tools/layers.txt", "section")

    def test_no_folder(self):
        self.plant("src/main.c", "")
        self.assert_finds("layers", "src/main.c:1", "in no layer", "move it into a folder")

    def test_the_list_itself(self):
        text = tree.read(TOOLS / "layers.txt").replace(
            "[os]\nuses = base", "[os]\nuses = base exec"
        )
        self.plant("tools/layers.txt", text)
        self.assert_finds("layers", "tools/layers.txt:1", "[os] uses exec", "one direction")


class Links(PlantedTree):
    def setUp(self):
        super().setUp()
        self.plant("src/os/fd.c", "int fd_close(int fd) { return fd; }\n")

    def test_downward(self):
        self.plant(
            "src/logger/logger.c", "int fd_close(int);\nint l(void) { return fd_close(1); }\n"
        )
        self.assert_passes("links")

    def test_a_declaration_without_an_include(self):
        self.plant("src/core/a.c", "int fd_close(int);\n\nint a(void) { return fd_close(1); }\n")
        place = "src/core/a.c:1"
        self.assert_finds("links", place, "core may not use fd_close of src/os/fd.c", "layers.txt")

    def test_one_file_of_a_layer(self):
        self.plant("src/core/spec.c", "int spec_a(void) { return 0; }\n")
        self.plant("src/core/graph.c", "int graph_a(void) { return 0; }\n")
        text = (
            "int spec_a(void);\nint graph_a(void);\nint e(void) { return spec_a() + graph_a(); }\n"
        )
        self.plant("src/exec/exec.c", text)
        self.assert_finds("links", "src/exec/exec.c:2", "exec may not use graph_a", "layers.txt")

    def test_the_public_functions_only(self):
        self.plant("include/abide.h", "int abide_start(void);\n")
        self.plant(
            "src/libabide/a.c",
            "int abide_start(void) { return 0; }\nint inner(void) { return 0; }\n",
        )
        self.plant(
            "src/supervisor/a.c", "int abide_start(void);\nint s(void) { return abide_start(); }\n"
        )
        self.assert_passes("links")
        self.plant("src/supervisor/a.c", "int inner(void);\nint s(void) { return inner(); }\n")
        self.assert_finds(
            "links", "src/supervisor/a.c:1", "supervisor may not use inner", "layers.txt"
        )

    def test_a_file_that_is_not_built(self):
        self.plant("src/os/other_cpu.S", "")
        self.assert_passes("links")
        entries = self.build / "compile_commands.json"
        self.plant("src/os/stray.c", "int stray;\n")
        self.compile = lambda: None
        self.assertIn("fd.c", entries.read_text())
        self.assert_finds("links", "src/os/stray.c:1", "not built", "meson.build")


class Pure(PlantedTree):
    def test_pure(self):
        self.plant("src/base/alloc.c", "#include <stdlib.h>\nvoid *a(void) { return malloc(1); }\n")
        self.plant(
            "src/core/a.c",
            "#include <assert.h>\n#include <string.h>\nvoid *a(void);\n"
            "int f(char *p) { assert(p); memset(p, 0, 1); return a() != 0; }\n",
        )
        self.plant("src/protocol/a.c", "int json_x(void);\nint g(void) { return json_x(); }\n")
        self.assert_passes("pure")

    def test_each_pure_layer(self):
        for layer in ("base", "core", "unitfile", "protocol"):
            with self.subTest(layer):
                path = f"src/{layer}/a.c"
                self.plant(path, "#include <time.h>\n\nlong a(void) { return time(0); }\n")
                self.assert_finds("pure", f"{path}:3", "time is not in tools/pure.txt", "argument")
                (self.root / path).unlink()

    def test_a_stray_malloc(self):
        """-O2 removes this one."""
        text = "#include <stdlib.h>\nvoid a(void) {\n    free(malloc(8));\n}\n"
        self.plant("src/core/a.c", text)
        self.assert_finds("pure", "src/core/a.c:3", "malloc is not in", "ask the caller")

    def test_errno(self):
        self.plant("src/core/a.c", "#include <errno.h>\nint a(void) { return errno; }\n")
        self.assert_finds("pure", "src/core/a.c:1", "__errno_location", "ask the caller")

    def test_a_function_of_an_impure_layer(self):
        self.plant("src/os/fd.c", "int fd_close(int fd) { return fd; }\n")
        self.plant("src/core/a.c", "int fd_close(int);\nint a(void) { return fd_close(1); }\n")
        self.assert_finds("pure", "src/core/a.c:1", "fd_close is not in", "ask the caller")

    def test_tests_are_free(self):
        self.plant("src/core/a_test.c", "#include <unistd.h>\nint a(void) { return getpid(); }\n")
        self.assert_passes("pure")

    def test_child(self):
        text = "#include <unistd.h>\nvoid c(void) { setsid(); write(1, 0, 0); _exit(1); }\n"
        self.plant("src/os/spawn_child.c", text)
        self.assert_passes("pure")

    def test_child_that_allocates(self):
        text = "#include <stdlib.h>\n\nvoid *c(void) { return malloc(8); }\n"
        self.plant("src/os/spawn_child.c", text)
        self.assert_finds(
            "pure", "src/os/spawn_child.c:3", "may not call malloc", "before the clone"
        )

    def test_child_that_calls_into_other_files(self):
        self.plant("src/os/spawn_child.c", "int a(void);\nint c(void) { return a(); }\n")
        self.plant("src/os/a.c", "int b(void);\nint a(void) { return b(); }\n")
        self.plant("src/os/b.c", "#include <unistd.h>\nint b(void) { return getpid(); }\n")
        self.assert_passes("pure")
        self.plant("src/os/b.c", '#include <stdio.h>\n\nint b(void) { return puts(""); }\n')
        self.assert_finds("pure", "src/os/b.c:3", "the child may not call puts", "before the clone")

    def test_child_with_64_bit_offsets(self):
        text = "#define _FILE_OFFSET_BITS 64\n#include <fcntl.h>\n"
        self.plant("src/os/spawn_child.c", text + 'int c(void) { return open("/", 0); }\n')
        self.assert_passes("pure")


class Users(PlantedTree):
    def setUp(self):
        super().setUp()
        self.plant(
            "src/os/fd.c",
            "\nint fd_close(int fd) { return fd; }\nint f(void) { return fd_close(1); }\n",
        )
        self.plant("src/os/a.c", "int f(void);\nint main(void) { return f(); }\n")

    def test_one_user(self):
        self.assert_finds("users", "src/os/fd.c:2", "fd_close is used in this file only", "static")

    def test_a_variable(self):
        self.plant("src/os/b.c", "const int table[] = {1};\n")
        self.assert_finds("users", "src/os/b.c:1", "table is used in this file only", "static")

    def test_a_second_user(self):
        self.plant(
            "src/os/b.c",
            "int fd_close(int);\nint main(void) { return fd_close(2); }\n",
        )
        self.assert_passes("users")

    def test_a_test_is_a_user(self):
        self.plant(
            "src/os/fd_test.c", "int fd_close(int);\nint main(void) { return fd_close(2); }\n"
        )
        self.assert_passes("users")

    def test_the_public_header_is_a_user(self):
        self.plant("include/abide.h", "int fd_close(int fd);\n")
        self.assert_passes("users")

    def test_a_comment_in_it_is_none(self):
        self.plant("include/abide.h", "/* fd_close() */\n")
        self.assert_finds("users", "src/os/fd.c:2", "fd_close is used in this file only", "static")


class Banned(PlantedTree):
    CALLS = {
        "strcpy": "strcpy(b, b)",
        "stpcpy": "stpcpy(b, b)",
        "strcat": "strcat(b, b)",
        "sprintf": 'sprintf(b, "x")',
        "vsprintf": "vsprintf(b, b, *(va_list *)b)",
        "gets": "gets(b)",
        "strtok": "strtok(b, b)",
        "atoi": "(b[0] = (char)atoi(b))",
        "atol": "(b[0] = (char)atol(b))",
        "atoll": "(b[0] = (char)atoll(b))",
        "system": "system(b)",
        "popen": "popen(b, b)",
    }
    HEADERS = "#include <stdarg.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"

    def setUp(self):
        super().setUp()
        self.plant("src/base/banned.h", tree.read(ROOT / "src/base/banned.h"))

    def source(self, name):
        call = self.CALLS[name]
        return f"{self.HEADERS}void f(char *b);\nvoid f(char *b) {{\n    (void){call};\n}}\n"

    def compiler_says(self, compiler, text):
        flags = ["-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wno-uninitialized"]
        flags += ["-include", f"{self.root}/src/base/banned.h", "-fsyntax-only", "-x", "c", "-"]
        return subprocess.run([compiler, *flags], input=text, capture_output=True, text=True)

    def test_the_compiler_refuses_each(self):
        for compiler in ("gcc", "clang"):
            for name in self.CALLS:
                with self.subTest(f"{compiler} {name}"):
                    run = self.compiler_says(compiler, self.source(name))
                    self.assertNotEqual(run.returncode, 0)
                    self.assertIn("<stdin>:7:", run.stderr)
                    self.assertRegex(run.stderr, f"{name}.* is deprecated: banned: (use|spawn)")

    def test_the_compiler_refuses_an_address(self):
        text = self.HEADERS + "char *(*f)(char *, const char *) = strcpy;\n"
        self.assertIn("banned", self.compiler_says("gcc", text).stderr)

    def test_the_compiler_accepts_the_headers(self):
        for compiler in ("gcc", "clang"):
            self.assertEqual(self.compiler_says(compiler, self.HEADERS).stderr, "")

    def test_the_object_shows_each(self):
        names = set()
        for name in self.CALLS:
            self.plant(f"src/os/{name}.c", self.source(name))
            names.add(name)
        status, output = self.check("banned")
        self.assertEqual(status, 1)
        for name in names:
            self.assertRegex(output, rf"src/os/{name}.c:7: {name} is banned in os; (use|spawn)")
        self.assertIn(f"{len(names)} banned names", output)

    def test_fork(self):
        text = "#include <unistd.h>\n\nint f(void) { return fork(); }\n"
        for layer in ("os", "libabide", "keeper"):
            self.plant(f"src/{layer}/a.c", text)
        self.plant("src/logger/a_test.c", text)
        self.assert_passes("banned")
        self.plant("src/logger/a.c", text)
        self.assert_finds("banned", "src/logger/a.c:3", "fork is banned in logger", "ask os")

    def test_meson_includes_the_list_everywhere(self):
        self.assertIn(
            "'-include', meson.project_source_root() / 'src/base/banned.h'",
            tree.read(ROOT / "meson.build"),
        )


class Headers(PlantedTree):
    def setUp(self):
        super().setUp()
        self.plant("src/os/fd.h", FD_HEADER)

    def test_good(self):
        self.plant(
            "include/abide.h", "#ifndef ABIDE_H\n#define ABIDE_H\nint abide_x(void);\n#endif\n"
        )
        self.assert_passes("headers")

    def test_what_it_forgot_to_include(self):
        self.plant("src/os/fd.h", FD_HEADER.replace("int fd_close", "size_t fd_close"))
        for compiler in ("gcc", "clang"):
            self.assert_finds(
                "headers", "src/os/fd.h:1", f"only include ({compiler}", "include or forward"
            )

    def test_guard(self):
        self.plant("src/os/other.h", FD_HEADER)
        self.assert_finds("headers", "src/os/other.h:1", "not OS_OTHER_H", "#ifndef OS_OTHER_H")

    def test_public_header_that_only_gnu_c_takes(self):
        text = "#ifndef ABIDE_H\n#define ABIDE_H\nstruct s { struct { int a; }; };\n#endif\n"
        self.plant("include/abide.h", text)
        self.assert_finds("headers", "include/abide.h:1", "(gcc -std=c99)", "include or forward")
        self.assert_finds(
            "headers", "include/abide.h:1", "(clang++ -std=c++17)", "include or forward"
        )

    def test_public_header_that_cpp_refuses(self):
        text = "#ifndef ABIDE_H\n#define ABIDE_H\nint abide_x(int new);\n#endif\n"
        self.plant("include/abide.h", text)
        self.assert_finds("headers", "include/abide.h:1", "(g++ -std=c++11)", "include or forward")


class Exports(PlantedTree):
    MANUAL = (
        ".Sh NAME\n.Nm abide_a\n"
        '.Sh SYNOPSIS\n.Ft int\n.Fn abide_a "int x"\n.Fo abide_b\n.Fc\n'
        ".Sh DESCRIPTION\n.Fn abide_c\n"
    )

    def setUp(self):
        super().setUp()
        self.plant("include/abide.h", "int abide_a(int x);\nint abide_b(void); /* abide_c() */\n")
        self.plant(
            "src/libabide/libabide.sym",
            "LIBABIDE_0 {\nglobal:\n  abide_a;\n  abide_b;\nlocal:\n  *;\n};\n",
        )
        self.plant(
            "src/libabide/a.c",
            "int abide_a(int x) { return x; }\nint abide_b(void) { return 0; }\n"
            "int inner(void) { return 0; }\n",
        )
        self.plant("man/libabide.3", self.MANUAL)
        self.plant(
            "test/api/a.c",
            '#include "abide.h"\nint main(void) { return abide_a(1) + abide_b(); }\n',
        )

    def compile(self, script="libabide.sym"):
        super().compile()
        library = self.build / "src/libabide/libabide.so"
        script = f"-Wl,--version-script={self.root}/src/libabide/{script}"
        source = self.root / "src/libabide/a.c"
        subprocess.run(["gcc", "-w", "-shared", "-fPIC", source, script, "-o", library], check=True)

    def edit(self, path, old, new):
        text = tree.read(self.root / path)
        self.assertIn(old, text)
        self.plant(path, text.replace(old, new))

    def test_all_the_same(self):
        self.assert_passes("exports")

    def test_missing_in_the_manual(self):
        self.edit("man/libabide.3", ".Fo abide_b\n.Fc\n", "")
        self.assert_finds(
            "exports",
            "src/libabide/libabide.sym:4",
            "abide_b is missing from man/libabide.3",
            "document",
        )

    def test_too_much_in_the_manual(self):
        self.edit("man/libabide.3", ".Fo abide_b", ".Fn abide_z void\n.Fo abide_b")
        self.assert_finds(
            "exports", "man/libabide.3:6", "abide_z is not in", "list it there, or hide it"
        )

    def test_missing_in_the_header(self):
        self.edit("include/abide.h", "int abide_b(void);", "")
        self.plant(
            "test/api/a.c",
            "int abide_a(int);\nint abide_b(void);\n"
            "int main(void) { return abide_a(1) + abide_b(); }\n",
        )
        self.assert_finds(
            "exports", "src/libabide/libabide.sym:4", "missing from include/abide.h", "declare"
        )

    def test_untested(self):
        self.edit("test/api/a.c", " + abide_b()", "")
        self.assert_finds(
            "exports",
            "src/libabide/libabide.sym:4",
            "abide_b is missing from test/api",
            "write a test",
        )

    def test_not_defined(self):
        self.edit("src/libabide/a.c", "int abide_b(void) { return 0; }\n", "")
        self.assert_finds(
            "exports", "src/libabide/libabide.sym:4", "missing from src/libabide/libabide.so", "fix"
        )

    def test_exported_by_accident(self):
        self.plant(
            "src/libabide/other.sym",
            "LIBABIDE_0 {\nglobal:\n  abide_a;\n  abide_b;\n  inner;\nlocal:\n  *;\n};\n",
        )
        planted = self.compile
        self.compile = lambda: planted("other.sym")
        self.assert_finds("exports", "src/libabide/libabide.so:1", "inner is not in", "hide it")

    def test_no_list(self):
        (self.root / "man/libabide.3").unlink()
        self.assert_finds("exports", "man/libabide.3:1", "does not exist", "write it")


class Switch(PlantedTree):
    def test_default(self):
        self.plant(
            "src/core/a.c",
            "/* default: */\n"
            "int a(int x) {\n    switch (x) {\n    case 1:\n        return 1;\n    }\n}\n",
        )
        self.plant(
            "src/os/a.c",
            "int a(int x) {\n    switch (x) {\n    default:\n        return 1;\n    }\n}\n",
        )
        self.assert_passes("switch")
        self.plant(
            "src/core/a.c",
            "int a(int x) {\n    switch (x) {\n    default :\n        return 1;\n    }\n}\n",
        )
        self.assert_finds("switch", "src/core/a.c:3", "`default` in core", "every enumerator")

    def test_the_compiler_refuses_a_missing_enumerator(self):
        self.assertIn("'-Werror=switch-enum'", tree.read(ROOT / "meson.build"))


class Format(PlantedTree):
    def test_format(self):
        self.plant("src/os/a.c", "int a(int x) {\n    return x;\n}\n")
        self.assert_passes("format")
        self.plant("src/os/a.c", "int a(int x) {\n  return x;\n}\n")
        self.assert_finds("format", "src/os/a.c:1", "not formatted", "clang-format -i src/os/a.c")


class Text(PlantedTree):
    def test_good(self):
        self.plant("README.md", "[a](tools/layers.txt#x) [b](https://x.org/) `[c](d)` [e](#f)\n")
        self.assert_passes("text")

    def test_each(self):
        cases = {
            "a\nb \n": ("2", "trailing blank", "delete"),
            "a\r\n": ("1", "carriage return", "delete"),
            "a\n\tb\n": ("2", "tab", "blanks"),
            "a": ("1", "no single newline", "end the file"),
            "a\n\n": ("3", "no single newline", "end the file"),
            "a\n/* TO" + "DO: b */\n": ("2", "left to do", "do it"),
        }
        for text, (line, problem, cure) in cases.items():
            for path in ("src/os/a.c", "script/a", ".ci/run", "man/a.3"):
                with self.subTest(f"{path} {text!r}"):
                    self.plant(path, text)
                    self.assert_finds("text", f"{path}:{line}", problem, cure)
                    (self.root / path).unlink()

    def test_a_template_of_mkdtemp_is_no_note(self):
        self.plant("src/os/a.c", 'char path[] = "/tmp/a.XXXXXX";\n')
        self.assert_passes("text")

    def test_dead_link(self):
        self.plant("doc/a.md", "[a](../tools/layers.txt)\n\n[b](../tools/gone.txt)\n")
        self.assert_finds("text", "doc/a.md:3", "../tools/gone.txt", "correct the path")


class Tidy(PlantedTree):
    def find(self, text, line, problem):
        self.plant("src/os/a.c", text)
        self.assert_finds("tidy", f"src/os/a.c:{line}", problem, "CONTRIBUTING.md")

    def test_good(self):
        self.plant("src/os/a.c", "int a(int x);\nint a(int x) {\n    return x;\n}\n")
        self.assert_passes("tidy")

    def test_length(self):
        lines = "".join(f"    x += {n};\n" for n in range(71))
        self.find(f"int a(int x);\nint a(int x) {{\n{lines}    return x;\n}}\n", 2, "function-size")

    def test_parameters(self):
        text = "int a(int b, int c, int d, int e, int f, int g) {\n    return b+c+d+e+f+g;\n}\n"
        self.find(text, 1, "function-size")

    def test_nesting(self):
        opening = "".join(f"if (x > {n}) {{\n" for n in range(6))
        self.find(f"int a(int x) {{\n{opening}x++;\n{'}' * 6}\nreturn x;\n}}\n", 1, "function-size")

    def test_close_on_exec(self):
        text = '#include <fcntl.h>\n\nint a(void) {\n    return open("/", O_RDONLY);\n}\n'
        self.find(text, 4, "android-cloexec-open")

    def test_braces(self):
        self.find("int a(int x) {\n    if (x)\n        x++;\n    return x;\n}\n", 2, "braces")

    def test_recursion(self):
        self.find("int a(int x) {\n    return x > 0 ? a(x - 1) : 0;\n}\n", 1, "no-recursion")

    def test_in_a_header(self):
        self.plant(
            "src/os/b.h",
            "static inline int b(int x) {\n    if (x)\n        x++;\n    return x;\n}\n",
        )
        self.plant("src/os/a.c", '#include "os/b.h"\nint a(void) {\n    return b(1);\n}\n')
        self.assert_finds("tidy", "src/os/b.h:2", "braces", "CONTRIBUTING.md")


class Suite(unittest.TestCase):
    """script/test hides no failure."""

    def run_one(self, run, budget=10):
        return suite.run_section(suite.Section("planted", budget, run))

    def setUp(self):
        self.printed = []
        real = suite.print if hasattr(suite, "print") else print
        suite.print = lambda *words, **_: self.printed.append(" ".join(map(str, words)))
        self.addCleanup(setattr, suite, "print", real)

    def test_a_command_that_fails(self):
        count = self.run_one(lambda job: job.run("sh", "-c", "echo words; exit 3"))
        self.assertEqual(str(count), "0 passed, 1 failed")
        self.assertIn("words\nplanted: exit status 3", "\n".join(self.printed))

    def test_a_section_that_is_out_of_time(self):
        count = self.run_one(lambda job: job.run("sleep", "60"), budget=0.2)
        self.assertEqual(count.failed, 1)
        self.assertIn("out of time", "\n".join(self.printed))

    def test_a_section_that_runs_no_test(self):
        count = self.run_one(lambda job: suite.Count(skipped=3))
        self.assertEqual((count.failed, count.skipped), (1, 3))

    def test_a_program_that_is_missing(self):
        count = self.run_one(lambda job: job.run("/no/such/program"))
        self.assertEqual(count.failed, 1)

    def count_log(self, **test):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "testlog.json"
            log.write_text(json.dumps({"stdout": "", "returncode": 0} | test) + "\n")
            return str(suite.count_meson(log))

    def test_points_are_counted(self):
        text = "1..3\nok 1 - a\nok 2 - b\nok 3 - c # SKIP none\n"
        self.assertEqual(self.count_log(result="OK", stdout=text), "2 passed, 0 failed, 1 skipped")

    def test_a_point_that_fails(self):
        text = "1..2\nok 1 - a\nnot ok 2 - b\n"
        self.assertEqual(self.count_log(result="FAIL", stdout=text), "1 passed, 1 failed")

    def test_a_program_that_ends_early(self):
        text = "1..3\nok 1 - a\n"
        self.assertEqual(self.count_log(result="ERROR", stdout=text), "1 passed, 1 failed")

    def test_a_program_that_reports_nothing(self):
        self.assertEqual(self.count_log(result="SKIP"), "0 passed, 1 failed")
        self.assertEqual(
            self.count_log(result="SKIP", returncode=77), "0 passed, 0 failed, 1 skipped"
        )

    def test_a_program_without_points(self):
        self.assertEqual(self.count_log(result="OK"), "1 passed, 0 failed")
        self.assertEqual(self.count_log(result="TIMEOUT"), "0 passed, 1 failed")

    def test_each_check_is_run_and_tested(self):
        text = tree.read(TOOLS / "suite.py")
        for path in TOOLS.glob("check_*.py"):
            name = path.stem.removeprefix("check_")
            self.assertIn(f'check("{name}"', text, f"{path.name} is not in sections()")
            self.assertIn(name.capitalize(), globals(), f"{path.name} has no test here")


if __name__ == "__main__":
    unittest.main()
