"""`abide run`: names, what is kept, what is refused, and what the service is given."""

import os
import pathlib
import stat

import pytest

import box as boxes
import home as homes

from box import wait_until


def unit_path(home, name):
    return home.home / "state" / "units" / f"{name}.service"


def enabled_path(home, name):
    return home.home / "state" / "enabled" / f"{name}.service"


def environment_of(process):
    path = pathlib.Path(f"/proc/{process.pid}/environ")
    entries = wait_until(path.read_bytes, "the end of exec").split(b"\0")
    return dict(entry.decode().split("=", 1) for entry in entries if entry)


def command_of(process):
    return pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")[:-1]


def test_run_says_how_it_is(any_home):
    any_home("supervise", "--daemon")
    done = any_home("run", "--", "sleep", "1000")
    assert done.stderr == ""
    assert done.stdout == f"sleep.service: active (running), pid {any_home.main_pid('sleep')}\n"
    assert any_home("status", "sleep").returncode == 0


def test_the_name_is_the_commands(home):
    home("run", "--", "/bin/sleep", "1000")
    assert home.state("sleep") == home.state("sleep.service") == "active/running"
    assert home.show("sleep", "Id", "Names") == ["sleep.service", "sleep.service"]
    script = home.work / "my server.sh"
    script.write_text("#!/bin/sh\nexec sleep 1000\n")
    script.chmod(0o755)
    done = home("run", "--", "./my server.sh")
    name = done.stdout.partition(":")[0]
    assert " " not in name and "server" in name
    assert home.state(name) == "active/running"


@pytest.mark.parametrize("name", ["a/b", "", "a b", "../x", "x" * 256, "a\nb"])
def test_names_that_cannot_be(home, name):
    done = home("run", "--name", name, "--", "sleep", "1000", status=homes.WRONG_USAGE)
    assert done.stderr.startswith("abide: ") and done.stderr.count("\n") == 1
    assert not home.control.exists()


def test_the_command_line_arrives_as_it_was_typed(home):
    words = ["a b", "", "$HOME", "${HOME}", "$$", "%n", "%%", "\\n", "'", '"', "é", ";", "*", "-x",
             "--", "@", "a\tb"]
    process = home.run("web", "sh", "-c", "while :; do sleep 1000; done", *words)
    assert command_of(process)[3:] == [word.encode() for word in words]
    process.kill()
    process = home.wait_next("web", process.pid)
    assert command_of(process)[3:] == [word.encode() for word in words]


def test_options_of_the_command_are_the_commands(home):
    process = home.run("web", "sh", "-c", "sleep 1000; :", "--name", "x", "-h")
    assert command_of(process)[3:] == [b"--name", b"x", b"-h"]
    # Without "--", too: the first word that is no option begins the command.
    done = home("run", "--name", "two", "sleep", "1000")
    assert done.stdout.startswith("two.service: active")


def test_the_command_is_found_in_path_and_kept_absolute(home):
    program = home.work / "bin" / "server"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 1000\n")
    program.chmod(0o755)
    path = f"{program.parent}:{home.environment['PATH']}"
    home("run", "--name", "by-path", "--", "server", environment={"PATH": path})
    home("run", "--name", "relative", "--", "bin/server")
    home("run", "--name", "here", "--", "./server", cwd=program.parent)
    for name in ("by-path", "relative", "here"):
        lines = unit_path(home, name).read_text().splitlines()
        assert f"ExecStart={program}" in lines or f"ExecStart={program.parent}/./server" in lines \
            or f"ExecStart={home.work}/bin/server" in lines
        assert home.state(name) == "active/running"


def test_the_unit_file_is_kept_privately_and_enabled(any_home):
    any_home.run("web", "sleep", "1000", environment={"SECRET": "s3cret"})
    path = unit_path(any_home, "web")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert any_home.show("web", "FragmentPath", "UnitFileState") == [str(path), "enabled"]
    assert any_home("is-enabled", "web").stdout == "enabled\n"
    shown = any_home("cat", "web").stdout
    assert "ExecStart=/usr/bin/sleep 1000" in shown or "ExecStart=/bin/sleep 1000" in shown
    assert str(path) in shown


def test_the_working_directory_is_the_callers(any_home):
    process = any_home.run("web", "sleep", "1000")
    assert boxes.Proc(process.pid).cwd == str(any_home.work)
    (any_home.work / "sub").mkdir(mode=0o755)
    os.chmod(any_home.work / "sub", 0o755)
    process = any_home.run("two", "sleep", "1000", options=("--cwd=sub",))
    assert boxes.Proc(process.pid).cwd == str(any_home.work / "sub")


