"""Values along lines: the numbers printed at points, the scale they agree on, and what is measured elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import numpy as np

from beholder.perception.charts.axes import Axis
from beholder.perception.charts.bar_labels import Place
from beholder.perception.charts.draft import Value, measured, printed
from beholder.perception.charts.scene import Scene, Text, distance, saturation
from beholder.perception.charts.strokes import Trace


def edge_slack(places: Sequence[Place]) -> float:
    """How far a label may stand from its line's end: labels at the edge are moved inwards, or wide."""
    if len(places) < 2:
        return 4.0
    return max(4.0, 0.35 * median(b.centre - a.centre for a, b in pairwise(places)))


def match_printed(
    scene: Scene, traces: Sequence[Trace], places: Sequence[Place], axis: Axis | None, texts: Sequence[Text]
) -> tuple[Axis | None, dict[tuple[int, int], Text]]:
    """The numbers printed at points, and the scale: the axis, or what the printed numbers agree on."""
    numbers = [text for text in texts if text.number is not None]
    if axis is not None:
        return axis, match_points(traces, places, numbers, axis)
    matched = match_points(traces, places, numbers, None)
    points = [
        (y, text.number.value)
        for (row, column), text in matched.items()
        if (y := traces[column].middle(places[row].centre)) is not None and text.number is not None
    ]
    scale = _scale(points, list(matched.values()))
    return (scale, match_points(traces, places, numbers, scale)) if scale is not None else (None, {})


def _scale(points: Sequence[tuple[float, float]], texts: Sequence[Text]) -> Axis | None:
    """The line through `(y, value)` points that most agree on, if two thirds of at least three do."""
    best: list[tuple[float, float]] = []
    for index, (y0, v0) in enumerate(points):
        for y1, v1 in points[index + 1 :]:
            if abs(y0 - y1) < 6 or v0 == v1 or (v1 - v0) / (y1 - y0) > 0:
                continue
            slope = (v1 - v0) / (y1 - y0)
            near = [(y, v) for y, v in points if abs((v - v0) / slope - (y - y0)) <= 4]
            best = max(best, near, key=len)
    if len(best) < max(3, 0.6 * len(points)):
        return None
    slope, intercept = (float(x) for x in np.polyfit([y for y, _ in best], [v for _, v in best], 1))
    units = [text.number.unit for text in texts if text.number is not None]
    unit = "%" if "%" in units else ""
    ordered = tuple(sorted(best))
    return Axis("vertical", "linear", slope, intercept, ordered, (), unit)


def match_points(
    traces: Sequence[Trace], places: Sequence[Place], numbers: Sequence[Text], axis: Axis | None
) -> dict[tuple[int, int], Text]:
    """For each point `(place, trace)` its printed number: near the point, and where its value belongs."""
    pitch = median([b.centre - a.centre for a, b in pairwise(places)]) if len(places) > 1 else 40.0
    costs: list[tuple[float, int, int, Text]] = []
    for column, trace in enumerate(traces):
        for row, place in enumerate(places):
            y = _height(trace, place.centre, edge_slack(places))
            if y is None or (trace.is_area and len(traces) > 1):
                continue
            for text in numbers:
                cost = _cost(text, place.centre, y, pitch, axis)
                if cost is not None:
                    cost += 0.0 if axis is not None or _is_own(text, trace, traces) else 1.5
                    costs.append((cost, row, column, text))
    chosen: dict[tuple[int, int], Text] = {}
    taken: set[int] = set()
    for _, row, column, text in sorted(costs, key=lambda one: one[0]):
        if (row, column) not in chosen and id(text) not in taken:
            chosen[row, column] = text
            taken.add(id(text))
    return chosen


def _height(trace: Trace, x: float, slack: float) -> float | None:
    """Where a trace shows its value: a line's middle, an area's upper edge."""
    if trace.is_area:
        bounds = trace.bounds(x, slack)
        return bounds[0] if bounds else None
    return trace.middle(x, slack)


def _is_own(text: Text, trace: Trace, traces: Sequence[Trace]) -> bool:
    """Whether a number's ink is no other line's: numbers are often printed in the colour of their line."""
    if saturation(text.ink) < 28:
        return True
    nearest = min(traces, key=lambda one: distance(one.colour, text.ink))
    return nearest is trace or distance(nearest.colour, text.ink) > 60


def _cost(text: Text, x: float, y: float, pitch: float, axis: Axis | None) -> float | None:
    assert text.number is not None
    aside, away = abs(text.middle[0] - x), abs(text.middle[1] - y)
    if aside > max(0.5 * pitch, 0.5 * text.width) or away > 3.2 * text.height or aside > 2.2 * text.width:
        return None
    if axis is None:
        return aside / max(text.width, 1) + away / text.height
    expected = axis.position(text.number.value)
    if expected is None:
        return None
    span = abs(axis.span[1] - axis.span[0])
    if abs(expected - y) > max(7.0, 0.03 * span):
        return None
    return abs(expected - y) / 4 + aside / max(text.width, 1) + 0.3 * away / text.height


def is_on_ground(trace: Trace, traces: Sequence[Trace]) -> bool:
    """Whether an area stands on the axis's own floor, not on another area."""
    floor = max(float(np.nanmedian(other.bottom)) for other in traces)
    low, high = np.nanquantile(trace.bottom, (0.1, 0.9))
    return float(high - low) <= 4 and abs(float(np.nanmedian(trace.bottom)) - floor) <= 4


def point_value(
    trace: Trace, place: Place, axis: Axis, text: Text | None, *, slack: float, is_grounded: bool
) -> Value | None:
    if text is not None:
        return printed(text)
    if trace.is_area:
        bounds = trace.bounds(place.centre, slack)
        if bounds is None:
            return None
        upper, lower = bounds
        base = 0.0 if is_grounded else axis.value(lower)
        return measured(axis, axis.value(upper) - base, (place.centre - 2, upper, place.centre + 2, lower))
    y = trace.middle(place.centre, slack)
    if y is None:
        return None
    return measured(
        axis, axis.value(y), (place.centre - 3, y - 3, place.centre + 3, y + 3), confidence=0.5 + 0.3 * trace.covered
    )
