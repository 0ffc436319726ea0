"""The supervisor as a process: how it begins and ends, one a home, many services, and idleness."""

import os
import pathlib
import signal

import pytest

import box as boxes
import home as homes

from box import wait_until

SLEEPER = "[Service]\nExecStart=/bin/sleep 1000\n"


def started_pid(done):
    """From the line that says that a supervisor was started."""
    lines = [line for line in done.stderr.splitlines() if "started a supervisor" in line]
    assert len(lines) == 1, done.stderr
    return int(lines[0].partition("pid ")[2].partition(")")[0])


def test_run_starts_a_supervisor_and_says_so_in_one_line(any_home):
    first = any_home("run", "--name", "one", "--", "sleep", "1000")
    assert first.stderr.count("\n") == 1
    pid = started_pid(first)
    assert pid == any_home.supervisor_pid()
    second = any_home("run", "--name", "two", "--", "sleep", "1000")
    assert second.stderr == ""
    assert any_home.supervisor_pid() == pid


def test_start_starts_a_supervisor(home):
    home.write_unit("web", SLEEPER)
    assert started_pid(home("start", "web")) == home.supervisor_pid()
    assert home.state("web") == "active/running"


def test_no_other_verb_starts_a_supervisor(home):
    home.write_unit("web", SLEEPER)
    for verb in ("stop", "restart", "reload", "kill"):
        done = home(verb, "web", status=homes.NO_SUPERVISOR)
        assert "no supervisor runs" in done.stderr and "abide" in done.stderr
    home("shutdown", status=homes.NO_SUPERVISOR)
    home("reset-failed", status=homes.NO_SUPERVISOR)
    for verb in ("status", "ls", "show"):
        assert "no supervisor runs" in home(verb).stderr
    home("status", "web", status=homes.NOT_ACTIVE)
    home("is-active", "web", status=homes.NOT_ACTIVE)
    home("enable", "web")
    home("cat", "web")
    assert home.living() == []


def test_the_supervisor_is_a_daemon(home):
    home("run", "--", "sleep", "1000")
    proc = boxes.Proc(home.supervisor_pid())
    assert proc.ppid == 1 or "abide" not in pathlib.Path(f"/proc/{proc.ppid}/comm").read_text()
    assert proc.tty_nr == 0 and proc.cwd == "/" and proc.session != os.getsid(0)
    fds = proc.fds()
    assert fds[0] == "/dev/null"
    assert not fds[1].startswith("pipe:") and not fds[2].startswith("pipe:")


def test_abides_processes_are_told_apart_by_their_second_word(home):
    home("run", "--", "sleep", "1000")
    pids = [int(home("show", "-p", name, "--value").stdout)
            for name in ("SupervisorPID", "LoggerPID")]
    words = [pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1] for pid in pids]
    assert words == [b"supervise", b"log"]


def test_supervise_daemon_returns_when_it_is_ready(any_home):
    pid = started_pid(any_home("supervise", "--daemon"))
    assert pid == any_home.supervisor_pid()
    assert any_home("ls").stderr == ""


def test_one_supervisor_a_home(home):
    home("supervise", "--daemon")
    pid = home.supervisor_pid()
    for options in ((), ("--daemon",)):
        done = home("supervise", *options, status=homes.FAILED)
        assert "another supervisor" in done.stderr, done.stderr
    assert home.supervisor_pid() == pid
    client = home.client()
    client.ask("version")
    assert client.line()["result"]["supervisor_pid"] == pid
    client.close()


