"""What daemon(3), daemonize(1) and start-stop-daemon(8) leave in /proc/PID, beside what abide leaves:
on no property is abide's daemon less clean. The caller is the same for all: on a terminal, with an
open descriptor, blocked and ignored signals, a umask and a working directory of its own.
"""

import os
import pty
import shutil
import signal

import pytest

from box import Proc, Process, wait_until

SLEEP = "/usr/bin/sleep"


def commands(box):
    other = box.path("pid.other")
    return {
        "abide": box.command("start", "pause"),
        "daemon(3)": [box.programs.path("daemon3")],
        "daemonize": ["daemonize", SLEEP, "100"],
        "start-stop-daemon": ["start-stop-daemon", "--start", "--background", "--make-pidfile",
                              "--pidfile", str(other), "--startas", SLEEP, "--", "100"],
    }


def become_the_caller(box, command, inherited):
    os.dup2(inherited, 20)
    os.chdir(box.folder)
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGUSR1, signal.SIGALRM})
    os.execvpe(command[0], command, box.environment)


def start_from_a_terminal(box, command, inherited):
    """Returns, once the command has ended, the process that leads the terminal's session, and the
    terminal. (If its caller ended instead, daemon(3) might die of the SIGHUP which that brings.)"""
    leader, master = pty.fork()
    if leader == 0:
        pid = os.fork()
        if pid == 0:
            become_the_caller(box, command, inherited)
        os.write(1, b"code %d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        signal.pause()
    said = b""
    while b"code" not in said or not said.endswith(b"\n"):
        said += os.read(master, 100)
    assert said.endswith(b"code 0\r\n"), said
    return leader, master


def look(box, inherited):
    """What is wrong, property by property; 0 is as clean as can be."""

    def settled():
        for pid in box.marked():
            proc = Proc(pid)
            if proc.fds().get(2) == "/dev/null" and proc.status["State"][0] == "S":
                return proc
        return None

    proc = wait_until(settled, "a daemon at rest")
    fds = proc.fds()
    return {
        "leads its session": int(proc.is_session_leader),
        "has a terminal": int(proc.tty_nr != 0),
        "stdio that is a terminal": sum(fds.get(fd, "").startswith("/dev/pts") for fd in (0, 1, 2)),
        "stdio that is closed": sum(fd not in fds for fd in (0, 1, 2)),
        "caller's descriptors": sum(target == inherited for target in fds.values()),
        "busy directory": int(proc.cwd != "/"),
        "umask that is not 022": int(proc.umask != 0o022),
        "blocked signals": len(proc.signals("SigBlk")),
        "ignored signals": len(proc.signals("SigIgn")),
    }


def measure(box, name, command):
    reader, writer = os.pipe()
    leader, master = start_from_a_terminal(box, command, writer)
    try:
        found = look(box, os.readlink(f"/proc/self/fd/{writer}"))
    finally:
        box.end()
        Process(leader).kill()
        os.waitpid(leader, 0)
    for fd in (reader, writer, master):
        os.close(fd)
    return found


def test_cleaner_than_its_peers(box, capsys):
    for program in ("daemonize", "start-stop-daemon"):
        if shutil.which(program, path=box.environment["PATH"]) is None:
            pytest.skip(f"{program} is not installed")
    found = {name: measure(box, name, command) for name, command in commands(box).items()}
    with capsys.disabled():
        print("\n" + table(found))
    ours = found.pop("abide")
    assert ours == dict.fromkeys(ours, 0)
    for name, theirs in found.items():
        assert all(ours[what] <= theirs[what] for what in ours), name
    # The look tells clean from unclean: each of these is known of the C library's.
    for what in ("leads its session", "caller's descriptors", "umask that is not 022",
                 "blocked signals", "ignored signals"):
        assert found["daemon(3)"][what] > 0, what


def table(found):
    width = max(len(what) for what in found["abide"])
    lines = [" " * width + "  " + "  ".join(found)]
    for what in found["abide"]:
        cells = (str(found[name][what]).rjust(len(name)) for name in found)
        lines.append(what.ljust(width) + "  " + "  ".join(cells))
    return "\n".join(lines)
