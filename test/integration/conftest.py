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
import home as homes

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


@pytest.fixture(scope="session")
def abide(build):
    """A copy of the program `abide` that any user may run."""
    with tempfile.TemporaryDirectory(prefix="abide-test-") as folder:
        os.chmod(folder, 0o755)
        yield homes.copy_program(build, folder)


def an_instance(abide, uid):
    with tempfile.TemporaryDirectory(prefix="abide-test-") as folder:
        os.chmod(folder, 0o755)
        made = homes.Home(abide, folder, uid)
        yield made
        assert made.close() == [], "the instance left something"


@pytest.fixture
def home(abide):
    """An instance of abide with a folder of its own, which is shut down at the end of the test."""
    yield from an_instance(abide, None)


@pytest.fixture(params=["as this user", "as an ordinary user"])
def any_home(abide, request):
    """The same twice: as the user that runs the tests, and as one without rights."""
    is_other = request.param == "as an ordinary user"
    if is_other and not boxes.is_root:
        pytest.skip("only root can become another user")
    yield from an_instance(abide, homes.ORDINARY_USER if is_other else None)


@pytest.fixture
def user_home(abide):
    """An instance of an ordinary user's, made by root."""
    if not boxes.is_root:
        pytest.skip("only root can become another user")
    yield from an_instance(abide, homes.ORDINARY_USER)
