"""A line or area chart from its traces: positions on the x axis, a series for each ink, printed and measured values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np

from beholder.perception.charts.axes import Axis
from beholder.perception.charts.bar_labels import Place, names_below
from beholder.perception.charts.draft import Category, Draft, Value, measured, name_of, printed, union
from beholder.perception.charts.legend import by_ink, by_swatch
from beholder.perception.charts.scene import Scene, Text, distance, saturation
from beholder.perception.charts.strokes import Trace, find_traces

MOST_POSITIONS: Final = 40
"""Whole numbers between ticks become rows of their own up to this many rows."""


def read_lines(scene: Scene, axes: Sequence[Axis]) -> Draft | None:
    """The chart of the lines or areas in the picture, None where no axis or printed values give them a scale."""
    axis = _value_axis(axes)
    plot = _plot(scene, axis)
    if plot is None:
        return None
    traces = _series(find_traces(scene, plot), axis)
    if traces and axis is not None and not _is_beside(axis, traces):
        axis = None
        plot = _plot_of_numbers(scene)
        traces = _series(find_traces(scene, plot), None) if plot else []
    if not traces:
        return None
    taken = list(axis.labels) if axis else []
    places = _positions(scene, axes, traces, plot, [text for text in scene.texts if text not in taken])
    taken += [text for place in places for text in place.texts]
    names, named = _names(scene, traces, [text for text in scene.texts if text not in taken])
    taken += named
    scale, labels = _values_printed(scene, traces, places, axis, [text for text in scene.texts if text not in taken])
    if scale is None or len(places) < 2:
        return None
    places = _with_values(places, traces)
    labels = _match(traces, places, [t for t in scene.texts if t not in taken and t.number is not None], scale)
    taken += labels.values()
    boxes = [tuple(float(edge) for edge in plot), *(t.box for place in places for t in place.texts)]
    draft = Draft(_kind(traces), union([(b[0], b[1], b[2], b[3]) for b in boxes]), value_axis=scale, used=taken)
    draft.categories = [place.category for place in places]
    draft.series = [(name, trace.colour) for name, trace in zip(names, traces, strict=True)]
    for column, trace in enumerate(traces):
        for row, place in enumerate(places):
            printed_text = labels.get((row, column))
            value = _value(trace, place, scale, printed_text, _slack(places), _is_on_ground(trace, traces))
            if value is not None:
                draft.values[row, column] = value
    if draft.kind == "area":
        draft.base = max(float(np.nanmedian(trace.bottom)) for trace in traces)
    if scale.labels and any(_is_cut_off(trace, scale, places) for trace in traces):
        top = max(value for _, value in scale.ticks)
        draft.warnings.append(f"the marks are cut off above the last tick of the value axis ({top:g})")
    return draft


def _is_cut_off(trace: Trace, axis: Axis, places: Sequence[Place]) -> bool:
    """Whether a trace beyond the last tick is flat as if cut, or stops there while positions follow."""
    highest = float(np.nanmin(trace.top))
    if axis.is_reversed or highest > axis.span[0] - 5:
        return False
    flat = int((trace.top <= highest + 1).sum())
    last = trace.ends[1]
    stops = trace.top[last - trace.left] <= highest + 2 and places[-1].centre > last + 0.5 * _slack(places) + 4
    return bool(flat >= max(8, 0.03 * (last - trace.ends[0]))) or bool(stops)


def _with_values(places: Sequence[Place], traces: Sequence[Trace]) -> list[Place]:
    """Without the places before and after all lines."""
    slack = _slack(places)
    first, last = min(t.ends[0] for t in traces), max(t.ends[1] for t in traces)
    return [place for place in places if first - slack <= place.centre <= last + slack]


def _slack(places: Sequence[Place]) -> float:
    """How far a label may stand from its line's end: labels at the edge are moved inwards, or wide."""
    if len(places) < 2:
        return 4.0
    return max(4.0, 0.35 * median(b.centre - a.centre for a, b in pairwise(places)))


def _kind(traces: Sequence[Trace]) -> str:
    return "area" if sum(trace.is_area for trace in traces) * 2 > len(traces) else "line"


def _value_axis(axes: Sequence[Axis]) -> Axis | None:
    upright = [axis for axis in axes if axis.direction == "vertical"]
    return max(upright, key=lambda axis: len(axis.ticks) * abs(axis.span[1] - axis.span[0]), default=None)


def _plot(scene: Scene, axis: Axis | None) -> tuple[int, int, int, int] | None:
    """Where lines are looked for: beside the axis, a little beyond its ends."""
    if axis is None:
        return _plot_of_numbers(scene)
    low, high = axis.span
    spacing = min(b - a for a, b in pairwise(place for place, _ in axis.ticks))
    top, bottom = max(int(low - 1.02 * spacing), 0), min(int(high + 0.6 * spacing), scene.height)
    edge = max(label.box[2] for label in axis.labels)
    if axis.across > 0.6 * scene.width:
        return 0, top, int(min(label.box[0] for label in axis.labels)), bottom
    return min(int(edge) + 2, scene.width), top, scene.width, bottom


