"""Every step of a start that fails is named, with errno, in the original caller, and nothing
half-started stays."""

import errno
import os
import resource

import pytest

from box import Proc, as_user, is_root

# A user who runs nothing else, not even in another run of these tests.
LONELY_UID = 100000 + os.getpid()

DROPPED = ["--user=nobody"]
GUARDED = ["--restart=always"]

# What fails (see fail_call.c), what the caller hears, and the settings that lead there.
STEPS = {
    "socketpair_to_the_caller": ("socketpair:1:EMFILE", "socketpair", []),
    "first_fork": ("fork:1:EAGAIN", "fork #1", []),
    "setsid": ("setsid:1:EPERM", "setsid", []),
    "socketpair_to_the_daemon": ("socketpair:2:EMFILE", "socketpair", []),
    "second_fork": ("fork:2:EAGAIN", "fork #2", []),
    "pidfd_open": ("pidfd_open:1:EMFILE", "pidfd_open", []),
    "close_range": ("close_range:1:ENOMEM", "close_range", []),
    "close_range_above_the_last": ("close_range:2:ENOMEM", "close_range", []),
    "open_folder_of_the_pidfile": ("open:1:EACCES:/abide-test-", "directory of pidfile {pidfile}", []),
    "open_pidfile": ("openat:1:EROFS:pid", "pidfile {pidfile}", []),
    "lock": ("fcntl:1:ENOLCK", "lock of pidfile {pidfile}", []),
    "truncate_pidfile": ("ftruncate:1:EIO", "write of pidfile {pidfile}", []),
    "write_pidfile": ("pwrite:1:ENOSPC", "write of pidfile {pidfile}", []),
    "open_null": ("open:1:EMFILE:/dev/null", "stdin /dev/null", []),
    "open_stderr": ("open:3:EMFILE:/dev/null", "stderr /dev/null", []),
    "chown_of_an_output": ("fchown:1:EPERM", "stdout {folder}/out", ["--stdout={folder}/out", *DROPPED]),
    "dup2": ("dup2:1:EBUSY", "dup2 of stdin", []),
    "dup2_of_stderr": ("dup2:3:EINTR", "dup2 of stderr", []),
    "setgroups": ("setgroups:1:EPERM", "setgroups for user nobody", DROPPED),
    "setgid": ("setresgid:1:EAGAIN", "setgid to 65534", DROPPED),
    "setuid": ("setresuid:1:EAGAIN", "setuid to nobody", DROPPED),
    "environment": ("setenv:1:ENOMEM", "environment of user nobody", DROPPED),
    "chdir": ("chdir:1:EACCES", "working directory /", []),
    "chdir_without_privileges": ("chdir:1:EACCES", "working directory /", DROPPED),
    "eventfd": ("eventfd:1:EMFILE", "eventfd", []),
    "sigaction": ("sigaction:0:EINVAL", "signal handlers", []),
    "signalfd": ("signalfd:1:EMFILE", "signalfd of the guardian", GUARDED),
    "socketpair_to_the_worker": ("socketpair:3:ENFILE", "worker", GUARDED),
    "fork_of_the_worker": ("fork:3:EAGAIN", "fork of the worker", GUARDED),
    "death_signal_of_the_worker": ("prctl:1:EPERM", "death signal of the worker", GUARDED),
    "eventfd_of_the_worker": ("eventfd:1:EMFILE", "eventfd", GUARDED),
    "sigaction_of_the_worker": ("sigaction:0:EINVAL", "signal handlers", GUARDED),
    "chdir_of_the_guardian": ("chdir:1:ENOENT", "working directory /", GUARDED),
}


def preload(box, failing):
    """The environment that makes a call fail."""
    name, nth, error, *part = failing.split(":")
    setting = ":".join([name, nth, str(getattr(errno, error, 0)), *part])
    once = box.path("failed")
    once.unlink(missing_ok=True)
    return {"LD_PRELOAD": box.programs.path("fail_call.so"), "FAIL_CALL": setting,
            "FAIL_ONCE": str(once)}


def settings(box, flags):
    return [flag.format(folder=box.folder) for flag in flags]


