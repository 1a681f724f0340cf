"""The figures of `bench answer` as tables for a person; Markdown where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from beholder.bench.answer_crowd import WORK

TARGETS: Final = {
    "llamacpp": 0.20,
    "openvino": 0.35,
    "naive": 0.15,
    "passes": 0.15,
    "free_text": 0.70,
    "second": 0.10,
    "ocr": 0.33,
    "idle_bytes": 2.5e9,
    "peak_bytes": 4.5e9,
    "start": 5.0,
    "throughput": 2.0,
}
"""What the project wants of itself; a ratio is Beholder's time over the other's."""

QUIET: Final = 0.05
"""Processor time that others may take before the figures are called into question."""

GIGABYTE: Final = 1e9
PIPE_WIDTH: Final = 200
"""Columns of a table where standard output is not a terminal."""


def show(report: dict[str, Any], console: Console) -> None:
    """Print the tables."""
    for table in tables(report):
        print_table(table, console)
    if (others := report["machine"]["others"] or 0) > QUIET:
        console.print(f"Others took {others:.0%} of the processor's time: do not rely on these figures.")
    for name, advice in report["missing"].items():
        console.print(f"{name}: not measured: {advice}")


def print_table(table: Table, console: Console) -> None:
    """On a terminal as wide as that is, elsewhere as Markdown."""
    if not console.is_terminal:
        console.width = PIPE_WIDTH
        console.print(f"**{table.title}**\n")
        table.title, table.box = None, MARKDOWN
    console.print(table)


def tables(report: dict[str, Any]) -> Iterator[Table]:
    """Who took how long, and what was aimed at."""
    yield _contestants(report)
    yield _targets(report)


def _contestants(report: dict[str, Any]) -> Table:
    table = Table(
        "Work", "Who", "Answers", "First byte", "Last byte", "Prompt", "Tokens", "Passes", "Right", title="Medians"
    )
    for name, kinds in report["contestants"].items():
        for kind, row in kinds.items():
            right = report["accuracy"].get(name, {}).get(kind)
            table.add_row(
                kind,
                name,
                str(row["answers"]),
                f"{row['first_seconds']:.2f} s",
                f"{row['wall_seconds']:.2f} s",
                _count(row["prompt_tokens"]),
                _count(row["tokens"]),
                _count(row["passes"]),
                "" if right is None else f"{right:.1%}",
            )
    return table


def _targets(report: dict[str, Any]) -> Table:
    table = Table("Figure", "Measured", "Wanted", title="Beholder's time over the other's, and its own figures")
    for label, value, wanted in figures(report):
        table.add_row(label, value, wanted)
    return table


def figures(report: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """A line a figure: what it is, what was measured, what is wanted. What was not measured has no line."""
    for name, value in report["ratios"].items():
        yield f"structured extraction against {name}", f"{value:.3f}", f"≤ {TARGETS[name]:.2f}"
    if (passes := report["passes_per_token"]) is not None:
        yield "passes per token", f"{passes:.3f}", f"≤ {TARGETS['passes']:.2f}"
    if (free := report["free_text_ratio"].get("llamacpp")) is not None:
        yield "free text against llamacpp", f"{free:.3f}", f"≤ {TARGETS['free_text']:.2f}"
    if (second := report.get("second_question")) and second["ratio"] is not None:
        yield "second question, first byte", f"{second['ratio']:.3f}", f"≤ {TARGETS['second']:.2f}"
    if reading := report.get("ocr_stage"):
        agreement = f"{reading['ratio']:.3f} (texts agree {reading['agreement']:.1%})"
        yield "reading against rapidocr's defaults", agreement, f"≤ {TARGETS['ocr']:.2f}"
    yield from _load_figures(report)


def _load_figures(report: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    memory = report["memory"]
    for name, work in WORK.items():
        if (crowd := report.get(name)) is None:
            continue
        clients = f"{crowd['clients']} clients, {work}"
        yield f"throughput of {clients}", f"{crowd['throughput_ratio']:.2f}x", "≥ 2x"
        yield f"first bytes in order of arrival, {work}", f"{crowd['in_order']:.1%}", "fair"
        yield f"same answers as alone, {work}", f"{crowd['same_answers']} of {crowd['clients']}", "all"
        if crowd["peak_bytes"]:
            yield f"memory under {clients}", _gigabytes(crowd["peak_bytes"]), "≤ 4.5 GB"
    if memory["idle_bytes"]:
        yield "memory, idle", _gigabytes(memory["idle_bytes"]), "≤ 2.5 GB"
    yield "start to ready", f"{memory['start_seconds']:.1f} s", f"≤ {TARGETS['start']:.0f} s"


def _gigabytes(count: int) -> str:
    return f"{count / GIGABYTE:.2f} GB"


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
