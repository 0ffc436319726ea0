"""start() returns when the daemon is ready, or failed, with its reason."""

import pathlib
import signal
import subprocess

import pytest

from box import Proc, Process

BY_CALL = ["--by-call"]
POLICIES = ["no", "always"]


def expect_still_waiting(starter):
    """The nap gives a wrong return its chance; being late is no failure."""
    with pytest.raises(subprocess.TimeoutExpired):
        starter.wait(timeout=0.1)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("ready", ["ready", "ready-thread", "notify=STATUS=up\nREADY=1"])
def test_start_waits_for_abide_ready(box, policy, ready):
    out, go = box.path("out"), box.path("go")
    starter = box.open(box.command(*BY_CALL, f"--restart={policy}", "start",
                                   f"pid={out}", "notify=STATUS=not yet", f"await={go}", ready, "wait"))
    box.lines("out", 1)
    expect_still_waiting(starter)
    go.touch()
    assert starter.communicate(timeout=10)[0] == f"probe: started, pid {box.pid()}\n"
    assert starter.returncode == 0
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("policy", POLICIES)
def test_start_returns_when_run_begins(box, policy):
    """Everything is set up by then, though run() says nothing."""
    go = box.path("go")
    daemon = box.start(f"--restart={policy}", "start", f"await={go}", "wait")
    proc = Proc(daemon.pid)
    assert (proc.cwd, proc.tty_nr, box.pid()) == ("/", 0, daemon.pid)
    go.touch()
    assert box.probe("stop").returncode == 0


def test_ready_twice_is_harmless(box):
    out = box.path("out")
    box.start(*BY_CALL, "start", f"ready={out}", f"ready={out}", "wait")
    assert box.lines("out", 2) == ["1", "0"]
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("steps, words", [
    (["return=3"], "exit status 3"),
    (["exit=0"], "exit status 0"),
    (["kill=9"], "killed by signal 9 (Killed)"),
    (["kill=11"], "killed by signal 11"),
])
def test_end_before_ready_is_a_failed_start(box, policy, steps, words):
    out = box.path("out")
    done = box.probe(*BY_CALL, f"--restart={policy}", "start", f"pid={out}", *steps)
    box.expect_failed_start(done, "ended before it was ready", words)
    assert len(box.lines("out", 1)) == 1  # not tried again
    done = box.probe(*BY_CALL, f"--restart={policy}", "call-start", *steps)
    assert done.stdout.startswith("-10 "), done.stdout  # ECHILD


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("steps", [["wait"], ["ignore-term", "pause"]])
def test_start_that_takes_too_long_kills_everything(box, policy, steps):
    done = box.probe(*BY_CALL, "--start-timeout=100000", f"--restart={policy}", "start", *steps)
    box.expect_failed_start(done, "not ready after 0.100 s")
    done = box.probe(*BY_CALL, "--start-timeout=100000", f"--restart={policy}", "call-start", *steps)
    assert done.stdout.startswith("-110 "), done.stdout  # ETIMEDOUT
    box.expect_nothing_left()


def test_time_out_holds_for_a_stopped_daemon(box):
    """SIGSTOP hangs it; SIGKILL ends it all the same."""
    done = box.probe(*BY_CALL, "--start-timeout=200000", "start", "kill=19", "wait")
    box.expect_failed_start(done, "not ready after 0.200 s")


@pytest.mark.parametrize("policy", POLICIES)
def test_caller_that_is_killed_leaves_nothing(box, policy):
    out = box.path("out")
    starter = box.open(box.command(*BY_CALL, f"--restart={policy}", "start", f"pid={out}", "wait"))
    box.lines("out", 1)
    starter.kill()
    starter.communicate()
    box.expect_nothing_left()


def test_stop_of_a_daemon_that_is_not_ready_yet(box):
    out = box.path("out")
    starter = box.open(box.command(*BY_CALL, "start", f"pid={out}", "pause"))
    box.lines("out", 1)
    assert box.probe("stop").stdout == "probe: stopped\n"
    text = starter.communicate(timeout=10)[0]
    assert "ended before it was ready: killed by signal 15" in text
    assert starter.returncode == 1
    box.expect_nothing_left()


def test_second_start_does_not_wait_for_the_first(box):
    """It is refused while the first one still starts."""
    out, go = box.path("out"), box.path("go")
    starter = box.open(box.command(*BY_CALL, "start", f"pid={out}", f"await={go}", "ready", "wait"))
    pid = int(box.lines("out", 1)[0])
    assert f"already running, pid {pid} " in box.probe("start").stderr
    go.touch()
    starter.communicate(timeout=10)
    assert starter.returncode == 0
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("policy", ["no", "always"])
def test_daemon_whose_start_was_torn_apart_does_not_stay(box, policy):
    """The caller was told that the start failed, since the leader between the two was killed."""
    out, go = box.path("out"), box.path("go")
    starter = box.open(box.command(*BY_CALL, f"--restart={policy}", "start", f"pid={out}",
                                   f"await={go}", "ready", "wait"))
    box.lines("out", 1)
    child, = pathlib.Path(f"/proc/{starter.pid}/task/{starter.pid}/children").read_text().split()
    Process(int(child)).signal(signal.SIGKILL)
    text = starter.communicate(timeout=10)[0]
    assert "its session leader is gone" in text
    assert starter.returncode == 1
    pathlib.Path(go).touch()
    box.expect_nothing_left()


@pytest.mark.parametrize("policy", ["no", "always"])
def test_daemon_whose_leader_was_killed_ends_before_it_is_ready(box, policy):
    out = box.path("out")
    starter = box.open(box.command(*BY_CALL, f"--restart={policy}", "start", f"pid={out}", "pause"))
    box.lines("out", 1)
    child, = pathlib.Path(f"/proc/{starter.pid}/task/{starter.pid}/children").read_text().split()
    Process(int(child)).signal(signal.SIGKILL)
    text = starter.communicate(timeout=10)[0]
    assert "its session leader is gone" in text
    box.expect_nothing_left()
