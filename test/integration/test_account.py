"""User and group: taken on completely and for good, or the start fails."""

import grp
import os
import pwd

import pytest

from box import Proc, as_user, is_root

needs_root = pytest.mark.skipif(not is_root, reason="needs root: another user")
NOBODY = pwd.getpwnam("nobody")
UNUSED = "61115"


def ids(proc):
    """Real, effective, saved and file system ids, and the supplementary groups."""
    return (proc.status["Uid"].split(), proc.status["Gid"].split(), proc.status["Groups"].split())


def expect_ids(proc, uid, gid, groups):
    assert ids(proc) == ([str(uid)] * 4, [str(gid)] * 4, [str(g) for g in groups])
    assert proc.status["CapEff"] == proc.status["CapPrm"] == "0" * 16


@needs_root
@pytest.mark.parametrize("user", ["nobody", str(NOBODY.pw_uid)])
@pytest.mark.parametrize("policy", ["no", "always"])
def test_user_brings_ids_groups_and_environment(box, user, policy):
    """The caller has more supplementary groups than the user; none may stay."""
    out = box.path("environment")
    daemon = box.start(f"--user={user}", f"--restart={policy}", "start", f"environment={out}",
                       f"pid={out}", "wait", preexec_fn=lambda: os.setgroups([0, 4, 7]))
    *environment, worker = box.lines("environment", 5)
    assert environment == [f"HOME={NOBODY.pw_dir}", "USER=nobody", "LOGNAME=nobody",
                           f"SHELL={NOBODY.pw_shell}"]
    for pid in (daemon.pid, int(worker)):
        expect_ids(Proc(pid), NOBODY.pw_uid, NOBODY.pw_gid, [NOBODY.pw_gid])
    assert box.probe("stop").returncode == 0
    box.expect_nothing_left()


@needs_root
def test_group_replaces_the_users_own(box):
    gid = grp.getgrnam("daemon").gr_gid
    daemon = box.start("--user=nobody", "--group=daemon", "start", "wait")
    expect_ids(Proc(daemon.pid), NOBODY.pw_uid, gid, [gid])
    assert box.probe("stop").returncode == 0


@needs_root
def test_group_alone_changes_the_group_alone(box):
    gid = grp.getgrnam("daemon").gr_gid
    daemon = box.start("--group=daemon", "start", "wait",
                       preexec_fn=lambda: os.setgroups([0, 4, 7]))
    assert ids(Proc(daemon.pid)) == (["0"] * 4, [str(gid)] * 4, [str(gid)])
    assert box.probe("stop").returncode == 0


@needs_root
def test_numbers_without_an_entry(box):
    daemon = box.start(f"--user={UNUSED}", f"--group={UNUSED}", "start", "wait")
    expect_ids(Proc(daemon.pid), UNUSED, UNUSED, [UNUSED])
    assert box.probe("stop").returncode == 0
    done = box.probe(f"--user={UNUSED}", "start", "wait")
    box.expect_failed_start(done, UNUSED, "group")


@needs_root
@pytest.mark.parametrize("policy", ["no", "always"])
def test_root_is_not_regained(box, policy):
    out = box.path("regained")
    box.start("--user=nobody", f"--restart={policy}", "start", f"regain={out}", "wait")
    assert box.lines("regained", 1) == ["0"]
    assert box.probe("stop").returncode == 0


@pytest.mark.parametrize("flag", ["--user=no-such-user", "--group=no-such-group", "--user=-1",
                                  "--user=4294967295", "--group=4294967295"])
@pytest.mark.parametrize("command", ["start", "run"])
def test_account_that_does_not_exist_is_an_error(box, flag, command):
    out = box.path("out")
    done = box.probe(flag, command, f"pid={out}", "wait")
    box.expect_failed_start(done, flag.partition("=")[2], "does not exist")
    assert not out.exists()


@pytest.mark.parametrize("flag", ["--user=nobody", "--user=root", "--group=daemon"])
@pytest.mark.parametrize("command", ["start", "run"])
def test_ordinary_user_may_not_become_another(box, flag, command):
    prepare = as_user(61116) if is_root else None
    done = box.probe(flag, command, "wait", preexec_fn=prepare)
    box.expect_failed_start(done, "setgroups", "errno 1")


@needs_root
def test_ordinary_user_may_name_itself(box):
    daemon = box.start("--user=nobody", "start", "wait", preexec_fn=as_user(NOBODY.pw_uid))
    assert Proc(daemon.pid).status["Uid"].split() == [str(NOBODY.pw_uid)] * 4
    assert box.probe("stop").returncode == 0


@needs_root
def test_output_that_is_created_belongs_to_the_user(box):
    """So that the daemon can open it again after a rotation."""
    out = box.path("out")
    box.start("--user=nobody", f"--stdout={out}", "start", "say=hello", "wait")
    assert box.lines("out", 1) == ["hello"]
    assert (out.stat().st_uid, out.stat().st_gid) == (NOBODY.pw_uid, NOBODY.pw_gid)
    assert box.probe("stop").returncode == 0


@needs_root
def test_outputs_are_opened_with_the_callers_privileges(box):
    """A log in a folder of root's."""
    out = box.path("out")
    out.touch(0o600)
    os.chmod(box.folder, 0o755)
    box.start("--user=nobody", f"--stdout={out}", "start", "say=hello", "wait")
    assert box.lines("out", 1) == ["hello"]
    assert out.stat().st_uid == 0
    assert box.probe("stop").returncode == 0


@needs_root
def test_working_directory_is_entered_without_privileges(box):
    private = box.path("private")
    private.mkdir(0o700)
    done = box.probe("--user=nobody", f"--directory={private}", "start", "wait")
    box.expect_failed_start(done, f"working directory {private}", "errno 13")


@needs_root
def test_foreground_drops_privileges_too(box):
    out = box.path("out")
    done = box.probe("--user=nobody", "run", f"regain={out}", f"environment={out}", "return=0")
    assert done.returncode == 0
    assert box.lines("out", 5)[:3] == ["0", "HOME=/nonexistent", "USER=nobody"]
