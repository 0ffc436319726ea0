"""Outputs and exit statuses of the commands, with services that really run."""

import json
import os
import re

import pytest

import box as boxes
import home as homes

from box import wait_until

VERBS = ("boot", "cat", "disable", "enable", "help", "is-active", "is-enabled", "is-failed", "kill",
         "logs", "ls", "reload", "reset-failed", "restart", "rm", "run", "show", "shutdown", "start",
         "status", "stop", "supervise", "version")


def expect_error(done, *words):
    """One line on stderr, with the words; nothing on stdout."""
    assert done.stdout == ""
    assert done.stderr.startswith("abide: ") and done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_version_and_help(home):
    assert re.fullmatch(r"abide \d+\.\d+\.\d+\n", home("version").stdout)
    listing = home("help").stdout
    for verb in VERBS:
        assert re.search(rf"^  {verb} ", listing, re.MULTILINE), verb
        help_text = home("help", verb).stdout
        assert help_text.startswith(f"abide {verb}")
        assert home(verb, "--help").stdout == help_text
    expect_error(home("help", "statsu", status=homes.WRONG_USAGE), "statsu", "status")
    assert home.living() == [] and not any(home.home.iterdir())


def test_the_nearest_right_word_is_suggested(home):
    home.run("webserver", "sleep", "1000")
    expect_error(home("statsu", status=homes.WRONG_USAGE), "statsu", "did you mean `status`")
    expect_error(home("frobnicate", status=homes.WRONG_USAGE), "frobnicate", "abide help")
    expect_error(home("status", "--jsn", status=homes.WRONG_USAGE), "--jsn", "--json")
    expect_error(home("status", "-Z", status=homes.WRONG_USAGE), "-Z", "abide help status")
    expect_error(home("run", "--nmae", "x", "--", "sleep", "1", status=homes.WRONG_USAGE), "--name")
    for verb in ("status", "show", "start", "stop", "restart", "is-active", "cat", "logs", "rm",
                 "enable", "kill", "reload", "reset-failed", "is-failed", "is-enabled"):
        done = home(verb, "webservre", status=None)
        assert done.returncode == homes.NO_SUCH_SERVICE, (verb, done)
        if verb.startswith("is-"):  # As systemctl has it: a word.
            assert done.stdout == ("not-found\n" if verb == "is-enabled" else "inactive\n")
        else:
            assert "did you mean webserver" in done.stderr, (verb, done.stderr)


def test_wrong_usage(home):
    for arguments in (["start"], ["stop"], ["run"], ["kill"], ["version", "x"], ["ls", "x"],
                      ["shutdown", "x"], ["stop", "--timeout=soon", "x"], ["stop", "--timeout"],
                      ["start", "a/b"], ["status", "--json=yes", "x"]):
        done = home(*arguments, status=homes.WRONG_USAGE)
        assert done.stderr.startswith("abide: ")
    assert home(status=homes.WRONG_USAGE).stderr.startswith("abide makes programs daemons")


def test_status_of_one(home):
    process = home.run("web", "sleep", "1000")
    done = home("status", "web")
    assert "web.service" in done.stdout and "active (running)" in done.stdout
    assert str(process.pid) in done.stdout
    assert done.stderr == ""
    home("stop", "web")
    done = home("status", "web", status=homes.NOT_ACTIVE)
    assert "inactive (dead)" in done.stdout and "by hand" in done.stdout
    home("status", "nothing", status=homes.NO_SUCH_SERVICE)


def test_status_ends_with_the_last_lines(home):
    home.shell("web", "for i in 1 2 3; do echo line $i; done; exec sleep 1000")
    home.wait_log("web", b"line 3\n")
    assert "line 3" in home("status", "web").stdout


def test_the_table(home):
    home.run("one", "sleep", "1000")
    home.run("two", "sleep", "1000")
    home("stop", "two")
    assert home("status").stdout.splitlines()[0] == home("ls").stdout.splitlines()[0]
    rows = {line.split()[0]: line for line in home("ls").stdout.splitlines()[1:]}
    assert set(rows) == {"one", "two"}
    assert "active (running)" in rows["one"] and str(home.main_pid("one")) in rows["one"]
    assert "inactive (dead)" in rows["two"]
    assert "\x1b" not in home("ls").stdout + home("status", "one").stdout