def test_the_environment_is_the_callers_less_its_session(home):
    session = {"SSH_AUTH_SOCK": "x", "SSH_TTY": "x", "XDG_RUNTIME_DIR": "x", "XDG_SESSION_ID": "x",
               "DBUS_SESSION_BUS_ADDRESS": "x", "DISPLAY": "x", "TERM": "x", "SUDO_USER": "x",
               "SUDO_COMMAND": "x", "ABIDE_HOME": "/nowhere", "ABIDE_ANYTHING": "x"}
    own = {"MY_VALUE": "a \"b\" 'c' $HOME %n \\ é", "EMPTY": "", "PORT": "8080",
           "TERMINAL_COLOUR": "kept", "SSHD": "kept"}
    process = home.run("web", "sleep", "1000", environment={**session, **own})
    found = environment_of(process)
    assert {name for name in session if name in found} == set()
    for name, value in {**own, **home.environment}.items():
        assert found[name] == value
    assert len(found.pop("INVOCATION_ID")) == 32
    process.kill()
    assert environment_of(home.wait_next("web", process.pid))["MY_VALUE"] == own["MY_VALUE"]


def test_a_new_run_has_a_new_invocation(home):
    process = home.run("web", "sleep", "1000")
    first = environment_of(process)["INVOCATION_ID"]
    assert home.show("web", "InvocationID") == first
    process.kill()
    second = environment_of(home.wait_next("web", process.pid))["INVOCATION_ID"]
    assert home.show("web", "InvocationID") == second != first


def test_env_and_clean_env(home):
    process = home.run("web", "sleep", "1000", environment={"A": "old", "B": "old"},
                       options=("--env", "A=new", "--env=C=x=y z", "--env", "D="))
    found = environment_of(process)
    assert [found[name] for name in "ABCD"] == ["new", "old", "x=y z", ""]
    process = home.run("two", "sleep", "1000", environment={"A": "old"},
                       options=("--clean-env", "--env=B=1"))
    found = environment_of(process)
    assert "A" not in found and "HOME" not in found and found["B"] == "1"
    assert home.mark not in (f"{name}={value}" for name, value in found.items())
    assert found["PATH"].startswith("/")
    home("run", "--env", "NO_VALUE", "--", "sleep", "1000", status=homes.WRONG_USAGE)


def test_environment_files_are_read_at_each_start(home):
    path = home.work / "env"
    path.write_text("# comment\nA=1\nB=\"two words\"\n")
    process = home.run("web", "sleep", "1000", options=("--env-file=env",))
    found = environment_of(process)
    assert (found["A"], found["B"]) == ("1", "two words")
    path.write_text("A=2\n")
    home("restart", "web")
    assert environment_of(home.process("web"))["A"] == "2"


@pytest.mark.skipif(not boxes.is_root, reason="only root can become another user")
def test_user_and_group(home):
    for folder in (home.folder, home.work):
        folder.chmod(0o755)
    process = home.run("web", "sleep", "1000", options=("--user=nobody",),
                       environment={"HOME": "/root", "USER": "root", "LOGNAME": "root"})
    proc = boxes.Proc(process.pid)
    assert proc.status["Uid"].split() == ["65534"] * 4
    assert proc.status["Gid"].split() == ["65534"] * 4
    assert "0" not in proc.status["Groups"].split()
    found = environment_of(process)
    assert (found["USER"], found["LOGNAME"]) == ("nobody", "nobody")
    assert found["HOME"] == "/nonexistent"
    process = home.run("two", "sleep", "1000", options=("--group=nogroup",))
    assert boxes.Proc(process.pid).status["Gid"].split() == ["65534"] * 4
    assert boxes.Proc(process.pid).status["Uid"].split() == ["0"] * 4


@pytest.mark.skipif(not boxes.is_root, reason="only root can become another user")
def test_a_service_of_another_user_may_open_its_output_again(home):
    for folder in (home.folder, home.work):
        folder.chmod(0o755)
    home.shell("web", "echo first; echo again > /dev/stdout; echo error > /dev/stderr; "
               "exec sleep 1000", options=("--user=nobody",))
    assert home.wait_log("web", b"error\n") == b"first\nagain\nerror\n"


def test_umask(home):
    assert boxes.Proc(home.run("web", "sleep", "1000").pid).umask == 0o022
    process = home.run("two", "sleep", "1000", options=("--umask=0077",))
    assert boxes.Proc(process.pid).umask == 0o077
    home("run", "--umask=9", "--", "sleep", "1000", status=homes.WRONG_USAGE)


