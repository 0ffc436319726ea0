"""
The logger as a process: real FIFOs, real writers, and SIGKILL where it hurts most.

Each test plays the supervisor: it makes the FIFO of a run, holds its read end until the logger has
unlinked it, and gives the write end to the writer. Set ABIDE_BUILD to test another build folder.
"""

import ctypes
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("ABIDE_BUILD", "build")
LOGGER = BUILD / "src/logger/logger_test_main"
PATIENCE = 30  # seconds until a wait is a failure; nothing here needs one of them

STAMPED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (.*)", re.DOTALL)

# argv: seed, number of lines. Lines whose text follows from their number, in writes that end
# anywhere: inside a line, behind several.
WRITER = r"""
import os, random, sys
draw = random.Random(int(sys.argv[1]))
held = b""
for number in range(int(sys.argv[2])):
    held += b"%08d %s\n" % (number, b"x" * (number * 7919 % 301))
    while held and draw.random() < 0.6:
        cut = draw.choice((1, 3, 7, len(held), len(held), draw.randint(1, len(held))))
        held = held[os.write(1, held[:cut]):]
while held:
    held = held[os.write(1, held):]
"""


def numbered_line(number):
    return b"%08d %s" % (number, b"x" * (number * 7919 % 301))


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.002)


class Home:
    """A runtime folder and a log folder, the loggers and the writers that work in them."""

    def __init__(self, path):
        self.path = path
        self.runtime = path / "run"
        self.logs = path / "log"
        self.pipes = self.runtime / "log"
        self.pipes.mkdir(parents=True)
        self.logger = None
        self.children = []
        self.read_ends = {}

    def start(self, *arguments, **options):
        self.logger = subprocess.Popen([LOGGER, self.runtime, self.logs, *arguments], **options)
        self.children.append(self.logger)
        return self.logger

    def kill(self):
        self.logger.kill()
        self.logger.wait(PATIENCE)

    def stop(self):
        wait_until(self.handles_sigterm, "a logger that handles signals")
        self.logger.terminate()
        assert self.logger.wait(PATIENCE) == 0

    def handles_sigterm(self):
        """It blocks the signal, to read it from a descriptor."""
        text = pathlib.Path(f"/proc/{self.logger.pid}/status").read_text()
        blocked = int(re.search(r"SigBlk:\s*(\w+)", text)[1], 16)
        return blocked >> (signal.SIGTERM - 1) & 1

    def settings(self, name, **settings):
        text = "version=1\n"
        text += "".join(f"{key.replace('_', '-')}={value}\n" for key, value in settings.items())
        (self.pipes / f".{name}.conf").write_text(text)
        (self.pipes / f".{name}.conf").rename(self.pipes / f"{name}.conf")

    def run(self, name, number):
        """Makes the FIFO of a run as the supervisor does; returns its write end."""
        path = self.pipe(name, number)
        os.mkfifo(path, 0o600)
        self.read_ends[name, number] = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        return os.open(path, os.O_WRONLY)

    def pipe(self, name, number):
        return self.pipes / f"{name}.{number}"

    def release(self, name, number):
        """Waits for the end of the run as the supervisor does."""
        wait_until(lambda: not self.pipe(name, number).exists(), f"the end of {name}.{number}")
        os.close(self.read_ends.pop((name, number)))

    def write(self, name, number, data):
        """A whole run that writes these bytes and ends."""
        fd = self.run(name, number)
        os.write(fd, data)
        os.close(fd)

    def spawn_writer(self, name, number, seed, n_lines):
        fd = self.run(name, number)
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(seed), str(n_lines)], stdout=fd)
        os.close(fd)
        self.children.append(writer)
        return writer

    def current(self, name):
        return self.logs / name / "current"

    def rotated(self, name):
        return sorted(path for path in (self.logs / name).iterdir() if path.name != "current")

    def text(self, name):
        files = self.rotated(name)
        if self.current(name).exists():
            files.append(self.current(name))
        return b"".join(path.read_bytes() for path in files)

    def lines(self, name):
        """The lines without their stamps; every one must have a stamp and an end."""
        return unstamp(self.text(name))

    def pieces(self, name):
        """The lines of files that may end inside a line."""
        texts = [path.read_bytes() for path in self.rotated(name) + [self.current(name)]]
        return [line for text in texts for line in unstamp(text.rstrip(b"\n") + b"\n")]

    def close(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait(PATIENCE)
        for fd in self.read_ends.values():
            os.close(fd)


def unstamp(text):
    lines = text.split(b"\n")
    assert lines.pop() == b"", "the log ends inside a line"
    matches = [STAMPED.fullmatch(line) for line in lines]
    torn = [line for line, match in zip(lines, matches) if match is None]
    assert not torn, f"lines without a stamp: {torn[:3]}"
    return [match[1] for match in matches]


def assert_numbered(lines, n_lines):
    """0 lost, 0 doubled, 0 torn."""
    for number, line in enumerate(lines):
        assert line == numbered_line(number), f"line {number} is {line[:60]!r}"
    assert len(lines) == n_lines


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    yield home
    home.close()


def test_lines_of_a_run_are_stamped(home):
    home.start()
    home.write("web.service", 1, b"hello\nworld\n")
    home.release("web.service", 1)
    assert home.lines("web.service") == [b"hello", b"world"]
    home.stop()


def test_modes_are_explicit(home):
    home.start(preexec_fn=lambda: os.umask(0o777))
    home.write("web.service", 1, b"hello\n")
    home.release("web.service", 1)
    assert stat.S_IMODE(home.current("web.service").stat().st_mode) == 0o640
    assert stat.S_IMODE((home.logs / "web.service").stat().st_mode) == 0o750
    assert stat.S_IMODE((home.runtime / "log.inflight").stat().st_mode) == 0o600
    home.stop()


def test_bytes_pass_through_intact(home):
    home.start()
    home.write("web.service", 1, b"crlf\r\nnul\0nul\n\xff\xfe\x80\n\x1b[31mred\n\n")
    home.release("web.service", 1)
    assert home.lines("web.service") == [b"crlf\r", b"nul\0nul", b"\xff\xfe\x80", b"\x1b[31mred", b""]
    home.stop()


def test_raw_and_local_stamps(home):
    home.settings("raw.service", stamp="raw")
    home.settings("local.service", stamp="local")
    home.start(env={"TZ": "XYZ-05:30"})
    home.write("raw.service", 1, b"one\ntwo")
    home.write("local.service", 1, b"one\n")
    home.release("raw.service", 1)
    home.release("local.service", 1)
    assert home.text("raw.service") == b"one\ntwo"
    assert re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+05:30 one\n",
                        home.text("local.service"))
    home.stop()


