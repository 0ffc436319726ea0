"""The supervisor's end of the control protocol, played by a test: it answers what it is told to.

    with FakeSupervisor(home) as fake:
        fake.answers = lambda request: fake.job(request)
        …run a command…
        fake.requests        # what was asked, in order
"""

import json
import socket
import threading

JOB = {
    "job": 1,
    "result": "done",
    "active_state": "active",
    "sub_state": "running",
    "unit_result": "success",
    "main_pid": 42,
    "reason": "",
    "detail": "",
    "kept": True,
}


class FakeSupervisor:
    """`answers` gives for a request the bytes to send, or a message, or None for silence."""

    def __init__(self, home):
        (home / "run").mkdir(parents=True, exist_ok=True)
        self.path = home / "run" / "control"
        self.requests = []
        self.most_outstanding = 0
        self.answers = lambda request: self.result(request, {})
        self.holds_until = 1
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(self.path))
        self.listener.listen(8)
        self.connections = []
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join(10)
        self.listener.close()
        for connection in self.connections:
            connection.close()
        self.path.unlink()

    def result(self, request, result):
        return {"jsonrpc": "2.0", "id": request["id"], "result": result}

    def job(self, request, **changes):
        return self.result(request, {**JOB, **changes})

    def error(self, request, code, message):
        return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": code, "message": message}}

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            self.threads.append(threading.Thread(target=self.talk, args=(connection,)))
            self.threads[-1].start()

    def talk(self, connection):
        """Until the client leaves, in whatever way."""
        try:
            with connection.makefile("rb") as stream:
                self.converse(connection, stream)
        except OSError:
            pass

    def converse(self, connection, stream):
        """Answers when `holds_until` requests are waiting, the last first."""
        waiting = []
        for line in stream:
            request = json.loads(line)
            self.requests.append(request)
            waiting.append(request)
            self.most_outstanding = max(self.most_outstanding, len(waiting))
            if len(waiting) >= self.holds_until:
                for held in reversed(waiting):
                    self.send(connection, self.answers(held))
                waiting.clear()

    def send(self, connection, answer):
        if isinstance(answer, bytes):
            connection.sendall(answer)
        elif answer is not None:
            connection.sendall(json.dumps(answer).encode() + b"\n")
