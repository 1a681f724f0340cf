"""A line or area chart from its traces: positions on the x axis, a series for each ink, printed and measured values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np

from beholder.perception.charts.axes import Axis
from beholder.perception.charts.bar_labels import Place
from beholder.perception.charts.draft import Draft, union
from beholder.perception.charts.line_labels import find_positions, name_series
from beholder.perception.charts.line_values import edge_slack, is_on_ground, match_points, match_printed, point_value
from beholder.perception.charts.scene import Scene, saturation
from beholder.perception.charts.strokes import Trace, find_traces

LEAP: Final = 6
"""Working pixels between the ink of neighbouring columns that no line leaves open."""

SCATTERED: Final = 12
"""Leaps from which ink is dots: a line has one where another hides it, dots have one between nearly each two."""


def read_lines(scene: Scene, axes: Sequence[Axis]) -> Draft | None:
    """The chart of the lines or areas in the picture, None where no axis or printed values give them a scale."""
    found = _find(scene, _value_axis(axes)) or _find(scene, None)
    if found is None:
        return None
    axis, plot, traces = found
    taken = list(axis.labels) if axis else []
    places = find_positions(scene, axes, traces, plot, [text for text in scene.texts if text not in taken])
    taken += [text for place in places for text in place.texts]
    names, named = name_series(scene, traces, [text for text in scene.texts if text not in taken])
    taken += named
    scale, labels = match_printed(scene, traces, places, axis, [text for text in scene.texts if text not in taken])
    if scale is None or len(places) < 2:
        return None
    places = _with_values(places, traces)
    if not places:
        return None
    labels = match_points(traces, places, [t for t in scene.texts if t not in taken and t.number is not None], scale)
    taken += labels.values()
    boxes = [tuple(float(edge) for edge in plot), *(t.box for place in places for t in place.texts)]
    draft = Draft(_kind(traces), union([(b[0], b[1], b[2], b[3]) for b in boxes]), value_axis=scale, used=taken)
    draft.categories = [place.category for place in places]
    draft.series = [(name, trace.colour) for name, trace in zip(names, traces, strict=True)]
    for column, trace in enumerate(traces):
        for row, place in enumerate(places):
            text, grounded = labels.get((row, column)), is_on_ground(trace, traces)
            value = point_value(trace, place, scale, text, slack=edge_slack(places), is_grounded=grounded)
            if value is not None:
                draft.values[row, column] = value
    if draft.kind == "area":
        draft.base = max(float(np.nanmedian(trace.bottom)) for trace in traces)
    if scale.labels and any(_is_cut_off(trace, scale, places) for trace in traces):
        top = max(value for _, value in scale.ticks)
        draft.warnings.append(
            f"the marks are cut off above the last tick of the value axis ({top:g}), so values there are unclear"
        )
    return draft


def _find(scene: Scene, axis: Axis | None) -> tuple[Axis | None, tuple[int, int, int, int], list[Trace]] | None:
    """The traces beside an axis, or around the printed numbers; None where there are none, or the axis is no axis."""
    plot = _plot(scene, axis)
    traces = _series(find_traces(scene, plot), axis) if plot else []
    if plot is None or not traces or (axis is not None and not _is_beside(axis, traces)):
        return None
    return axis, plot, traces


def _is_cut_off(trace: Trace, axis: Axis, places: Sequence[Place]) -> bool:
    """Whether a trace beyond the last tick is flat as if cut, or stops there while positions follow."""
    highest = float(np.nanmin(trace.top))
    if axis.is_reversed or highest > axis.span[0] - 5:
        return False
    flat = int((trace.top <= highest + 1).sum())
    last = trace.ends[1]
    stops = trace.top[last - trace.left] <= highest + 2 and places[-1].centre > last + 0.5 * edge_slack(places) + 4
    return bool(flat >= max(8, 0.03 * (last - trace.ends[0]))) or bool(stops)


def _with_values(places: Sequence[Place], traces: Sequence[Trace]) -> list[Place]:
    """Without the places before and after all lines."""
    slack = edge_slack(places)
    first, last = min(t.ends[0] for t in traces), max(t.ends[1] for t in traces)
    return [place for place in places if first - slack <= place.centre <= last + slack]


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
    lines = [t for t in traces if not _is_scattered(t) and (axis is None or not _is_rule(t, axis))]
    longest = max((trace.ends[1] - trace.ends[0] for trace in lines), default=0)
    return [trace for trace in lines if trace.ends[1] - trace.ends[0] >= 0.15 * longest]


def _is_scattered(trace: Trace) -> bool:
    """Whether the ink leaps up and down from column to column, as dots do that no stroke joins."""
    inked = ~np.isnan(trace.top)
    top, bottom = trace.top[inked], trace.bottom[inked]
    leaps = np.maximum(top[1:] - bottom[:-1], top[:-1] - bottom[1:]) > max(LEAP, 2 * trace.thin)
    return int(leaps.sum()) >= SCATTERED


def _is_rule(trace: Trace, axis: Axis) -> bool:
    """Whether a grey trace is level on a tick: a grid line."""
    centres = (trace.top + trace.bottom) / 2
    low, high = np.nanquantile(centres, (0.1, 0.9))
    middle = float(low + high) / 2
    on_tick = min(abs(place - middle) for place, _ in axis.ticks) <= 3
    return saturation(trace.colour) < 40 and float(high - low) <= 2 and on_tick


def _is_beside(axis: Axis, traces: Sequence[Trace]) -> bool:
    """Whether the axis's labels stand at a side of the lines: numbers among them are values."""
    low, high = axis.span
    slack = 0.4 * (high - low)
    middles = [float(np.nanmedian((trace.top + trace.bottom) / 2)) for trace in traces if not trace.is_area]
    if sum(low - slack <= middle <= high + slack for middle in middles) < 0.6 * len(middles):
        return False
    first, last = min(t.ends[0] for t in traces), max(t.ends[1] for t in traces)
    inset = 0.04 * (last - first)
    if first + inset < axis.across < last - inset:
        return False
    ends = [y for trace in traces for x in trace.ends if (y := trace.middle(x)) is not None]
    at_ends = sum(min(abs(place - y) for y in ends) < 8 for place, _ in axis.ticks)
    return len(axis.ticks) > 3 or at_ends < len(axis.ticks)