def _plot_of_numbers(scene: Scene) -> tuple[int, int, int, int] | None:
    """Around the printed numbers, where no axis says where the plot is."""
    numbers = [text for text in scene.texts if text.number is not None and not text.number.is_year]
    if len(numbers) < 3:
        return None
    reach = 3.5 * median(text.height for text in numbers)
    top, bottom = min(text.box[1] for text in numbers) - reach, max(text.box[3] for text in numbers) + reach
    return 0, max(int(top), 0), scene.width, min(int(bottom), scene.height)


def _series(traces: Sequence[Trace], axis: Axis | None) -> list[Trace]:
    """Traces that run over much of the longest one."""
    if not traces:
        return []
    lines = [trace for trace in traces if axis is None or not _is_rule(trace, axis)]
    longest = max((trace.ends[1] - trace.ends[0] for trace in lines), default=0)
    return [trace for trace in lines if trace.ends[1] - trace.ends[0] >= 0.15 * longest]


def _is_rule(trace: Trace, axis: Axis) -> bool:
    """Whether a grey trace is level on a tick: a grid line."""
    centres = (trace.top + trace.bottom) / 2
    low, high = np.nanquantile(centres, (0.1, 0.9))
    middle = float(low + high) / 2
    on_tick = min(abs(place - middle) for place, _ in axis.ticks) <= 3
    return saturation(trace.colour) < 40 and float(high - low) <= 2 and on_tick


def _is_beside(axis: Axis, traces: Sequence[Trace]) -> bool:
    """Whether the axis's labels stand at a side of the lines: numbers among them are values."""
    first, last = min(t.ends[0] for t in traces), max(t.ends[1] for t in traces)
    inset = 0.04 * (last - first)
    if first + inset < axis.across < last - inset:
        return False
    ends = [y for trace in traces for x in trace.ends if (y := trace.middle(x)) is not None]
    at_ends = sum(min(abs(place - y) for y in ends) < 8 for place, _ in axis.ticks)
    return len(axis.ticks) > 3 or at_ends < len(axis.ticks)


def _landmarks(traces: Sequence[Trace]) -> list[Place]:
    """Where no position is named: the ends, the highest and the lowest point of the longest line."""
    trace = max(traces, key=lambda one: one.ends[1] - one.ends[0])
    centres = (trace.top + trace.bottom) / 2
    spots = {
        "left end": float(trace.ends[0]),
        "right end": float(trace.ends[1]),
        "highest": float(trace.left + np.nanargmin(centres)),
        "lowest": float(trace.left + np.nanargmax(centres)),
    }
    return [Place(Category(name, None, 0.5), x, ()) for name, x in spots.items()]


def _positions(
    scene: Scene, axes: Sequence[Axis], traces: Sequence[Trace], plot: tuple[int, int, int, int], texts: Sequence[Text]
) -> list[Place]:
    first, last = min(t.ends[0] for t in traces), max(t.ends[1] for t in traces)
    lowest = max(float(np.nanmax(trace.bottom)) for trace in traces)
    level = [a for a in axes if a.direction == "horizontal" and a.across > lowest - 12 and _spans(a, first, last)]
    if level:
        axis = max(level, key=lambda a: len(a.ticks))
        if not any(re.fullmatch(r"0\d", label.text) for label in axis.labels):
            return _counted(axis, first, last)
        return names_below(texts, min(label.box[1] for label in axis.labels), (first, last), [])
    for floor in (float(plot[3]) - 30, lowest - 4):
        places = _row_below(texts, floor, (first, last))
        if len(places) >= 2:
            return places
    return _landmarks(traces)


def _row_below(texts: Sequence[Text], floor: float, extent: tuple[float, float]) -> list[Place]:
    """The first row of names below `floor`; rows of plain numbers are values while another row follows."""
    centres = np.linspace(*extent, 40).tolist()
    places = names_below(texts, floor, extent, centres)
    for _ in range(4):
        numbers = [t.number for place in places for t in place.texts if t.number is not None and not t.number.is_year]
        if not places or len(numbers) < 0.6 * len(places):
            return places
        lowest = max(text.box[3] for place in places for text in place.texts)
        following = names_below(texts, lowest - 4, extent, centres)
        if len(following) < 2:
            return places
        places = following
    return places


def _spans(axis: Axis, first: float, last: float) -> bool:
    return min(axis.span[1], last) - max(axis.span[0], first) > 0.5 * (last - first)


