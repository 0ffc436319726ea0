"""stop(), restart() and reload(): the verified process alone, and its end before they return."""

import pytest

from box import as_user, is_root

OTHER_UID = 61114

# Started once it minds a stop: before that SIGTERM ends it at once.
MINDFUL = ["--by-call", "start", "mind-stop", "ready"]


def test_stop_waits_for_the_end(box):
    end = box.path("end")
    daemon = box.start(*MINDFUL, "wait", "nap-msec=200", f"pid={end}")
    done = box.probe("stop")
    assert (done.returncode, done.stdout) == (0, "probe: stopped\n")
    assert daemon.has_ended()
    assert end.exists()
    box.expect_nothing_left()


def test_stop_kills_after_the_time_out(box):
    daemon = box.start("--by-call", "start", "ignore-term", "ready", "pause")
    assert box.probe("--stop-timeout=100000", "stop").stdout == "probe: stopped\n"
    assert daemon.has_ended()
    box.expect_nothing_left()


def test_stop_of_a_stopped_daemon(box):
    """SIGSTOP keeps SIGTERM from it; SIGCONT comes with it, so that it ends in its own way."""
    end = box.path("end")
    daemon = box.start(*MINDFUL, "wait", f"pid={end}")
    daemon.signal(19)
    assert box.probe("stop").returncode == 0
    assert daemon.has_ended()
    assert end.exists()
    box.expect_nothing_left()


def test_stop_of_nothing_says_so(box):
    done = box.probe("stop")
    assert (done.returncode, done.stdout) == (0, "probe: not running\n")
    assert box.probe("call-stop").stdout == "1 \n"


def test_stop_clears_a_stale_pidfile(box):
    box.start("start", "wait").kill()
    assert box.pidfile.exists()
    assert box.probe("stop").stdout == "probe: not running\n"
    box.expect_nothing_left()


def test_two_stops_at_once(box):
    box.start(*MINDFUL, "wait", "nap-msec=100")
    stops = [box.open(box.command("stop")) for _ in range(2)]
    for stop in stops:
        assert "stopped" in stop.communicate(timeout=10)[0]
        assert stop.returncode == 0
    box.expect_nothing_left()


def test_slow_call_is_interrupted_by_a_stop(box):
    """A daemon that asks abide_stopping() alone, around a call that blocks."""
    end = box.path("end")
    daemon = box.start(*MINDFUL, "wait-slow-call", f"pid={end}")
    assert box.probe("stop").returncode == 0
    assert daemon.has_ended()
    assert end.exists()


def test_stop_by_another_user_is_refused(box):
    if not is_root:
        pytest.skip("needs root: another user")
    daemon = box.start("start", "wait")
    done = box.probe("stop", preexec_fn=as_user(OTHER_UID))
    assert done.returncode == 1
    assert f"pid {daemon.pid}" in done.stderr
    assert "errno 1)" in done.stderr
    assert not daemon.has_ended()
    assert box.pid() == daemon.pid
    assert box.probe("stop").returncode == 0


def test_restart_stops_then_starts(box):
    first = box.start(*MINDFUL, "wait", "nap-msec=100")
    done = box.probe("restart", "wait")
    assert first.has_ended()
    assert done.stdout == f"probe: restarted, pid {box.pid()}\n"
    assert box.pid() != first.pid
    assert box.marked() == [box.pid()]
    assert box.probe("stop").returncode == 0


def test_restart_of_nothing_starts(box):
    assert box.probe("restart", "wait").returncode == 0
    assert box.probe("status").returncode == 0
    assert box.probe("stop").returncode == 0


def test_restart_whose_stop_fails_starts_no_second(box):
    if not is_root:
        pytest.skip("needs root: another user")
    daemon = box.start("start", "wait")
    out = box.path("out")
    done = box.probe("restart", f"pid={out}", "wait", preexec_fn=as_user(OTHER_UID))
    assert done.returncode == 1
    assert "errno 1)" in done.stderr
    assert box.marked() == [daemon.pid]
    assert not out.exists()
    assert box.pid() == daemon.pid
    assert box.probe("stop").returncode == 0


def test_restart_without_run_stops_nothing(box):
    """What can't be started again is not stopped: settings are checked first."""
    daemon = box.start("start", "wait")
    assert box.probe("--umask=2000", "restart").returncode == 1
    assert not daemon.has_ended()
    assert box.probe("stop").returncode == 0


def test_reload_is_sighup_and_harmless_by_default(box):
    daemon = box.start("start", "wait")
    done = box.probe("reload")
    assert (done.returncode, done.stdout) == (0, "probe: reload asked for\n")
    assert box.probe("status").returncode == 0
    assert not daemon.has_ended()
    assert box.probe("stop").returncode == 0


def test_reload_reaches_the_daemons_handler(box):
    out = box.path("out")
    box.start("--by-call", "start", f"on=1:{out}", "ready", "wait")
    assert box.probe("reload").returncode == 0
    assert box.lines("out", 1) == ["01"]
    assert box.probe("stop").returncode == 0


def test_reload_of_nothing_fails(box):
    done = box.probe("reload")
    assert done.returncode == 1
    assert "not running" in done.stderr
