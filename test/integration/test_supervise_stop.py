"""A stop ends with nothing left, whatever the service does about it."""

import os
import pathlib
import signal

import pytest

import box as boxes
import home as homes

from box import wait_until

SHORT = ("--stop-timeout=300ms",)


def pids_in(home, file_name, count):
    return [boxes.Process(int(line)) for line in home.lines(file_name, count)]


def expect_all_ended(home, processes, name="web"):
    assert all(process.has_ended() for process in processes)
    assert home.of_services() == []
    assert not home.state(name).startswith("a")


def test_stop_waits_until_the_service_has_ended(any_home):
    process = any_home.run("web", "sleep", "1000")
    any_home("stop", "web")
    assert process.has_ended()
    assert any_home.show("web", "ActiveState", "MainPID", "Result") == ["inactive", "0", "success"]


def test_a_service_may_end_in_its_own_way(home):
    home.shell("web", f"trap 'echo ended > {home.work}/said; exit 0' TERM; echo up; "
               "while :; do sleep 1000 & wait $!; done")
    home.wait_log("web", b"up\n")
    home("stop", "web")
    assert home.lines("said", 1) == ["ended"]


def test_an_ignored_sigterm_is_followed_by_sigkill(home):
    process = home.shell("web", "trap '' TERM; echo up; while :; do sleep 1000; done",
                         options=SHORT)
    home.wait_log("web", b"up\n")
    home("stop", "web")
    expect_all_ended(home, [process])
    assert home.show("web", "Result") == "timeout"
    assert home.show("web", "ExecMainStatus") == str(int(signal.SIGKILL))


# Each of them writes pids of processes that ignore SIGTERM and stay where they are.
STUBBORN = {
    "a child": "sleep 1000 & echo $!",
    "a child in a session of its own": "setsid sh -c 'echo $$; exec sleep 1000' &",
    "an orphan": "(sleep 1000 & echo $!)",
    "an orphan in a session of its own": "(setsid sh -c 'echo $$; exec sleep 1000' &)",
    "two generations of sessions": "(setsid sh -c '(setsid sh -c \"echo \\$\\$; exec sleep 1000\" "
    "&) ; true' &)",
}


@pytest.mark.parametrize("kind", STUBBORN)
@pytest.mark.parametrize("minds", ["ends by SIGTERM", "ignores SIGTERM"])
def test_nothing_is_left(any_home, kind, minds):
    ignores = "trap '' TERM;" if minds == "ignores SIGTERM" else ""
    path = any_home.work / "pids"
    main = any_home.shell("web", f"{ignores} ( {STUBBORN[kind]} ) >> {path}; exec sleep 1000",
                          options=SHORT if ignores else ("--stop-timeout=20s",))
    left = pids_in(any_home, "pids", 1)
    any_home("stop", "web")
    expect_all_ended(any_home, [main, *left])


@pytest.mark.parametrize("kind", STUBBORN)
def test_nothing_is_left_before_a_restart(home, kind):
    path = home.work / "pids"
    main = home.shell("web", f"trap '' TERM; ( {STUBBORN[kind]} ) >> {path}; exec sleep 1000",
                      options=SHORT)
    left = pids_in(home, "pids", 1)
    home("restart", "web")
    assert main.has_ended() and left[0].has_ended()
    assert home.main_pid("web") != main.pid


@pytest.mark.parametrize("kind", STUBBORN)
def test_a_crash_leaves_nothing_of_the_run_before(home, kind):
    path = home.work / "pids"
    main = home.shell("web", f"( {STUBBORN[kind]} ) >> {path}; exec sleep 1000",
                      options=("--stop-timeout=300ms", "-p", "RestartSec=1ms"))
    left = pids_in(home, "pids", 1)
    main.kill()
    home.wait_next("web", main.pid)
    left[0].wait()


def test_children_that_dropped_their_environment(home):
    path = home.work / "pids"
    main = home.shell("web", "env -i sh -c 'trap \"\" TERM; echo $$; exec sleep 1000' "
                      f">> {path} & exec sleep 1000", options=SHORT)
    left = pids_in(home, "pids", 1)
    home("stop", "web")
    expect_all_ended(home, [main, *left])


def test_a_tree_that_moves_on_all_the_time(home, programs):
    """Each process makes the next in a session of its own, and ends; nobody can aim at it."""
    main = home.run("web", programs.path("wanderer"), str(home.work / "pids"), options=SHORT)
    home.lines("pids", 20)
    home("stop", "web")
    expect_all_ended(home, [main])


