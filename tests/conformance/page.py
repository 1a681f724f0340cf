"""docs/conformance.md: the tables of results, written between its markers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs" / "conformance.md"
HEADS = {
    "results": ("| Suite | Version | Passed | Failed | Skipped | Remark |", "|---|---|---|---|---|---|"),
    "failures": ("| Suite | Test | How many | Why |", "|---|---|---|---|"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """A row of the results, and the rows of its failures: `(test or pattern, how many, reason)`."""

    suite: str
    version: str
    passed: int
    failed: int
    skipped: int
    remark: str
    failures: tuple[tuple[str, int, str], ...]

    def row(self) -> str:
        """The row of the table of results."""
        return _row(self.suite, self.version, str(self.passed), str(self.failed), str(self.skipped), self.remark)

    def failure_rows(self) -> list[str]:
        """The rows of the table of failures."""
        return [_row(self.suite, f"`{test}`", str(count), reason) for test, count, reason in self.failures]


def write(engine: str, results: list[Result], order: list[str], page: Path = PAGE) -> None:
    """Put `results` into `page`; the rows of suites that were not run now stay as they are."""
    text = page.read_text(encoding="utf-8")
    ran = {result.suite for result in results}
    text = _fill(text, f"results {engine}", ran, [result.row() for result in results], order)
    text = _fill(text, f"failures {engine}", ran, [row for result in results for row in result.failure_rows()], order)
    page.write_text(text, encoding="utf-8")


def _fill(text: str, name: str, ran: set[str], rows: list[str], order: list[str]) -> str:
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, rest = text.split(begin)
    old, after = rest.split(end)
    kept = [row for row in old.splitlines()[2:] if (suite := _suite(row)) in order and suite not in ran]
    every = sorted([*kept, *rows], key=lambda row: order.index(_suite(row)))
    table = "".join(f"{row}\n" for row in (*HEADS[name.split(maxsplit=1)[0]], *every)) if every else "None.\n"
    return before + begin + table + end + after


def _suite(row: str) -> str:
    return row.split("|")[1].strip() if row.startswith("|") else ""


def _row(*cells: str) -> str:
    return "| " + " | ".join(re.sub(r"\s+", " ", cell).replace("|", "\\|") for cell in cells) + " |"
