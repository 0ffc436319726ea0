""".restart: the daemon stays as a guardian, and its worker comes back."""

import select
import signal
import socket

import pytest

from box import Proc, Process, is_root, wait_until

WORKERS = ["always", "on-failure"]
# A spin would give thousands; the delays are 100, 200, 400 ms ... (+-10 %).
RUNS_IN_A_SECOND_MAX = 8


def workers(box, count):
    """The pids that the worker wrote so far, once there are so many."""
    return [int(line) for line in box.lines("workers", count)]


def start_guardian(box, policy, *steps, flags=(), before=(), **options):
    return box.start(f"--restart={policy}", *flags, "start", *before,
                     f"pid={box.path('workers')}", *steps, **options)


def start(box, *arguments, **options):
    """Returns the guardian and the first worker, which must live."""
    guardian = start_guardian(box, *arguments, **options)
    return guardian, Process(workers(box, 1)[0])


def expect_stopped(box):
    assert box.probe("stop").stdout == "probe: stopped\n"
    box.expect_nothing_left()


@pytest.mark.parametrize("policy", WORKERS)
def test_killed_worker_is_replaced(box, policy):
    guardian, worker = start(box, policy, "wait")
    assert worker.pid != guardian.pid
    assert Proc(worker.pid).ppid == guardian.pid
    inode = box.pidfile.stat().st_ino
    for count in (2, 3):
        worker.kill()
        worker = Process(workers(box, count)[-1])
        assert Proc(worker.pid).ppid == guardian.pid
    assert not guardian.has_ended()
    assert (box.pid(), box.pidfile.stat().st_ino) == (guardian.pid, inode)
    assert box.probe("status").stdout == f"probe: running, pid {guardian.pid}\n"
    expect_stopped(box)


@pytest.mark.parametrize("policy", WORKERS)
def test_stop_stops_both(box, policy):
    guardian, worker = start(box, policy, "wait")
    assert box.probe("stop").stdout == "probe: stopped\n"
    assert guardian.has_ended() and worker.has_ended()
    box.expect_nothing_left()
    assert len(workers(box, 1)) == 1


def test_stop_signal_to_the_guardian_stops_both(box):
    for number in (15, 2):
        guardian, worker = start(box, "always", "wait")
        guardian.signal(number)
        guardian.wait()
        assert worker.has_ended()
        box.expect_nothing_left()
        box.path("workers").unlink()


def test_worker_that_ignores_sigterm_is_killed(box):
    flags = ["--stop-timeout=100000"]
    guardian, worker = start(box, "always", "ready", "pause", flags=[*flags, "--by-call"],
                             before=["ignore-term"])
    assert box.probe(*flags, "stop").stdout == "probe: stopped\n"
    assert guardian.has_ended() and worker.has_ended()
    box.expect_nothing_left()


@pytest.mark.parametrize("stopped", ["worker", "guardian"])
def test_stop_of_a_stopped_process(box, stopped):
    end = box.path("end")
    guardian, worker = start(box, "always", "wait", f"pid={end}", before=["mind-stop"])
    (guardian if stopped == "guardian" else worker).signal(19)
    assert box.probe("stop").returncode == 0
    assert guardian.has_ended() and worker.has_ended()
    assert end.exists()
    box.expect_nothing_left()


def test_stop_signal_to_the_guardian_of_a_stopped_worker(box):
    """Nobody but the guardian can send the SIGCONT here."""
    end = box.path("end")
    guardian, worker = start(box, "always", "wait", f"pid={end}", before=["mind-stop"])
    worker.signal(19)
    guardian.signal(15)
    guardian.wait()
    assert end.exists()
    box.expect_nothing_left()


def test_success_ends_both_on_failure(box):
    go = box.path("go")
    guardian, worker = start(box, "on-failure", f"await={go}", "return=0")
    go.touch()
    guardian.wait()
    assert worker.has_ended()
    box.expect_nothing_left()
    assert len(workers(box, 1)) == 1


@pytest.mark.parametrize("number", [1, 2, 13, 15])
def test_signal_that_asks_to_end_ends_both_on_failure(box, number):
    """SIGHUP, SIGINT, SIGPIPE, SIGTERM, as Restart=on-failure of systemd has it. A daemon ignores
    SIGHUP, so it is the default action that is raised here."""
    go = box.path("go")
    guardian, worker = start(box, "on-failure", f"await={go}", f"default={number}", f"kill={number}",
                             "return=1")
    go.touch()
    guardian.wait()
    box.expect_nothing_left()
    assert len(workers(box, 1)) == 1


@pytest.mark.parametrize("end", ["return=3", "kill=9", "kill=11", "kill=6"])
def test_failure_restarts_on_failure(box, end):
    once = box.path("once")
    go = box.path("go")
    guardian, _ = start(box, "on-failure", f"await={go}", f"once={once}", end, "wait")
    go.touch()
    workers(box, 2)
    assert not guardian.has_ended()
    expect_stopped(box)


@pytest.mark.parametrize("end", ["return=0", "return=3", "kill=15", "kill=9"])
def test_always_restarts_after_every_end(box, end):
    once = box.path("once")
    go = box.path("go")
    guardian, _ = start(box, "always", f"await={go}", f"once={once}", end, "wait")
    go.touch()
    workers(box, 2)
    assert not guardian.has_ended()
    expect_stopped(box)


