"""Under AddressSanitizer: no function of the library leaks, in the caller or in the daemon."""

import pytest

from box import is_root

COMMANDS = {
    "status": ["status"],
    "stop": ["stop"],
    "refused": ["--umask=2000", "start"],
    "unknown_user": ["--user=no-such-user", "start"],
    "failed": ["--directory=/no/such/folder", "start"],
    "failed_before_ready": ["--by-call", "start", "return=3"],
    "failed_before_ready_always": ["--by-call", "--restart=always", "start", "return=3"],
    "started": ["start", "return=0"],
    "started_on_failure": ["--restart=on-failure", "start", "return=0"],
    "started_as_user": ["--user=nobody", "start", "return=0"],
    "foreground": ["run", "ready", "return=0"],
    "foreground_failed": ["--directory=/no/such/folder", "run"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_leak(box, name):
    """The box reads what the sanitizer says, also of a daemon."""
    if not box.programs.is_sanitized:
        pytest.skip("this is no build with AddressSanitizer")
    if "--user=nobody" in COMMANDS[name] and not is_root:
        pytest.skip("needs root: another user")
    options = box.environment["ASAN_OPTIONS"].replace("detect_leaks=0", "detect_leaks=1")
    done = box.probe(*COMMANDS[name], environment={"ASAN_OPTIONS": options})
    assert done.returncode in (0, 1, 3)
    box.expect_nothing_left()
    assert box.sanitizer_reports() == ""