def _counted(axis: Axis, first: float, last: float) -> list[Place]:
    """A place for each tick, and for each whole number between ticks while they are few."""
    places = [
        Place(Category(label.text.strip(), label.box, label.confidence), place, (label,))
        for (place, _), label in zip(axis.ticks, axis.labels, strict=True)
    ]
    low, high = sorted((axis.value(first), axis.value(last)))
    numbers = range(round(low), round(high) + 1)
    are_whole = all(value.is_integer() for _, value in axis.ticks) and axis.kind == "linear"
    if not are_whole or len(numbers) > MOST_POSITIONS or len(numbers) <= len(places):
        return places
    named = {round(value): place for (_, value), place in zip(axis.ticks, places, strict=True)}
    counted = []
    for number in numbers:
        position = axis.position(number)
        if number in named:
            counted.append(named[number])
        elif position is not None:
            counted.append(Place(Category(str(number), None, 0.7), position, ()))
    return sorted(counted, key=lambda place: place.centre)


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _names(scene: Scene, traces: Sequence[Trace], texts: Sequence[Text]) -> tuple[list[str], list[Text]]:
    """Each trace's name by legend, by the ink of a text, or by the text at its end; and the texts used."""
    words = [t for t in texts if (t.number is None or t.number.is_year) and re.search(r"[^\W_Oo0]", t.text)]
    colours = [trace.colour for trace in traces]
    found = by_swatch(scene, colours, words, []) if len(traces) > 1 else {}
    if len(found) < 2:
        found = {}
    free = [text for text in words if text not in found.values() and text.number is None]
    inked = by_ink(scene, colours, free) if len(traces) > 1 else {}
    for index, written in inked.items():
        near = [text for text in written if _is_by(traces[index], text)]
        if index not in found and near:
            found[index] = max(near, key=lambda text: len(text.text))
    _by_end(traces, [t for t in words if t not in found.values() and re.search(r"[^\W\d]{2}", t.text)], found)
    names = [name_of(found[index].text) if index in found else "" for index in range(len(traces))]
    return names, list(found.values())


def _is_by(trace: Trace, text: Text) -> bool:
    """Whether a text stands within the height of the plot, near the trace's columns."""
    first, last = trace.ends
    x, y = text.middle
    low, high = float(np.nanmin(trace.top)) - 6 * text.height, float(np.nanmax(trace.bottom)) + 3 * text.height
    return first - text.width - 60 <= x <= last + text.width + 60 and low <= y <= high


def _by_end(traces: Sequence[Trace], texts: Sequence[Text], found: dict[int, Text]) -> None:
    pairs = []
    for index, trace in enumerate(traces):
        if index in found:
            continue
        last = trace.ends[1]
        y = trace.middle(last - 1)
        for text in texts:
            gap = text.box[0] - last
            if y is not None and -1.5 * text.width - 20 <= gap <= 5 * text.height:
                away = abs(text.middle[1] - y)
                if away <= 1.6 * text.height:
                    pairs.append((away, index, text))
    for _, index, text in sorted(pairs, key=lambda pair: pair[0]):
        if index not in found and text not in found.values():
            found[index] = text


# ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _values_printed(
    scene: Scene, traces: Sequence[Trace], places: Sequence[Place], axis: Axis | None, texts: Sequence[Text]
) -> tuple[Axis | None, dict[tuple[int, int], Text]]:
    """The numbers printed at points, and the scale: the axis, or what the printed numbers agree on."""
    numbers = [text for text in texts if text.number is not None]
    if axis is not None:
        return axis, _match(traces, places, numbers, axis)
    matched = _match(traces, places, numbers, None)
    points = [
        (y, text.number.value)
        for (row, column), text in matched.items()
        if (y := traces[column].middle(places[row].centre)) is not None and text.number is not None
    ]
    scale = _scale(points, list(matched.values()))
    return (scale, _match(traces, places, numbers, scale)) if scale is not None else (None, {})


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


def _match(
    traces: Sequence[Trace], places: Sequence[Place], numbers: Sequence[Text], axis: Axis | None
) -> dict[tuple[int, int], Text]:
    """For each point `(place, trace)` its printed number: near the point, and where its value belongs."""
    pitch = median([b.centre - a.centre for a, b in pairwise(places)]) if len(places) > 1 else 40.0
    costs: list[tuple[float, int, int, Text]] = []
    for column, trace in enumerate(traces):
        for row, place in enumerate(places):
            y = _height(trace, place.centre, _slack(places))
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


def _is_on_ground(trace: Trace, traces: Sequence[Trace]) -> bool:
    """Whether an area stands on the axis's own floor, not on another area."""
    floor = max(float(np.nanmedian(other.bottom)) for other in traces)
    low, high = np.nanquantile(trace.bottom, (0.1, 0.9))
    return float(high - low) <= 4 and abs(float(np.nanmedian(trace.bottom)) - floor) <= 4


def _value(trace: Trace, place: Place, axis: Axis, text: Text | None, slack: float, is_on_ground: bool) -> Value | None:
    if text is not None:
        return printed(text)
    if trace.is_area:
        bounds = trace.bounds(place.centre, slack)
        if bounds is None:
            return None
        upper, lower = bounds
        base = 0.0 if is_on_ground else axis.value(lower)
        return measured(axis, axis.value(upper) - base, (place.centre - 2, upper, place.centre + 2, lower))
    y = trace.middle(place.centre, slack)
    if y is None:
        return None
    return measured(
        axis, axis.value(y), (place.centre - 3, y - 3, place.centre + 3, y + 3), confidence=0.5 + 0.3 * trace.covered
    )
