"""The documents name tests as their proofs: each test that doc/article.md names exists.

A name is `test_words`, alone or as `file::test_words`; of a Python test or of a C unit test.
"""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARTICLE = ROOT / "doc" / "article.md"
# The rows of the table: "fork, setsid, fork again" to "command line".
N_ROWS = 13

SOURCES = [*ROOT.glob("test/**/*.py"), *ROOT.glob("src/**/*_test.c")]
DEFINITION = re.compile(r"^(?:def|static void) (test_\w+)\(", re.MULTILINE)
NAME = re.compile(r"(?:([\w/.]+)::)?\b(test_\w+)\b(?!\.\w)")


def definitions():
    """The names of the tests in each file."""
    return {
        path.relative_to(ROOT): set(DEFINITION.findall(path.read_text(encoding="utf-8")))
        for path in SOURCES
    }


def missing(text, defined):
    """The names in the text that no file defines; a file that is named must be the one."""
    found = []
    for file, name in NAME.findall(text):
        files = [path for path in defined if str(path).endswith(file)]
        if not any(name in defined[path] for path in files):
            found.append(f"{file}::{name}" if file else name)
    return found


def rows(text):
    """The lines of its tables that are no headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [line for n, line in enumerate(lines[1:], 1)
            if not re.fullmatch(r"[|\s:-]+", line)
            and not (n + 1 < len(lines) and re.fullmatch(r"[|\s:-]+", lines[n + 1]))]


@pytest.fixture
def article():
    if not ARTICLE.exists():
        pytest.skip("doc/article.md is not written")
    return ARTICLE.read_text(encoding="utf-8")


def test_every_test_that_the_article_names_exists(article):
    assert missing(article, definitions()) == []


def test_every_row_of_the_article_names_a_test(article):
    named = [row for row in rows(article) if NAME.search(row)]
    assert len(named) >= N_ROWS
    assert [row for row in rows(article) if not NAME.search(row)] == []


def test_missing_names_are_found():
    """The search itself."""
    defined = {pathlib.Path("test/integration/test_stop.py"): {"test_stop_waits"}}
    assert missing("`test_stop_waits`, `test_stop.py::test_stop_waits`, test_stop.py", defined) == []
    assert missing("`test_stop_wait`", defined) == ["test_stop_wait"]
    assert missing("`test_other.py::test_stop_waits`", defined) == ["test_other.py::test_stop_waits"]