def test_any_key_of_a_unit_file(home):
    home.run("web", "sleep", "1000", options=("-p", "RestartSec=2min", "-p", "Description=The web",
                                              "--property=TimeoutStopSec=7", "-pKillMode=mixed"))
    values = home.show("web", "RestartUSec", "Description", "TimeoutStopUSec", "KillMode")
    assert values == ["2min", "The web", "7s", "mixed"]
    done = home("run", "-p", "RestartSecs=3", "--", "sleep", "1000", status=homes.WRONG_USAGE)
    assert "RestartSecs" in done.stderr and "did you mean RestartSec" in done.stderr
    home("run", "-p", "RestartSec", "--", "sleep", "1000", status=homes.WRONG_USAGE)
    done = home("run", "-p", "RestartSec=soon", "--", "sleep", "1000", status=homes.WRONG_USAGE)
    assert "soon" in done.stderr
    home("status", "sleep", status=homes.NO_SUCH_SERVICE)


def test_options_become_properties(home):
    home.run("web", "sleep", "1000", options=("--restart=on-failure", "--stop-signal=SIGINT",
                                              "--stop-timeout=3s"))
    values = home.show("web", "Restart", "KillSignal", "TimeoutStopUSec", "Type")
    assert values == ["on-failure", "2", "3s", "exec"]
    home.run("two", "sleep", "1000")
    assert home.show("two", "Restart", "KillSignal", "TimeoutStopUSec") == ["always", "15",
                                                                            "1min 30s"]
    for option in ("--restart=sometimes", "--stop-signal=SIGNONE", "--stop-timeout=soon"):
        done = home("run", option, "--name", "x", "--", "sleep", "1", status=homes.WRONG_USAGE)
        assert option.partition("=")[2] in done.stderr
    home("status", "x", status=homes.NO_SUCH_SERVICE)


def test_readiness_other_than_exec_is_refused_by_name(home):
    home.run("web", "sleep", "1000", options=("--ready=exec",))
    for ready in ("notify", "fd:3", "tcp:80", "http://localhost/"):
        done = home("run", "--name", "x", f"--ready={ready}", "--", "sleep", "1000",
                    status=homes.WRONG_USAGE)
        assert ready in done.stderr and "--ready=exec" in done.stderr
    home("status", "x", status=homes.NO_SUCH_SERVICE)


def test_the_same_command_again_starts_it(home):
    process = home.run("web", "sleep", "1000")
    home.run("web", "sleep", "1000")
    assert home.main_pid("web") == process.pid
    home("stop", "web")
    home.run("web", "sleep", "1000", environment={"ANOTHER": "shell"})
    assert home.main_pid("web") not in (0, process.pid)


def test_another_command_of_that_name_is_refused_unless_it_replaces(home):
    process = home.run("web", "sleep", "1000")
    kept = unit_path(home, "web").read_text()
    for other in (["--", "sleep", "1001"], ["--restart=no", "--", "sleep", "1000"]):
        done = home("run", "--name", "web", *other, status=homes.FAILED)
        assert "web" in done.stderr and "--replace" in done.stderr and "--name" in done.stderr
        assert unit_path(home, "web").read_text() == kept
    assert home.main_pid("web") == process.pid
    home("run", "--name", "web", "--replace", "--", "sleep", "1001")
    assert process.has_ended()
    assert command_of(home.process("web"))[1:] == [b"1001"]
    assert enabled_path(home, "web").is_symlink()


def test_a_replacement_that_cannot_start_changes_nothing(home):
    process = home.run("web", "sleep", "1000")
    script = home.work / "app"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    done = home("run", "--name", "web", "--replace", "--", script, status=homes.FAILED)
    assert "/no/such/interpreter" in done.stderr
    home.wait_state("web", "active/running")
    assert command_of(home.process("web"))[1:] == [b"1000"]
    assert process.has_ended() or home.main_pid("web") == process.pid


def test_a_unit_file_written_by_hand_is_not_replaced(home):
    path = home.write_unit("web", "[Service]\nExecStart=/bin/sleep 1000\n")
    for options in ((), ("--replace",)):
        done = home("run", "--name", "web", *options, "--", "sleep", "1001", status=homes.FAILED)
        assert str(path) in done.stderr
    assert not unit_path(home, "web").exists()


