"""What the tests of this folder share: starting programs in a box and looking at them in /proc.

All that a box starts carries a mark in its environment, so that a process which was left behind is
found wherever it went, and no other process is ever signalled.
"""

import contextlib
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import subprocess
import time
import uuid

WAIT_LIMIT_SEC = 10
NAP_SEC = 0.005

is_root = os.geteuid() == 0


def wait_until(condition, what):
    """Waits, within a limit, until condition() is true; returns what it said."""
    deadline = time.monotonic() + WAIT_LIMIT_SEC
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(NAP_SEC)


class Process:
    """One process, held by a pidfd: its number may be used again, this object may not."""

    def __init__(self, pid):
        self.pid = pid
        self.pid_fd = os.pidfd_open(pid)

    def __del__(self):
        os.close(self.pid_fd)

    def signal(self, number):
        signal.pidfd_send_signal(self.pid_fd, number)

    def has_ended(self):
        return select.select([self.pid_fd], [], [], 0)[0] != []

    def wait(self):
        ready = select.select([self.pid_fd], [], [], WAIT_LIMIT_SEC)[0]
        assert ready, f"process {self.pid} has not ended"

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait()


class Proc:
    """What /proc says of a process."""

    def __init__(self, pid):
        self.folder = pathlib.Path("/proc") / str(pid)
        after_name = (self.folder / "stat").read_text().rpartition(")")[2].split()
        self.pid = pid
        self.ppid, self.pgrp, self.session, self.tty_nr = (int(x) for x in after_name[1:5])
        lines = (line.split(":", 1) for line in (self.folder / "status").read_text().splitlines())
        self.status = {name: value.strip() for name, value in lines}
        self.cwd = os.readlink(self.folder / "cwd")

    @property
    def umask(self):
        return int(self.status["Umask"], 8)

    @property
    def is_session_leader(self):
        return self.session == self.pid

    def signals(self, name):
        """The numbers in SigBlk, SigIgn or SigCgt."""
        mask = int(self.status[name], 16)
        return {n for n in range(1, 65) if mask & 1 << n - 1}

    def fds(self):
        """Number -> what it refers to."""
        found = {}
        for name in os.listdir(self.folder / "fd"):
            with contextlib.suppress(FileNotFoundError):  # It was closed in between.
                found[int(name)] = os.readlink(self.folder / "fd" / name)
        return found

    def fd_flags(self, fd):
        text = (self.folder / "fdinfo" / str(fd)).read_text()
        return int(re.search(r"^flags:\s*(\d+)", text, re.MULTILINE)[1], 8)


class Programs:
    """Copies of the test programs and of the library."""

    def __init__(self, build, folder):
        os.chmod(folder, 0o755)
        self.folder = folder
        self.build = build
        for path in (
            "test/programs/probe",
            "test/programs/daemon3",
            "test/programs/wanderer",
            "examples/hello-daemon",
        ):
            shutil.copy(build / path, folder)
        shutil.copy(build / "test/programs/fail_call.so", folder)
        shutil.copy(build / "src/libabide/libabide.so.0", folder)
        symbols = subprocess.run(
            ["nm", "-D", folder / "probe"], check=True, capture_output=True, text=True
        ).stdout
        self.is_sanitized = "__asan_" in symbols

    def path(self, name):
        return str(self.folder / name)


class Box:
    def __init__(self, programs, folder):
        self.programs = programs
        self.folder = folder
        self.mark = f"ABIDE_TEST_MARK={uuid.uuid4()}"
        self.pidfile = folder / "pid"
        name, _, value = self.mark.partition("=")
        # No search for leaks: it stops the world at exit by SIGSTOP, which the SIGCONT of a stop may
        # cancel, and then it hangs. test_sanitizer.py searches where no signal comes.
        report = f"log_path={folder}/sanitizer"
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C",
            "LD_LIBRARY_PATH": str(programs.folder),
            "ASAN_OPTIONS": f"{report}:detect_leaks=0",
            "UBSAN_OPTIONS": f"{report}:print_stacktrace=1",
            name: value,
        }

    def path(self, name):
        return self.folder / name

    def command(self, *arguments, pidfile=True):
        """The command line of a probe; pidfile: True is that of the box."""
        prefix = [self.programs.path("probe")]
        if pidfile:
            prefix.append(f"--pidfile={self.pidfile if pidfile is True else pidfile}")
        return [*prefix, *map(str, arguments)]

    def run(self, command, environment={}, **options):
        """Runs a program to its end, and until nobody holds its output open any more."""
        options = {
            "stdin": subprocess.DEVNULL,
            "capture_output": "stdout" not in options,
            "text": True,
            "timeout": WAIT_LIMIT_SEC,
            "env": {**self.environment, **environment},
            "cwd": self.folder,
            **options,
        }
        return subprocess.run(list(map(str, command)), **options)

    def open(self, command, environment={}, **options):
        options = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT, **options}
        return subprocess.Popen(
            list(map(str, command)),
            env={**self.environment, **environment},
            cwd=self.folder,
            text=True,
            stdout=options.pop("stdout", subprocess.PIPE),
            **options,
        )

    def probe(self, *arguments, pidfile=True, **options):
        return self.run(self.command(*arguments, pidfile=pidfile), **options)

    def start(self, *arguments, pidfile=True, **options):
        """Starts a probe that must start; returns the daemon's process."""
        done = self.probe(*arguments, pidfile=pidfile, **options)
        assert done.returncode == 0, done.stderr + done.stdout
        return Process(self.pid())

    def pid(self):
        """What the pidfile says."""
        return int(self.pidfile.read_text())

    def marked(self):
        """The pids of the living processes that this box started."""
        found = []
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and self.mark.encode() in pathlib.Path(
                    "/proc", name, "environ"
                ).read_bytes().split(b"\0"):
                    found.append(int(name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                pass
        return sorted(found)

    def expect_nothing_left(self):
        """No process and no pidfile."""
        wait_until(lambda: self.marked() == [], f"the end of {self.marked()}")
        assert not os.path.lexists(self.pidfile)

    def expect_failed_start(self, done, *words):
        """The caller was told, and nothing half-started stays."""
        assert done.returncode == 1, done.stdout + done.stderr
        assert done.stdout == ""
        assert done.stderr.startswith("probe: ") and done.stderr.count("\n") == 1, done.stderr
        for word in words:
            assert word in done.stderr
        self.expect_nothing_left()

    def lines(self, name, count):
        """The lines of a file once there are so many."""
        path = self.path(name)

        def enough():
            lines = path.read_text().splitlines() if path.exists() else []
            return lines if len(lines) >= count else None

        return wait_until(enough, f"{count} lines in {name}")

    def end(self):
        """Ends what is left; returns its pids."""
        left = self.marked()
        for pid in left:
            try:
                process = Process(pid)
                if pid in self.marked():
                    process.kill()
            except ProcessLookupError:
                pass
        return left

    def sanitizer_reports(self):
        return "".join(path.read_text() for path in sorted(self.folder.glob("sanitizer.*")))


def as_user(uid, gid=None, limits=()):
    """For preexec_fn: become an ordinary user."""
    def become():
        os.setgroups([])
        os.setresgid(gid or uid, gid or uid, gid or uid)
        os.setresuid(uid, uid, uid)
        for name, value in limits:
            resource.setrlimit(name, (value, value))

    return become