def test_json(home):
    process = home.run("one", "sleep", "1000")
    home.run("two", "sleep", "1000")
    home("stop", "two")
    for arguments in (["ls", "--json"], ["status", "--json"]):
        answer = json.loads(home(*arguments).stdout)
        assert answer["schema"] == 1
        assert [service["name"] for service in answer["services"]] == ["one.service", "two.service"]
    for verb, status in (("status", homes.NOT_ACTIVE), ("show", homes.DONE)):
        answer = json.loads(home(verb, "--json", "two", "one", status=status).stdout)
        two, one = answer["services"]
        assert (one["active_state"], one["sub_state"]) == ("active", "running")
        assert one["main_pid"] == process.pid
        assert (two["active_state"], two["held"]) == ("inactive", True)
    instance = json.loads(home("show", "--json").stdout)["instance"]
    assert instance["supervised"] is True and instance["n_services"] == 2
    assert instance["runtime_directory"] == str(home.home / "run")
    home("shutdown")
    answer = json.loads(home("ls", "--json").stdout)
    assert answer["instance"]["supervised"] is False
    assert [service["main_pid"] for service in answer["services"]] == [0, 0]


def test_show(home):
    process = home.run("web", "sleep", "1000")
    lines = home("show", "web").stdout.splitlines()
    properties = dict(line.split("=", 1) for line in lines)
    assert {"Id", "Names", "LoadState", "ActiveState", "SubState", "Result", "MainPID",
            "ControlPID", "ExecMainPID", "ExecMainCode", "ExecMainStatus",
            "ExecMainStartTimestampMonotonic", "NRestarts", "StatusText", "StatusErrno",
            "InvocationID", "FragmentPath", "UnitFileState", "Type", "Restart"} <= set(properties)
    assert properties["MainPID"] == properties["ExecMainPID"] == str(process.pid)
    assert home("show", "web", "-p", "SubState,Id", "--value").stdout == "running\nweb.service\n"
    assert home("show", "-pMainPID", "web").stdout == f"MainPID={process.pid}\n"
    done = home("show", "nothing", status=homes.NO_SUCH_SERVICE)
    assert "LoadState=not-found" in done.stdout.splitlines()
    assert "did you mean SubState" in home("show", "web", "-p", "SubStat", status=None).stderr


def test_show_of_the_instance(home):
    home.run("web", "sleep", "1000")
    lines = home("show").stdout.splitlines()
    properties = dict(line.split("=", 1) for line in lines)
    assert properties["Version"] == home("version").stdout.split()[1]
    assert properties["RuntimeDirectory"] == str(home.home / "run")
    assert properties["NServices"] == "1" and properties["KeeperPID"] == "0"
    assert int(properties["SupervisorPID"]) > 0 and int(properties["LoggerPID"]) > 0
    home("shutdown")
    properties = dict(line.split("=", 1) for line in home("show").stdout.splitlines())
    assert properties["SupervisorPID"] == properties["LoggerPID"] == "0"


def test_is_active_and_is_failed(home):
    home.run("up", "sleep", "1000")
    home.launch("bad", "false", options=("--restart=no",))
    home.wait_state("bad", "failed/failed")
    assert home("is-active", "up").stdout == "active\n"
    assert home("is-active", "bad", status=homes.NOT_ACTIVE).stdout == "failed\n"
    assert home("is-active", "bad", "up").stdout == "failed\nactive\n"
    assert home("is-active", "-q", "up").stdout == ""
    assert home("is-failed", "bad").stdout == "failed\n"
    home("is-failed", "up", status=homes.FAILED)
    home("is-active", "nothing", status=homes.NO_SUCH_SERVICE)


def test_several_names_and_one_that_is_wrong(home):
    home.run("one", "sleep", "1000")
    home.run("two", "sleep", "1000")
    done = home("stop", "one", "nothing", "two", status=homes.NO_SUCH_SERVICE)
    assert "nothing" in done.stderr
    assert [home.state(name) for name in ("one", "two")] == ["inactive/dead"] * 2


def test_enable_and_disable_answer(home):
    path = home.write_unit("web", "[Service]\nExecStart=/bin/sleep 1000\n")
    home("enable", "web")
    home("enable", "web")
    assert home.show("web", "UnitFileState") == "enabled"
    home("disable", "web")
    home("disable", "web")
    assert home.show("web", "UnitFileState") == "disabled"
    assert path.exists()
    home("enable", "nothing", status=homes.NO_SUCH_SERVICE)


def test_cat(home):
    path = home.write_unit("web", "# mine\n[Service]\nExecStart=/bin/sleep 1000\n")
    assert home("cat", "web").stdout == f"# {path}\n{path.read_text()}"
    home("cat", "nothing", status=homes.NO_SUCH_SERVICE)


