"""What a service finds around it: signals, descriptors, limits, session, output."""

import os
import pathlib
import resource
import signal
import stat

import pytest

import box as boxes
import home as homes

from box import wait_until


def ignore_and_block():
    """For preexec_fn: as bad a caller as there is."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def test_signals_are_as_a_program_expects_them(home):
    """SIGPIPE alone is ignored, as IgnoreSIGPIPE= has it by default."""
    process = home.run("web", "sleep", "1000", preexec_fn=ignore_and_block)
    for _ in range(2):
        proc = boxes.Proc(process.pid)
        assert proc.signals("SigBlk") == set()
        assert proc.signals("SigIgn") <= {signal.SIGPIPE}
        process.kill()
        process = home.wait_next("web", process.pid)


def test_a_service_with_an_account_has_the_same_signals(home):
    if not boxes.is_root:
        pytest.skip("only root can become another user")
    home.folder.chmod(0o755)
    process = home.run("web", "sleep", "1000", options=("--user=nobody", "--cwd=/"),
                       preexec_fn=ignore_and_block)
    proc = boxes.Proc(process.pid)
    assert proc.signals("SigBlk") == set()
    assert proc.signals("SigIgn") <= {signal.SIGPIPE}


@pytest.mark.parametrize("options", [(), ("--env-file=/dev/null",)], ids=["direct", "by helper"])
def test_descriptors(home, options):
    """stdin, the log pipe twice, and the pipe's read end at the highest number below 64."""
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(5)]
    process = home.run("web", "sleep", "1000", options=options, pass_fds=held)
    for fd in held:
        os.close(fd)
    for _ in range(2):
        proc = boxes.Proc(process.pid)
        fds = proc.fds()
        assert set(fds) == {0, 1, 2, 63}
        assert fds[0] == "/dev/null"
        assert fds[1] == fds[2] == fds[63]
        assert stat.S_ISFIFO(os.stat(f"/proc/{process.pid}/fd/1").st_mode)
        flags = [proc.fd_flags(fd) & os.O_ACCMODE for fd in (0, 1, 2, 63)]
        assert flags[1:] == [os.O_WRONLY, os.O_WRONLY, os.O_RDONLY]
        assert not proc.fd_flags(1) & os.O_NONBLOCK
        process.kill()
        process = home.wait_next("web", process.pid)


@pytest.mark.parametrize("options", [(), ("--env-file=/dev/null",)], ids=["direct", "by helper"])
def test_limits_are_the_callers(home, options):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, 2000))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 4096))

    process = home.run("web", "sleep", "1000", options=options, preexec_fn=limit)
    supervisor = home.supervisor_pid()
    for _ in range(2):
        assert resource.prlimit(process.pid, resource.RLIMIT_NOFILE) == (300, 2000)
        assert resource.prlimit(process.pid, resource.RLIMIT_CORE) == (0, 4096)
        process.kill()
        process = home.wait_next("web", process.pid)
    assert resource.prlimit(supervisor, resource.RLIMIT_NOFILE) == (2000, 2000)


def test_each_service_leads_a_session_without_a_terminal(any_home):
    sessions = set()
    for name in ("one", "two"):
        proc = boxes.Proc(any_home.run(name, "sleep", "1000").pid)
        assert proc.is_session_leader and proc.pgrp == proc.pid and proc.tty_nr == 0
        assert proc.ppid == any_home.supervisor_pid()
        sessions.add(proc.session)
    assert len(sessions) == 2


def test_limits_of_a_unit_file(home):
    home.write_unit("web", "[Service]\nExecStart=/bin/sleep 1000\nLimitNOFILE=100:200\n"
                    "LimitCORE=0\nUMask=027\nWorkingDirectory=/usr\n")
    home("start", "web")
    process = home.process("web")
    assert resource.prlimit(process.pid, resource.RLIMIT_NOFILE) == (100, 200)
    assert resource.prlimit(process.pid, resource.RLIMIT_CORE) == (0, 0)
    proc = boxes.Proc(process.pid)
    assert proc.umask == 0o027 and proc.cwd == "/usr"


def test_the_environment_of_a_unit_file_holds_nothing_of_the_caller(home):
    home.write_unit("web", "[Service]\nExecStart=/bin/sleep 1000\nEnvironment=A=1 \"B=2 3\"\n")
    home("start", "web", environment={"CALLERS": "1", "LD_LIBRARY_PATH": "/nowhere"})
    path = pathlib.Path(f"/proc/{home.main_pid('web')}/environ")
    text = wait_until(path.read_bytes, "the end of exec")
    names = {entry.partition(b"=")[0] for entry in text.split(b"\0") if entry}
    assert {b"A", b"B", b"PATH", b"INVOCATION_ID"} <= names
    assert not {b"CALLERS", b"LD_LIBRARY_PATH", b"NOTIFY_FD", b"ABIDE_HOME"} & names


def test_pythons_asyncio_can_write_to_its_output(home):
    home.run("web", "/usr/bin/python3", "-c", """
import asyncio, sys

async def main():
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, sys.stdout)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    for i in range(3):
        writer.write(b"line %d\\n" % i)
        await writer.drain()
        await asyncio.sleep(0.05)
    await asyncio.sleep(1000)

asyncio.run(main())
""")
    assert home.wait_log("web", b"line 2\n") == b"line 0\nline 1\nline 2\n"


def test_output_and_errors_are_logged_in_their_order(any_home):
    any_home.shell("web", "for i in 1 2 3; do echo out $i; echo error $i >&2; done; exec sleep 1000")
    expected = b"".join(b"out %d\nerror %d\n" % (i, i) for i in (1, 2, 3))
    assert any_home.wait_log("web", b"error 3\n") == expected


def test_the_last_words_of_a_service_that_ends_are_logged(home):
    home.launch_shell("web", "echo last words; printf 'no newline'", options=("--restart=no",))
    wait_until(lambda: home.state("web") == "inactive/dead", "the end")
    folder = home.home / "log" / "web.service"
    wait_until(lambda: folder.exists() and b"no newline" in (folder / "current").read_bytes(),
               "the last words")


def test_a_fifo_is_gone_once_its_run_is(home):
    process = home.run("web", "sleep", "1000", options=("-p", "RestartSec=1ms"))
    for _ in range(5):
        process.kill()
        process = home.wait_next("web", process.pid)
    folder = home.home / "run" / "log"
    fifos = lambda: [path for path in folder.iterdir() if stat.S_ISFIFO(path.stat().st_mode)]
    wait_until(lambda: len(fifos()) == 1, "old FIFOs to go")
    home("stop", "web")
    wait_until(lambda: fifos() == [], "the last FIFO to go")


def test_files_have_the_documented_modes(home):
    home.run("web", "sleep", "1000", umask=0o077)
    mode = lambda path: stat.S_IMODE((home.home / path).stat().st_mode)
    assert mode("run") == 0o755
    assert mode("run/control") == 0o666
    assert mode("run/status") == 0o600
    assert mode("run/log") == 0o700
    fifo = next((home.home / "run" / "log").glob("web.service.*"))
    assert stat.S_IMODE(fifo.stat().st_mode) & 0o077 == 0


def test_the_supervisor_keeps_no_descriptor_of_its_caller(home):
    reader, writer = os.pipe()
    home.run("web", "sleep", "1000", pass_fds=[writer])
    os.close(writer)
    os.set_blocking(reader, False)
    assert os.read(reader, 1) == b""  # the end, since nobody holds it open
    os.close(reader)