def test_settings_change_for_a_running_service(home):
    home.start()
    fd = home.run("web.service", 1)
    os.write(fd, b"stamped\n")
    wait_until(lambda: home.current("web.service").exists() and b"stamped" in
               home.text("web.service"), "the first line")
    home.settings("web.service", stamp="raw")
    # The FIFO below is reported after the settings: when it is gone, they have been read.
    home.write("mark.service", 1, b"mark")
    home.release("mark.service", 1)
    os.write(fd, b"raw\n")
    os.close(fd)
    home.release("web.service", 1)
    assert home.text("web.service").endswith(b"Z stamped\nraw\n")
    home.stop()


def test_partial_line_is_written_at_once_and_continued(home):
    home.start()
    fd = home.run("web.service", 1)
    os.write(fd, b"begin")
    wait_until(lambda: home.current("web.service").exists() and
               home.text("web.service").endswith(b" begin"), "the partial line")
    os.write(fd, b" end\n")
    os.close(fd)
    home.release("web.service", 1)
    assert home.lines("web.service") == [b"begin end"]
    home.stop()


def test_partial_last_line_does_not_swallow_the_next_run(home):
    home.start()
    home.write("web.service", 1, b"no end")
    home.release("web.service", 1)
    home.write("web.service", 2, b"next\n")
    home.release("web.service", 2)
    assert home.lines("web.service") == [b"no end", b"next"]
    home.stop()


