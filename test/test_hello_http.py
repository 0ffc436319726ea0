"""hello-http, the example, as clients see it: what it answers to whom, its restart, its socket."""

import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("ABIDE_BUILD", "build")
PROGRAM = BUILD / "examples" / "hello-http"
LIMIT_SEC = 20
HEAD_SIZE_MAX = 8192

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n"


def with_field(size):
    """A request of so many bytes."""
    begin = b"GET / HTTP/1.1\r\nHost: a\r\nX: "
    return begin + b"y" * (size - len(begin) - 4) + b"\r\n\r\n"


# What a client sends, and the statuses of the answers until the server ends the connection or the
# client, which has no more to say, has its last answer.
CONVERSATIONS = [
    (GET, [200]),
    (GET * 3, [200] * 3),
    (GET * 1000, [200] * 1000),
    (LAST + GET, [200]),
    (b"HEAD / HTTP/1.1\r\nhost:a\r\n\r\n" + GET, [200, 200]),
    (b"GET /?q=1 HTTP/1.1\r\nHost: a\r\n\r\n", [200]),
    (b"GET http://a:1 HTTP/1.1\r\nHost: a\r\n\r\n", [200]),
    (b"GET / HTTP/1.0\r\n\r\n" + GET, [200]),
    (b"\r\n\r\n" + GET, [200]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n", [200]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + GET, [200, 200]),
    # A body is not read: it must not be taken for a request.
    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n" + GET, [200]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + GET, [200]),
    (b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n" + GET, [404, 200]),
    (b"GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", [404]),
    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx" + GET, [405]),
    (b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n" + GET, [405, 200]),
    (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", [505]),
    (with_field(HEAD_SIZE_MAX), [200]),
    (with_field(HEAD_SIZE_MAX + 1), [431]),
    (b"GET /" + b"a" * HEAD_SIZE_MAX * 10, [431]),
    (b"GET / HTTP/1.1\r\n\r\n" + GET, [400]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + GET, [400]),
    (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n" + GET, [400]),
    (b"GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n" + GET, [400]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n" + GET, [400]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n" + GET, [400]),
    (b"GET / HTTP/1.1\nHost: a\n\n" + GET, [400]),
    (b"GET / HTTP/1.1\r\rHost: a\r\n\r\n" + GET, [400]),
    (b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n" + GET, [400]),
    (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n" + GET, [400]),
    (b'GET /" HTTP/1.1\r\nHost: a\r\n\r\n' + GET, [400]),
    (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n" + GET, [400]),
    (b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n" + GET, [400]),
    (b"GET / HTTP/1.10\r\nHost: a\r\n\r\n" + GET, [400]),
    (b"GET\r\n\r\n", [400]),
    (b"\n", [400]),
    (b"", []),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A daemon in a folder of its own; every connection has a time limit."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()

    def command(self, word):
        return [PROGRAM, "--pidfile", self.folder / "pid", "--log", self.folder / "log",
                "--port", str(self.port), word]

    def call(self, word, **options):
        return subprocess.run(self.command(word), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=LIMIT_SEC, **options)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), LIMIT_SEC)

    def talk(self, text, piece=None):
        """Everything that the server says to one client."""
        with self.connect() as client:
            try:
                for at in range(0, len(text), piece or len(text) or 1):
                    client.sendall(text[at:at + (piece or len(text))])
                client.shutdown(socket.SHUT_WR)
            except OSError:
                pass # It may have heard enough.
            said = b""
            while part := client.recv(65536):
                said += part
        return said.decode()

    def worker(self):
        return int(re.search(r"Hello from pid (\d+), request", self.talk(GET))[1])


@pytest.fixture
def server(tmp_path):
    served = Server(tmp_path)
    started = served.call("start")
    assert started.returncode == 0, started.stdout
    yield served
    assert served.call("stop").returncode == 0


def statuses(said):
    return [int(status) for status in re.findall(r"^HTTP/1\.1 (\d+) [^\r]*\r$", said, re.MULTILINE)]


def test_conversations(server):
    worker = server.worker()
    for text, expected in CONVERSATIONS:
        assert statuses(server.talk(text)) == expected, text[:100]
    assert server.worker() == worker


def test_requests_may_come_byte_by_byte(server):
    for text, expected in CONVERSATIONS:
        if len(text) < 200:
            assert statuses(server.talk(text, piece=1)) == expected, text


def test_answer_is_well_formed(server):
    head, body = server.talk(GET).split("\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    assert int(fields["Content-Length"]) == len(body)
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", fields["Date"])
    head = server.talk(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert head.endswith("\r\n\r\n") and "Content-Length: " in head
    assert "\r\nAllow: GET, HEAD\r\n" in server.talk(b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n")


def test_more_clients_than_places(server):
    """Those without a place wait in the queue until others go."""
    clients = [server.connect() for _ in range(150)]
    for client in clients:
        client.sendall(LAST)
    for client in clients:
        said = b""
        while part := client.recv(4096):
            said += part
        client.close()
        assert statuses(said.decode()) == [200]


def test_killed_worker_refuses_no_client(server):
    for _ in range(3):
        worker = server.worker()
        os.kill(worker, signal.SIGKILL)
        with server.connect() as client: # Before the next worker lives, or after.
            client.sendall(LAST)
        assert server.worker() != worker


def test_log_has_a_line_for_each_answer(server):
    server.talk(GET)
    server.talk(b"BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n")
    server.talk(b"\x1b[2J\r\n\r\n")
    lines = (server.folder / "log").read_text(encoding="utf-8").splitlines()
    ends = ['"GET / HTTP/1.1" 200', '"BREW /pot HTTP/1.1" 405', '"-" 400']
    assert len(lines) == len(ends)
    for line, end in zip(lines, ends):
        assert re.fullmatch(r"127\.0\.0\.1 - - \[[^]]+\] " + re.escape(end) + r" \d+", line)


def test_second_start_names_the_pid_and_restart_keeps_the_port(server):
    pid = (server.folder / "pid").read_text(encoding="utf-8").strip()
    second = server.call("start")
    assert second.returncode == 1 and f"already running, pid {pid}" in second.stdout
    worker = server.worker()
    assert server.call("restart").returncode == 0
    assert server.worker() != worker


def test_address_in_use_is_an_error_of_the_start(tmp_path):
    server = Server(tmp_path)
    with socket.create_server(("127.0.0.1", server.port)):
        started = server.call("start")
    assert started.returncode == 1 and "Address already in use" in started.stdout
    assert server.call("status").returncode == 3


def test_passed_socket_is_served_in_the_foreground(tmp_path):
    server = Server(tmp_path)
    with socket.create_server(("127.0.0.1", server.port)) as listener:
        shell = 'exec 3<&"$0"; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        running = subprocess.Popen(
            ["bash", "-c", shell, str(listener.fileno()), *server.command("run")],
            pass_fds=[listener.fileno()], stdout=subprocess.PIPE, text=True)
        try:
            assert server.worker() == running.pid
        finally:
            running.terminate()
            log, _ = running.communicate(timeout=LIMIT_SEC)
    assert running.returncode == 0
    assert '"GET / HTTP/1.1" 200' in log