@pytest.mark.parametrize("step", STEPS)
def test_step_that_fails_reaches_the_caller(box, step):
    failing, words, flags = STEPS[step]
    if box.programs.is_sanitized:
        pytest.skip("LD_PRELOAD does not go with AddressSanitizer")
    if flags and not is_root and flags[-1] == DROPPED[0]:
        pytest.skip("needs root: another user")
    done = box.probe(*settings(box, flags), "start", "wait", environment=preload(box, failing))
    error = getattr(errno, failing.split(":")[2])
    box.expect_failed_start(done, words.format(pidfile=box.pidfile, folder=box.folder),
                            f"(errno {error})")
    # The result of the function is that errno, too.
    box.path("out").unlink(missing_ok=True)
    done = box.probe(*settings(box, flags), "call-start", "wait",
                     environment=preload(box, failing))
    assert done.stdout.startswith(f"-{error} "), done.stdout
    box.expect_nothing_left()


def test_shim_is_harmless_when_nothing_is_to_fail(box):
    """Else the test above would prove nothing."""
    if box.programs.is_sanitized:
        pytest.skip("LD_PRELOAD does not go with AddressSanitizer")
    box.start(*GUARDED, "start", "wait", environment=preload(box, "nothing:1:EPERM"))
    assert box.probe("stop").returncode == 0


def test_step_that_fails_keeps_a_stale_pidfile_from_no_later_start(box):
    if box.programs.is_sanitized:
        pytest.skip("LD_PRELOAD does not go with AddressSanitizer")
    box.pidfile.write_text("4194304\n")
    done = box.probe("start", "wait", environment=preload(box, "setsid:1:EPERM"))
    assert done.returncode == 1
    box.start("start", "wait")
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("call", ["setresuid", "setresgid"])
@pytest.mark.parametrize("command", ["start", "run"])
def test_privileges_that_did_not_go_are_noticed(box, call, command):
    """A call that claims to have dropped them, but did not."""
    if box.programs.is_sanitized:
        pytest.skip("LD_PRELOAD does not go with AddressSanitizer")
    if not is_root:
        pytest.skip("needs root: another user")
    out = box.path("out")
    done = box.probe(*DROPPED, command, f"pid={out}", "wait", environment=preload(box, f"{call}:1:0"))
    box.expect_failed_start(done, "could not be dropped")
    assert not out.exists()


def test_daemon_that_a_failing_step_kills_is_waited_for(box):
    """The daemon holds its pidfile by then; the caller may remove that once the daemon is dead."""
    if box.programs.is_sanitized:
        pytest.skip("LD_PRELOAD does not go with AddressSanitizer")
    for _ in range(20):
        failing = {**preload(box, "pidfd_open:1:EMFILE"), "FAIL_NAP_USEC": "5000"}
        done = box.probe("start", "wait", environment=failing)
        assert "pidfd_open" in done.stderr
        assert not box.pidfile.exists()


@pytest.mark.parametrize("room, flags, words", [
    (1, [], "fork #1"),
    (2, [], "fork #2"),
    (3, GUARDED, "fork of the worker"),
])
def test_process_limit_of_an_ordinary_user(box, room, flags, words):
    """The real thing: RLIMIT_NPROC of a user who runs nothing else."""
    if not is_root:
        pytest.skip("needs root: to become a user who runs nothing else")
    prepare = as_user(LONELY_UID, limits=[(resource.RLIMIT_NPROC, room)])
    done = box.probe(*flags, "start", "wait", preexec_fn=prepare)
    box.expect_failed_start(done, words, "Resource temporarily unavailable", "errno 11")


def test_process_limit_that_suffices(box):
    """Else the test above would prove nothing. A sanitizer needs a thread of its own at the end."""
    if not is_root:
        pytest.skip("needs root: to become a user who runs nothing else")
    prepare = as_user(LONELY_UID, limits=[(resource.RLIMIT_NPROC, 4)])
    daemon = box.start(*GUARDED, "start", "wait", preexec_fn=prepare)
    assert Proc(daemon.pid).status["Uid"].split() == [str(LONELY_UID)] * 4
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("flag, words", [
    ("--umask=2000", "umask"),
    ("--keep=1", "keep_fds[0] is 1"),
    ("--keep=777", "keep_fds[0] is 777"),
    ("--stdout=", "stdout_path is empty"),
    ("--user=", "user is empty"),
    ("--pidfile=/tmp/", "pidfile /tmp/"),
    ("--directory=/no/such/folder", "working directory /no/such/folder"),
])
def test_setting_that_is_not_allowed_is_named(box, flag, words):
    done = box.probe(flag, "start", "wait")
    box.expect_failed_start(done, words)


def test_settings_are_checked_by_every_command(box):
    for command in ("start", "stop", "restart", "reload", "status", "run"):
        done = box.probe("--umask=2000", command)
        assert done.returncode == (4 if command == "status" else 1)  # 4: unknown
        assert "umask" in done.stderr
