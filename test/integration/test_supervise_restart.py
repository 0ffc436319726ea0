"""Services are kept alive: restarts, policies, back-off, and how failed starts are explained."""

import json
import os
import signal
import stat

import pytest

import box as boxes
import home as homes

from box import wait_until


def n_restarts(home, name):
    return int(home.show(name, "NRestarts"))


def wait_restarts(home, name, count):
    wait_until(lambda: n_restarts(home, name) >= count, f"{count} restarts of {name}")


def wait_settled(home, name):
    """Waits until it is neither up nor on its way to somewhere."""
    wait_until(lambda: home.state(name) in ("inactive/dead", "failed/failed"), f"{name} to end")
    return home.state(name)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_killed_service_runs_again(home, number):
    process = home.run("web", "sleep", "1000")
    process.signal(number)
    process.wait()
    home.wait_next("web", process.pid)
    assert home.state("web") == "active/running"
    assert home.show("web", "NRestarts", "Result") == ["1", "success"]


def test_each_of_many_kills_gives_a_new_process(home):
    seen = set()
    process = home.run("web", "sleep", "1000", options=("-p", "RestartSec=1ms"))
    for _ in range(20):
        seen.add(process.pid)
        process.kill()
        process = home.wait_next("web", process.pid)
    assert len(seen) == 20
    assert n_restarts(home, "web") == 20


def test_restarts_are_counted_from_the_last_start_by_hand(home):
    process = home.run("web", "sleep", "1000", options=("-p", "RestartSec=1ms"))
    process.kill()
    home.wait_next("web", process.pid)
    home("stop", "web")
    home("start", "web")
    assert n_restarts(home, "web") == 0


def test_how_it_ended_is_told(home):
    home.launch_shell("web", "exit 3", options=("--restart=no",))
    assert wait_settled(home, "web") == "failed/failed"
    assert home.show("web", "Result", "ExecMainCode", "ExecMainStatus") == ["exit-code", "1", "3"]
    assert "status 3" in home("status", "web", status=homes.NOT_ACTIVE).stdout
    assert home("is-failed", "web").stdout == "failed\n"
    home.launch_shell("two", "kill -SEGV $$", options=("--restart=no",))
    assert wait_settled(home, "two") == "failed/failed"
    assert home.show("two", "Result") in ("signal", "core-dump")
    assert home.show("two", "ExecMainStatus") == str(int(signal.SIGSEGV))
    assert "SIGSEGV" in home("status", "two", status=homes.NOT_ACTIVE).stdout


# What happens after an exit status of 0, one of 1, and SIGKILL, under each policy.
POLICIES = {
    "no": (False, False, False),
    "on-success": (True, False, False),
    "on-failure": (False, True, True),
    "on-abnormal": (False, False, True),
    "on-abort": (False, False, True),
    "on-watchdog": (False, False, False),
    "always": (True, True, True),
}
ENDS = ("exit 0", "exit 1", "kill -KILL $$")


@pytest.mark.parametrize("policy", POLICIES)
def test_policies(home, policy):
    for index, end in enumerate(ENDS):
        name = f"s{index}"
        home.launch_shell(name, f"echo $$ >> {home.work}/{name}; {end}",
                   options=(f"--restart={policy}", "-p", "RestartSec=10ms"))
    for index, is_restarted in enumerate(POLICIES[policy]):
        name = f"s{index}"
        if is_restarted:
            wait_restarts(home, name, 2)
            home.lines(name, 3)
        else:
            is_success = ENDS[index] == "exit 0"
            assert wait_settled(home, name) == ("inactive/dead" if is_success else "failed/failed")
            assert n_restarts(home, name) == 0
            assert len(home.lines(name, 1)) == 1


