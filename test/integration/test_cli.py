"""The command line against a supervisor that a test plays: what it asks, what it makes of answers."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

import pytest

from fake_supervisor import FakeSupervisor

ROOT = pathlib.Path(__file__).resolve().parents[2]
ABIDE = ROOT / os.environ.get("ABIDE_BUILD", "build") / "src" / "abide" / "abide"
LIMIT_SEC = 20

pytestmark = pytest.mark.skipif(not ABIDE.exists(), reason="the program abide is not built")


class Home:
    def __init__(self, path):
        self.path = path

    def abide(self, *arguments, environment={}, **options):
        environment = {"PATH": os.environ["PATH"], "ABIDE_HOME": str(self.path), "HOME": "/", **environment}
        return subprocess.run(
            [ABIDE, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment,
            timeout=LIMIT_SEC,
            **options,
        )

    def fails(self, status, *arguments):
        """Runs a command that must end with this status; returns what it said, one line."""
        done = self.abide(*arguments)
        assert done.returncode == status, done
        assert done.stderr.startswith("abide: ") and done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    def unit(self, name, text="[Service]\nExecStart=/bin/true\n", folder="units"):
        path = self.path / folder / f"{name}.service"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def home():
    with tempfile.TemporaryDirectory(prefix="abide-cli-") as folder:
        yield Home(pathlib.Path(folder))


@pytest.fixture
def fake(home):
    with FakeSupervisor(home.path) as made:
        yield made


# Usage.


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["strat"], "did you mean `start`?"),
        (["xyzzy"], "`abide help` lists them"),
        (["stop", "--timeuot=3", "x"], "did you mean --timeout?"),
        (["stop", "--timeout"], "--timeout=TIME"),
        (["stop", "--timeout=soon", "x"], "no span of time"),
        (["stop", "--no-wait=1", "x"], "takes no value"),
        (["stop", "-x"], "no option -x"),
        (["stop"], "abide stop"),
        (["version", "x"], "takes no `x`"),
        (["--hoem", "/x", "ls"], "before the command"),
        (["stop", "a/b"], "no name of a service"),
        (["kill", "-s", "FOO", "x"], "no signal `FOO`"),
        (["kill", "--kill-whom=none", "x"], "main"),
        (["logs", "-n", "x"], "number of lines"),
        (["logs", "--since=soon"], "no point in time"),
        (["boot", "--install", "--remove"], "contradict"),
        (["boot", "--type=init"], "systemd"),
        (["run", "--ready=notify", "true"], "--ready=notify"),
        (["run", "-p", "Retsart=no", "true"], "did you mean Restart?"),
        (["run", "-p", "Restart", "true"], "KEY=VALUE"),
        (["run", "--restart=sometimes", "true"], "sometimes"),
        (["run", "--name=a/b", "true"], "no name of a service"),
        (["run", "--env=1X=2", "true"], "1X=2"),
    ],
)
def test_wrong_usage_says_what_is_right(home, arguments, words):
    assert words in home.fails(2, *arguments)
    assert os.listdir(home.path) == []


def test_no_command_is_wrong_usage_with_the_help(home):
    done = home.abide()
    assert done.returncode == 2 and "usage: abide" in done.stderr


def test_help_and_version_need_nothing(home):
    for arguments in (["help"], ["--help"], ["help", "run"], ["run", "--help"], ["version"], ["--version"]):
        done = home.abide(*arguments, environment={"ABIDE_HOME": "/" + "x" * 200})
        assert done.returncode == 0 and done.stdout and not done.stderr


def test_a_home_whose_socket_would_have_a_long_path(home):
    done = home.abide("ls", environment={"ABIDE_HOME": "/" + "x" * 100})
    assert done.returncode == 1 and "107 bytes" in done.stderr and "--home" in done.stderr


def test_home_may_stand_before_or_after_the_command(home):
    with tempfile.TemporaryDirectory(prefix="abide-cli-") as other:
        for arguments in (["--home", other, "show"], ["show", "--home", other], [f"--home={other}", "show"]):
            assert f"RuntimeDirectory={other}/run\n" in home.abide(*arguments).stdout


# Without a supervisor.


@pytest.mark.parametrize("command", ["stop", "restart", "reload", "kill", "reset-failed", "shutdown"])
def test_commands_that_need_a_supervisor(home, command):
    arguments = [command] if command == "shutdown" else [command, "web"]
    assert "abide supervise --daemon" in home.fails(5, *arguments)
    assert os.listdir(home.path) == []


def test_commands_that_do_not(home):
    home.unit("web")
    done = home.abide("status", "web")
    assert done.returncode == 3 and "inactive (dead)" in done.stdout
    assert "no supervisor runs" in done.stderr
    assert home.abide("is-active", "web").stdout == "inactive\n"
    assert "LoadState=loaded\n" in home.abide("show", "web").stdout
    assert home.abide("show", "-p", "SupervisorPID,NServices", "--value").stdout == "0\n1\n"
    assert home.abide("logs", "web").returncode == 0
    assert sorted(os.listdir(home.path)) == ["units"]


@pytest.mark.parametrize("command", ["status", "is-active", "is-failed", "show", "logs", "cat", "enable", "rm"])
def test_an_unknown_service(home, command):
    home.unit("webserver")
    done = home.abide(command, "websever")
    assert done.returncode == 4
    if not command.startswith("is-"):
        assert "did you mean webserver?" in done.stderr


def test_enable_and_disable(home):
    path = home.unit("web")
    link = home.path / "state" / "enabled" / "web.service"
    assert (home.abide("is-enabled", "web").stdout, home.abide("is-enabled", "web").returncode) == ("disabled\n", 1)
    assert home.abide("enable", "web").returncode == 0
    assert os.readlink(link) == str(path)
    assert (home.abide("is-enabled", "web").stdout, home.abide("is-enabled", "web").returncode) == ("enabled\n", 0)
    assert home.abide("disable", "web").returncode == 0
    assert not link.is_symlink()
    assert home.abide("disable", "web").returncode == 0


def test_cat(home):
    path = home.unit("web", "[Service]\nExecStart=/bin/sleep 1")
    assert home.abide("cat", "web").stdout == f"# {path}\n[Service]\nExecStart=/bin/sleep 1\n"


def test_show_reads_the_unit_file_of_what_was_never_started(home):
    home.unit("web", "[Unit]\nDescription=a web server\n[Service]\nExecStart=/bin/true\nRestart=on-failure\nUser=nobody\n")
    done = home.abide("show", "web", "-p", "Description,Restart", "-p", "User", "--value")
    assert done.stdout == "a web server\non-failure\nnobody\n"


def test_show_suggests_a_property(home):
    home.unit("web")
    done = home.abide("show", "web", "-p", "ActiveSate")
    assert done.stdout == "" and "did you mean ActiveState?" in done.stderr


def test_json(home):
    home.unit("web")
    for arguments in (["ls"], ["status", "web"], ["show", "web"]):
        answer = json.loads(home.abide(*arguments, "--json").stdout)
        assert answer["schema"] == 1
        assert answer["instance"]["supervised"] is False and answer["instance"]["n_services"] == 1
        (service,) = answer["services"]
        assert service["name"] == "web.service" and service["active_state"] == "inactive"
        assert service["unit_file"] == str(home.path / "units" / "web.service")


def test_rm_leaves_what_was_written_by_hand(home):
    path = home.unit("web")
    assert str(path) in home.fails(1, "rm", "web")
    assert path.exists()


def test_rm_without_a_supervisor(home):
    path = home.unit("web", folder="state/units")
    home.abide("enable", "web")
    assert home.abide("rm", "web").returncode == 0
    assert not path.exists() and os.listdir(home.path / "state" / "enabled") == []


def test_a_status_file_that_is_none(home):
    (home.path / "run").mkdir()
    (home.path / "run" / "status").write_bytes(b"x" * 8192)
    assert "damaged" in home.fails(1, "status")


def test_boot_prints_and_changes_nothing(home):
    for kind, line in (("systemd", "KillMode=process\n"), ("openrc", "#!/sbin/openrc-run\n"), ("cron", "@reboot ")):
        done = home.abide("boot", f"--type={kind}")
        assert done.returncode == 0 and line in done.stdout and str(home.path) in done.stdout


def test_boot_changes_the_crontab(home):
    """With a crontab(1) of the test's own, which keeps it in a file."""
    crontab = home.path / "bin" / "crontab"
    crontab.parent.mkdir()
    kept = home.path / "kept"
    crontab.write_text(f'#!/bin/sh\ncase $1 in -l) cat {kept};; -) cat > {kept}.new; mv {kept}.new {kept};; esac\n')
    crontab.chmod(0o755)
    environment = {"PATH": f"{crontab.parent}:/usr/bin:/bin"}
    kept.write_text("# mine\n1 2 * * * true\n")
    done = home.abide("boot", "--install", "--type=cron", environment=environment)
    assert done.returncode == 0 and "@reboot" in done.stdout
    lines = kept.read_text().splitlines()
    assert lines[:2] == ["# mine", "1 2 * * * true"] and lines[2].startswith("@reboot ")
    assert "already" in home.abide("boot", "--install", "--type=cron", environment=environment).stdout
    home.abide("boot", "--remove", "--type=cron", environment=environment)
    assert kept.read_text() == "# mine\n1 2 * * * true\n"