def test_a_stopped_service_can_be_stopped(home):
    process = home.run("web", "sleep", "1000")
    process.signal(signal.SIGSTOP)
    wait_until(lambda: boxes.Proc(process.pid).status["State"].startswith("T"), "a stop")
    home("stop", "web")
    expect_all_ended(home, [process])
    assert home.show("web", "Result") == "success"


def test_restart_gives_another_process(home):
    process = home.run("web", "sleep", "1000")
    home("restart", "web")
    assert process.has_ended()
    assert home.main_pid("web") not in (0, process.pid)
    home("stop", "web")
    home("restart", "web")
    assert home.state("web") == "active/running"


def test_a_stopped_service_stays_stopped(home):
    process = home.run("web", "sleep", "1000")
    home("stop", "web")
    home("stop", "web")
    assert home.state("web") == "inactive/dead"
    home.run("other", "sleep", "1000")
    assert home.main_pid("web") == 0 and process.has_ended()


def test_the_stop_signal(home):
    home.shell("web", f"trap 'echo USR1 > {home.work}/said; exit 0' USR1; echo up; "
               "while :; do sleep 1000 & wait $!; done", options=("--stop-signal=SIGUSR1",))
    home.wait_log("web", b"up\n")
    home("stop", "web")
    assert home.lines("said", 1) == ["USR1"]


def test_no_wait_and_timeout_of_stop(home):
    process = home.shell("web", "trap '' TERM; echo up; exec sleep 1000",
                         options=("--stop-timeout=30s",))
    home.wait_log("web", b"up\n")
    done = home("stop", "--timeout=100ms", "web", status=homes.TIMED_OUT)
    assert "web" in done.stderr and not process.has_ended()
    home("stop", "--no-wait", "web")
    assert home.state("web") == "deactivating/stop-sigterm"
    process.signal(signal.SIGKILL)
    wait_until(lambda: home.show("web", "ActiveState") in ("inactive", "failed"), "the end")


def test_start_no_wait(home):
    home.write_unit("web", "[Service]\nExecStart=/bin/sleep 1000\n")
    home("start", "--no-wait", "web")
    home.wait_state("web", "active/running")


def test_stop_during_a_start_that_hangs(home):
    os.mkfifo(home.work / "fifo")
    starting = home.open("run", "--name", "web", "--env-file", home.work / "fifo", "--", "sleep",
                         "1000")
    wait_until(lambda: home("status", "web", status=None).stdout != ""
               and home.state("web") == "activating/start", "the start")
    home("stop", "web")
    starting.communicate(timeout=homes.COMMAND_LIMIT_SEC)
    assert starting.returncode != 0
    assert home("ls").stdout == "" or home.state("web") in ("inactive/dead", "failed/failed")


def test_kill_sends_a_signal(home):
    home.shell("web", f"trap 'echo got >> {home.work}/said' USR1; echo up; "
               "while :; do sleep 1000 & wait $!; done")
    home.wait_log("web", b"up\n")
    home("kill", "-s", "USR1", "--kill-whom=main", "web")
    assert home.lines("said", 1) == ["got"]
    process = home.process("web")
    home("kill", "-s", "SIGKILL", "web")
    home.wait_next("web", process.pid)
    done = home("kill", "-s", "NOSUCH", "web", status=homes.WRONG_USAGE)
    assert "NOSUCH" in done.stderr
    home("stop", "web")
    home("kill", "web", status=homes.FAILED)


def test_reload_runs_its_command(home):
    home.write_unit("web", "[Service]\nExecStart=/bin/sh -c \"trap 'echo again >> "
                    f"{home.work}/said' HUP; echo up; while :; do sleep 1000 & wait $$!; done\"\n"
                    "ExecReload=/bin/kill -HUP $MAINPID\n")
    home("start", "web")
    home.wait_log("web", b"up\n")
    process = home.process("web")
    home("reload", "web")
    assert home.lines("said", 1) == ["again"]
    assert home.main_pid("web") == process.pid
    home.run("bare", "sleep", "1000")
    assert "ExecReload" in home("reload", "bare", status=homes.FAILED).stderr
    home("stop", "web")
    assert "start" in home("reload", "web", status=homes.FAILED).stderr


def test_no_cgroups_are_left(home):
    before = set(pathlib.Path("/sys/fs/cgroup").rglob("*web.service*"))
    home.run("web", "sleep", "1000")
    home("restart", "web")
    home("shutdown")
    assert set(pathlib.Path("/sys/fs/cgroup").rglob("*web.service*")) == before