def test_a_crash_loop_backs_off_and_shows_its_next_try(home):
    home.launch_shell("web", f"cat /proc/uptime >> {home.work}/starts; exit 7")
    starts = [float(line.split()[0]) for line in home.lines("starts", 5)]
    # 100 ms, doubling, 10 % more or less; later when the machine is busy, but never sooner.
    for index, least in enumerate((0.09, 0.18, 0.36, 0.72)):
        assert starts[index + 1] - starts[index] >= least - 0.02  # uptime counts in 10 ms
    home.wait_state("web", "activating/auto-restart")
    assert int(home.show("web", "NextTryTimestampMonotonic")) > 0
    text = home("status", "web", status=homes.NOT_ACTIVE).stdout
    assert "activating (auto-restart)" in text
    assert "next try in" in text and "status 7" in text
    assert "next try in" in home("status").stdout and "next try in" in home("ls").stdout
    service = json.loads(home("status", "--json", "web", status=homes.NOT_ACTIVE).stdout)
    assert service["services"][0]["next_try_usec"] > 0
    assert home("is-active", "web", status=homes.NOT_ACTIVE).stdout == "activating\n"


def test_stop_during_back_off(home):
    home.launch_shell("web", f"echo x >> {home.work}/starts; exit 1", options=("-p", "RestartSec=1h"))
    home.wait_state("web", "activating/auto-restart")
    home("stop", "web")
    assert not home.state("web").startswith("a")
    assert home.show("web", "NextTryTimestampMonotonic") == "0"
    assert len(home.lines("starts", 1)) == 1


def test_start_during_back_off_does_not_wait(home):
    home.launch_shell("web", f"echo x >> {home.work}/starts; test -e {home.work}/good && exec sleep 1000",
               options=("-p", "RestartSec=1h"))
    home.wait_state("web", "activating/auto-restart")
    (home.work / "good").touch()
    home("start", "web")
    home.lines("starts", 2)
    home.wait_state("web", "active/running")


def test_start_limit_of_a_unit_file(home):
    home.write_unit("web", "[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=3\n[Service]\n"
                    "ExecStart=/bin/false\nType=exec\nRestart=always\nRestartSec=1ms\n")
    home("start", "web", status=None)
    home.wait_state("web", "failed/failed")
    assert home.show("web", "Result") == "start-limit-hit"
    refused = home("start", "web", status=homes.FAILED)
    assert "start" in refused.stderr
    home("reset-failed", "web")
    assert home.state("web") == "inactive/dead"
    home("start", "web", status=None)
    home.wait_state("web", "failed/failed")


def test_reset_failed_of_one_and_of_all(home):
    for name in ("one", "two", "three"):
        home.launch_shell(name, "exit 1", options=("--restart=no",))
        wait_settled(home, name)
    home("reset-failed", "one")
    assert home("is-failed", "one", status=homes.FAILED).stdout == "inactive\n"
    assert home("is-failed", "two").stdout == "failed\n"
    home("reset-failed")
    assert [home.state(name) for name in ("one", "two", "three")] == ["inactive/dead"] * 3


# Starts that fail before the program runs, and the words that explain them.

def make_script(path, text, mode=0o755):
    path.write_text(text)
    path.chmod(mode)
    return path


def elf_without_loader(path):
    """A program whose loader's name leads nowhere: that of /bin/sleep, one letter changed."""
    data = open("/bin/sleep", "rb").read()
    loader = data[data.index(b"/lib"):].split(b"\0")[0]
    path.write_bytes(data.replace(loader + b"\0", loader[:-1] + b"X\0", 1))
    path.chmod(0o755)
    return path, loader[:-1].decode() + "X"


def expect_refused(home, command, *words, options=()):
    """Nothing is kept of it, the exit status is 1, and the words are there."""
    done = home("run", "--name", "web", *options, "--", *command, status=homes.FAILED)
    for word in words:
        assert word in done.stderr, done.stderr
    home("status", "web", status=homes.NO_SUCH_SERVICE)
    state = home.home / "state"
    assert [path for path in state.rglob("*") if not path.is_dir()] == []
    # What was refused leaves the name free.
    home("run", "--name", "web", "--", "sleep", "1000")
    home("stop", "web")
    home("rm", "web")


def test_missing_interpreter(any_home):
    script = make_script(any_home.work / "app", "#!/usr/bin/pyhton\n")
    expect_refused(any_home, [script], "/usr/bin/pyhton", str(script), "interpreter")