def test_boot_prints_what_it_would_write(home):
    for kind, words in (("systemd", ["[Service]", "KillMode=process", "Delegate=yes", "ExecStart="]),
                        ("openrc", ["openrc-run", "supervise"]), ("cron", ["@reboot", "supervise"])):
        text = home("boot", "--print", f"--type={kind}").stdout
        for word in [*words, str(home.home)]:
            assert word in text, text
    assert home("boot").stdout != ""
    home("boot", "--type=upstart", status=homes.WRONG_USAGE)
    assert not any(home.home.iterdir())


def test_logs(home):
    home.shell("web", "for i in 1 2 3 4 5; do echo line $i; done; exec sleep 1000")
    home.wait_log("web", b"line 5\n")
    lines = home("logs", "web").stdout.splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == [f"line {i}" for i in range(1, 6)]
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", lines[0])
    assert [line.split(" ", 1)[1] for line in home("logs", "-n", "2", "web").stdout.splitlines()] \
        == ["line 4", "line 5"]
    home("shutdown")
    assert "line 5" in home("logs", "web").stdout
    home("logs", "nothing", status=homes.NO_SUCH_SERVICE)


def test_logs_of_several_are_merged_in_time_order(home):
    home.launch_shell("one", "echo first", options=("--restart=no",))
    home.wait_log("one", b"first\n")
    home.launch_shell("two", "echo second", options=("--restart=no",))
    home.wait_log("two", b"second\n")
    home("start", "one")
    wait_until(lambda: home.log("one").count(b"first") == 2, "a second line")
    words = [line.split()[-1] for line in home("logs", "two", "one").stdout.splitlines()]
    assert words == ["first", "second", "first"]
    assert all("one" in line for line in home("logs").stdout.splitlines() if "first" in line)


def test_logs_are_followed(home):
    home.shell("web", "echo ready; while :; do sleep 1000 & wait $!; done")
    home.wait_log("web", b"ready\n")
    follower = home.open("logs", "-f", "web")
    try:
        assert follower.stdout.readline().endswith(" ready\n")
        home("restart", "web")
        assert follower.stdout.readline().endswith(" ready\n")
    finally:
        follower.terminate()
        follower.communicate(timeout=homes.COMMAND_LIMIT_SEC)


def test_what_a_service_writes_cannot_mislead_a_terminal(home):
    home.shell("web", r"printf '\033[2Jhidden\007\n'; exec sleep 1000")
    wait_until(lambda: b"hidden" in home.log("web"), "the line")
    leader, follower = os.openpty()
    for arguments in (["logs", "web"], ["status", "web"]):
        home(*arguments, capture_output=False, stdout=follower, environment={"NO_COLOR": "1"})
        text = os.read(leader, 65536)
        assert b"hidden" in text and b"\x1b" not in text and b"\x07" not in text
    os.close(leader)
    os.close(follower)
    assert "\x1b[2Jhidden\x07" in home("logs", "web").stdout  # A file or a pipe gets what it wrote.


def test_output_that_cannot_be_written_is_an_error(home):
    home.run("web", "sleep", "1000")
    with open("/dev/full", "w") as full:
        for arguments in (["ls"], ["status", "web"], ["show", "web"], ["version"], ["help"]):
            done = home(*arguments, status=homes.FAILED, capture_output=False, stdout=full,
                        stderr=boxes.subprocess.PIPE)
            assert done.stderr.startswith("abide: ")


def test_colour_is_for_terminals(home):
    home.run("web", "sleep", "1000")
    leader, follower = os.openpty()
    for environment, is_coloured in (({"TERM": "xterm"}, True),
                                     ({"TERM": "xterm", "NO_COLOR": "1"}, False)):
        home("status", "web", capture_output=False, stdout=follower, environment=environment)
        text = os.read(leader, 65536)
        assert (b"\x1b[" in text) == is_coloured
    os.close(leader)
    os.close(follower)


def test_a_home_that_is_not_ones_own(user_home, home):
    """Another user's instance can't be looked into where its files are private."""
    home.run("web", "sleep", "1000")
    home.folder.chmod(0o755)
    home.home.chmod(0o700)
    done = home("status", "web", status=homes.NOT_PERMITTED, cwd="/",
                preexec_fn=boxes.as_user(homes.ORDINARY_USER))
    assert "owner" in done.stderr or "root" in done.stderr
