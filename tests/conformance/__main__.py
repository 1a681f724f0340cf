"""The command behind scripts/conformance: starts a server, runs the suites, writes the page."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from conformance import known, page, serving
from conformance.outcomes import Case
from conformance.suites import ENVIRONMENTS, NODE, SUITES, Suite, Target

REPORTS = ENVIRONMENTS / "reports"
LIMIT = 3_600
"""Seconds for one suite."""


def main() -> int:
    """Run what was asked for: 0 if every failure is known.

    What says nothing about an engine's model runs with the echo engine, on a server of its own, in the same command.
    """
    arguments = _parse()
    outcomes: list[tuple[page.Result, list[str]]] = []
    for engine in dict.fromkeys((arguments.engine, "echo")):
        chosen = [
            suite for suite in SUITES if suite.name in arguments.only and engine == _engine(suite, arguments.engine)
        ]
        if chosen:
            outcomes += _run_all(engine, chosen)
    results = [result for result, _ in outcomes]
    unexplained = [line for _, lines in outcomes for line in lines]
    for line in unexplained:
        print(f"UNEXPLAINED {line}")
    print(f"{sum(r.passed for r in results)} passed, {sum(r.failed for r in results)} failed", end="")
    print(f", {sum(r.skipped for r in results)} skipped; {len(unexplained)} failures are not in known.toml")
    return 1 if unexplained else 0


def _engine(suite: Suite, wanted: str) -> str:
    """The engine that the suite runs with when `wanted` was asked for."""
    return wanted if wanted in suite.engines else "echo"


def _run_all(engine: str, chosen: list[Suite]) -> list[tuple[page.Result, list[str]]]:
    """The suites on one server, and their rows on the page."""
    reports = REPORTS / engine
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        serving.draw_receipt(scratch / "receipt.png")
        picture_url = stack.enter_context(serving.picture_server(scratch))
        base_url = stack.enter_context(serving.serving(engine, reports))
        environment = _environment(engine, base_url, scratch, picture_url)
        outcomes = [_run(suite, engine, base_url, environment) for suite in chosen]
    results = [result for result, _ in outcomes]
    page.write(engine, results, [suite.name for suite in SUITES])
    _name_stale(engine, results)
    return outcomes


def _name_stale(engine: str, results: list[page.Result]) -> None:
    """Tell which entries of known.toml explained nothing, so that they can be taken out."""
    for entry in known.load():
        for result in results:
            used = any(test == entry.case for test, _, _ in result.failures)
            if entry.suite == result.suite and engine in entry.engines and not used:
                print(f"NO LONGER FAILS {entry.suite}: {entry.case}")


def _parse() -> argparse.Namespace:
    names = [suite.name for suite in SUITES]
    parser = argparse.ArgumentParser(
        prog="conformance", description="Run other people's clients against a real server."
    )
    parser.add_argument("--engine", choices=("builtin", "echo"), default="builtin", help="default: builtin")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    return parser.parse_args()


def _environment(engine: str, base_url: str, scratch: Path, picture_url: str) -> dict[str, str]:
    """What the clients find in their environment; nothing of the caller's own keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "XAI_", "BEHOLDER_"))}
    return {
        **kept,
        "CONFORMANCE_BASE_URL": base_url,
        "CONFORMANCE_ENGINE": engine,
        "CONFORMANCE_PICTURE": str(scratch / "receipt.png"),
        "CONFORMANCE_PICTURE_URL": picture_url,
        "TEST_API_BASE_URL": base_url,
        "OPENAI_API_KEY": "unused",
        "TR_PROVIDER_API_KEY": "unused",
        "NO_PROXY": "127.0.0.1",
        "LANGSMITH_TRACING": "false",
    }


def _run(suite: Suite, engine: str, base_url: str, environment: dict[str, str]) -> tuple[page.Result, list[str]]:
    """One suite: its result, and a line for each failure that known.toml does not explain."""
    target = Target(base_url, REPORTS / engine / f"{suite.name}.report")
    began = time.monotonic()
    cases = _cases(suite, target, environment)
    if not serving.is_alive(base_url):
        cases.append(Case("the server", "failed", "it does not answer any more"))
    result, unexplained = _judge(suite, engine, cases)
    print(
        f"{suite.name:<24} {result.version:<10} {result.passed:>4} passed {result.failed:>3} failed"
        f" {result.skipped:>3} skipped {time.monotonic() - began:>7.1f} s  {result.remark}",
        flush=True,
    )
    return result, unexplained


def _cases(suite: Suite, target: Target, environment: dict[str, str]) -> list[Case]:
    with target.report.with_suffix(".log").open("w") as log:
        try:
            subprocess.run(
                suite.command(target),
                cwd=suite.folder,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return [Case("the suite", "failed", f"it took longer than {LIMIT} s")]
    if not target.report.exists():
        return [Case("the suite", "failed", f"it wrote no report; see {target.report.with_suffix('.log').name}")]
    return suite.read(target.report) or [Case("the suite", "failed", "it ran no test")]


def _judge(suite: Suite, engine: str, cases: list[Case]) -> tuple[page.Result, list[str]]:
    entries = known.load()
    failed = [case for case in cases if case.outcome == "failed"]
    judged = [(case, known.find(entries, engine, suite.name, case)) for case in failed]
    unexplained = [case for case, entry in judged if entry is None]
    explained = Counter(entry for _, entry in judged if entry is not None)
    result = page.Result(
        suite.name,
        _version(suite),
        sum(case.outcome == "passed" for case in cases),
        len(failed),
        sum(case.outcome == "skipped" for case in cases),
        suite.about + (f"; {len(unexplained)} failures are NOT EXPLAINED" if unexplained else ""),
        (
            *((entry.case, count, entry.reason) for entry, count in explained.items()),
            *((case.name, 1, f"NOT EXPLAINED: {case.message}") for case in unexplained),
        ),
    )
    return result, [f"{suite.name}: {case.name}: {case.message}" for case in unexplained]


def _version(suite: Suite) -> str:
    """The version of the suite's package, as installed."""
    if suite.package.startswith("npm:"):
        package = NODE / "node_modules" / suite.package.removeprefix("npm:") / "package.json"
        return str(json.loads(package.read_text(encoding="utf-8"))["version"])
    python = ENVIRONMENTS / suite.environment / "bin" / "python"
    question = f"import importlib.metadata as m; print(m.version({suite.package!r}))"
    return subprocess.run([python, "-c", question], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
