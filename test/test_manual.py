"""man/abide.1, the completion of shells and the program's own table of commands say the same.

The table is read with `abide help --words`, which prints it for programs.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
MANUAL = ROOT / "man" / "abide.1"
COMPLETION = ROOT / "contrib" / "completion"


def words(*arguments):
    """The first columns of what `abide help --words` prints."""
    program = ROOT / os.environ.get("ABIDE_BUILD", "build") / "src" / "abide" / "abide"
    if not program.exists():
        pytest.skip(f"{program} is not built")
    run = subprocess.run(
        [program, "help", "--words", *arguments], check=True, capture_output=True, text=True
    )
    return [line.split("\t")[0] for line in run.stdout.splitlines()]


def options(command):
    """Its options without their values: --name, -n."""
    return {word.split("=")[0] for word in words(command)}


def documented():
    """Command -> its options, of the manual: each stands below its command, or below a list of
    commands whose options it has in common."""
    text = MANUAL.read_text(encoding="utf-8").replace("\\-", "-")
    commands = re.search(r"^\.Sh COMMANDS$(.*?)^\.Sh ", text, re.MULTILINE | re.DOTALL)[1]
    found = {}
    current = []
    depth = 0
    for line in commands.splitlines():
        depth += line.startswith(".Bl")
        depth -= line.startswith(".El")
        item = re.match(r"\.It Cm ([\w-]+)", line)
        if item and depth == 1:
            current = item[1]
            found[current] = set()
        elif line.startswith(".It Fl") and depth == 2:
            found[current] |= {"-" + flag for flag in re.findall(r"\bFl (-?[\w-]+)", line)}
    return found


# Options that the manual explains once for several commands.
SHARED = {
    "reload": ({"--no-wait", "--timeout"}, ["start", "stop", "restart"]),
    "show": ({"--json"}, ["status", "ls"]),
    "is-enabled": ({"-q", "--quiet"}, ["is-active", "is-failed"]),
}


def test_manual_has_every_command():
    assert set(documented()) == set(words())


def test_manual_has_every_option():
    found = documented()
    for source, (names, others) in SHARED.items():
        for other in others:
            found[other] |= names & found[source]
    table = {command: options(command) for command in words()}
    assert found == table


def test_every_option_has_help():
    for command in words():
        program = ROOT / os.environ.get("ABIDE_BUILD", "build") / "src" / "abide" / "abide"
        run = subprocess.run([program, command, "--help"], check=True, capture_output=True, text=True)
        assert run.stdout.startswith(f"abide {command}")
        assert all(option in run.stdout for option in options(command))


@pytest.mark.skipif(not shutil.which("mandoc"), reason="needs mandoc")
def test_manual_has_no_mistakes():
    run = subprocess.run(["mandoc", "-T", "lint", MANUAL], capture_output=True, text=True)
    # Which other manuals are installed is the machine's affair.
    found = [line for line in run.stdout.splitlines() if "referenced manual not found" not in line]
    assert found == []


@pytest.mark.parametrize("file", ["abide.bash", "_abide", "abide.fish"])
def test_completion_asks_the_program(file):
    """They hold no list of their own that could be out of date."""
    text = (COMPLETION / file).read_text(encoding="utf-8")
    assert "help --words" in text
    for command in words():
        listed = re.findall(rf"\b{re.escape(command)}\b", text)
        assert len(listed) <= 4, f"{command} is listed in {file}"


@pytest.mark.parametrize(
    "line, expected",
    [
        ("abide sta", {"start", "status"}),
        ("abide logs --fo", {"--follow"}),
        ("abide run --re", {"--replace", "--restart=", "--ready="}),
    ],
)
def test_bash_completes(line, expected, tmp_path):
    """The function is called as bash would, for the end of the line."""
    program = ROOT / os.environ.get("ABIDE_BUILD", "build") / "src" / "abide" / "abide"
    if not program.exists():
        pytest.skip(f"{program} is not built")
    parts = line.split()
    script = f"""
        source {COMPLETION / 'abide.bash'}
        COMP_WORDS=({' '.join(parts)}); COMP_CWORD={len(parts) - 1}
        _abide; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    environment = {
        "PATH": f"{program.parent}:/usr/bin:/bin", "ABIDE_HOME": str(tmp_path), "HOME": "/"
    }
    run = subprocess.run(
        ["bash", "-c", script], check=True, capture_output=True, text=True, env=environment
    )
    assert {word.strip() for word in run.stdout.splitlines()} == expected
