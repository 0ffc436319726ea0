"""What a daemon is in /proc: session, terminal, descriptors, place, signals."""

import os
import pty
import re
import signal
import socket

import pytest

from box import Proc, wait_until

# The signals of the library's own handlers: SIGHUP, SIGINT, SIGTERM.
HANDLED = {1, 2, 15}


def expect_default_signals(proc):
    assert proc.signals("SigBlk") == set()
    assert proc.signals("SigIgn") == set()
    assert proc.signals("SigCgt") <= HANDLED


def expect_only_own_fds(box, proc, kept=()):
    """0 to 2, what the caller named, and the library's own: abide_stop_fd(), the pidfile and its
    folder, all closed by an exec."""
    own = {fd: target for fd, target in proc.fds().items() if fd > 2 and fd not in kept}
    for fd in own:
        assert proc.fd_flags(fd) & os.O_CLOEXEC, own
    assert sorted(own.values()) == sorted(
        ["anon_inode:[eventfd]", str(box.pidfile), str(box.folder)]
    )


def test_session_without_terminal(box):
    daemon = box.start("start", "wait")
    proc = Proc(daemon.pid)
    assert proc.tty_nr == 0
    assert not proc.is_session_leader
    assert proc.session != os.getsid(0)
    assert proc.pgrp == proc.session
    assert proc.pid not in (proc.pgrp, os.getpgid(0))
    # Its session's leader is gone: the daemon can't become one's controlling process.
    assert not os.path.exists(f"/proc/{proc.session}")
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("policy", ["no", "always"])
def test_opening_a_terminal_does_not_acquire_it(box, policy):
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    os.chmod(name, 0o666)
    done = box.path("done")
    box.start(f"--restart={policy}", "start", f"open={name}", f"pid={done}", "wait")
    proc = Proc(int(box.lines("done", 1)[0]))
    assert name in proc.fds().values()
    assert proc.tty_nr == 0
    assert box.probe("stop").returncode == 0
    os.close(master)
    os.close(slave)


def test_terminal_of_the_caller_is_given_up(box):
    """Started from the foreground of a terminal, which then hangs up."""
    pid, master = pty.fork()
    if pid == 0:
        os.execve(box.programs.path("probe"), box.command("start", "wait"), box.environment)
    wait_until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, "the end of the caller")
    daemon = Proc(box.pid())
    assert daemon.tty_nr == 0
    assert set(daemon.fds()[fd] for fd in (0, 1, 2)) == {"/dev/null"}
    os.close(master)
    assert box.probe("status").returncode == 0
    assert box.probe("stop").returncode == 0


def test_descriptors_are_closed_but_the_kept(box):
    ends = socket.socketpair()
    kept = ends[0].fileno()
    os.set_inheritable(kept, True)
    passed = (kept, ends[1].fileno())
    daemon = box.start(f"--keep={kept}", "start", "wait", pass_fds=passed)
    proc = Proc(daemon.pid)
    assert [proc.fds()[fd] for fd in (0, 1, 2)] == ["/dev/null"] * 3
    assert proc.fds()[kept] == os.readlink(f"/proc/self/fd/{kept}")
    expect_only_own_fds(box, proc, {kept})
    assert box.probe("stop").returncode == 0


def test_descriptors_without_a_pidfile(box):
    out = box.path("pid.out")
    done = box.probe("start", f"pid={out}", "pause", pidfile=None)
    assert (done.returncode, done.stdout) == (0, "probe: started\n")
    fds = Proc(int(box.lines("pid.out", 1)[0])).fds()
    assert sorted(fds.values()) == ["/dev/null"] * 3 + ["anon_inode:[eventfd]"]
    box.end()


@pytest.mark.parametrize("policy", ["no", "always"])
def test_many_open_descriptors_of_the_caller(box, policy):
    out = box.path("pid.out")
    box.start("--caller-open=900", f"--restart={policy}", "start", f"pid={out}", "wait")
    fds = Proc(int(box.lines("pid.out", 1)[0])).fds()
    assert max(fds) < 16, fds
    guardian_fds = Proc(box.pid()).fds()
    assert max(guardian_fds) < 16, guardian_fds
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("policy", ["no", "on-failure"])
def test_closed_stdio_of_the_caller(box, closed, policy):
    """The library's descriptors must not take the numbers 0 to 2."""
    flags = [f"--caller-close={fd}" for fd in closed]
    log, out = box.path("log"), box.path("pid.out")
    done = box.probe(*flags, f"--stdout={log}", f"--restart={policy}", "start", "say=hello",
                     f"pid={out}", "wait")
    assert done.returncode == 0
    proc = Proc(int(box.lines("pid.out", 1)[0]))
    assert [proc.fds()[fd] for fd in (0, 1, 2)] == ["/dev/null", str(log), "/dev/null"]
    assert log.read_text() == "hello\n"
    assert box.probe("stop").returncode == 0


