"""Runs schemathesis in rounds, each with its own seed, until enough requests were generated.

usage: fuzz.py OPENAPI_URL REPORT REQUESTS — the report is a JSON list with schemathesis's own report of each round.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

EXAMPLES = 500
"""Generated requests for one operation in one round; an operation without parameters has one."""
KINDS = (
    ("--mode", "all", "--phases", "examples,coverage,fuzzing,stateful"),
    ("--mode", "positive", "--phases", "fuzzing"),
)
"""What rounds try in turn: mostly wrong requests, then those that fit the document and so reach the engine."""
MAX_ROUNDS = 20


def run_round(url: str, seed: int, report: Path) -> dict[str, Any]:
    """One round over every operation."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", url, "--seed", str(seed), "-n", str(EXAMPLES)),
        *("--checks", "not_a_server_error", *KINDS[seed % len(KINDS)]),
        *("--continue-on-failure", "--no-shrink", "--generation-database", "none", "--request-timeout", "120"),
        *("--suppress-health-check", "all", "--report", "json", "--report-json-path", str(report), "--no-color"),
    ]
    subprocess.run(command, check=False)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def main(url: str, report: str, requests: str) -> None:
    """Rounds until there are enough requests, or one could not run."""
    rounds: list[dict[str, Any]] = []
    while sum(each["test_cases"]["generated"] for each in rounds) < int(requests) and len(rounds) < MAX_ROUNDS:
        latest = run_round(url, len(rounds) + 1, Path(report).with_suffix(".round.json"))
        rounds.append(latest)
        if latest["errors"] or not latest["test_cases"]["generated"]:
            break
    Path(report).write_text(json.dumps(rounds), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
