"""What the tests of the program `abide` share: one instance in a folder of its own.

The instance's processes are found by a mark in their environment, by the folder in their command
line, or by what they hold open in it; so whatever escaped from a service is found as well, and
nothing else is ever signalled.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import uuid

import box as boxes

from box import wait_until

# A command that has not ended by then hangs.
COMMAND_LIMIT_SEC = 30
# The control protocol's, as a client needs them.
CLIENT_LIMIT_SEC = 10

STAMPED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z ([^\n]*)\n")

ORDINARY_USER = 65534  # nobody

DONE = 0
FAILED = 1
WRONG_USAGE = 2
NOT_ACTIVE = 3
NO_SUCH_SERVICE = 4
NO_SUPERVISOR = 5
NOT_PERMITTED = 6
TIMED_OUT = 7


class Client:
    """A connection to the control socket that may say anything."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(CLIENT_LIMIT_SEC)
        self.socket.connect(str(path))
        self.rest = b""

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, method, number=1, **params):
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self.send(json.dumps(request).encode() + b"\n")

    def line(self):
        """The next line, parsed; None at the end of the connection."""
        while b"\n" not in self.rest:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line)

    def is_dropped(self):
        while True:
            try:
                if not self.socket.recv(65536):
                    return True
            except ConnectionResetError:
                return True

    def close(self):
        self.socket.close()


