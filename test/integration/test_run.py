"""`abide run` and the other commands with a real supervisor, in a home of the test's own."""

import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import tempfile

import pytest

import box as boxes
from test_cli import ABIDE, Home

pytestmark = pytest.mark.skipif(not ABIDE.exists(), reason="the program abide is not built")


class RealHome(Home):
    def value(self, *arguments):
        return self.abide("show", *arguments, "--value").stdout.rstrip("\n")

    def main_pid(self, name):
        return int(self.value(name, "-p", "MainPID"))

    def supervisor(self):
        return int(self.value("-p", "SupervisorPID"))

    def made(self, name):
        return self.path / "state" / "units" / f"{name}.service"


@pytest.fixture
def home():
    with tempfile.TemporaryDirectory(prefix="abide-run-") as folder:
        made = RealHome(pathlib.Path(folder))
        yield made
        pid = made.supervisor()
        supervisor = boxes.Process(pid) if pid else None
        done = made.abide("shutdown")
        assert done.returncode == (0 if supervisor else 5), done
        assert supervisor is None or supervisor.has_ended()


def script(home, name, text):
    path = home.path / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_run_makes_starts_keeps_and_enables(home):
    done = home.abide("run", "--name", "nap", "--", "sleep", "1000")
    assert done.returncode == 0
    assert re.fullmatch(rf"nap.service: active \(running\), pid {home.main_pid('nap')}\n", done.stdout)
    assert done.stderr == f"abide: started a supervisor (pid {home.supervisor()}) at {home.path}/run\n"
    assert stat.S_IMODE(home.made("nap").stat().st_mode) == 0o600
    assert os.readlink(home.path / "state" / "enabled" / "nap.service") == str(home.made("nap"))
    assert home.abide("is-active", "nap").returncode == 0
    second = home.abide("run", "sleep", "1000")
    assert second.stderr == "" and second.stdout.startswith("sleep.service: active")


def test_the_supervisor_is_the_program_with_supervise_in_its_arguments(home):
    home.abide("run", "sleep", "1000")
    arguments = pathlib.Path(f"/proc/{home.supervisor()}/cmdline").read_bytes().split(b"\0")
    assert arguments[1] == b"supervise"


def test_what_the_service_gets(home):
    """Its directory, its environment, its stdin; from the caller's less the session's."""
    environment = {"KEPT": "a b\n$c%d\"'\\", "SSH_TTY": "x", "XDG_X": "x", "DBUS_X": "x", "DISPLAY": "x",
                   "TERM": "x", "SUDO_USER": "x", "ABIDE_X": "x"}
    done = home.abide("run", "--env", "MORE=1 2", "--name=look", "sleep", "1000",
                      environment=environment, cwd="/usr/lib")
    assert done.returncode == 0, done
    process = pathlib.Path(f"/proc/{home.main_pid('look')}")
    got = dict(entry.split("=", 1) for entry in process.joinpath("environ").read_text().split("\0") if entry)
    assert got["KEPT"] == environment["KEPT"] and got["MORE"] == "1 2" and got["HOME"] == "/"
    assert not set(environment) - {"KEPT"} & set(got)
    assert os.readlink(process / "cwd") == "/usr/lib"
    assert os.readlink(process / "fd" / "0") == "/dev/null"
    assert re.fullmatch(r"[0-9a-f]{32}", got["INVOCATION_ID"])
    assert got["INVOCATION_ID"] == home.value("look", "-p", "InvocationID")


def test_clean_env(home):
    home.abide("run", "--clean-env", "--env=A=1", "sleep", "1000", environment={"SECRET": "x"})
    assert "SECRET" not in home.made("sleep").read_text()
    got = pathlib.Path(f"/proc/{home.main_pid('sleep')}/environ").read_text()
    assert "SECRET" not in got and "A=1" in got


def test_arguments_arrive_as_they_were_typed(home):
    words = ["", " ", "a b", "$HOME", "${X}", "%n", '"', "'", "\\", "\\n", ";", "-x", "--name", "\t", "ä"]
    path = script(home, "show", '#!/bin/sh\nfor x; do printf "<%s>\\n" "$x"; done\nexec sleep 1000\n')
    assert home.abide("run", path, *words).returncode == 0
    expected = "".join(f"<{word}>\n" for word in words)
    boxes.wait_until(
        lambda: "".join(line.split(" ", 1)[1] + "\n" for line in home.abide("logs", "show").stdout.splitlines()) == expected,
        "the arguments in the log",
    )