def test_two_runs_at_once_do_not_share_a_line(home):
    home.start()
    first = home.run("web.service", 1)
    second = home.run("web.service", 2)
    os.write(first, b"first")
    wait_until(lambda: home.current("web.service").exists() and
               home.text("web.service").endswith(b"first"), "the first run")
    os.write(second, b"second\n")
    wait_until(lambda: home.text("web.service").endswith(b"second\n"), "the second run")
    os.write(first, b" goes on\n")
    os.close(first)
    os.close(second)
    home.release("web.service", 1)
    home.release("web.service", 2)
    assert home.lines("web.service") == [b"first", b"second", b" goes on"]
    home.stop()


def test_fifo_is_read_before_it_has_a_writer(home):
    """The window between mkfifo and open: an empty FIFO without a writer has not ended."""
    os.mkfifo(home.pipe("old.service", 1), 0o600)
    home.start()
    os.mkfifo(home.pipe("new.service", 1), 0o600)
    home.write("mark.service", 1, b"mark\n")
    home.release("mark.service", 1)
    for name in ("old.service", "new.service"):
        assert home.pipe(name, 1).exists()
        fd = os.open(home.pipe(name, 1), os.O_WRONLY)
        os.write(fd, b"late\n")
        os.close(fd)
        wait_until(lambda name=name: not home.pipe(name, 1).exists(), name)
        assert home.lines(name) == [b"late"]
    home.stop()


def test_runs_that_ended_while_no_logger_ran(home):
    home.write("full.service", 1, b"left\nbehind")
    fd = home.run("read.service", 1)
    home.start()
    os.write(fd, b"read")
    wait_until(lambda: home.current("read.service").exists() and
               home.text("read.service").endswith(b"read"), "the partial line")
    home.kill()
    os.close(fd)
    os.mkfifo(home.pipe("never.service", 1), 0o600)
    home.start()
    home.release("full.service", 1)
    home.release("read.service", 1)
    # A run that never had a writer is over when there is a younger one.
    assert home.pipe("never.service", 1).exists()
    home.write("never.service", 2, b"second\n")
    home.release("never.service", 2)
    wait_until(lambda: not home.pipe("never.service", 1).exists(), "the end of never.service.1")
    home.stop()
    assert home.lines("full.service") == [b"left", b"behind"]
    assert home.lines("read.service") == [b"read"]
    assert home.lines("never.service") == [b"second"]


def test_silent_runs_that_ended_before_their_fifo_was_opened(home):
    fd = home.run("web.service", 1)
    os.close(fd)
    home.start("20")
    home.release("web.service", 1)
    home.stop()


def test_stop_drains_what_is_readable(home):
    fds = [home.run(f"s{i}.service", 1) for i in range(20)]
    home.start()
    for i, fd in enumerate(fds):
        os.write(fd, b"service %d\n" % i)
    home.stop()
    for i, fd in enumerate(fds):
        os.close(fd)
        assert home.lines(f"s{i}.service") == [b"service %d" % i]


def test_strange_files_are_left_alone(home):
    for name in ("web.service.1", "x.0", "x.", ".hidden.1", "noise", "a.b.99999999999999999999"):
        (home.pipes / name).write_text("no pipe")
    (home.pipes / "folder.1").mkdir()
    (home.pipes / "link.service.1").symlink_to("/dev/null")
    home.start()
    home.write("web.service", 2, b"fine\n")
    home.release("web.service", 2)
    assert home.lines("web.service") == [b"fine"]
    assert (home.pipes / "web.service.1").read_text() == "no pipe"
    assert sorted(path.name for path in home.logs.iterdir()) == ["abide-log.diag", "web.service"]
    home.stop()


