"""The pidfile: a lock for the daemon's life, and never the end of somebody else's file or process."""

import fcntl
import os
import stat
import subprocess

import pytest

from box import Process, as_user, is_root, wait_until

NOBODY = 65534
N_STARTERS = 100


def expect_refused_and_kept(box, content, *words):
    """A start that must not touch what lies in the pidfile's place."""
    before = os.lstat(box.pidfile)
    done = box.probe("start", "wait")
    assert done.returncode == 1
    for word in words:
        assert word in done.stderr, done.stderr
    after = os.lstat(box.pidfile)
    assert (before.st_ino, before.st_mode, before.st_uid) == (after.st_ino, after.st_mode, after.st_uid)
    if content is not None:
        assert box.pidfile.read_text() == content
    assert wait_until(lambda: box.marked() == [], "the end of the start")


def test_names_the_daemon_with_mode_0644(box):
    daemon = box.start("start", "wait", preexec_fn=lambda: os.umask(0o777))
    assert box.pidfile.read_text() == f"{daemon.pid}\n"
    assert box.marked() == [daemon.pid]
    assert stat.S_IMODE(box.pidfile.stat().st_mode) == 0o644
    assert box.probe("stop").returncode == 0


def test_second_start_is_refused_and_names_the_pid(box):
    daemon = box.start("start", "wait")
    done = box.probe("start", "wait")
    assert done.returncode == 1
    assert f"already running, pid {daemon.pid} " in done.stderr
    done = box.probe("run", "wait")
    assert done.returncode == 1
    assert f"already running, pid {daemon.pid} " in done.stderr
    assert box.probe("call-start").stdout.startswith("-17 already running")
    assert not daemon.has_ended()
    assert box.pid() == daemon.pid
    assert box.marked() == [daemon.pid]
    assert box.probe("stop").returncode == 0


def test_lock_is_fcntls_and_held_by_the_daemon(box):
    """What `F_GETLK` of any other program says."""
    daemon = box.start("start", "wait")
    with open("/proc/locks") as locks:
        inode = box.pidfile.stat().st_ino
        lines = [line.split() for line in locks if line.split()[5].endswith(f":{inode}")]
    assert [(line[1], line[3], int(line[4])) for line in lines] == [("POSIX", "WRITE", daemon.pid)]
    assert box.probe("stop").returncode == 0


def test_stale_file_is_taken_over(box):
    first = box.start("start", "wait")
    first.kill()
    assert box.pid() == first.pid
    assert box.probe("status").returncode == 3
    second = box.start("start", "wait")
    assert second.pid != first.pid
    assert box.probe("stop").returncode == 0
    box.expect_nothing_left()


@pytest.mark.parametrize("stale", [False, True])
@pytest.mark.parametrize("policy", ["no", "always"])
def test_racing_starters_exactly_one_wins(box, stale, policy):
    for _ in range(3):
        if stale:
            box.pidfile.write_text("4194304\n")
        # They begin at once: each waits for the end of one pipe.
        reader, writer = os.pipe()
        starters = [
            box.open(["sh", "-c", 'read x; exec "$@"', "sh",
                      *box.command(f"--restart={policy}", "start", "wait")],
                     stdin=reader, stdout=subprocess.PIPE)
            for _ in range(N_STARTERS)
        ]
        os.close(reader)
        os.close(writer)
        answers = [(s.communicate(timeout=20)[0], s.returncode) for s in starters]
        winner = box.pid()
        won = [text for text, code in answers if code == 0]
        lost = {text for text, code in answers if code == 1}
        assert won == [f"probe: started, pid {winner}\n"]
        assert lost == {f"probe: already running, pid {winner} (pidfile {box.pidfile})\n"}
        wait_until(lambda: len(box.marked()) == (1 if policy == "no" else 2), "the losers' end")
        assert box.probe("stop").returncode == 0
        box.expect_nothing_left()