class Home:
    """An instance of abide; it has no processes until something is started in it."""

    def __init__(self, program, folder, uid=None):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.uid = uid
        self.home = self.folder / "h"
        self.work = self.folder / "w"
        self.control = self.home / "run" / "control"
        assert len(os.fsencode(self.control)) <= 107
        self.home.mkdir()
        self.work.mkdir()
        if uid is not None:
            for path in (self.folder, self.home, self.work):
                os.chown(path, uid, uid)
        # Variables whose names begin with LC_ reach supervisor, logger and services alike.
        self.mark = f"LC_TEST_MARK={uuid.uuid4()}"
        name, _, value = self.mark.partition("=")
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C",
            "HOME": str(self.work),
            name: value,
        }
        self.options = {} if uid is None else {"preexec_fn": boxes.as_user(uid)}
        self.foreground = []

    # Commands

    def command(self, *arguments):
        return [str(self.program), "--home", str(self.home), *map(str, arguments)]

    def __call__(self, *arguments, status=DONE, environment={}, **options):
        """Runs `abide ARGUMENT…`; it must end with this exit status (None: any)."""
        options = {
            "stdin": subprocess.DEVNULL,
            "capture_output": True,
            "text": True,
            "timeout": COMMAND_LIMIT_SEC,
            "env": {**self.environment, **environment},
            "cwd": self.work,
            **self.options,
            **options,
        }
        done = subprocess.run(self.command(*arguments), **options)
        said = f"{' '.join(map(str, arguments))}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert status is None or done.returncode == status, said
        return done

    def open(self, *arguments, environment={}, **options):
        """The same, but in the background."""
        return subprocess.Popen(
            self.command(*arguments),
            env={**self.environment, **environment},
            **{
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "text": True,
                "cwd": self.work,
                **self.options,
                **options,
            },
        )

    def supervise(self, *options):
        """A supervisor in the foreground, once it answers."""
        process = self.open("supervise", *options)
        self.foreground.append(process)
        wait_until(
            lambda: process.poll() is not None or self("show", status=None).stderr == "",
            "a supervisor in the foreground",
        )
        assert process.poll() is None, process.communicate()
        return process

    def launch(self, name, *command, options=(), **others):
        """`abide run` of a service that must start; it may end at any time."""
        return self("run", "--name", name, *options, "--", *command, **others)

    def run(self, name, *command, **others):
        """The same of one that stays; returns its process."""
        self.launch(name, *command, **others)
        return self.process(name)

    def launch_shell(self, name, script, **others):
        return self.launch(name, "/bin/sh", "-c", script, **others)

    def shell(self, name, script, **others):
        return self.run(name, "/bin/sh", "-c", script, **others)

    # What is known of services

    def show(self, name, *properties):
        """The value of a property, or the values of several."""
        done = self("show", "-p", ",".join(properties), name)
        values = [line.partition("=")[2] for line in done.stdout.splitlines()]
        assert len(values) == len(properties), done.stdout + done.stderr
        return values[0] if len(values) == 1 else values

    def state(self, name):
        return "/".join(self.show(name, "ActiveState", "SubState"))

    def main_pid(self, name):
        return int(self.show(name, "MainPID"))

    def process(self, name):
        """The main process; one must run."""
        pid = self.main_pid(name)
        assert pid != 0, self("status", name, status=None).stdout
        return boxes.Process(pid)

    def wait_state(self, name, state):
        wait_until(lambda: self.state(name) == state, f"{name} to be {state}")

    def wait_next(self, name, old_pid):
        """Waits for another main process than this one; returns it."""

        def is_next():
            pid = self.main_pid(name)
            return pid if pid not in (0, old_pid) else None

        return boxes.Process(wait_until(is_next, f"a new process of {name}"))

    def write_unit(self, name, text):
        folder = self.home / "units"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.service"
        path.write_text(text)
        return path

    def supervisor_pid(self):
        return int(self("show", "-p", "SupervisorPID", "--value").stdout)

    def log(self, name):
        """What the service wrote, without the time stamps; b"" as long as it wrote nothing."""
        folder = self.home / "log" / f"{name}.service"
        text = b""
        if folder.exists():
            files = sorted(path for path in folder.iterdir() if path.name != "current")
            current = folder / "current"
            text = b"".join(path.read_bytes() for path in files)
            text += current.read_bytes() if current.exists() else b""
        lines = STAMPED.findall(text)
        assert len(lines) == text.count(b"\n"), f"a line without a stamp in {text[:1000]!r}"
        return b"".join(line + b"\n" for line in lines)

    def wait_log(self, name, what):
        """Waits until the service has written this."""
        return wait_until(lambda: what in self.log(name) and self.log(name), f"{what!r} logged")

    def lines(self, file_name, count):
        """The lines of a file in the work folder once there are so many."""
        path = self.work / file_name

        def enough():
            lines = path.read_text().splitlines() if path.exists() else []
            return lines if len(lines) >= count else None

        return wait_until(enough, f"{count} lines in {file_name}")

    def client(self):
        return Client(self.control)

    def diagnostics(self):
        """What supervisor and logger had to say."""
        files = (self.home / "log").glob("*.diag")
        return "".join(path.read_text() for path in sorted(files))

    # The end

    def is_mine(self, pid):
        folder = pathlib.Path("/proc", str(pid))
        here = os.fsencode(self.folder)
        try:
            if self.mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                return True
            if here in (folder / "cmdline").read_bytes():
                return True
            for name in os.listdir(folder / "fd"):
                if os.fsencode(os.readlink(folder / "fd" / name)).startswith(here):
                    return True
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            pass
        return False

    def living(self):
        """The pids of all processes of this instance."""
        pids = (int(name) for name in os.listdir("/proc") if name.isdigit())
        return sorted(pid for pid in pids if pid != os.getpid() and self.is_mine(pid))

    def of_services(self):
        """The same without abide's own."""
        own = (b"keep", b"supervise", b"log")
        found = []
        for pid in self.living():
            try:
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except FileNotFoundError:
                continue
            if len(words) < 2 or words[1] not in own:
                found.append(pid)
        return found

    def kill_rest(self):
        """Ends what is left by SIGKILL, new-born children too; returns what it was."""
        left = []
        for _ in range(100):
            pids = self.living()
            if not pids:
                break
            for pid in pids:
                try:
                    process = boxes.Process(pid)
                    if self.is_mine(pid):
                        left.append(f"{pid} {pathlib.Path(f'/proc/{pid}/cmdline').read_bytes()!r}")
                        process.kill()
                except (ProcessLookupError, FileNotFoundError):
                    pass
        return left

    def close(self):
        """Shuts the instance down; returns what is wrong then."""
        wrong = []
        if self.control.exists():
            try:
                done = self("shutdown", status=None)
                if done.returncode not in (DONE, NO_SUPERVISOR):
                    wrong.append(f"shutdown: {done.returncode} {done.stderr}")
            except subprocess.TimeoutExpired:
                wrong.append("shutdown has not ended")
        for process in self.foreground:
            try:
                process.communicate(timeout=COMMAND_LIMIT_SEC)
            except subprocess.TimeoutExpired:
                wrong.append("the supervisor in the foreground has not ended")
        wrong += self.kill_rest()
        mounts = pathlib.Path("/proc/self/mountinfo").read_text()
        if str(self.folder) in mounts:
            wrong.append("mounts are left")
        text = self.diagnostics()
        if re.search(r"Sanitizer|runtime error|Assertion", text):
            wrong.append(text)
        return wrong


def copy_program(build, folder):
    """The program where any user may run it."""
    return pathlib.Path(shutil.copy(build / "src" / "abide" / "abide", folder))