def test_symlinks_in_the_log_folder_are_not_followed(home):
    victim = home.path / "victim"
    victim.mkdir()
    (home.logs / "file.service").mkdir(parents=True)
    (home.logs / "file.service/current").symlink_to(victim / "target")
    (home.logs / "folder.service").symlink_to(victim)
    home.start()
    for name in ("file.service", "folder.service"):
        home.write(name, 1, b"text\n")
    diag = home.logs / "abide-log.diag"
    wait_until(lambda: diag.exists() and diag.read_text().count("cannot write the log") == 2,
               "two stalls")
    assert list(victim.iterdir()) == []
    (home.logs / "file.service/current").unlink()
    (home.logs / "folder.service").unlink()
    for name in ("file.service", "folder.service"):
        home.release(name, 1)
        assert home.lines(name) == [b"text"]
    home.stop()


def test_one_logger_at_a_time(home):
    home.start()
    home.write("web.service", 1, b"one\n")
    home.release("web.service", 1)
    second = subprocess.run([LOGGER, home.runtime, home.logs], capture_output=True,
                            timeout=PATIENCE, check=False)
    assert second.returncode == 1
    assert b"busy" in second.stderr
    home.stop()


def test_logger_ends_with_its_folder(home):
    home.start()
    home.write("web.service", 1, b"one\n")
    home.release("web.service", 1)
    home.pipes.rmdir()
    assert home.logger.wait(PATIENCE) == 1


def test_rotation_by_size_between_lines(home):
    home.settings("web.service", file_size_max=8192, total_size_max=0)
    home.start()
    writer = home.spawn_writer("web.service", 1, seed=1, n_lines=2000)
    assert writer.wait(PATIENCE) == 0
    home.release("web.service", 1)
    rotated = home.rotated("web.service")
    assert len(rotated) > 10
    for path in rotated:
        assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}Z\.log", path.name)
        assert 4096 < path.stat().st_size <= 8192 + 400  # a line that was begun is finished
        unstamp(path.read_bytes())
    assert_numbered(home.lines("web.service"), 2000)
    home.stop()


def test_line_without_end_is_cut(home):
    home.settings("web.service", file_size_max=8192, total_size_max=0)
    home.start()
    home.write("web.service", 1, b"y" * 50000 + b"\n")
    home.release("web.service", 1)
    assert b"".join(home.pieces("web.service")) == b"y" * 50000
    for path in home.rotated("web.service"):
        assert path.stat().st_size <= 2 * 8192
    home.stop()


def test_total_size_is_never_exceeded(home):
    home.settings("web.service", file_size_max=8192, total_size_max=65536)
    home.start()
    writer = home.spawn_writer("web.service", 1, seed=2, n_lines=3000)
    largest = 0
    while writer.poll() is None or home.pipe("web.service", 1).exists():
        total = 0
        for path in (home.logs / "web.service").glob("*"):
            try:
                total += path.stat().st_size
            except FileNotFoundError:
                pass
        largest = max(largest, total)
    home.release("web.service", 1)
    assert 32768 < largest <= 65536
    lines = home.lines("web.service")
    assert lines == [numbered_line(n) for n in range(3000 - len(lines), 3000)]
    home.stop()


def test_count_of_rotated_files(home):
    home.settings("web.service", file_size_max=4096, count_max=3)
    home.start()
    writer = home.spawn_writer("web.service", 1, seed=3, n_lines=500)
    assert writer.wait(PATIENCE) == 0
    home.release("web.service", 1)
    assert len(home.rotated("web.service")) == 3
    home.stop()


