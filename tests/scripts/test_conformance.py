"""The runner behind scripts/conformance: reports are read, failures are judged, the page is kept. No client is run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conformance import known, outcomes, page
from conformance.outcomes import Case
from conformance.suites import HERE, SUITES

JUNIT = """\
<testsuites><testsuite>
<testcase classname="tests.test_chat.TestChat" name="test_one[a]"/>
<testcase classname="openai_client" name="test_two"><failure message="it   broke"/></testcase>
<testcase classname="openai_client" name="test_three"><skipped message="no model"/></testcase>
</testsuite></testsuites>
"""

PAGE = """\
# Page
<!-- results echo -->
None.
<!-- end of results echo -->
<!-- failures echo -->
None.
<!-- end of failures echo -->
The end.
"""


def result(suite: str, passed: int, *failures: tuple[str, int, str]) -> page.Result:
    """A suite's result."""
    return page.Result(suite, "1.0", passed, len(failures), 0, "about | it", failures)


def test_junit_reports_are_read(tmp_path: Path) -> None:
    """Names carry their class, and messages are on one line."""
    (tmp_path / "report").write_text(JUNIT)
    assert [
        Case("TestChat.test_one[a]", "passed"),
        Case("test_two", "failed", "it broke"),
        Case("test_three", "skipped", "no model"),
    ] == outcomes.read_junit(tmp_path / "report")


def test_too_few_generated_requests_are_a_failure(tmp_path: Path) -> None:
    """A fuzzing run that ended early does not pass, and an operation with a fault is named."""
    rounds = [
        {
            "test_cases": {"generated": 90},
            "failures": [{"title": "Server error", "count": 2, "operations": ["POST /a"]}],
            "errors": [],
            "valid_rates": {"GET /b": {}},
        }
    ]
    (tmp_path / "report").write_text(json.dumps(rounds))
    assert [
        Case("enough requests", "failed", "90 requests were generated"),
        Case("GET /b", "passed"),
        Case("POST /a", "failed", "Server error, 2 times"),
    ] == outcomes.read_schemathesis(tmp_path / "report", 100)


@pytest.mark.parametrize(
    ("engine", "case", "is_known"),
    [
        ("echo", Case("test_a[x]", "failed", "code 404"), True),
        ("builtin", Case("test_a[x]", "failed", "code 404"), False),
        ("echo", Case("test_a[x]", "failed", "code 500"), False),
        ("echo", Case("test_b", "failed", "code 404"), False),
    ],
    ids=["known", "other engine", "other message", "other test"],
)
def test_a_failure_is_known_by_test_message_and_engine(engine: str, case: Case, is_known: bool) -> None:
    """The same test that fails for another reason is not taken for known; brackets stand for themselves."""
    entry = known.Known("suite", "test_a[*]", "because", says="404", engines=("echo",))
    assert (entry if is_known else None) == known.find([entry], engine, "suite", case)


def test_the_page_keeps_the_rows_of_other_suites(tmp_path: Path) -> None:
    """A run of some suites replaces their rows alone, in the table's order; failures that are gone leave it."""
    written = tmp_path / "page.md"
    written.write_text(PAGE)
    page.write("echo", [result("second", 1, ("test_x", 3, "why"))], ["first", "second"], written)
    page.write("echo", [result("first", 2)], ["first", "second"], written)
    rows = [line for line in written.read_text().splitlines() if line.startswith("| ")]
    assert [
        "| Suite | Version | Passed | Failed | Skipped | Remark |",
        "| first | 1.0 | 2 | 0 | 0 | about \\| it |",
        "| second | 1.0 | 1 | 1 | 0 | about \\| it |",
        "| Suite | Test | How many | Why |",
        "| second | `test_x` | 3 | why |",
    ] == rows
    page.write("echo", [result("second", 4)], ["first", "second"], written)
    assert "why" not in written.read_text()


def test_known_failures_name_suites_and_reasons() -> None:
    """Every entry of known.toml is about a suite that exists and says why."""
    names = {suite.name for suite in SUITES}
    assert [] == [entry for entry in known.load() if entry.suite not in names or not entry.reason]


def test_locks_are_hashed_and_name_no_host() -> None:
    """Each locked package has a hash, and no lock says where to download from."""
    for lock in (HERE / "locks").glob("*.lock"):
        text = lock.read_text()
        packages = re.split(r"^(?=\S+==)", text, flags=re.M)[1:]
        assert packages, lock.name
        assert [] == [each for each in packages if "--hash=sha256:" not in each]
        assert "://" not in text
    modules = json.loads((HERE / "node" / "package-lock.json").read_text())["packages"]
    assert [] == [name for name, each in modules.items() if "resolved" in each]
    assert [] == [name for name, each in modules.items() if name and "integrity" not in each]
