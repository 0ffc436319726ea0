"""The control socket: clients that are malformed, huge, slow, many or gone harm nobody."""

import json
import pathlib
import signal
import socket

import pytest

import box as boxes
import home as homes

from box import wait_until

LINE_LIMIT = 65536
OUTSTANDING_LIMIT = 8
CLIENT_LIMIT = 256


@pytest.fixture
def served(home):
    """A home with a service, which must be served and unharmed at the end, too."""
    process = home.run("web", "sleep", "1000")
    supervisor = home.supervisor_pid()
    yield home
    assert home.supervisor_pid() == supervisor
    assert home.main_pid("web") == process.pid
    process.kill()
    home.wait_next("web", process.pid)
    home("restart", "web")


def expect_answer(client, number):
    client.ask("version", number)
    answer = client.line()
    assert answer["id"] == number and answer["result"]["version"]


def test_what_is_no_request_is_refused_and_the_connection_goes_on(served):
    client = served.client()
    for number, line in enumerate([
            b"garbage", b"", b"{}", b"[]", b"null", b"1", b'"x"', b"{", b"\xff\xfe\x00",
            b'{"jsonrpc":"2.0"}', b'{"jsonrpc":"1.0","id":1,"method":"version"}',
            b'{"jsonrpc":"2.0","id":1,"method":5}', b'{"jsonrpc":"2.0","id":[],"method":"version"}',
            b'{"jsonrpc":"2.0","id":1,"method":"no-such-method"}',
            b'{"jsonrpc":"2.0","id":1,"method":"start"}',
            b'{"jsonrpc":"2.0","id":1,"method":"start","params":[]}',
            b'{"jsonrpc":"2.0","id":1,"method":"start","params":{"unit":7}}',
            b'{"jsonrpc":"2.0","id":1,"method":"start","params":{"unit":"../../etc/passwd"}}',
            b'{"jsonrpc":"2.0","id":1,"method":"start","params":{"unit":"a/b.service"}}',
            b'{"jsonrpc":"2.0","id":1,"method":"start","params":{"unit":"web\\u0000.service"}}',
            b'{"jsonrpc":"2.0","id":1,"method":"kill","params":{"unit":"web.service","signal":0}}',
            b'{"jsonrpc":"2.0","id":1,"method":"kill","params":{"unit":"web.service","signal":99}}',
            b"[" * 30000, b'{"a":' * 10000, b'{"a":1,"a":2}']):
        client.send(line + b"\n")
        answer = client.line()
        assert answer is None or "error" in answer, (line[:100], answer)
        if answer is None:
            client.close()
            client = served.client()
        expect_answer(client, 1000 + number)
    client.close()


def test_an_endless_line_is_dropped(served):
    client = served.client()
    try:
        client.send(b"x" * (1024 * 1024))
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert client.is_dropped()
    client.close()


def test_the_longest_line_is_taken(served):
    client = served.client()
    request = {"jsonrpc": "2.0", "id": 1, "method": "version", "params": {"pad": ""}}
    request["params"]["pad"] = "x" * (LINE_LIMIT - 1 - len(json.dumps(request)))
    client.send(json.dumps(request).encode() + b"\n")
    assert client.line()["result"]["version"]
    client.close()


def test_a_request_in_pieces(served):
    client = served.client()
    line = b'{"jsonrpc":"2.0","id":7,"method":"version"}\n'
    for at in range(len(line)):
        client.send(line[at:at + 1])
    assert client.line()["id"] == 7
    client.send(line * 50)  # and many at once
    assert [client.line()["id"] for _ in range(50)] == [7] * 50
    client.close()


def test_a_client_that_reads_nothing_is_dropped_and_costs_a_bounded_amount(served):
    slow = served.client()
    slow.socket.setblocking(False)
    status = pathlib.Path(f"/proc/{served.supervisor_pid()}/status")
    line = b'{"jsonrpc":"2.0","id":1,"method":"list"}\n' * 1000
    sent = 0
    try:
        while sent < 64 * 1024 * 1024:
            try:
                sent += slow.socket.send(line)
            except BlockingIOError:
                # Nobody reads on, so it has to be the supervisor that hangs up.
                served("is-active", "web")
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert sent < 64 * 1024 * 1024
    memory = int(boxes.re.search(r"VmRSS:\s*(\d+)", status.read_text())[1])
    assert memory < 32 * 1024
    slow.close()