# Conversations.


def test_a_job_that_is_done(home, fake):
    fake.answers = fake.job
    done = home.abide("stop", "web")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert fake.requests == [
        {"jsonrpc": "2.0", "id": 1, "method": "stop", "params": {"unit": "web.service"}}
    ]


@pytest.mark.parametrize(
    "changes, status, words",
    [
        ({"result": "failed", "detail": "no such file"}, 1, "failed: no such file"),
        ({"result": "canceled", "reason": "stop came"}, 1, "was canceled: stop came"),
        ({"result": "timeout"}, 7, "timed out"),
        ({"result": "failed", "detail": "a\033[2Jb\nc"}, 1, "a?[2Jb?c"),
    ],
)
def test_a_job_that_is_not(home, fake, changes, status, words):
    fake.answers = lambda request: fake.job(request, **changes)
    assert words in home.fails(status, "restart", "web")


@pytest.mark.parametrize(
    "code, status", [(1, 1), (2, 2), (4, 4), (6, 6), (7, 7), (-32601, 1), (-32602, 1), (99, 1), (-1, 1)]
)
def test_a_fault_is_an_exit_status(home, fake, code, status):
    fake.answers = lambda request: fake.error(request, code, "that is why")
    for arguments in (["stop", "web"], ["kill", "web"], ["reset-failed", "web"]):
        said = home.fails(status, *arguments)
        assert ("there is no service" if code == 4 else "that is why") in said


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"{}\n",
        b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}\n',
        b'{"jsonrpc":"2.0","id":1,"result":{"job":1}}\n',
        b"x" * 70000,
    ],
    ids=["http", "empty", "no id", "half a report", "endless"],
)
def test_what_listens_is_no_supervisor(home, fake, answer):
    fake.answers = lambda request: answer
    assert "protocol" in home.fails(1, "stop", "web")


