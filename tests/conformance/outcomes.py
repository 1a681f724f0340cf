"""What became of each test of a suite, read from the report that the suite wrote."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias
from xml.etree import ElementTree

Outcome: TypeAlias = Literal["passed", "failed", "skipped"]
MAX_MESSAGE = 300
"""Characters of a failure's message that are shown; the whole report lies beside it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test. `message` says why it failed or was skipped."""

    name: str
    outcome: Outcome
    message: str = ""


def read_junit(report: Path) -> list[Case]:
    """The cases of a JUnit report, as pytest, node's test runner and schemathesis write it."""
    # The suites are run by us, on this machine: their reports are as trustworthy as they are.
    return [_read_case(element) for element in ElementTree.parse(report).iter("testcase")]


def _read_case(element: ElementTree.Element) -> Case:
    holder = element.get("classname", "").rpartition(".")[2]
    name = f"{holder}.{element.get('name')}" if holder.startswith("Test") else element.get("name", "")
    for tag in ("failure", "error"):
        if (fault := element.find(tag)) is not None:
            return Case(name, "failed", _shorten(fault.get("message") or fault.text or ""))
    if (skipped := element.find("skipped")) is not None:
        return Case(name, "skipped", _shorten(skipped.get("message") or ""))
    return Case(name, "passed")


def read_compatcanary(report: Path) -> list[Case]:
    """The probes of a compatcanary report; a warning counts as a failure."""
    outcomes: dict[str, Outcome] = {"pass": "passed", "skip": "skipped"}
    return [
        Case(probe["id"], outcomes.get(probe["status"], "failed"), _shorten(probe["summary"]))
        for probe in _load(report)["results"]
    ]


def read_provider_check(report: Path) -> list[Case]:
    """The checks of a trustedrouter-provider-check report; all but pass and skip count as failures."""
    outcomes: dict[str, Outcome] = {"pass": "passed", "skip": "skipped"}
    return [
        Case(
            check["id"],
            outcomes.get(check["status"], "failed"),
            _shorten(f"{check['status']}: {check['measured'].get('reason') or json.dumps(check['measured'])}"),
        )
        for check in _load(report)["checks"]
    ]


def read_schemathesis(report: Path, requests: int) -> list[Case]:
    """One case for each operation that was tried, and one that says whether there were enough `requests`."""
    rounds = _load(report)
    faults: dict[str, str] = {}
    for each in rounds:
        for failure in each["failures"]:
            faults |= dict.fromkeys(failure["operations"], f"{failure['title']}, {failure['count']} times")
        for error in each["errors"]:
            faults["schemathesis itself"] = json.dumps(error)
    count = sum(each["test_cases"]["generated"] for each in rounds)
    enough = Case("enough requests", "passed" if count >= requests else "failed", f"{count:,} requests were generated")
    operations = sorted({operation for each in rounds for operation in each["valid_rates"]} | set(faults))
    return [
        enough,
        *(Case(name, "failed" if name in faults else "passed", faults.get(name, "")) for name in operations),
    ]


def _load(report: Path) -> Any:
    return json.loads(report.read_text(encoding="utf-8"))


def _shorten(message: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(message)).strip()[:MAX_MESSAGE]