def test_many_starts_at_once_make_one_supervisor(home):
    starting = [home.open("run", "--name", f"s{i}", "--", "sleep", "1000") for i in range(6)]
    for process in starting:
        out, err = process.communicate(timeout=homes.COMMAND_LIMIT_SEC)
        assert process.returncode == 0, err
    assert [home.state(f"s{i}") for i in range(6)] == ["active/running"] * 6
    supervisors = [pid for pid in home.living()
                   if b"\0supervise\0" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert supervisors == [home.supervisor_pid()]


def test_homes_are_apart(abide, home, tmp_path):
    other_folder = tmp_path / "o"
    other_folder.mkdir()
    other = homes.Home(abide, other_folder)
    try:
        home.run("web", "sleep", "1000")
        first = home.main_pid("web")
        other.run("web", "sleep", "1000")
        assert other.main_pid("web") != first
        other("stop", "web")
        assert home.main_pid("web") == first
    finally:
        assert other.close() == []


def test_the_home_is_taken_from_the_environment(home):
    home("run", "--", "sleep", "1000")
    done = boxes.subprocess.run(
        [home.program, "is-active", "sleep"], capture_output=True, text=True,
        env={**home.environment, "ABIDE_HOME": str(home.home)}, timeout=homes.COMMAND_LIMIT_SEC)
    assert (done.returncode, done.stdout) == (0, "active\n")


def test_a_home_whose_socket_path_is_too_long_is_refused(home):
    done = home("--home", home.work / ("x" * 100), "supervise", "--daemon", status=homes.FAILED)
    assert "107" in done.stderr and "--home" in done.stderr
    assert list(home.work.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_supervisor_is_a_shutdown(home, number):
    supervisor = home.supervise()
    services = [home.run("web", "sleep", "1000"), home.shell("two", "sleep 1000 & wait")]
    supervisor.send_signal(number)
    supervisor.wait(homes.COMMAND_LIMIT_SEC)
    assert supervisor.returncode == 0
    assert all(service.has_ended() for service in services)
    assert home.living() == []
    assert not home.control.exists() or home("shutdown", status=homes.NO_SUPERVISOR)


def test_shutdown_returns_when_every_process_is_gone(any_home):
    any_home.run("web", "sleep", "1000")
    any_home.shell("two", "sleep 1000 & wait")
    any_home("shutdown")
    assert any_home.living() == []
    any_home("shutdown", status=homes.NO_SUPERVISOR)


def test_a_service_cannot_be_started_during_a_shutdown(home):
    home.shell("slow", "trap '' TERM; sleep 1000", options=("--stop-timeout=1s",))
    shutdown = home.open("shutdown")
    wait_until(lambda: home.state("slow").startswith("deactivating"), "the shutdown's beginning")
    done = home("run", "--", "sleep", "1000", status=homes.FAILED)
    assert "shutting down" in done.stderr
    shutdown.communicate(timeout=homes.COMMAND_LIMIT_SEC)
    assert shutdown.returncode == 0
    assert home.living() == []


def test_enabled_services_start_with_the_supervisor_and_others_do_not(home):
    home.write_unit("wanted", SLEEPER)
    home.write_unit("other", SLEEPER)
    home("enable", "wanted")
    assert home("is-enabled", "wanted").stdout == "enabled\n"
    assert home("is-enabled", "other", status=homes.FAILED).stdout == "disabled\n"
    home("supervise", "--daemon")
    home.wait_state("wanted", "active/running")
    assert home.state("other") == "inactive/dead"
    home("shutdown")
    home("disable", "wanted")
    home("supervise", "--daemon")
    assert home.state("wanted") == "inactive/dead"


def test_what_run_made_starts_with_the_next_supervisor_even_after_a_stop(home):
    home.run("web", "sleep", "1000")
    home("stop", "web")
    home("shutdown")
    home("supervise", "--daemon")
    home.wait_state("web", "active/running")


def test_a_disabled_service_of_run_does_not_start_again(home):
    home.run("web", "sleep", "1000")
    home("disable", "web")
    home("shutdown")
    home("supervise", "--daemon")
    assert home.state("web") == "inactive/dead"


def test_a_broken_unit_file_harms_no_other(home):
    path = home.write_unit("broken", "[Service]\nExecStart=\nType=nonsense\n")
    home.write_unit("good", SLEEPER)
    home("supervise", "--daemon", "--all")
    home.wait_state("good", "active/running")
    assert str(path) in home.diagnostics()
    done = home("start", "broken", status=homes.FAILED)
    assert "broken" in done.stderr


def test_two_hundred_services_from_unit_files(home):
    names = [f"s{i:03}" for i in range(200)]
    for name in names:
        home.write_unit(name, SLEEPER)
    supervisor = home.supervise("--all")
    table = lambda: home("ls").stdout
    wait_until(lambda: table().count("active (running)") == 200, "200 services")
    listing = [line.split() for line in table().splitlines()[1:]]
    assert [row[0] for row in listing] == names
    processes = [boxes.Process(int(row[3])) for row in listing]
    done = home("stop", *names)
    assert done.stderr == ""
    assert all(process.has_ended() for process in processes)
    home("start", *names)
    assert table().count("active (running)") == 200
    home("shutdown")
    supervisor.wait(homes.COMMAND_LIMIT_SEC)
    assert home.living() == []


def test_services_that_crash_at_once_do_not_keep_others_from_starting(home):
    for i in range(50):
        home.write_unit(f"bad{i:02}", "[Service]\nExecStart=/bin/false\nRestart=always\n")
    home.write_unit("good", SLEEPER)
    home("supervise", "--daemon", "--all")
    home.wait_state("good", "active/running")
    wait_until(lambda: all(int(home.show(f"bad{i:02}", "NRestarts")) > 1 for i in range(50)),
               "restarts")
    home("stop", *(f"bad{i:02}" for i in range(50)))


def cpu_and_wake_ups(pid):
    """CPU ticks, and how often it was put to sleep: each wake-up ends in that."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = boxes.Proc(pid).status
    return int(fields[11]) + int(fields[12]), int(status["voluntary_ctxt_switches"])


def test_an_idle_abide_does_not_wake_up(home):
    for i in range(100):
        home.write_unit(f"s{i:02}", SLEEPER)
    home("supervise", "--daemon", "--all")
    wait_until(lambda: home("ls").stdout.count("active (running)") == 100, "100 services")
    pids = [int(home("show", "-p", name, "--value").stdout)
            for name in ("SupervisorPID", "LoggerPID")]

    def is_at_rest():
        """What the start left to do is over when nothing changes from one look to the next."""
        before = [cpu_and_wake_ups(pid) for pid in pids]
        signal.sigtimedwait([], 0.3)
        return before == [cpu_and_wake_ups(pid) for pid in pids]

    wait_until(is_at_rest, "rest")
    before = [cpu_and_wake_ups(pid) for pid in pids]
    signal.sigtimedwait([], 3)
    assert [cpu_and_wake_ups(pid) for pid in pids] == before


def test_the_supervisor_holds_the_same_descriptors_after_a_hundred_restarts(home):
    process = home.run("web", "sleep", "1000")
    pids = [int(home("show", "-p", name, "--value").stdout)
            for name in ("SupervisorPID", "LoggerPID")]

    def restart(process, times):
        for _ in range(times):
            home("restart", "web")
        return home.process("web")

    def counts():
        return [len(boxes.Proc(pid).fds()) for pid in pids]

    restart(process, 3)
    wait_until(lambda: len(list((home.home / "run" / "log").glob("web*"))) <= 2, "old FIFOs")
    before = counts()
    restart(process, 100)
    wait_until(lambda: len(list((home.home / "run" / "log").glob("web*"))) <= 2, "old FIFOs")
    wait_until(lambda: counts() <= before, f"{before} descriptors, not {counts()}")


def test_a_killed_logger_is_started_again_and_no_line_is_lost(home):
    os.mkfifo(home.work / "go")
    home.shell("web", f"while read line; do echo $line; done < {home.work}/go; exec sleep 1000")
    with open(home.work / "go", "w", buffering=1) as go:
        go.write("one\n")
        home.wait_log("web", b"one\n")
        logger = boxes.Process(int(home("show", "-p", "LoggerPID", "--value").stdout))
        logger.kill()
        go.write("two\n")
        wait_until(lambda: int(home("show", "-p", "LoggerPID", "--value").stdout)
                   not in (0, logger.pid), "another logger")
        go.write("three\n")
    assert home.wait_log("web", b"three\n") == b"one\ntwo\nthree\n"
