"""Programs that people run: kept alive, stopped, logged."""

import os
import shutil
import socket
import urllib.request

import pytest

import box as boxes
import home as homes

from box import wait_until

KILLS = 50
FLOOD_SIZE = 50 * 1024 * 1024


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(port):
    """The body of http://127.0.0.1:PORT/, or None while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return answer.read()
    except (OSError, ConnectionError):
        return None


def ping(path):
    """Whether redis answers on its socket, with the pid that it says it has."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(path))
            client.sendall(b"PING\r\nINFO server\r\n")
            data = b""
            while b"process_id:" not in data or not data.endswith(b"\r\n"):
                piece = client.recv(65536)
                if not piece:
                    return None
                data += piece
    except OSError:
        return None
    assert data.startswith(b"+PONG\r\n"), data
    return int(data.split(b"process_id:")[1].split(b"\r\n")[0])


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_redis_is_kept_alive_through_fifty_kills(any_home):
    """The delay is set, since a run that is killed within its first second was no healthy one."""
    path = any_home.work / "r"
    process = any_home.run(
        "redis", "redis-server", "--port", "0", "--unixsocket", path, "--save", "",
        "--daemonize", "no", options=("-p", "RestartSec=1ms"))
    pid = wait_until(lambda: ping(path), "the first answer")
    assert pid == process.pid
    seen = {pid}
    for _ in range(KILLS):
        process.kill()
        pid = wait_until(lambda: ping(path), "an answer after a kill")
        assert pid not in seen
        seen.add(pid)
        process = boxes.Process(pid)
    # By then the supervisor has seen them all: its count is exact, and this is its process.
    assert any_home.show("redis", "NRestarts", "MainPID") == [str(KILLS), str(pid)]
    assert any_home.state("redis") == "active/running"
    any_home("stop", "redis")
    assert process.has_ended() and ping(path) is None
    assert any_home.log("redis").count(b"ready to accept connections") == KILLS + 1


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_redis_with_all_defaults_comes_back_after_each_kill(home):
    path = home.work / "r"
    process = home.run("redis", "redis-server", "--port", "0", "--unixsocket", path, "--save", "")
    for _ in range(3):
        wait_until(lambda: ping(path) == process.pid, "an answer")
        process.kill()
        process = home.wait_next("redis", process.pid)
    wait_until(lambda: ping(path) == process.pid, "an answer")


def test_a_server_in_c(any_home, build):
    program = shutil.copy(build / "examples" / "hello-http", any_home.folder)
    os.chmod(program, 0o755)
    port = free_port()
    process = any_home.run("hello", program, "--port", port, "--pidfile", any_home.work / "pid",
                           "run")
    body = wait_until(lambda: get(port), "the first answer")
    for _ in range(3):
        process.kill()
        process = any_home.wait_next("hello", process.pid)
        assert wait_until(lambda: get(port), "an answer after a kill") is not None
    assert body
    any_home("stop", "hello")
    assert get(port) is None


def test_pythons_http_server(any_home):
    (any_home.work / "index.html").write_text("kept alive\n")
    port = free_port()
    process = any_home.run("web", "/usr/bin/python3", "-u", "-m", "http.server", port, "--bind",
                           "127.0.0.1")
    assert wait_until(lambda: get(port), "the first answer") == b"kept alive\n"
    process.kill()
    any_home.wait_next("web", process.pid)
    assert wait_until(lambda: get(port), "an answer after a kill") == b"kept alive\n"
    any_home.wait_log("web", b'"GET / HTTP/1.1" 200')
    any_home("stop", "web")
    assert get(port) is None


def test_a_shell_script(any_home):
    script = any_home.work / "job.sh"
    script.write_text("#!/bin/sh\necho started in $PWD\nn=0\nwhile sleep 0.01; do n=$((n + 1)); "
                      "echo round $n; done\n")
    script.chmod(0o755)
    process = any_home.run("job", "./job.sh")
    any_home.wait_log("job", b"round 3\n")
    process.kill()
    process = any_home.wait_next("job", process.pid)
    wait_until(lambda: any_home.log("job").count(b"round 3\n") == 2, "the second run")
    assert any_home.log("job").startswith(b"started in %s\nround 1\n" % bytes(any_home.work))
    any_home("stop", "job")
    assert process.has_ended()


