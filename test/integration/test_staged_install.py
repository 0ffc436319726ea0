"""The library as its users have it: programs built against a staged install, shared and static."""

import os
import pathlib
import re
import shlex
import subprocess

import pytest

from box import Process, wait_until

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
API = ROOT / "test" / "api"
SYMBOLS = ROOT / "src" / "libabide" / "libabide.sym"
EXAMPLE = ROOT / "examples" / "hello-daemon" / "hello-daemon.c"

STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
# pid_t, pause(2), poll(2) are POSIX; the header itself asks for no feature macro.
COMPILERS = {
    ".c": ["gcc", "-std=c99", "-D_POSIX_C_SOURCE=200809L", *STRICT],
    ".cc": ["g++", "-std=c++11", *STRICT],
}
SOURCES = sorted(path for path in API.iterdir() if path.suffix in COMPILERS)


class Stage:
    """What `meson install --destdir` left, seen through pkg-config."""

    def __init__(self, build, folder, is_sanitized):
        self.folder = folder
        subprocess.run(["meson", "install", "-C", build, "--destdir", folder, "--no-rebuild", "--quiet"],
                       check=True, capture_output=True, timeout=60)
        (self.pc,) = folder.rglob("abide.pc")
        (self.archive,) = folder.rglob("libabide.a")
        (self.shared,) = folder.rglob("libabide.so")
        self.sanitize = ["-fsanitize=address,undefined"] if is_sanitized else []

    def pkg_config(self, *arguments):
        environment = {**os.environ, "PKG_CONFIG_LIBDIR": str(self.pc.parent),
                       "PKG_CONFIG_SYSROOT_DIR": str(self.folder)}
        done = subprocess.run(["pkg-config", *arguments, "abide"], env=environment, check=True,
                              capture_output=True, text=True)
        return shlex.split(done.stdout)

    def compile(self, source, target, linking):
        link = self.pkg_config("--libs")
        if linking == "static":
            link = [flag if flag != "-labide" else "-l:libabide.a" for flag in link]
        command = [*COMPILERS[source.suffix], *self.sanitize, *self.pkg_config("--cflags"), source,
                   "-o", target, *link]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def environment(self, linking):
        return {"LD_LIBRARY_PATH": str(self.shared.parent) if linking == "shared" else "/nowhere"}


@pytest.fixture(scope="module")
def stage(build, programs, tmp_path_factory):
    return Stage(build, tmp_path_factory.mktemp("stage"), programs.is_sanitized)


def names(text, pattern):
    return set(re.findall(pattern, re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)))


def exported():
    return names(SYMBOLS.read_text(), r"\b(abide_\w+);")


def nm(path, *flags):
    done = subprocess.run(["nm", "-P", *flags, path], check=True, capture_output=True, text=True)
    return [line.split()[:2] for line in done.stdout.splitlines() if not line.endswith(":")]


def test_shared_library_exports_its_list_alone(stage):
    found = {name.split("@")[0] for name, kind in nm(stage.shared, "-D", "--defined-only") if kind != "A"}
    assert found == exported()
    assert len(exported()) > 10


def test_static_library_exports_its_list_alone(stage):
    """So that no inner name, such as fail(), clashes with a name of the program."""
    found = {name for name, kind in nm(stage.archive, "-g", "--defined-only")}
    assert {name for name in found if "asan" not in name and "odr" not in name} == exported()


def test_programs_touch_every_exported_symbol(stage, tmp_path):
    touched = set()
    for source in SOURCES:
        target = tmp_path / "object.o"
        subprocess.run([*COMPILERS[source.suffix], *stage.pkg_config("--cflags"), "-c", source, "-o", target],
                       check=True, timeout=60)
        touched |= {name for name, kind in nm(target) if kind == "U" and name.startswith("abide_")}
    assert touched == exported()


@pytest.mark.parametrize("linking", ["shared", "static"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_program_builds_and_runs(box, stage, source, linking):
    target = box.path("program")
    stage.compile(source, target, linking)
    needed = subprocess.run(["readelf", "-d", target], check=True, capture_output=True, text=True).stdout
    assert ("libabide.so.0" in needed) == (linking == "shared")
    done = box.run([target, box.pidfile], environment=stage.environment(linking))
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    box.expect_nothing_left()


def test_inner_names_do_not_clash_with_the_programs(box, stage):
    """A program that has a fail(), a report_send() and a settings_check() of its own."""
    source, target = box.path("clash.c"), box.path("clash")
    source.write_text(
        "#include <abide.h>\n#include <stdlib.h>\n"
        "int fail(void); int report_send(void); int settings_check(void); void pidfile_clear(void);\n"
        "int fail(void) { abort(); }\nint report_send(void) { abort(); }\n"
        "int settings_check(void) { abort(); }\nvoid pidfile_clear(void) { abort(); }\n"
        "static int run(struct abide_daemon *daemon) { (void)daemon; return 0; }\n"
        "int main(int argc, char **argv) { struct abide_daemon daemon = {0}; (void)argc;\n"
        "daemon.pidfile = argv[1]; daemon.run = run; return abide_start(&daemon) == 0 ? 0 : 1; }\n"
    )
    for linking in ("shared", "static"):
        stage.compile(source, target, linking)
        assert box.run([target, box.pidfile], environment=stage.environment(linking)).returncode == 0
        wait_until(lambda: box.marked() == [], "the daemon's end")


@pytest.mark.parametrize("linking", ["shared", "static"])
def test_hello_daemon_whole_life(box, stage, linking):
    """The article's program, with its options and commands."""
    target, log = box.path("hello-daemon"), box.path("log")
    source = box.path("hello-daemon.c")
    source.write_text("#define _GNU_SOURCE\n" + EXAMPLE.read_text())
    stage.compile(source, target, linking)

    def hello(command, code=0):
        done = box.run([target, "--pidfile", box.pidfile, "--log", log, command],
                       environment=stage.environment(linking))
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert hello("status", 3) == "hello-daemon: not running\n"
    assert hello("start") == f"hello-daemon: started, pid {box.pid()}\n"
    first = Process(box.pid())
    assert f"pid {first.pid}" in hello("start", 1)
    assert hello("status") == f"hello-daemon: running, pid {first.pid}\n"
    assert box.lines("log", 2)[:2] == ["1 hello", "2 hello"]
    hello("reload")
    assert hello("restart") == f"hello-daemon: restarted, pid {box.pid()}\n"
    assert first.has_ended() and box.pid() != first.pid
    wait_until(lambda: log.read_text().split("\n").count("1 hello") == 2, "the second's first line")
    assert hello("stop") == "hello-daemon: stopped\n"
    assert hello("stop") == "hello-daemon: not running\n"
    hello("begin", 2)
    running = box.open([target, "--pidfile", box.pidfile, "run"],
                       environment=stage.environment(linking))
    assert [running.stdout.readline() for _ in range(3)] == [f"{n} hello\n" for n in (1, 2, 3)]
    assert hello("stop") == "hello-daemon: stopped\n"
    running.communicate(timeout=10)
    assert running.returncode == 0
    box.expect_nothing_left()
