#!/usr/bin/python3
"""Builds the project in every way, and runs every test and every check. script/test calls it.

sections() at the end lists what is run. A section has a time budget, beyond which it is ended and
failed; one that runs no test has failed too. The last line of the output is the sum:
"N passed, N failed", with ", N skipped" when there are any.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3"
# What a shell may have set that changes a build or a test.
DROPPED = ("CFLAGS", "CPPFLAGS", "LDFLAGS", "DESTDIR", "LISTEN_FDS", "LISTEN_PID", "NOTIFY_SOCKET")
# From SIGTERM to SIGKILL for a section that is out of time.
GRACE_SECONDS = 5


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


class Failed(Exception):
    """The section can't go on."""


class Job:
    """Runs the commands of one section: output to one file, time from one budget."""

    def __init__(self, budget, output):
        self.deadline = time.monotonic() + budget
        self.output = output

    def say(self, text):
        self.output.write(text + "\n")
        self.output.flush()

    def run(self, *command, may_fail=False, **environment):
        """The exit status. Raises Failed when the time is over, or on a failure unless may_fail."""
        words = [str(word) for word in command]
        self.say("$ " + " ".join(words))
        try:
            process = subprocess.Popen(
                words,
                cwd=ROOT,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=self.output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise Failed(str(error)) from None
        try:
            status = process.wait(max(0, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            end_group(process)
            raise Failed("out of time") from None
        except BaseException:
            end_group(process)
            raise
        if status != 0 and not may_fail:
            raise Failed(f"exit status {status}")
        return status


def end_group(process):
    """Ends a command and what it started, as far as that stayed in its group."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


# What a section does: a function of its job that returns a Count.


def build(folder, compiler, *options):
    """Configures anew when the options are other than last time."""

    def run(job):
        path = ROOT / folder
        stamp = path / "suite-options"
        wanted = " ".join((compiler, *options))
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(path, ignore_errors=True)
            job.run("meson", "setup", folder, "-Dtests=enabled", *options, CC=compiler)
            stamp.write_text(wanted)
        job.run("ninja", "-C", folder, f"-j{os.cpu_count()}")
        return Count(passed=1)

    return run


def meson_tests(folder, **environment):
    def run(job):
        log = ROOT / folder / "meson-logs" / "testlog.json"
        log.unlink(missing_ok=True)
        command = ["meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs"]
        status = job.run(*command, may_fail=True, **environment)
        count = count_meson(log)
        return count if status == 0 or count.failed else count + Count(failed=1)

    return run


def count_meson(log):
    """A TAP program counts as many tests as it reports, and one more if it did not end well."""
    total = Count()
    for line in log.read_text().splitlines() if log.exists() else []:
        test = json.loads(line)
        points = re.findall(r"^(not )?ok\b(.*)$", test.get("stdout", ""), re.MULTILINE)
        skipped = sum("# SKIP" in rest.upper() for _, rest in points)
        failed = sum(bool(no) and "# SKIP" not in rest.upper() for no, rest in points)
        count = Count(len(points) - skipped - failed, failed, skipped)
        if test["result"] == "SKIP" and not points:
            # An exit status of 77 says so; a TAP program that reports nothing has failed.
            # Exit status 77, or TAP's plan "1..0 # SKIP" for the whole program.
            is_told = test["returncode"] == 77 or "1..0 # SKIP" in test.get("stdout", "")
            count += Count(skipped=1) if is_told else Count(failed=1)
        elif test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL") and not failed:
            count += Count(failed=1)
        elif not points:
            count += Count(passed=1)
        total += count
    return total


def pytest(*paths, build_folder):
    """The tests find the build in the environment: ABIDE_BUILD."""

    def run(job):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "junit.xml"
            command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={log}"]
            status = job.run(
                *command, *paths, may_fail=True, ABIDE_BUILD=str(ROOT / build_folder)
            )
            count = count_junit(log)
        return count if status == 0 or count.failed else count + Count(failed=1)

    return run


def count_junit(log):
    total = Count()
    cases = xml.etree.ElementTree.parse(log).iter("testcase") if log.exists() else []
    for case in cases:
        outcomes = {child.tag for child in case}
        failed = bool(outcomes & {"failure", "error"})
        skipped = not failed and "skipped" in outcomes
        total += Count(not failed and not skipped, failed, skipped)
    return total


def check(name, build_folder=None):
    def run(job):
        folder = ["--build", build_folder] if build_folder else []
        job.run(PYTHON, f"tools/check_{name}.py", *folder)
        return Count(passed=1)

    return run


def manual_pages(job):
    count = Count()
    for page in sorted((ROOT / "man").glob("*.[1-9]")):
        status = job.run("mandoc", "-T", "lint", "-W", "warning", page, may_fail=True)
        count += Count(passed=status == 0, failed=status != 0)
    return count


@dataclasses.dataclass
class Section:
    name: str
    budget_seconds: int
    run: object
    is_quick: bool = False


QUICK = True


def sections():
    """In the order of running."""
    listed = [
        Section("build: gcc", 180, build("build-gcc", "gcc", "-Dwerror=true"), QUICK),
        Section("tests: gcc", 60, meson_tests("build-gcc"), QUICK),
        Section(
            "build: -O0 for the checks",
            120,
            build("build-checks", "gcc", "-Doptimization=0", "-Dc_args=-fno-builtin"),
            QUICK,
        ),
        Section("check: layers", 20, check("layers"), QUICK),
        Section("check: links", 20, check("links", "build-checks"), QUICK),
        Section("check: pure", 20, check("pure", "build-checks"), QUICK),
        Section("check: users", 20, check("users", "build-checks"), QUICK),
        Section("check: banned", 20, check("banned", "build-checks"), QUICK),
        Section("check: exports", 20, check("exports", "build-gcc"), QUICK),
        Section("check: switch", 20, check("switch"), QUICK),
        Section("check: headers", 60, check("headers"), QUICK),
        Section("check: format", 30, check("format"), QUICK),
        Section("check: text", 20, check("text"), QUICK),
        Section(
            "tests: the checks themselves",
            120,
            pytest("tools/test_checks.py", build_folder="build-checks"),
            QUICK,
        ),
        Section("build: clang", 180, build("build-clang", "clang", "-Dwerror=true")),
        Section("tests: clang", 60, meson_tests("build-clang")),
        Section("check: tidy", 240, check("tidy", "build-clang")),
        Section(
            "build: sanitizers",
            240,
            build(
                "build-sanitize",
                "gcc",
                "-Db_sanitize=address,undefined",
                "-Dc_args=-fno-sanitize-recover=all",
                "-Dstatic=false",
            ),
        ),
        Section("tests: sanitizers", 120, meson_tests("build-sanitize")),
        Section(
            "tests: staged install", 60, pytest("tools/test_install.py", build_folder="build-gcc")
        ),
    ]
    if any((ROOT / "test").rglob("test_*.py")):
        listed.append(Section("tests: integration", 300, pytest("test", build_folder="build-gcc")))
    if (ROOT / "man").is_dir():
        listed.append(Section("check: manual pages", 20, manual_pages, QUICK))
    return listed


def run_section(section):
    """Prints one line, and the output of what failed. Returns the Count."""
    begin = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        job = Job(section.budget_seconds, output)
        count = Count()
        try:
            count = section.run(job)
            if count.passed + count.failed == 0:
                raise Failed("ran no test")
        except Failed as reason:
            job.say(f"{section.name}: {reason}")
            count += Count(failed=1)
        seconds = time.monotonic() - begin
        verdict = "FAIL" if count.failed else "ok"
        spent = f"{seconds:6.1f} s of {section.budget_seconds} s"
        print(f"{verdict:4}  {section.name:30} {spent:18} {count}", flush=True)
        if count.failed:
            output.seek(0)
            print(output.read(), flush=True)
    return count


def main():
    parser = argparse.ArgumentParser(prog="script/test", description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="only what takes seconds")
    args = parser.parse_args()
    for name in DROPPED:
        os.environ.pop(name, None)
    os.environ["LC_ALL"] = "C.UTF-8"
    # Sections are sessions of their own: end them, when we are ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    total = Count()
    for section in sections():
        if section.is_quick or not args.quick:
            total += run_section(section)
    print(total)
    sys.exit(1 if total.failed else 0)


if __name__ == "__main__":
    main()
