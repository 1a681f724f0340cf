"""What is printed along a chart's axes, how it is told, and what two charts' axes and legends have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from beholder.evidence import Chart, ChartAxis
from beholder.perception.charts.axes import Axis, Direction
from beholder.perception.charts.draft import Draft
from beholder.perception.charts.numbers import parse_number

DIRECTIONS: Final[tuple[Direction, ...]] = ("horizontal", "vertical")

SAME: Final = 1e-6
"""Relative difference up to which two steps of a scale count as equal."""

MOST_TOLD: Final = 30
"""Labels of an axis that are listed at most; there are seldom more, and their count says the rest."""


def label_axes(draft: Draft, axes: Sequence[Axis]) -> tuple[ChartAxis, ...]:
    """The labelled axes of a chart: its scales, and the names of its categories where no scale runs that way."""
    scales = [axis for axis in (draft.value_axis, draft.category_axis) if axis is not None and axis.labels]
    scales += [axis for axis in axes if not _is_data(draft, axis) and not any(_is_same(axis, one) for one in scales)]
    found = [_of_scale(axis) for axis in sorted(scales, key=lambda axis: axis.across)]
    other: Direction = "vertical" if draft.kind == "horizontal bar" else "horizontal"
    names = tuple(category.name for category in draft.categories if category.name)
    if names and draft.kind != "pie" and not any(axis.direction == other for axis in found):
        found.append(ChartAxis(other, names[::-1] if other == "vertical" else names))
    return tuple(found)


def _is_same(one: Axis, two: Axis) -> bool:
    return bool(set(map(id, one.labels)) & set(map(id, two.labels)))


def _is_data(draft: Draft, axis: Axis) -> bool:
    """Whether a line of numbers is the chart's data: values printed at the marks, or names of its categories."""
    printed = {value.box for value in draft.values.values() if not value.estimated}
    return sum(label.box in printed for label in axis.labels) * 2 >= len(axis.labels)


def _of_scale(axis: Axis) -> ChartAxis:
    order = slice(None, None, -1) if axis.direction == "vertical" else slice(None)
    labels = tuple(label.text.strip() for label in axis.labels)[order]
    return ChartAxis(axis.direction, labels, tuple(value for _, value in axis.ticks)[order])


def describe_axes(chart: Chart) -> list[str]:
    """A line for each axis: how many labels it has, which, and the step between numbers."""
    lines = list(dict.fromkeys(_described(axis) for axis in chart.axes))
    total = sum(len(axis.labels) for axis in chart.axes)
    return [*lines, f"total number of labels across all axes: {total}"] if len(chart.axes) > 1 else lines


def _described(axis: ChartAxis) -> str:
    is_level = axis.direction == "horizontal"
    start, first, last = ("left", "leftmost", "rightmost") if is_level else ("bottom", "lowest", "highest")
    shown = ", ".join(axis.labels[:MOST_TOLD]) + (", …" if len(axis.labels) > MOST_TOLD else "")
    reach = f"; {first} {axis.labels[0]}, {last} {axis.labels[-1]}"
    return f"{axis.direction} axis, {len(axis.labels)} labels from the {start}: {shown}{reach}{_steps(axis.numbers)}"


def _steps(numbers: Sequence[float]) -> str:
    if len(numbers) < 2:
        return ""
    steps = [b - a for a, b in pairwise(numbers)]
    reach = f"; maximum {max(numbers):.10g} - minimum {min(numbers):.10g} = {max(numbers) - min(numbers):.10g}"
    if max(steps) - min(steps) > SAME * max(map(abs, steps)):
        return f"{reach}; the step is not constant"
    return f"{reach}; step {abs(steps[0]):.6g}"


def describe_shared(first: Sequence[Chart], second: Sequence[Chart], names: tuple[str, str]) -> str:
    """What stands in the charts of two pictures, named `names`, alike on axes and in legends.

    Empty where one of them has no labelled axis.
    """
    pictures = (first, second)
    if not all(any(chart.axes for chart in charts) for charts in pictures):
        return ""
    along = {name: _shared(*(_labels(charts, name) for charts in pictures)) for name in DIRECTIONS}
    parts = [_listed(f"on the {name} axis", labels) for name, labels in along.items()]
    parts.append(f"across all axes: {len(_shared(*(_labels(charts, None) for charts in pictures)))}")
    legends = [
        [(series.name.casefold(), series.name) for chart in charts for series in chart.series if series.name]
        for charts in pictures
    ]
    if all(legends):
        parts.append(_listed("in the legend", _shared(*legends)))
    return "\n".join([f"How many of the same labels are in {names[0]} and {names[1]}:", *parts])


def _labels(charts: Sequence[Chart], direction: str | None) -> list[tuple[object, str]]:
    """The labels of the axes in a direction, or of all, with what makes two of them the same."""
    axes = [axis for chart in charts for axis in chart.axes if direction in {None, axis.direction}]
    return [label for axis in axes for label in _keys(axis)]


def _keys(axis: ChartAxis) -> list[tuple[object, str]]:
    """Labels with what makes two the same: a number's value, a word without case and spaces."""
    return [(_key(label), label) for label in axis.labels]


def _key(label: str) -> object:
    number = parse_number(label)
    if number is None:
        return "".join(label.casefold().split())
    return 0.0 if not number.value else round(number.value, 9 - math.ceil(math.log10(abs(number.value))))


def _shared(first: Sequence[tuple[object, str]], second: Sequence[tuple[object, str]]) -> list[str]:
    also = {key for key, _ in second}
    return list({key: label for key, label in first if key in also}.values())


def _listed(where: str, labels: Sequence[str]) -> str:
    return f"{where}: {len(labels)}" + (f" ({', '.join(labels[:MOST_TOLD])})" if labels else "")