def test_more_clients_than_there_is_room_for(served):
    clients = []
    for _ in range(300):
        try:
            clients.append(served.client())
        except (ConnectionError, socket.timeout):
            break
    answered = 0
    for client in clients:
        try:
            client.ask("version")
            answered += client.line() is not None
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert answered == CLIENT_LIMIT
    # While all places are taken what is seen in the status file still is, and nobody is worse off.
    served("status", "web")
    for client in clients:
        client.close()
    wait_until(lambda: served("reset-failed", status=None).returncode == 0, "a free place")


def test_clients_that_are_gone_before_they_are_answered(served):
    served.run("other", "sleep", "1000")
    for _ in range(50):
        client = served.client()
        client.ask("restart", unit="other.service")
        client.close()
    pid = served.main_pid("other")
    served("restart", "other")
    assert served.main_pid("other") not in (0, pid)


def test_a_half_closed_client_is_no_burden(served):
    client = served.client()
    client.ask("version", 3)
    client.socket.shutdown(socket.SHUT_WR)
    answer = client.line()
    assert answer is None or answer["id"] == 3
    assert client.is_dropped()
    client.close()


def test_outstanding_requests_are_limited(served):
    served.shell("slow", "trap '' TERM; echo up; while :; do sleep 1000; done",
                 options=("--stop-timeout=1s",))
    served.wait_log("slow", b"up\n")
    client = served.client()
    for number in range(20):
        client.ask("stop", number + 1, unit="slow.service")
    answers = [client.line() for _ in range(20)]
    assert {answer["id"] for answer in answers} == set(range(1, 21))
    refused = [answer for answer in answers if "error" in answer]
    assert len(refused) == 20 - OUTSTANDING_LIMIT
    assert all("too many" in answer["error"]["message"] for answer in refused)
    client.close()


def test_a_kill_minus_nine_of_a_client_leaves_its_job(served):
    served.shell("slow", "trap '' TERM; echo up; while :; do sleep 1000; done",
                 options=("--stop-timeout=500ms",))
    served.wait_log("slow", b"up\n")
    stopping = served.open("stop", "slow")
    wait_until(lambda: served.state("slow").startswith("deactivating"), "the stop to begin")
    stopping.kill()
    stopping.communicate()
    wait_until(lambda: served.show("slow", "MainPID") == "0", "the stop to be done")


def test_others_may_look_and_not_touch(home):
    """Peers are known by the kernel; who is neither root nor the owner may ask what is public."""
    if not boxes.is_root:
        pytest.skip("only root can become another user")
    for folder in (home.folder, home.home):
        folder.chmod(0o755)
    process = home.run("web", "sleep", "1000")
    for verb in ("stop", "restart", "start", "kill"):
        done = home(verb, "web", status=homes.NOT_PERMITTED,
                    preexec_fn=boxes.as_user(homes.ORDINARY_USER), cwd="/")
        assert "root" in done.stderr
    home("shutdown", status=homes.NOT_PERMITTED,
         preexec_fn=boxes.as_user(homes.ORDINARY_USER), cwd="/")
    assert home.main_pid("web") == process.pid


def test_root_may_do_all_in_a_users_instance(user_home):
    user_home.run("web", "sleep", "1000")
    user_home("stop", "web", preexec_fn=None)
    assert user_home.state("web") == "inactive/dead"
    assert user_home("ls", preexec_fn=None).returncode == 0


def test_a_stopped_supervisor_is_said_to_hang(home):
    """Looking works without it; whoever asks it is told after a while."""
    home.run("web", "sleep", "1000")
    supervisor = boxes.Process(home.supervisor_pid())
    supervisor.signal(signal.SIGSTOP)
    try:
        assert home.state("web") == "active/running"
        home("is-active", "web")
        done = home("stop", "--timeout=200ms", "web", status=homes.TIMED_OUT)
        assert done.stderr.startswith("abide: ")
    finally:
        supervisor.signal(signal.SIGCONT)
