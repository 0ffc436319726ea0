"""Every test has a time limit, and ends with none of its processes left.

ABIDE_BUILD names the build folder (default: build). `@pytest.mark.time_limit(SECONDS)` sets another
limit than the usual one.
"""

import os
import pathlib
import signal
import tempfile

import pytest

import box as boxes

TIME_LIMIT_SEC = 60


def pytest_configure(config):
    config.addinivalue_line("markers", "time_limit(seconds): another limit than the usual one")


class TimeLimit(Exception):
    pass


def on_time_limit(signal_number, frame):
    raise TimeLimit("the test took longer than its time limit")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """A last resort: every wait of a test has a limit of its own."""
    marker = item.get_closest_marker("time_limit")
    before = signal.signal(signal.SIGALRM, on_time_limit)
    signal.setitimer(signal.ITIMER_REAL, marker.args[0] if marker else TIME_LIMIT_SEC)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def build():
    """The build folder."""
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    folder = root / os.environ.get("ABIDE_BUILD", "build")
    if not (folder / "test" / "programs" / "probe").exists():
        pytest.exit(f"{folder} holds no test programs: build first, or set ABIDE_BUILD", 2)
    return folder


@pytest.fixture(scope="session")
def programs(build):
    """A copy of the programs that any user may run; the build folder may be private."""
    with tempfile.TemporaryDirectory(prefix="abide-test-") as folder:
        yield boxes.Programs(build, pathlib.Path(folder))


@pytest.fixture
def box(programs, request):
    """A folder of the test's own, and a mark on the processes that are started in it."""
    with tempfile.TemporaryDirectory(prefix="abide-test-") as folder:
        os.chmod(folder, 0o777)
        made = boxes.Box(programs, pathlib.Path(folder))
        yield made
        left = made.end()
        assert made.sanitizer_reports() == ""
        assert left == [], "the test left processes"