def test_symbolic_link_is_refused(box):
    target = box.path("target")
    box.pidfile.symlink_to(target)
    expect_refused_and_kept(box, None, "symbolic link")
    assert not target.exists()
    target.write_text("1\n")
    expect_refused_and_kept(box, "1\n", "symbolic link")
    for command in ("stop", "status", "reload"):
        assert "symbolic link" in box.probe(command).stderr
    assert target.read_text() == "1\n"


def test_second_hard_link_is_refused(box):
    box.pidfile.write_text("1\n")
    os.link(box.pidfile, box.path("other"))
    expect_refused_and_kept(box, "1\n", "hard link", str(box.pidfile))


def test_file_of_another_user_is_refused(box):
    if not is_root:
        pytest.skip("needs root: a file of another user")
    box.pidfile.write_text("1\n")
    os.chown(box.pidfile, NOBODY, NOBODY)
    expect_refused_and_kept(box, "1\n", f"uid {NOBODY}")


@pytest.mark.parametrize("content", ["root:x:0:0:root:/root:/bin/sh\n", "12 13\n", "-1\n", "9" * 40])
def test_content_that_is_no_pid_is_refused(box, content):
    box.pidfile.write_text(content)
    expect_refused_and_kept(box, content, "something else than a pid")
    assert box.probe("stop").returncode == 0
    assert box.pidfile.read_text() == content


def test_fifo_in_its_place_is_refused(box):
    os.mkfifo(box.pidfile)
    expect_refused_and_kept(box, None, "not a regular file")


def test_folder_in_its_place_is_refused(box):
    box.pidfile.mkdir()
    expect_refused_and_kept(box, None, str(box.pidfile), "errno 21")