def test_no_policy_ends_with_run(box):
    daemon = box.start("start", f"pid={box.path('workers')}", "nap-msec=20", "return=1")
    daemon.wait()
    assert workers(box, 1) == [daemon.pid]
    box.expect_nothing_left()


def test_failure_of_the_first_start_is_reported_not_repeated(box):
    flags = ["--restart=always", "--by-call"]
    done = box.probe(*flags, "start", f"pid={box.path('workers')}", "return=3")
    box.expect_failed_start(done, "ended before it was ready: exit status 3")
    assert len(workers(box, 1)) == 1


def test_later_worker_that_is_not_ready_is_restarted(box):
    """abide_ready() matters for the start alone; afterwards the policy decides."""
    once = box.path("once")
    box.start("--restart=on-failure", "--by-call", "start", f"pid={box.path('workers')}",
              f"once={once}", "ready", "nap-msec=50", "return=1")
    workers(box, 3)
    expect_stopped(box)


def test_instantly_dying_worker_backs_off(box):
    guardian = start_guardian(box, "always", "return=1")
    workers(box, 3)  # it is tried again,
    assert not select.select([guardian.pid_fd], [], [], 1.0)[0], "it gave up"
    count = len(box.path("workers").read_text().splitlines())
    assert count <= RUNS_IN_A_SECOND_MAX  # but does not spin
    expect_stopped(box)


def test_stop_while_it_backs_off(box):
    guardian = start_guardian(box, "always", "return=1")
    workers(box, 4)
    wait_until(lambda: box.marked() == [guardian.pid], "the worker's end")
    count = len(workers(box, 4))
    assert box.probe("stop").stdout == "probe: stopped\n"
    assert guardian.has_ended()
    box.expect_nothing_left()
    assert len(workers(box, 4)) - count <= 1


def test_killed_guardian_takes_its_worker_along(box):
    guardian, worker = start(box, "always", "wait")
    guardian.kill()
    worker.wait()
    assert box.probe("status").returncode == 3
    guardian, _ = start(box, "always", "wait")
    expect_stopped(box)


def test_killed_guardian_takes_an_unprivileged_worker_along(box):
    """setresuid(2) forgets the death signal: it has to be asked for afterwards."""
    if not is_root:
        pytest.skip("needs root: another user")
    guardian, worker = start(box, "always", "wait", flags=["--user=nobody"])
    assert Proc(worker.pid).status["Uid"].split() == ["65534"] * 4
    guardian.kill()
    worker.wait()


def test_listening_socket_survives_a_restart(box):
    listener = socket.create_server(("127.0.0.1", 0))
    fd = listener.fileno()

    def ask():
        with socket.create_connection(listener.getsockname(), timeout=10) as connection:
            return int(connection.makefile().readline())

    guardian, worker = start(box, "always", f"serve={fd}", flags=[f"--keep={fd}"], pass_fds=[fd])
    assert ask() == worker.pid
    worker.kill()
    assert ask() == workers(box, 2)[1]
    listener.close()
    expect_stopped(box)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH])
def test_signals_are_passed_on_to_the_worker(box, number):
    out = box.path("out")
    guardian = box.start("--restart=always", "--by-call", "start", f"on={int(number)}:{out}",
                         "ready", "wait")
    guardian.signal(number)
    assert box.lines("out", 1) == [f"{int(number):02}"]
    assert not guardian.has_ended()
    expect_stopped(box)


def test_guardian_is_a_clean_daemon_too(box):
    guardian, worker = start(box, "always", "wait")
    for pid in (guardian.pid, worker.pid):
        proc = Proc(pid)
        assert (proc.tty_nr, proc.cwd, proc.umask) == (0, "/", 0o022)
        assert not proc.is_session_leader
        assert [proc.fds()[fd] for fd in (0, 1, 2)] == ["/dev/null"] * 3
        assert proc.signals("SigIgn") == set()
    # The lock is the guardian's alone; the worker does not even have the file open.
    assert str(box.pidfile) in Proc(guardian.pid).fds().values()
    assert sorted(Proc(worker.pid).fds().values()) == ["/dev/null"] * 3 + ["anon_inode:[eventfd]"]
    expect_stopped(box)


def test_exit_of_the_worker_leaves_the_pidfile(box):
    guardian = start_guardian(box, "always", "exit=0")
    workers(box, 2)
    assert box.pid() == guardian.pid
    assert box.probe("status").returncode == 0
    expect_stopped(box)


def test_daemonize_returns_again_in_each_worker(box):
    done = box.probe("--restart=always", "call-daemonize", f"pid={box.path('workers')}", "wait")
    guardian = int(done.stdout.split()[0])
    assert guardian == box.pid()
    worker = Process(workers(box, 1)[0])
    worker.kill()
    assert workers(box, 2)[1] not in (worker.pid, guardian)
    expect_stopped(box)


def test_exit_status_of_run_is_the_guardians(box):
    """Seen by whoever is its parent: here the shell that became a subreaper."""
    script = (
        "import ctypes, os, sys, subprocess\n"
        "assert ctypes.CDLL(None).prctl(36, 1) == 0\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(os.waitstatus_to_exitcode(os.wait()[1]))\n"
    )
    command = box.command("--restart=on-failure", "start", "nap-msec=50", "return=0")
    done = box.run(["/usr/bin/python3", "-c", script, *command])
    assert done.stdout == "0\n", done.stderr
    command = box.command("start", "nap-msec=50", "return=7")
    done = box.run(["/usr/bin/python3", "-c", script, *command])
    assert done.stdout == "7\n", done.stderr