def test_the_same_command_starts_it_another_is_refused(home):
    first = home.abide("run", "--name", "nap", "sleep", "1000", environment={"A": "1"})
    pid = home.main_pid("nap")
    again = home.abide("run", "--name", "nap", "sleep", "1000", environment={"A": "2"}, cwd="/")
    assert (first.stdout, again.returncode) == (again.stdout, 0)
    for other in (["sleep", "1001"], ["--restart=no", "sleep", "1000"], ["--env=A=2", "sleep", "1000"]):
        said = home.fails(1, "run", "--name", "nap", *other)
        assert "--replace" in said and home.main_pid("nap") == pid
    home.abide("stop", "nap")
    assert home.abide("run", "--name", "nap", "sleep", "1000").returncode == 0
    assert home.abide("run", "--name", "nap", "--replace", "sleep", "1001").returncode == 0
    assert pathlib.Path(f"/proc/{home.main_pid('nap')}/cmdline").read_bytes().split(b"\0")[1] == b"1001"


def test_a_name_that_is_taken_by_hand(home):
    path = home.unit("nap", "[Service]\nExecStart=/bin/sleep 1000\n")
    assert str(path) in home.fails(1, "run", "--name", "nap", "--replace", "sleep", "1000")


@pytest.mark.parametrize(
    "text, words",
    [
        ("#!/no/such/interpreter\n", "/no/such/interpreter"),
        ("just some text\n", "`#!`"),
    ],
)
def test_a_first_start_that_fails_keeps_nothing(home, text, words):
    path = script(home, "bad", text)
    done = home.abide("run", path)
    assert done.returncode == 1 and done.stdout == ""
    said = done.stderr.splitlines()[-1]
    assert words in said and "nothing of it was kept" in said
    assert os.listdir(home.path / "state" / "units") == []
    assert os.listdir(home.path / "state" / "enabled") == []
    assert home.abide("ls").stdout == ""


@pytest.mark.parametrize(
    "command, words",
    [
        (["no-such-program-anywhere"], "in PATH"),
        (["./missing"], "no program `./missing`"),
        (["/etc/passwd"], "chmod +x"),
        (["/etc"], "folder"),
    ],
)
def test_a_program_that_is_none_starts_no_supervisor(home, command, words):
    assert words in home.fails(1, "run", *command)
    assert os.listdir(home.path) == []


def test_replacing_by_what_fails_puts_the_other_one_back(home):
    home.abide("run", "--name", "nap", "sleep", "1000")
    before = home.made("nap").read_text()
    bad = script(home, "bad", "#!/no/such/interpreter\n")
    assert "there again" in home.fails(1, "run", "--name", "nap", "--replace", bad)
    assert home.made("nap").read_text() == before
    assert home.abide("is-active", "nap").returncode == 0


def test_rm_option_forgets_it_when_it_ends(home):
    fifo = home.path / "fifo"
    os.mkfifo(fifo)
    path = script(home, "once", f"#!/bin/sh\nread x < {fifo}\n")
    assert home.abide("run", "--rm", path).returncode == 0
    assert home.abide("is-enabled", "once").returncode == 1
    fifo.write_text("\n")
    boxes.wait_until(lambda: home.abide("status", "once").returncode == 4, "the service to be forgotten")
    assert not home.made("once").exists()


def test_killed_and_there_again(home):
    home.abide("run", "sleep", "1000")
    for _ in range(3):
        process = boxes.Process(home.main_pid("sleep"))
        assert home.abide("kill", "-sKILL", "--kill-whom=main", "sleep").returncode == 0
        process.wait()
        boxes.wait_until(lambda: home.main_pid("sleep") not in (0, process.pid), "the next start")


def test_stop_holds_and_start_undoes_it(home):
    home.abide("run", "sleep", "1000")
    process = boxes.Process(home.main_pid("sleep"))
    assert home.abide("stop", "sleep").returncode == 0
    assert process.has_ended()
    done = home.abide("status", "sleep")
    assert done.returncode == 3 and "stopped by hand" in done.stdout
    assert home.value("sleep", "-p", "ActiveState,SubState,MainPID") == "inactive\ndead\n0"
    assert home.abide("start", "sleep").returncode == 0
    restarted = home.main_pid("sleep")
    assert home.abide("restart", "sleep").returncode == 0
    assert home.main_pid("sleep") not in (0, restarted)


