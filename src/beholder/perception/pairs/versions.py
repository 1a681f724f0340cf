"""Whether two pictures can be versions of one: told from what was read, before pixels are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from beholder.evidence import Chart, Evidence
from beholder.perception.charts.numbers import parse_number

FEW_LINES: Final = 8
"""Lines below which a picture's text says too little about what it shows."""

LEAST_SHARED: Final = 0.35
"""Part of the shorter text's lines that two versions of a page share at least."""

LEAST_AGREEING: Final = 0.5
"""Part of the figures that two versions of a chart share at least."""

CLOSE: Final = 0.03
"""Relative difference up to which two measured figures agree."""


def can_be_versions(first: Evidence, second: Evidence) -> bool:
    """False where the texts, or the figures of the charts, say that the pictures show different things."""
    figures = _figures(first.charts), _figures(second.charts)
    if all(figures):
        return _agreement(*figures) >= LEAST_AGREEING
    texts = [{"".join(line.text.casefold().split()) for line in seen.lines} for seen in (first, second)]
    if min(map(len, texts)) < FEW_LINES:
        return True
    return len(texts[0] & texts[1]) >= LEAST_SHARED * min(map(len, texts))


def _figures(charts: Sequence[Chart]) -> dict[tuple[str, int], float]:
    """A chart's numbers by the row's name and the column's place."""
    found: dict[tuple[str, int], float] = {}
    for chart in charts:
        names = {cell.row: cell.text for cell in chart.table.cells if cell.column == 0}
        for cell in chart.table.cells:
            number = parse_number(cell.text) if cell.row and cell.column else None
            if number is not None:
                found[names.get(cell.row, ""), cell.column] = number.value
    return found


def _agreement(first: Mapping[tuple[str, int], float], second: Mapping[tuple[str, int], float]) -> float:
    agreeing = sum(
        abs(value - second[name]) <= CLOSE * max(abs(value), abs(second[name]))
        for name, value in first.items()
        if name in second
    )
    return agreeing / max(min(len(first), len(second)), 1)
