"""Standard input, output and error: the right files, once, or an error that the caller hears."""

import os
import stat
import subprocess

import pytest

from box import Proc, as_user, is_root, wait_until

# In a chroot whose root is no mount point, unshare(1) can't keep the new mounts to itself.
needs_mounts = pytest.mark.skipif(
    subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0,
    reason="needs a mount name space: root, and a root folder that is a mount point")


def test_outputs_are_appended_to_and_0640(box):
    out, err = box.path("out"), box.path("err")
    err.write_text("of an earlier run\n")
    os.chmod(err, 0o600)
    box.start(f"--stdout={out}", f"--stderr={err}", "start", "say=to stdout",
              "complain=to stderr", "wait", preexec_fn=lambda: os.umask(0o777))
    assert box.lines("out", 1) == ["to stdout"]
    assert box.lines("err", 2) == ["of an earlier run", "to stderr"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o640
    assert stat.S_IMODE(err.stat().st_mode) == 0o600
    assert box.probe("stop").returncode == 0


def test_one_file_for_both_outputs(box):
    out = box.path("out")
    box.start(f"--stdout={out}", f"--stderr={out}", "start", "say=one", "complain=two",
              "say=three", "wait")
    assert box.lines("out", 3) == ["one", "two", "three"]
    assert box.probe("stop").returncode == 0


def test_input_is_read_from_its_file(box):
    given, out = box.path("given"), box.path("out")
    given.write_text("from the file")
    box.start(f"--stdin={given}", "start", f"read-stdin={out}", "wait")
    assert box.lines("out", 1) == ["from the file"]
    assert box.probe("stop").returncode == 0


def test_input_is_empty_by_default(box):
    out = box.path("out")
    box.start("start", f"read-stdin={out}", "wait", stdin=None, input="of the caller")
    assert box.lines("out", 1) == [""]
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("policy", ["no", "always"])
def test_buffered_output_is_written_once(box, policy):
    """What the caller had printed, but not flushed, reaches the caller's stdout alone."""
    out, pid = box.path("out"), box.path("pid.out")
    done = box.probe("--caller-print=buffered before the start\n", f"--stdout={out}",
                     f"--restart={policy}", "start", "say=from the daemon", f"pid={pid}", "wait")
    assert done.stdout.count("buffered before the start") == 1
    assert done.stdout.startswith("buffered before the start\nprobe: started")
    box.lines("pid.out", 1)
    assert box.probe("stop").returncode == 0
    assert out.read_text() == "from the daemon\n"


def test_buffered_output_of_a_failed_start_is_written_once(box):
    done = box.probe("--caller-print=buffered\n", "--directory=/no/such/folder", "start", "wait")
    assert done.returncode == 1
    assert done.stdout == "buffered\n"


@needs_mounts
def test_null_device_missing_is_an_error(box):
    """In a mount name space whose /dev is empty: no file is created in the device's place."""
    script = 'mount -t tmpfs none /dev && "$@"; code=$?; ls -A /dev; exit $code'
    done = box.run(["unshare", "--mount", "sh", "-c", script, "sh", *box.command("start", "wait")])
    box.expect_failed_start(done, "stdin /dev/null", "No such file or directory", "errno 2")


@needs_mounts
def test_null_device_that_is_a_file_is_an_error(box):
    script = 'mount -t tmpfs none /dev && : >/dev/null && "$@"; code=$?; wc -c </dev/null; exit $code'
    done = box.run(["unshare", "--mount", "sh", "-c", script, "sh", *box.command("start", "wait")],
                   stdin=None)
    assert done.stdout == "0\n"
    done.stdout = ""
    box.expect_failed_start(done, "stdin /dev/null", "errno 19")


@needs_mounts
def test_null_device_that_is_another_device_is_an_error(box):
    """/dev/zero's numbers: reading it never ends."""
    script = 'mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 5 && "$@"'
    done = box.run(["unshare", "--mount", "sh", "-c", script, "sh", *box.command("start", "wait")])
    box.expect_failed_start(done, "stdin /dev/null", "errno 19")


STREAMS = ["stdin", "stdout", "stderr"]
OUTPUTS = STREAMS[1:]


@pytest.mark.parametrize("name", STREAMS)
def test_path_in_a_missing_folder_is_an_error(box, name):
    path = box.path("missing/file")
    done = box.probe(f"--{name}={path}", "start", "wait")
    box.expect_failed_start(done, f"{name} {path}", "No such file or directory", "errno 2")


@pytest.mark.parametrize("name", OUTPUTS)
def test_folder_as_output_is_an_error(box, name):
    done = box.probe(f"--{name}={box.folder}", "start", "wait")
    box.expect_failed_start(done, f"{name} {box.folder}", "Is a directory", "errno 21")


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("exists", [True, False])
def test_symbolic_link_as_output_is_an_error(box, name, exists):
    target, path = box.path("target"), box.path("link")
    if exists:
        target.write_text("kept")
    path.symlink_to(target)
    done = box.probe(f"--{name}={path}", "start", "wait")
    box.expect_failed_start(done, f"{name} {path}", "symbolic link")
    assert target.exists() == exists and (not exists or target.read_text() == "kept")


@pytest.mark.parametrize("name", OUTPUTS)
def test_fifo_without_a_reader_is_an_error(box, name):
    """And not a start that hangs."""
    path = box.path("fifo")
    os.mkfifo(path)
    done = box.probe(f"--{name}={path}", "start", "wait")
    box.expect_failed_start(done, f"{name} {path}", "errno 6")


def test_fifo_with_a_reader_is_an_output_that_blocks(box):
    path = box.path("fifo")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    daemon = box.start(f"--stdout={path}", "start", "say=hello", "wait")
    assert wait_until(lambda: os.read(reader, 64), "a line") == b"hello\n"
    assert not Proc(daemon.pid).fd_flags(1) & os.O_NONBLOCK
    assert box.probe("stop").returncode == 0
    os.close(reader)


def test_outputs_are_write_only_and_appending(box):
    out = box.path("out")
    daemon = box.start(f"--stdout={out}", "start", "wait")
    flags = Proc(daemon.pid).fd_flags(1)
    assert flags & os.O_ACCMODE == os.O_WRONLY
    assert flags & os.O_APPEND
    assert not flags & os.O_CLOEXEC
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("name", OUTPUTS)
def test_unwritable_output_is_an_error(box, name):
    path = box.path("file")
    path.write_text("kept")
    os.chmod(path, 0o444)
    prepare = as_user(65534) if is_root else None
    done = box.probe(f"--{name}={path}", "start", "wait", preexec_fn=prepare)
    box.expect_failed_start(done, f"{name} {path}", "Permission denied", "errno 13")
    assert path.read_text() == "kept"


def test_full_device_is_the_daemons_own_affair(box):
    """/dev/full opens; what a write(2) says later is run()'s to see."""
    daemon = box.start("--stdout=/dev/full", "start", "say=lost", "wait")
    assert Proc(daemon.pid).fds()[1] == "/dev/full"
    assert box.probe("stop").returncode == 0