def test_truncated_and_removed_files_heal(home):
    home.start()
    fd = home.run("web.service", 1)
    os.write(fd, b"one\n")
    wait_until(lambda: home.current("web.service").exists() and home.text("web.service"), "one")
    os.truncate(home.current("web.service"), 0)
    os.write(fd, b"two\n")
    wait_until(lambda: home.text("web.service").endswith(b"two\n"), "two")
    assert home.lines("web.service") == [b"two"]
    home.current("web.service").unlink()
    (home.logs / "web.service").rmdir()
    os.write(fd, b"three\n")
    wait_until(lambda: home.current("web.service").exists() and home.text("web.service"), "three")
    assert home.lines("web.service") == [b"three"]
    shutil.rmtree(home.logs)
    os.write(fd, b"four\n")
    wait_until(lambda: home.current("web.service").exists() and home.text("web.service"), "four")
    os.close(fd)
    home.release("web.service", 1)
    assert home.lines("web.service") == [b"four"]
    home.stop()


def test_a_file_that_cannot_be_written_stalls_one_service_only(home):
    """RLIMIT_FSIZE plays the file that takes no more: it is reached in the middle of a chunk."""
    limit = 200_000
    home.settings("big.service", total_size_max=0)
    home.start()
    home.write("mark.service", 1, b"the logger has made its own files\n")
    home.release("mark.service", 1)
    resource.prlimit(home.logger.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    writer = home.spawn_writer("big.service", 1, seed=4, n_lines=4000)
    diag = home.logs / "abide-log.diag"
    wait_until(lambda: diag.exists() and "big.service: cannot write" in diag.read_text(), "a stall")
    home.write("small.service", 1, b"small\n")
    home.release("small.service", 1)
    assert home.current("big.service").stat().st_size == limit
    resource.prlimit(home.logger.pid, resource.RLIMIT_FSIZE,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert writer.wait(PATIENCE) == 0
    home.release("big.service", 1)
    assert_numbered(home.lines("big.service"), 4000)
    assert home.lines("small.service") == [b"small"]
    assert "big.service: the log is written again" in diag.read_text()
    home.stop()


def test_a_full_disk_keeps_bytes_waiting(tmp_path):
    """A file system of 1 MiB in a user's own mount namespace, where there may be one."""
    command = ["unshare", "--map-root-user", "--mount", sys.executable, __file__, str(tmp_path)]
    probe = subprocess.run(["unshare", "--map-root-user", "--mount", "true"], check=False)
    if probe.returncode != 0:
        pytest.skip("no user namespaces")
    subprocess.run(command, check=True, timeout=10 * PATIENCE)


def fill_a_disk(path):
    """What the test above does inside the mount namespace."""
    home = Home(path)
    home.logs.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", home.logs], check=True)
    ballast = home.logs / "ballast"
    ballast.write_bytes(b"x" * 900_000)
    names = [f"s{i}.service" for i in range(20)]
    try:
        home.start()
        writers = [home.spawn_writer(name, 1, seed, 150) for seed, name in enumerate(names)]
        diag = home.logs / "abide-log.diag"
        wait_until(lambda: diag.exists() and "No space left" in diag.read_text(), "a full disk")
        home.kill()
        home.start()
        time.sleep(0.3)  # a few tries in vain; nothing depends on how many
        ballast.unlink()
        for name, writer in zip(names, writers):
            assert writer.wait(PATIENCE) == 0
            home.release(name, 1)
            assert_numbered(home.lines(name), 150)
        home.stop()
    finally:
        home.close()


# Killing. A logger that starts with a pending SIGTERM recovers, reads what there is, and ends.

def finish(home):
    pid = spawn_with_pending_sigterm(home)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def spawn_with_pending_sigterm(home, *, is_traced=False):
    pid = os.fork()
    if pid == 0:
        try:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            os.kill(os.getpid(), signal.SIGTERM)
            if is_traced:
                LIBC.ptrace(PTRACE_TRACEME, 0, None, None)
            os.execv(LOGGER, [str(LOGGER), str(home.runtime), str(home.logs)])
        finally:
            os._exit(127)
    return pid


PTRACE_TRACEME, PTRACE_SYSCALL = 0, 24
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def kill_at_stop(home, n_stops):
    """
    Runs a logger up to its n-th stop, then kills it. It stops after exec, and at the beginning and
    the end of every system call. Returns False if it has ended before.
    """
    pid = spawn_with_pending_sigterm(home, is_traced=True)
    for stop in range(n_stops):
        if stop > 0:
            assert LIBC.ptrace(PTRACE_SYSCALL, pid, None, None) == 0
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            return False
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


def is_in_flight(home):
    """Whether the slot that is used first holds a chunk: its state word stands on the second page."""
    with open(home.runtime / "log.inflight", "rb") as file:
        file.seek(4096)
        return file.read(4) != bytes(4)


@pytest.mark.time_limit(120)
@pytest.mark.parametrize("share", range(4))
def test_kill_at_every_system_call(tmp_path, share):
    """Each share tries every fourth stop."""
    if b"__asan_init" in LOGGER.read_bytes():
        pytest.skip("the sanitizer makes thousands of system calls of its own")
    flood = b"".join(b"%s\n" % numbered_line(n) for n in range(300))
    assert 32768 < len(flood) < 65536
    in_flight = 0
    for n_stops in range(1 + share, 5000, 4):
        home = Home(tmp_path / str(n_stops))
        try:
            home.settings("flood.service", file_size_max=16384, total_size_max=0)
            open_fd = home.run("flood.service", 1)
            os.write(open_fd, flood)
            home.write("tiny.service", 1, b"ab")
            home.write("twice.service", 1, b"first run ends without a line end")
            home.write("twice.service", 2, b"second run\n")
            was_killed = kill_at_stop(home, n_stops)
            in_flight += was_killed and is_in_flight_or_unmade(home)
            finish(home)
            os.write(open_fd, b"more\n")
            finish(home)
            os.close(open_fd)
            lines = home.lines("flood.service")
            assert lines.pop() == b"more", n_stops
            assert_numbered(lines, 300)
            assert home.lines("tiny.service") == [b"ab"], n_stops
            assert sorted(home.lines("twice.service")) == [
                b"first run ends without a line end", b"second run"], n_stops
        finally:
            home.close()
        if not was_killed:
            break
    else:
        pytest.fail("the logger did not end")
    print(f"{n_stops} stops, {in_flight} in flight")
    assert in_flight > 5


def is_in_flight_or_unmade(home):
    path = home.runtime / "log.inflight"
    return path.exists() and path.stat().st_size > 8192 and is_in_flight(home)


@pytest.mark.time_limit(600)
@pytest.mark.parametrize("seed", [1, 2])
def test_kill_in_full_flow(home, seed):
    """Kills at random instants, with rotations, partial lines, restarts of services."""
    n_kills = int(os.environ.get("ABIDE_KILLS", "100")) // 2
    draw = random.Random(seed)
    names = [f"s{i}.service" for i in range(3)]
    for name in names:
        home.settings(name, file_size_max=65536, total_size_max=0)
    n_lines = 1000 * n_kills
    writers = [home.spawn_writer(name, 1, seed, n_lines) for name in names]
    in_flight = 0
    for _ in range(n_kills):
        home.start()
        time.sleep(draw.uniform(0.001, 0.02))
        home.kill()
        in_flight += is_in_flight_or_unmade(home)
    home.start()
    for name, writer in zip(names, writers):
        assert writer.wait(PATIENCE) == 0
        home.release(name, 1)
    home.stop()
    print(f"{n_kills} kills, {in_flight} in flight")
    for name in names:
        assert_numbered(home.lines(name), n_lines)


if __name__ == "__main__":
    fill_a_disk(pathlib.Path(sys.argv[1]))
