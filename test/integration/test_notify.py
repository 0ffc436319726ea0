"""Readiness for systemd, abide and s6, and sockets from them."""

import os
import socket

import pytest

from box import Proc


@pytest.fixture(params=["path", "abstract"])
def listener(box, request):
    """A NOTIFY_SOCKET, and what to put into the environment."""
    name = str(box.path("notify")) if request.param == "path" else "@" + str(box.path("notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.settimeout(10)
        made.bind(name.replace("@", "\0", 1) if name[0] == "@" else name)
        yield made, name


def test_notify_socket_in_the_foreground(box, listener):
    """As under systemd, Type=notify."""
    made, name = listener
    out = box.path("out")
    done = box.probe("run", "notify=STATUS=soon", f"ready={out}", "notify=STOPPING=1", "return=0",
                     environment={"NOTIFY_SOCKET": name})
    assert done.returncode == 0
    assert box.lines("out", 1) == ["1"]
    assert [made.recv(100) for _ in range(3)] == [b"STATUS=soon", b"READY=1", b"STOPPING=1"]


@pytest.mark.parametrize("policy", ["no", "always"])
def test_notify_socket_and_waiting_parent_both_hear(box, listener, policy):
    made, name = listener
    box.start("--by-call", f"--restart={policy}", "start", "notify=READY=1\nSTATUS=up", "wait",
              environment={"NOTIFY_SOCKET": name})
    assert made.recv(100) == b"READY=1\nSTATUS=up"
    assert box.probe("stop").returncode == 0


def test_notify_socket_that_is_gone_is_harmless(box):
    """The start hears all the same."""
    environment = {"NOTIFY_SOCKET": str(box.path("gone"))}
    out = box.path("out")
    box.start("--by-call", "start", f"ready={out}", "wait", environment=environment)
    assert box.lines("out", 1) == ["-2"]
    assert box.probe("stop").returncode == 0


def test_notify_fd_gets_a_newline_and_its_end(box):
    """s6's notification-fd, twice: the second time is harmless."""
    reader, writer = os.pipe()
    out = box.path("out")
    done = box.probe("run", f"ready={out}", f"ready={out}", "return=0", pass_fds=[writer],
                     environment={"NOTIFY_FD": str(writer)})
    os.close(writer)
    assert done.returncode == 0, done.stderr
    assert box.lines("out", 2) == ["1", "0"]
    assert os.read(reader, 10) == b"\n"
    assert os.read(reader, 10) == b""
    os.close(reader)


def test_notify_fd_is_closed_before_the_end(box):
    """s6 waits for the newline; other readers wait for the end of file."""
    reader, writer = os.pipe()
    running = box.open(box.command("run", "mind-stop", "ready", "wait"), pass_fds=[writer],
                       environment={"NOTIFY_FD": str(writer)})
    os.close(writer)
    assert os.read(reader, 10) == b"\n"
    assert os.read(reader, 10) == b""
    os.close(reader)
    assert running.poll() is None
    assert box.probe("stop").returncode == 0
    running.communicate(timeout=10)
    assert running.returncode == 0


def test_reader_that_is_gone_is_no_sigpipe(box):
    reader, writer = os.pipe()
    os.close(reader)
    out = box.path("out")
    done = box.probe("run", f"ready={out}", "return=7", pass_fds=[writer],
                     environment={"NOTIFY_FD": str(writer)})
    os.close(writer)
    assert done.returncode == 7
    assert box.lines("out", 1) == ["-32"]


def test_notify_fd_of_the_caller_means_nothing_to_a_daemon(box):
    """A start closes it; the number may be any other file by then."""
    reader, writer = os.pipe()
    out = box.path("out")
    box.start("--by-call", "start", f"ready={out}", "wait", pass_fds=[writer],
              environment={"NOTIFY_FD": str(writer)})
    os.close(writer)
    assert os.read(reader, 10) == b""
    assert box.lines("out", 1) == ["1"]
    assert box.probe("stop").returncode == 0
    os.close(reader)


def test_listen_fds(box):
    """A socket on descriptor 3, for this very pid."""
    out = box.path("out")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        fd = listener.fileno()
        script = f'exec 3<&{fd}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
        running = box.open(["bash", "-c", script, "bash",
                            *box.command("run", f"listen-fds={out}", "wait")], pass_fds=[fd])
        assert box.lines("out", 1) == ["1"]
        assert Proc(running.pid).fd_flags(3) & os.O_CLOEXEC
        assert box.probe("stop").returncode == 0
        running.communicate(timeout=10)


def test_listen_fds_of_another_process(box):
    out = box.path("out")
    done = box.probe("run", f"listen-fds={out}", "return=0",
                     environment={"LISTEN_FDS": "1", "LISTEN_PID": "1"})
    assert done.returncode == 0
    assert box.lines("out", 1) == ["0"]