# abide_ready() comes once a stop is minded where it is to be.
ENDS = {
    "return_of_run": ["mind-stop", "ready", "wait", "return=0"],
    "return_of_run_with_a_status": ["mind-stop", "ready", "wait", "return=7"],
    "exit": ["mind-stop", "ready", "wait", "exit=4"],
    "sigterm_without_abide_stopping": ["ready", "pause"],
    "sigterm_with_abide_stopping": ["mind-stop", "ready", "wait-slow-call"],
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("policy", ["no", "always"])
def test_is_removed_at_the_end(box, end, policy):
    daemon = box.start("--by-call", f"--restart={policy}", "start", *ENDS[end])
    # Not by abide_stop(): the daemon removes it by itself.
    daemon.signal(15)
    daemon.wait()
    box.expect_nothing_left()


def test_is_removed_when_run_returns_by_itself(box):
    go = box.path("go")
    daemon = box.start("start", f"await={go}", "return=0")
    assert box.pidfile.exists()
    go.touch()
    daemon.wait()
    box.expect_nothing_left()


def test_exit_of_a_forked_child_leaves_it(box):
    out = box.path("out")
    daemon = box.start("start", "child-exits", f"pid={out}", "wait")
    box.lines("out", 1)
    assert box.pid() == daemon.pid
    assert box.probe("status").returncode == 0
    assert box.probe("stop").returncode == 0


def test_lock_is_not_inherited_by_a_child(box):
    """A child that outlives the daemon does not stop the next start, as with flock(2)."""
    out = box.path("child")
    daemon = box.start("start", f"child-stays={out}", "wait")
    child = Process(int(box.lines("child", 1)[0]))
    assert box.probe("stop").returncode == 0
    assert daemon.has_ended() and not child.has_ended()
    assert box.probe("status").returncode == 3
    box.start("start", "wait")
    assert box.probe("stop").returncode == 0
    assert not child.has_ended()
    child.kill()


def test_signal_to_a_forked_child_leaves_it(box):
    """The child has the parent's handler, but nothing of the parent is stopped or removed."""
    out = box.path("child")
    daemon = box.start("start", f"child-stays={out}", "wait")
    child = Process(int(box.lines("child", 1)[0]))
    child.signal(15)
    child.wait()
    assert box.pid() == daemon.pid
    assert box.probe("status").returncode == 0
    assert box.probe("stop").returncode == 0


def test_file_that_took_its_place_is_kept(box):
    daemon = box.start("start", "wait")
    other = box.path("other")
    other.write_text("1\n")
    os.rename(other, box.pidfile)
    daemon.signal(15)
    daemon.wait()
    assert box.pidfile.read_text() == "1\n"


def test_is_emptied_by_a_daemon_without_rights_and_removed_by_stop(box):
    if not is_root:
        pytest.skip("needs root: another user")
    os.chmod(box.folder, 0o755)
    daemon = box.start("--user=nobody", "start", "wait")
    daemon.signal(15)
    daemon.wait()
    assert box.pidfile.read_text() == ""
    done = box.probe("stop")
    assert (done.returncode, done.stdout) == (0, "probe: not running\n")
    box.expect_nothing_left()
    daemon = box.start("--user=nobody", "start", "wait")
    assert box.probe("stop").stdout == "probe: stopped\n"
    assert daemon.has_ended()
    box.expect_nothing_left()


@pytest.mark.parametrize("command, code", [("stop", 0), ("status", 3), ("reload", 1), ("restart", 0)])
def test_number_of_a_stranger_is_never_signalled(box, command, code):
    """A recycled pid: the file names a process that lives, but does not hold the lock."""
    sleeper = box.open(["sleep", "60"])
    stranger = Process(sleeper.pid)
    box.pidfile.write_text(f"{sleeper.pid}\n")
    done = box.probe(command, "wait")
    assert done.returncode == code
    if command != "restart":
        assert "not running" in done.stdout + done.stderr
    assert not stranger.has_ended()
    if command == "restart":
        assert box.probe("stop").returncode == 0
    stranger.kill()
    sleeper.communicate()


def test_daemon_that_asks_for_its_own_status_keeps_its_lock(box):
    """Closing any descriptor of the file would give up a record lock."""
    out = box.path("out")
    daemon = box.start("start", f"status={out}", f"stop={out}", "wait")
    assert box.lines("out", 2) == [str(daemon.pid), "-35"]
    assert box.probe("status").returncode == 0
    assert box.probe("start").returncode == 1
    assert box.probe("stop").returncode == 0


def test_relative_path_means_the_callers_folder(box):
    done = box.probe("start", "wait", pidfile="pid")
    assert done.returncode == 0
    daemon = Process(box.pid())
    assert box.probe("stop", pidfile="pid").returncode == 0
    assert daemon.has_ended()
    box.expect_nothing_left()


def test_ordinary_user_has_a_pidfile_too(box):
    prepare = as_user(61113) if is_root else None
    daemon = box.start("start", "wait", preexec_fn=prepare)
    if is_root:
        assert box.pidfile.stat().st_uid == 61113
    assert box.probe("stop", preexec_fn=prepare).stdout == "probe: stopped\n"
    assert daemon.has_ended()
    box.expect_nothing_left()


def test_read_lock_of_a_stranger_is_no_daemon(box):
    """Anybody who may read the file can have one: it must not be stopped, nor be called the daemon."""
    box.pidfile.write_text("4194304\n")
    with open(box.pidfile, encoding="ascii") as file:
        fcntl.lockf(file, fcntl.LOCK_SH)  # This process is the stranger.
        assert box.probe("status").returncode == 3
        assert box.probe("stop").stdout == "probe: not running\n"
        answer = box.probe("start", "wait")
        assert answer.returncode == 1
        assert f"pid {os.getpid()}, which is not the daemon, has a read lock" in answer.stderr
    assert box.probe("start", "wait").returncode == 0
    assert box.probe("stop").returncode == 0
    box.expect_nothing_left()


def test_file_of_nuls_is_taken_over(box):
    """What a loss of power can leave behind."""
    box.pidfile.write_bytes(bytes(6))
    box.start("start", "wait")
    assert box.probe("stop").returncode == 0
    box.expect_nothing_left()


def test_pidfile_as_an_output_is_refused(box):
    """Closing the one would give up the lock of the other."""
    done = box.probe(f"--stdout={box.pidfile}", "start", "wait")
    box.expect_failed_start(done, "pidfile", "is also stdin, stdout or stderr")