def test_missing_loader(home):
    program, loader = elf_without_loader(home.work / "app")
    expect_refused(home, [program, "1000"], loader, str(program))


def test_missing_execute_permission(home):
    script = make_script(home.work / "app", "#!/bin/sh\n", 0o644)
    expect_refused(home, [script], str(script), "chmod +x")


def test_a_folder_is_no_program(home):
    (home.work / "app").mkdir()
    expect_refused(home, [home.work / "app"], str(home.work / "app"))


def test_missing_program(home):
    expect_refused(home, [home.work / "no" / "such" / "app"], str(home.work / "no"))
    expect_refused(home, ["no-such-program-anywhere"], "no-such-program-anywhere", "PATH")


def test_a_file_that_is_no_program(home):
    script = make_script(home.work / "app", "neither a script nor a program\n")
    expect_refused(home, [script], str(script))


def test_missing_working_directory(any_home):
    expect_refused(any_home, ["sleep", "1000"], str(any_home.work / "gone"),
                   options=("--cwd", any_home.work / "gone" / "deep"))


@pytest.mark.skipif(not boxes.is_root, reason="only root can become another user")
def test_unknown_user_and_group(home):
    expect_refused(home, ["sleep", "1000"], "no-such-user", options=("--user=no-such-user",))
    expect_refused(home, ["sleep", "1000"], "no-such-group", options=("--group=no-such-group",))


@pytest.mark.skipif(not boxes.is_root, reason="only root can become another user")
def test_a_program_that_the_user_may_not_execute(home):
    home.work.chmod(0o755)
    home.folder.chmod(0o755)
    script = make_script(home.work / "app", "#!/bin/sh\nexec sleep 1000\n", 0o700)
    expect_refused(home, [script], str(script), options=("--user=nobody", "--cwd=/"))


def test_an_ordinary_user_cannot_become_another(user_home):
    done = user_home("run", "--user=root", "--", "sleep", "1000", status=None)
    assert done.returncode in (homes.FAILED, homes.NOT_PERMITTED)
    assert "root" in done.stderr
    assert user_home("ls").stdout == ""


def test_missing_environment_file(home):
    expect_refused(home, ["sleep", "1000"], str(home.work / "gone"),
                   options=("--env-file", home.work / "gone"))


def test_a_program_that_vanishes_is_explained_and_tried_again(home):
    program = make_script(home.work / "app", "#!/bin/sh\nexec sleep 1000\n")
    process = home.run("web", program)
    program.unlink()
    process.kill()
    home.wait_state("web", "activating/auto-restart")
    assert "next try" in home("status", "web", status=homes.NOT_ACTIVE).stdout
    make_script(program, "#!/bin/sh\nexec sleep 1000\n")
    home("start", "web")
    assert home.state("web") == "active/running"


def test_systemds_exit_codes_of_failed_starts(home):
    home.write_unit("web", "[Service]\nType=exec\nExecStart=/no/such/program\nRestart=no\n")
    home.write_unit("cwd", "[Service]\nType=exec\nExecStart=/bin/true\nRestart=no\n"
                    "WorkingDirectory=/no/such/folder\n")
    for name, number, word in (("web", "203", "/no"), ("cwd", "200", "/no")):
        done = home("start", name, status=homes.FAILED)
        assert word in done.stderr
        assert home.state(name) == "failed/failed"
        assert home.show(name, "ExecMainStatus") == number


def test_exec_of_a_fifo_or_a_hanging_file_system_does_not_hang_the_supervisor(home):
    """An environment file that never ends to be read keeps one service from starting, no other."""
    os.mkfifo(home.work / "fifo")
    starting = home.open("run", "--name", "slow", "--env-file", home.work / "fifo", "--", "sleep",
                         "1000")
    wait_until(lambda: "slow" in home("ls").stdout, "the slow service to be known")
    home.run("web", "sleep", "1000")
    assert home.state("web") == "active/running"
    home("stop", "slow")
    starting.communicate(timeout=homes.COMMAND_LIMIT_SEC)
    assert starting.returncode != 0
    assert stat.S_ISFIFO((home.work / "fifo").stat().st_mode)