def test_the_supervisor_ends_meanwhile(home, fake):
    def leave(request):
        for connection in fake.connections:
            connection.shutdown(socket.SHUT_RDWR)

    fake.answers = leave
    assert "ended before it answered" in home.fails(1, "stop", "web")


def test_time_out(home, fake):
    fake.answers = lambda request: None
    assert "goes on" in home.fails(7, "stop", "--timeout=50ms", "web")


def test_many_jobs_eight_at_a_time(home, fake):
    fake.answers = fake.job
    fake.holds_until = 8
    names = [f"s{n}" for n in range(24)]
    assert home.abide("stop", *names).returncode == 0
    assert sorted(request["params"]["unit"] for request in fake.requests) == sorted(f"{n}.service" for n in names)
    assert fake.most_outstanding == 8


def test_the_first_failure_is_the_exit_status_and_the_rest_is_done(home, fake):
    answers = {"a.service": lambda r: fake.job(r), "b.service": lambda r: fake.error(r, 6, "no"),
               "c.service": lambda r: fake.job(r, result="failed")}
    fake.answers = lambda request: answers[request["params"]["unit"]](request)
    fake.holds_until = 3
    done = home.abide("stop", "a", "b", "c")
    assert len(fake.requests) == 3 and done.stderr.count("abide: ") == 2
    assert done.returncode == 1  # c was answered first


def test_no_wait_returns_when_it_is_accepted(home, fake):
    def answer(request):
        if request["method"] == "version":
            return fake.result(request, {"version": "0", "protocol": 1, "supervisor_pid": 1, "logger_pid": 0})
        return fake.error(request, 6, "not yours") if request["params"]["unit"] == "b.service" else None

    fake.answers = answer
    assert home.abide("stop", "--no-wait", "a", "c").returncode == 0
    assert "not yours" in home.fails(6, "stop", "--no-wait", "a", "b", "c")


def test_kill_says_which_signal(home, fake):
    home.abide("kill", "web")
    home.abide("kill", "-s", "hup", "--kill-whom=main", "web", "db")
    home.abide("kill", "-s9", "web")
    said = [tuple(request["params"][key] for key in ("unit", "signal", "whom")) for request in fake.requests]
    assert said == [
        ("web.service", 15, "all"),
        ("web.service", 1, "main"),
        ("db.service", 1, "main"),
        ("web.service", 9, "all"),
    ]


def test_reset_failed_of_all(home, fake):
    home.abide("reset-failed")
    assert fake.requests[0]["params"] == {}


def test_output_that_cannot_be_written(home):
    with open("/dev/full", "w") as full:
        done = subprocess.run([ABIDE, "version"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=LIMIT_SEC)
    assert done.returncode == 1 and "could not be written" in done.stderr


def test_no_colour_without_a_terminal(home):
    home.unit("web")
    assert "\033" not in home.abide("ls").stdout + home.abide("status", "web").stdout


@pytest.mark.skipif(not shutil.which("script"), reason="needs script(1)")
@pytest.mark.parametrize("environment, is_coloured", [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_on_a_terminal(home, environment, is_coloured):
    home.unit("web")
    done = subprocess.run(
        ["script", "-qec", f"{ABIDE} ls", "/dev/null"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SEC,
        env={"PATH": os.environ["PATH"], "TERM": "xterm", "ABIDE_HOME": str(home.path), **environment},
    )
    assert bool(re.search(r"\033\[2m", done.stdout)) == is_coloured
