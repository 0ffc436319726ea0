"""What the READMEs and the manual print is run: their programs are compiled against a staged install,
and their commands say what stands beside them.

In a README, a comment before a block marks it: `<!-- NAME -->` is the file NAME, `<!-- run: NAME -->`
are commands to run beside it. In such commands, `# hello: ...` is what a command says, and so is
`# clock.service: ...`; a number in it may be any number. In the manual, `.\\" example: NAME` is the mark
of a program.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("ABIDE_BUILD", "build")
READMES = ["README.md", "README.zh-CN.md"]
LIMIT_SEC = 60

MARKED = re.compile(r"^<!-- (run: )?(\S+) -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r'^\.\\" example: (\S+)\n\.Bd [^\n]*\n(.*?)^\.Ed$', re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"\s+# .*$", re.MULTILINE)


def blocks(name):
    """(files, commands) of a README."""
    found = MARKED.findall((ROOT / name).read_text(encoding="utf-8"))
    files = {file: text for is_run, file, text in found if not is_run}
    commands = [(file, text) for is_run, file, text in found if is_run]
    return files, commands


def example():
    """The program of the manual page, without roff's escapes."""
    name, text = EXAMPLE.search((ROOT / "man/libabide.3").read_text(encoding="utf-8")).groups()
    return name, text.replace("\\&", "").replace("\\e", "\\")


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """An environment in which pkg-config, the compiler and the loader find an install."""
    if b"__asan_init" in (BUILD / "src/libabide/libabide.so").read_bytes():
        pytest.skip("a plain program can't load a library with AddressSanitizer")
    root = tmp_path_factory.mktemp("stage")
    subprocess.run(
        ["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", root],
        check=True, stdout=subprocess.DEVNULL, timeout=LIMIT_SEC,
    )
    (pc,) = root.rglob("abide.pc")
    (program,) = root.rglob("bin/abide")
    return dict(
        os.environ,
        PATH=f"{program.parent}:{os.environ['PATH']}",
        PKG_CONFIG_SYSROOT_DIR=str(root),
        PKG_CONFIG_PATH=str(pc.parent),
        LD_LIBRARY_PATH=str(pc.parent.parent),
    )


def run(command, folder, environment):
    return subprocess.run(
        command, cwd=folder, env=environment, timeout=LIMIT_SEC, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )


def stop(folder, environment):
    """Ends what a block may have left behind when it failed."""
    if (folder / "hello").exists():
        run(["./hello", "stop"], folder, environment)
    if (folder / "home").exists():
        run(["abide", "shutdown"], folder, environment)


SPEAKER = r"(?:hello|clock\.service): "


def expected(commands):
    """What the commands say, as patterns."""
    said = re.findall(rf"# ({SPEAKER}.*)$", commands, re.MULTILINE)
    return [re.sub(r"\d+", r"\\d+", re.escape(line)) for line in said]


# What the output of each block has in it, and how often at least: both of them kill what they
# started, so it counted from 1 twice.
SIGNS = {
    "hello.c": [(r"^1 hello$", 2)],
    "clock": [(r"^\S+Z tick 1$", 2), (r"Restarts: 1 ", 1), (r"^ *State: active \(running\)", 1)],
}


@pytest.mark.parametrize("readme", READMES)
def test_commands_of_a_readme_do_what_it_says(readme, stage, tmp_path):
    if shutil.which("pkg-config") is None:
        pytest.fail("pkg-config is not installed")
    files, commands = blocks(readme)
    environment = dict(stage, ABIDE_HOME=str(tmp_path / "home"))
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert [name for name, text in commands] == ["clock", "hello.c"]
    for name, text in commands:
        assert name in files
        try:
            done = run(["sh", "-euc", text], tmp_path, environment)
        finally:
            stop(tmp_path, environment)
        assert done.returncode == 0, done.stdout
        said = [line for line in done.stdout.splitlines() if re.match(SPEAKER, line)]
        patterns = expected(text)
        assert len(said) == len(patterns) > 0, done.stdout
        for line, pattern in zip(said, patterns):
            assert re.fullmatch(pattern, line), (line, pattern)
        for sign, count in SIGNS[name]:
            assert len(re.findall(sign, done.stdout, re.MULTILINE)) >= count, (sign, done.stdout)


def test_readmes_have_the_same_blocks():
    def bare(name):
        files, commands = blocks(name)
        text = str([*files.items(), *commands])
        return re.sub(r"/\*.*?\*/", "", COMMENT.sub("", text.replace("\\n", "\n")))

    assert bare("README.md") == bare("README.zh-CN.md")


def test_program_of_the_manual_lives(stage, tmp_path):
    name, text = example()
    (tmp_path / name).write_text(text, encoding="utf-8")
    build = "cc -Wall -Wextra -Werror hello.c $(pkg-config --cflags --libs abide) -o hello"
    done = run(["sh", "-euc", build], tmp_path, stage)
    assert done.returncode == 0, done.stdout
    try:
        for command, code, words in (
            ("start", 0, "hello: started, pid "),
            ("start", 1, "hello: already running, pid "),
            ("status", 0, "hello: running, pid "),
            ("stop", 0, "hello: stopped"),
            ("status", 3, "hello: not running"),
        ):
            done = run(["./hello", command], tmp_path, stage)
            assert done.returncode == code, done.stdout
            assert done.stdout.startswith(words), done.stdout
    finally:
        stop(tmp_path, stage)
    assert (tmp_path / "hello.log").read_text(encoding="utf-8").startswith("1 hello\n")