def test_working_directory_is_root_or_as_given(box):
    daemon = box.start("start", "wait")
    assert Proc(daemon.pid).cwd == "/"
    assert box.probe("stop").returncode == 0
    daemon = box.start(f"--directory={box.folder}", "start", "wait")
    assert Proc(daemon.pid).cwd == str(box.folder)
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("asked, expected", [(None, 0o022), ("27", 0o027), ("1000", 0)])
def test_umask_is_022_or_as_given(box, asked, expected):
    """1000 is ABIDE_UMASK_NONE."""
    flags = [f"--umask={asked}"] if asked else []
    made = box.path("made")
    daemon = box.start(*flags, "start", f"create={made}", "wait", preexec_fn=lambda: os.umask(0o77))
    assert Proc(daemon.pid).umask == expected
    wait_until(made.exists, "the file")
    assert made.stat().st_mode & 0o777 == 0o666 & ~expected
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("caller", ["block", "ignore", "handle"])
@pytest.mark.parametrize("policy", ["no", "always"])
def test_signals_are_default_whatever_the_caller_did(box, caller, policy):
    out = box.path("pid.out")
    box.start(f"--caller-{caller}", f"--restart={policy}", "start", f"pid={out}", "wait")
    expect_default_signals(Proc(int(box.lines("pid.out", 1)[0])))
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("outcome", ["works", "fails"])
def test_caller_keeps_its_signals_and_place(box, outcome):
    """abide_start() changes nothing in the process that calls it."""
    flags = ["--caller-handle"] if outcome == "works" else ["--caller-block", "--user=no-such-user"]
    done = box.probe("--caller-look", *flags, "call-start", "wait",
                     preexec_fn=lambda: os.umask(0o77))
    lines = done.stdout.splitlines()
    result = lines.pop()
    assert result.startswith("0 " if outcome == "works" else "-3 "), result
    half = len(lines) // 2
    assert lines[:half] == lines[half:], done.stdout
    assert "Umask:\t0077" in lines
    assert box.probe("stop").returncode == 0


def test_caller_that_ignores_sigchld(box):
    """Its forks leave nothing to reap, and failures are told all the same."""
    ignore = lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    box.start("start", "wait", preexec_fn=ignore)
    assert box.probe("stop").returncode == 0
    done = box.probe("--by-call", "start", "return=3", preexec_fn=ignore)
    box.expect_failed_start(done, "exit status 3")


@pytest.mark.parametrize("policy", ["no", "always"])
def test_start_from_an_orphaned_process_group(box, policy):
    """The caller's parent is gone before it starts, as below a script that ended."""
    out = box.path("result")
    shell = 'out=$1; shift; { while [ -d /proc/$$ ] && [ $(ps -o stat= -p $$ | cut -c1) != Z ]; ' \
            'do :; done; "$@" >"$out" 2>&1; } &'
    done = box.run(["setsid", "sh", "-c", shell, "sh", out,
                    *box.command(f"--restart={policy}", "start", "wait")])
    assert done.returncode == 0
    assert re.fullmatch(r"probe: started, pid \d+", box.lines("result", 1)[0])
    assert Proc(box.pid()).session != Proc(box.pid()).pid
    assert box.probe("stop").returncode == 0


def test_caller_that_leads_its_session_and_group(box):
    """setsid(2) fails for a group leader; the fork before it is what makes it work."""
    daemon = box.start("start", "wait", start_new_session=True)
    assert not Proc(daemon.pid).is_session_leader
    assert box.probe("stop").returncode == 0


def test_daemonize_returns_twice(box):
    done = box.probe("call-daemonize", "wait")
    pid = int(done.stdout.split()[0])
    assert pid == box.pid()
    assert Proc(pid).tty_nr == 0
    assert box.probe("stop").returncode == 0
