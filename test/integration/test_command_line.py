"""abide_main(): the words, what it prints, and exit statuses as the Linux Standard Base has them;
and the foreground, `run`."""

import os
import pty
import signal

import pytest

from box import Proc, Process


def test_whole_life(box):
    done = box.probe("status")
    assert (done.returncode, done.stdout, done.stderr) == (3, "probe: not running\n", "")
    done = box.probe("start", "wait")
    pid = box.pid()
    assert (done.returncode, done.stdout, done.stderr) == (0, f"probe: started, pid {pid}\n", "")
    done = box.probe("status")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"probe: running, pid {pid}\n", "")
    done = box.probe("start", "wait")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"probe: already running, pid {pid} (pidfile {box.pidfile})\n"
    done = box.probe("stop")
    assert (done.returncode, done.stdout, done.stderr) == (0, "probe: stopped\n", "")
    done = box.probe("stop")
    assert (done.returncode, done.stdout, done.stderr) == (0, "probe: not running\n", "")
    assert box.probe("status").returncode == 3


def test_status_unknown_is_4(box):
    box.pidfile.symlink_to("/nowhere")
    done = box.probe("status")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.count("\n") == 1
    done = box.probe("status", pidfile=None)
    assert done.returncode == 4
    assert "pidfile is NULL" in done.stderr


@pytest.mark.parametrize("command", ["stop", "restart", "reload"])
def test_without_a_pidfile_only_start_and_run_work(box, command):
    done = box.probe(command, pidfile=None)
    assert done.returncode == 1
    assert "pidfile is NULL" in done.stderr


@pytest.mark.parametrize("command", ["", "begin", "STOP", "start ", "--start"])
def test_wrong_usage_is_2_and_says_the_words(box, command):
    if command.startswith("--"):
        done = box.run([box.programs.path("hello-daemon"), "--", command])
    else:
        done = box.probe(command)
    assert (done.returncode, done.stdout) == (2, "")
    for word in ("usage:", "start", "stop", "restart", "reload", "status", "run"):
        assert word in done.stderr


def test_help_is_0_and_on_stdout(box):
    for word in ("--help", "-h"):
        done = box.run([box.programs.path("hello-daemon"), "--", word])
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("usage: hello-daemon start|stop|restart|reload|status|run\n")


def test_too_many_words_are_wrong_usage(box):
    done = box.run([box.programs.path("hello-daemon"), "stop", "now"])
    assert done.returncode == 2


@pytest.mark.parametrize("value, code", [(0, 0), (7, 7), (255, 255), (256, 0)])
def test_foreground_returns_what_run_returned(box, value, code):
    done = box.probe("run", f"return={value}")
    assert done.returncode == code
    box.expect_nothing_left()


def test_foreground_stays_in_its_session(box):
    """And keeps its stdin, stdout and stderr; pidfile, umask and directory are as in a start."""
    running = box.open(box.command("--umask=27", "run", "mind-stop", "say=here", "wait"))
    assert running.stdout.readline() == "here\n"
    proc = Proc(running.pid)
    assert (proc.session, proc.cwd, proc.umask) == (os.getsid(0), "/", 0o027)
    assert box.pid() == running.pid
    assert box.probe("status").stdout == f"probe: running, pid {running.pid}\n"
    assert box.probe("start").returncode == 1
    assert box.probe("stop").stdout == "probe: stopped\n"
    running.communicate(timeout=10)
    assert running.returncode == 0
    box.expect_nothing_left()


def test_foreground_ends_by_ctrl_c(box):
    """The real key, on a terminal; the program notices, ends in its own way, and says how."""
    pid, master = pty.fork()
    if pid == 0:
        command = box.command("run", "mind-stop", "say=here", "wait", "return=5")
        os.execve(command[0], command, box.environment)
    assert b"here" in os.read(master, 100)
    assert box.pid() == pid
    os.write(master, b"\x03")
    Process(pid).wait()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
    os.close(master)
    box.expect_nothing_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_foreground_that_does_not_ask_dies_of_the_signal(box, number):
    """As any program does, so that a shell sees it; but the pidfile is removed."""
    running = box.open(box.command("run", "say=here", "pause"))
    assert running.stdout.readline() == "here\n"
    running.send_signal(number)
    running.communicate(timeout=10)
    assert running.returncode == -number
    box.expect_nothing_left()


def test_foreground_that_fails_leaves_nothing(box):
    done = box.probe("--directory=/no/such/folder", "run", "wait")
    box.expect_failed_start(done, "working directory /no/such/folder", "errno 2")


def test_lines_begin_with_the_daemons_name(box):
    done = box.run([box.programs.path("probe"), "--name=other", f"--pidfile={box.pidfile}",
                    "--directory=/no/such/folder", "start"])
    assert done.stderr.startswith("other: working directory")


def test_foreground_that_fails_leaves_the_umask(box):
    """run() never began, and the caller goes on: not with a umask of 0."""
    done = box.probe("--caller-look", "--directory=/no/such/folder", "call-run", "wait",
                     preexec_fn=lambda: os.umask(0o77))
    assert "-2 working directory" in done.stdout
    assert done.stdout.count("Umask:\t0077\n") == 2, done.stdout