def test_one_that_forks_and_ignores_sigterm(any_home):
    """Children, children's children, sessions of their own: after the stop nothing is left."""
    script = any_home.work / "forks.sh"
    script.write_text("""#!/bin/sh
trap '' TERM HUP INT
pids=$1
for i in 1 2 3; do
    sh -c 'echo $$ >> '$pids'; while :; do sleep 1000; done' &
    setsid sh -c 'echo $$ >> '$pids'; while :; do sleep 1000; done' &
    (setsid sh -c '(echo $$ >> '$pids'; exec sleep 1000)' &)
done
while :; do sleep 1000; done
""")
    script.chmod(0o755)
    path = any_home.work / "pids"
    main = any_home.run("forks", script, path, options=("--stop-timeout=200ms",))
    children = [boxes.Process(int(line)) for line in any_home.lines("pids", 9)]
    assert len(any_home.of_services()) >= 10
    any_home("stop", "forks")
    assert main.has_ended() and all(child.has_ended() for child in children)
    assert any_home.of_services() == []
    any_home("start", "forks")
    any_home.lines("pids", 18)
    any_home("shutdown")
    assert any_home.living() == []


def test_one_that_floods_its_output(home):
    """The supervisor answers and restarts while the log is written, and no byte is missing."""
    program = "head -c %d /dev/zero | tr '\\0' 'y' | fold -w 99; echo; echo done" % FLOOD_SIZE
    home.launch_shell("flood", f"{program}; exec sleep 1000")
    process = home.run("web", "sleep", "1000")
    for _ in range(5):
        process.kill()
        process = home.wait_next("web", process.pid)
        home("is-active", "flood")
    home("restart", "web")

    def size():
        folder = home.home / "log" / "flood.service"
        return sum(path.stat().st_size for path in folder.iterdir()) if folder.exists() else 0

    wait_until(lambda: size() > FLOOD_SIZE and home.log("flood").endswith(b"done\n"), "the flood")
    lines = home.log("flood").split(b"\n")
    assert lines[-2:] == [b"done", b""]
    text = b"".join(lines[:-2])
    assert len(text) == FLOOD_SIZE and text.count(b"y") == FLOOD_SIZE


def test_a_flood_that_never_ends_can_be_stopped(any_home):
    process = any_home.run("flood", "yes")
    wait_until(lambda: (any_home.home / "log" / "flood.service" / "current").exists(), "lines")
    any_home.run("web", "sleep", "1000")
    any_home("stop", "flood")
    assert process.has_ended()
    assert any_home.show("flood", "Result") == "success"


def test_one_that_cannot_be_executed(any_home):
    script = any_home.work / "server"
    script.write_text("#!/usr/bin/env-of-nobody python\n")
    script.chmod(0o755)
    done = any_home("run", "--", script, status=homes.FAILED)
    assert "/usr/bin/env-of-nobody" in done.stderr and str(script) in done.stderr
    assert any_home("ls").stdout == ""


def test_one_that_closes_all_it_has(home):
    """It gives its log away, and is kept alive nevertheless."""
    process = home.run("web", "/usr/bin/python3", "-c", "import os, signal\nos.closerange(0, 1024)\n"
                       f"open('{home.work}/up', 'a').write('up\\n')\nsignal.pause()")
    home.lines("up", 1)
    process.kill()
    home.wait_next("web", process.pid)
    home.lines("up", 2)
    home("stop", "web")


def test_one_that_is_a_daemon_by_itself(home):
    """It forks and its parent ends; what stays is found at the stop."""
    home.launch_shell("web", f"setsid sh -c 'echo $$ > {home.work}/pid; exec sleep 1000' & "
                      f"while ! test -s {home.work}/pid; do :; done", options=("--restart=no",))
    home.lines("pid", 1)
    home.wait_state("web", "inactive/dead")
    assert home.of_services() == []