def test_rm(home):
    home.abide("run", "sleep", "1000")
    assert "stop" in home.fails(1, "rm", "sleep")
    home.abide("stop", "sleep")
    assert home.abide("rm", "sleep").returncode == 0
    assert home.abide("status", "sleep").returncode == 4
    assert not home.made("sleep").exists()


def test_enabled_services_start_with_the_supervisor(home):
    home.unit("yes", "[Service]\nExecStart=/bin/sleep 1000\n")
    home.unit("no", "[Service]\nExecStart=/bin/sleep 1000\n")
    home.abide("enable", "yes")
    assert home.abide("supervise", "--daemon").returncode == 0
    boxes.wait_until(lambda: home.abide("is-active", "yes").returncode == 0, "the enabled service")
    assert home.abide("is-active", "no").returncode == 3
    home.abide("shutdown")
    assert home.abide("supervise", "--daemon", "--all").returncode == 0
    boxes.wait_until(lambda: home.abide("is-active", "no").returncode == 0, "all services")


def test_one_supervisor_a_home(home):
    assert home.abide("supervise", "--daemon").returncode == 0
    pid = home.supervisor()
    done = home.abide("supervise", "--daemon")
    assert done.returncode == 1 and done.stderr.startswith("abide: ")
    assert home.supervisor() == pid


def test_shutdown_leaves_no_process(home):
    home.abide("run", "sleep", "1000")
    service, supervisor = boxes.Process(home.main_pid("sleep")), boxes.Process(home.supervisor())
    assert home.abide("shutdown").returncode == 0
    assert service.has_ended() and supervisor.has_ended()
    assert home.abide("show", "-p", "SupervisorPID", "--value").stdout == "0\n"
    assert home.abide("is-active", "sleep").returncode == 3


def test_status_while_the_supervisor_hangs(home):
    home.abide("run", "sleep", "1000")
    supervisor = boxes.Process(home.supervisor())
    supervisor.signal(signal.SIGSTOP)
    try:
        assert home.abide("status", "sleep").returncode == 0
        assert home.abide("stop", "--timeout=100ms", "sleep").returncode == 7
    finally:
        supervisor.signal(signal.SIGCONT)


def test_logs(home):
    path = script(home, "talk", "#!/bin/sh\necho one\necho two\nprintf 'th\\033ree'\nexec sleep 1000\n")
    home.abide("run", path)

    def texts(*options):
        return [line.split(" ", 1)[1] for line in home.abide("logs", "talk", *options).stdout.splitlines()]

    boxes.wait_until(lambda: len(texts()) == 3, "three lines")
    assert texts() == ["one", "two", "th\033ree"]
    assert texts("-n", "2") == ["two", "th\033ree"]
    assert texts("-g", "w") == ["two"]
    assert texts("--until=yesterday") == [] and len(texts("--since=yesterday")) == 3
    lines = [json.loads(line) for line in home.abide("logs", "--json").stdout.splitlines()]
    assert [line["text"] for line in lines] == ["one", "two", "th\033ree"]
    assert all(line["unit"] == "talk.service" and line["schema"] == 1 for line in lines)
    assert "    " + lines[0]["time"] + " one\n" in home.abide("status", "talk").stdout


def test_logs_are_followed(home):
    fifo = home.path / "fifo"
    os.mkfifo(fifo)
    home.abide("run", script(home, "talk", f"#!/bin/sh\necho first\nwhile read x; do echo $x; done <> {fifo}\n"))
    follower = subprocess.Popen(
        [ABIDE, "--home", home.path, "logs", "-f", "talk"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert follower.stdout.readline().endswith(" first\n")
        fifo.write_text("second\n")
        assert follower.stdout.readline().endswith(" second\n")
    finally:
        follower.kill()
        follower.wait()
        follower.stdout.close()


def test_json_of_a_running_service(home):
    home.abide("run", "sleep", "1000")
    (service,) = json.loads(home.abide("ls", "--json").stdout)["services"]
    assert service["active_state"] == "active" and service["sub_state"] == "running"
    assert service["main_pid"] == service["exec_main"]["pid"] == home.main_pid("sleep")
    assert service["exec_main"]["code"] is None and service["restart"] == "always"
    assert service["unit_file_state"] == "enabled" and service["held"] is False
    assert service["since_usec"] > 1_700_000_000_000_000
