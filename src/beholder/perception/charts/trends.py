"""Which way a chart's series go from left to right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from beholder.evidence import Chart
from beholder.perception.charts.numbers import parse_number

KINDS: Final = frozenset({"bar", "line", "area"})
"""Charts that run from left to right."""

FEWEST: Final = 3
"""Values that make a trend."""

AGAINST: Final = 0.1
"""Part of the whole movement that goes the other way at most: measured values tremble."""


HARMLESS: Final = ("the value axis starts at", "no legend", "marks reach beyond", "the marks use only")
"""How warnings begin that leave the direction as it is drawn; under others it may be none."""


def describe_trends(chart: Chart) -> Iterator[str]:
    """A line for each series that goes one way, or turns once."""
    is_plain = chart.kind in KINDS and chart.table.columns == len(chart.series) + 1
    if not is_plain or not all(warning.startswith(HARMLESS) for warning in chart.warnings):
        return
    for column, series in enumerate(chart.series, start=1):
        cells = sorted((cell for cell in chart.table.cells if cell.column == column and cell.row), key=lambda c: c.row)
        numbers = [number.value for cell in cells if (number := parse_number(cell.text)) is not None]
        if len(numbers) >= FEWEST:
            yield f"trend from left to right{f' of {series.name}' if series.name else ''}: {trend_of(numbers)}"


def trend_of(values: Sequence[float]) -> str:
    """The direction in words; with one turn where that explains nearly all of the movement."""
    steps = [b - a for a, b in pairwise(values)]
    whole = sum(map(abs, steps))
    if not whole:
        return "constant"
    turns = range(len(values))
    ways = [
        ("increasing", _falling(steps)),
        ("decreasing", _rising(steps)),
        ("increasing then decreasing", min(_falling(steps[:turn]) + _rising(steps[turn:]) for turn in turns)),
        ("decreasing then increasing", min(_rising(steps[:turn]) + _falling(steps[turn:]) for turn in turns)),
    ]
    return next((way for way, against in ways if against <= AGAINST * whole), "up and down, no single trend")


def _rising(steps: Sequence[float]) -> float:
    return sum(step for step in steps if step > 0)


def _falling(steps: Sequence[float]) -> float:
    return sum(-step for step in steps if step < 0)
