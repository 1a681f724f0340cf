"""Lines and areas over named positions without any scale: their heights are parts of the highest, and it is said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np

from beholder.perception.charts.draft import Category, Draft, Value
from beholder.perception.charts.numbers import format_estimate
from beholder.perception.charts.scene import Scene, Text
from beholder.perception.charts.strokes import Trace, find_traces

MOST_TEXTS: Final = 40
"""A picture with more texts is a page or a screen, whose rules and edges are no lines of a chart."""

EVEN: Final = 0.25
"""Part of the usual distance by which names of positions may be off it."""

AT_ENDS: Final = 0.2
"""Part of the distance between names by which a line's ends may be off the first and the last name."""

LEAST_RISE: Final = 0.1
"""Part of the plot's height that a line covers: a level one is a rule or an edge."""

WARNING: Final = (
    "no value scale, so neither amounts nor their changes can be determined: only drawn heights are given, in % of the "
    "highest mark"
)


def read_unscaled(scene: Scene) -> Draft | None:
    """The chart; None where numbers are printed, or no line runs from the first to the last of a row of names."""
    if len(scene.texts) > MOST_TEXTS or any(text.number and not text.number.is_year for text in scene.texts):
        return None
    names = _names(scene.texts)
    if not names:
        return None
    floor = min(name.box[1] for name in names)
    plot = (0, _ceiling(scene.texts, floor), scene.width, int(floor))
    traces = [trace for trace in find_traces(scene, plot) if _runs_over(trace, names, plot)]
    if not traces:
        return None
    box = (min(name.box[0] for name in names), float(plot[1]), max(name.box[2] for name in names), names[0].box[3])
    draft = Draft("area" if traces[0].is_area else "line", box, used=list(names), warnings=[WARNING])
    draft.categories = [Category(name.text.strip(), name.box, name.confidence) for name in names]
    draft.series = [("", trace.colour) for trace in traces]
    highest = min(float(np.nanmin(trace.top)) for trace in traces)
    for column, trace in enumerate(traces):
        for row, name in enumerate(names):
            value = _height(trace, name.middle[0], floor, highest, AT_ENDS * _spacing(names))
            if value is not None:
                draft.values[row, column] = value
    return draft


def _names(texts: Sequence[Text]) -> list[Text]:
    """The lowest row of three or more texts that stand evenly."""
    for head in sorted(texts, key=lambda text: -text.middle[1]):
        row = sorted(
            (t for t in texts if abs(t.middle[1] - head.middle[1]) <= 0.5 * head.height), key=lambda t: t.box[0]
        )
        if len(row) >= 3 and all(abs(gap - _spacing(row)) <= EVEN * _spacing(row) for gap in _gaps(row)):
            return row
    return []


def _gaps(row: Sequence[Text]) -> list[float]:
    return [b.middle[0] - a.middle[0] for a, b in pairwise(row)]


def _spacing(row: Sequence[Text]) -> float:
    return median(_gaps(row))


def _ceiling(texts: Sequence[Text], floor: float) -> int:
    """Below what is written over the plot."""
    return int(max((t.box[3] for t in texts if t.box[3] < 0.3 * floor and t.width > t.height), default=0.0))


def _runs_over(trace: Trace, names: Sequence[Text], plot: tuple[int, int, int, int]) -> bool:
    slack = AT_ENDS * _spacing(names)
    first, last = trace.ends
    rise = float(np.nanmax(trace.top) - np.nanmin(trace.top))
    is_whole = abs(first - names[0].middle[0]) <= slack and abs(last - names[-1].middle[0]) <= slack
    return is_whole and rise >= LEAST_RISE * (plot[3] - plot[1])


def _height(trace: Trace, x: float, floor: float, highest: float, slack: float) -> Value | None:
    bounds = trace.bounds(x, slack)
    y = bounds[0] if trace.is_area and bounds else trace.middle(x, slack)
    if y is None:
        return None
    amount = 100 * (floor - y) / (floor - highest)
    return Value(format_estimate(amount, step=1, unit="%"), amount, (x - 3, y - 3, x + 3, y + 3), True, 0.6)