def test_rm_makes_it_go_when_it_ends(home):
    home.run("web", "sleep", "1000", options=("--rm",))
    assert not enabled_path(home, "web").exists()
    home("stop", "web")
    wait_until(lambda: home("ls").stdout == "", "the end of web")
    home("status", "web", status=homes.NO_SUCH_SERVICE)
    assert not unit_path(home, "web").exists()
    home.launch_shell("two", "exit 3", options=("--rm",))
    wait_until(lambda: home("ls").stdout == "", "the end of two")
    assert not unit_path(home, "two").exists()
    home.run("web", "sleep", "1000")


def test_rm_is_not_restarted_unless_asked(home):
    home.shell("web", f"echo x >> {home.work}/starts; exec sleep 1000",
               options=("--rm", "--restart=on-failure", "-p", "RestartSec=1ms"))
    process = home.process("web")
    process.kill()
    home.wait_next("web", process.pid)
    home("stop", "web")
    wait_until(lambda: home("ls").stdout == "", "the end of web")


def test_a_service_that_ends_at_once_is_kept(home):
    """It started; that it ended is another matter, which its policy decides."""
    home.launch("web", "true")
    assert unit_path(home, "web").exists()
    home.launch("two", "false", options=("--restart=no",))
    home.wait_state("two", "failed/failed")
    assert enabled_path(home, "two").exists()


def test_rm_of_a_service(home):
    process = home.run("web", "sleep", "1000")
    done = home("rm", "web", status=homes.FAILED)
    assert "abide stop web" in done.stderr and not process.has_ended()
    home("stop", "web")
    home("rm", "web")
    home("status", "web", status=homes.NO_SUCH_SERVICE)
    assert not unit_path(home, "web").exists() and not enabled_path(home, "web").is_symlink()
    home("rm", "web", status=homes.NO_SUCH_SERVICE)
    path = home.write_unit("mine", "[Service]\nExecStart=/bin/sleep 1000\n")
    assert str(path) in home("rm", "mine", status=homes.FAILED).stderr
    assert path.exists()


def test_rm_without_a_supervisor(home):
    home.run("web", "sleep", "1000")
    home("shutdown")
    home("rm", "web")
    assert home("ls").stdout == ""


def test_run_needs_a_command(home):
    for arguments in ((), ("--",), ("--name", "web"), ("--name", "web", "--")):
        assert "abide run" in home("run", *arguments, status=homes.WRONG_USAGE).stderr
    home("run", "--name", "web", "--", "", status=None)
    assert home("ls").stdout == ""


def test_a_value_that_no_unit_file_can_hold_is_refused(home):
    home("run", "--name", "web", "--", "sh", "-c", "echo 'a\nb'; sleep 1000")
    assert home.wait_log("web", b"b\n") == b"a\nb\n"
    done = home("run", "--env", "A=a\nb", "--name", "two", "--", "sleep", "1000", status=None)
    if done.returncode == 0:
        assert environment_of(home.process("two"))["A"] == "a\nb"
    else:
        assert done.returncode == homes.WRONG_USAGE


def test_standard_input_is_empty(home):
    home.shell("web", "read line; echo \"status $? line $line\"; exec sleep 1000", stdin=boxes.subprocess.PIPE)
    assert home.wait_log("web", b"status") == b"status 1 line \n"


STUBBORN = ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]


def test_replacement_that_is_refused_leaves_what_was_there(home):
    """Somebody shuts abide down at the same moment."""
    home("run", "--name", "web", "--stop-timeout=1s", "--", *STUBBORN)
    unit = home("cat", "web").stdout
    shutting = home.open("shutdown")
    wait_until(lambda: "deactivating" in home("show", "web", "-p", "ActiveState").stdout, "the stop")
    done = home("run", "--replace", "--name", "web", "--", "sleep", "1000", status=1)
    assert "shutting down" in done.stderr
    done = home("run", "--name", "new", "--", "sleep", "1000", status=1)
    assert "shutting down" in done.stderr
    shutting.communicate(timeout=20)
    assert home("cat", "web").stdout == unit
    home("cat", "new", status=4)


def test_replaced_service_is_stopped_as_its_own_unit_says(home):
    home("run", "--name", "web", "--stop-timeout=200ms", "--", *STUBBORN)
    home("run", "--replace", "--name", "web", "--", "sleep", "1000")  # not after 90 s
    assert home("show", "web", "-p", "ActiveState", "--value").stdout == "active\n"


def test_service_to_be_forgotten_is_so_at_a_shutdown(home):
    home("run", "--rm", "--name", "once", "--", "sleep", "1000")
    home("shutdown")
    home("cat", "once", status=4)
