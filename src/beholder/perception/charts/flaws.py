"""Measured facts that a reader of a chart should know: broken axes, missing legends, values that marks contradict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from beholder.evidence import Chart
from beholder.perception.charts.axes import Axis
from beholder.perception.charts.draft import Draft
from beholder.perception.charts.numbers import parse_number

CONTRADICTS: Final = 0.12
"""A printed value is contradicted when its mark is off by more than this part of the largest value."""
LITTLE: Final = 0.35
"""Marks that use less than this part of a scale are hard to tell apart."""
BACKWARDS: Final = "time runs backwards along the categories, so what seems to rise falls"
OUT_OF_ORDER: Final = "the categories are not in the order of time"
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def find_flaws(draft: Draft, axes: Sequence[Axis]) -> list[str]:
    """Warnings about a chart, each a sentence with its figures."""
    found = list(draft.warnings)
    if draft.value_axis is not None and draft.value_axis.labels:
        found += _of_scale(draft, draft.value_axis)
        found += _of_range(draft, draft.value_axis)
    found += _of_direction(draft)
    found += _of_two_axes(draft, axes)
    found += _of_legend(draft)
    found += _of_values(draft)
    found += _of_order(draft)
    found += _of_slopes(draft)
    return list(dict.fromkeys(found))


def _of_scale(draft: Draft, axis: Axis) -> list[str]:
    found = []
    if axis.kind == "log":
        found.append("the value axis is logarithmic")
    if axis.kind in {"piecewise", "power"}:
        found.append(_unequal(axis))
    if axis.is_reversed:
        side = "downwards" if axis.direction == "vertical" else "to the left"
        found.append(f"the value axis is reversed: values grow {side}")
    lowest = min((value for _, value in axis.ticks), key=abs)
    values = [value for _, value in axis.ticks]
    reach = max(values) - min(values)
    is_one_sided = min(values) >= 0 or max(values) <= 0
    if axis.kind == "linear" and is_one_sided and abs(lowest) > 0.02 * reach and not _reaches_zero(draft, axis):
        effect = ", so lengths exaggerate differences" if "bar" in draft.kind or draft.kind == "area" else ""
        found.append(f"the value axis starts at {lowest:g}, not at 0{effect}")
    return found


def _unequal(axis: Axis) -> str:
    values = [value for _, value in axis.ticks]
    steps = [abs(b - a) for a, b in pairwise(values)]
    if max(steps) - min(steps) <= 1e-6 * max(steps):
        return "the value axis is neither linear nor logarithmic: equal steps take unequal lengths, so lengths mislead"
    return f"the value axis has unequal steps: {_listed(values)}"


def _reaches_zero(draft: Draft, axis: Axis) -> bool:
    """Whether the marks begin where zero would be: the first tick may just not be labelled."""
    zero = axis.position(0)
    if zero is None or draft.base is None:
        return False
    return abs(zero - draft.base) <= 4


def _of_range(draft: Draft, axis: Axis) -> list[str]:
    amounts = [value.amount for value in draft.values.values()]
    if draft.kind == "stacked bar":
        rows: dict[int, float] = {}
        for (row, _), value in draft.values.items():
            rows[row] = rows.get(row, 0.0) + value.amount
        amounts = list(rows.values())
    values = [value for _, value in axis.ticks]
    is_layered = draft.kind == "area" and len(draft.series) > 1
    if not amounts or axis.kind != "linear" or is_layered:
        return []
    low, high = min(values), max(values)
    step = median(abs(b - a) for a, b in pairwise(values))
    found = []
    if max(amounts) > high + 1.1 * step:
        found.append(f"marks reach beyond the last tick of the value axis ({high:g})")
    elif high > 0 and low >= 0 and max(amounts) < low + LITTLE * (high - low):
        part = round(100 * (max(amounts) - low) / (high - low))
        found.append(f"the marks use only the lowest {part}% of the value axis")
    return found


def _of_direction(draft: Draft) -> list[str]:
    """Numbers along the categories that fall from left to right."""
    axis = draft.category_axis
    if axis is not None:
        is_reversed = axis.direction == "horizontal" and axis.is_reversed
    else:
        numbers = [parse_number(category.name) for category in draft.categories]
        values = [number.value for number in numbers if number is not None]
        is_upright = draft.kind not in {"pie", "horizontal bar", "scatter"} and len(values) == len(numbers) > 2
        is_reversed = (
            is_upright and all(b < a for a, b in pairwise(values)) and time_of(draft.categories[0].name) is None
        )
    return (
        ["the horizontal axis is reversed: values grow to the left, so what seems to rise falls"] if is_reversed else []
    )


def _of_slopes(draft: Draft) -> list[str]:
    """A line or an area drawn over categories that are mere names."""
    names = [category.name for category in draft.categories]
    if draft.kind not in {"line", "area"} or len(names) < 3 or any(letter.isdigit() for letter in "".join(names)):
        return []
    landmarks = {"left end", "right end", "highest", "lowest"}
    if not all(names) or landmarks & set(names) or any(time_of(name) is not None for name in names):
        return []
    return [f"the categories have no order of their own: the {draft.kind} through them suggests a trend that is none"]


def _of_two_axes(draft: Draft, axes: Sequence[Axis]) -> list[str]:
    """Two upright scales at the two sides of the marks, whose values differ."""
    if draft.value_axis is None or draft.value_axis.direction != "vertical":
        return []
    left, _, right, _ = draft.box
    sides = [
        axis
        for axis in axes
        if axis.direction == "vertical" and not left + 0.2 * (right - left) < axis.across < right - 0.2 * (right - left)
    ]
    places = sorted(sides, key=lambda axis: axis.across)
    if len(places) < 2 or places[-1].across - places[0].across < 0.5 * (right - left):
        return []
    spans = [(axis.value(axis.span[1]), axis.value(axis.span[0])) for axis in (places[0], places[-1])]
    if abs(spans[0][0] - spans[1][0]) + abs(spans[0][1] - spans[1][1]) < 0.05 * abs(spans[0][1] - spans[0][0]):
        return []
    texts = [f"{low:g} to {high:g}" for low, high in spans]
    return [f"there are two value axes: {texts[0]} at the left, {texts[1]} at the right"]


def _of_legend(draft: Draft) -> list[str]:
    unnamed = sum(not name for name, _ in draft.series)
    if len(draft.series) > 1 and unnamed == len(draft.series):
        return [f"no legend: nothing names the {unnamed} colours, so which is which cannot be determined"]
    return []


def _of_values(draft: Draft) -> list[str]:
    """Printed values that their marks contradict."""
    largest = max((abs(amount) for amount in draft.checks.values()), default=0.0)
    found = []
    for key, amount in draft.checks.items():
        value = draft.values.get(key)
        if value is None or value.estimated or largest == 0:
            continue
        if abs(value.amount - amount) > CONTRADICTS * largest:
            name = draft.categories[key[0]].name or f"row {key[0] + 1}"
            found.append(f"{name}: {value.text} is printed, the mark shows about {amount:.3g}")
    if len(found) <= max(1, len(draft.checks) // 3):
        return found
    return ["marks do not stand where their printed values would be: go by the printed values"]


def _of_order(draft: Draft) -> list[str]:
    """Times that run backwards, out of order, or in unequal steps."""
    times = [time_of(category.name) for category in draft.categories]
    known = [time for time in times if time is not None]
    if len(known) < 3 or len(known) < len(times):
        return []
    steps = [b - a for a, b in pairwise(known)]
    if draft.kind in {"pie", "scatter"}:
        return []
    if all(step < 0 for step in steps):
        return [] if draft.kind == "horizontal bar" else [BACKWARDS]
    if any(step <= 0 for step in steps):
        return [OUT_OF_ORDER]
    if max(steps) > 1.5 * min(steps) and all(category.box is not None for category in draft.categories):
        return [f"the steps in time are unequal: {_listed(known)}"]
    return []


def is_out_of_time(chart: Chart) -> bool:
    """Whether a chart's categories are times that are drawn in another order."""
    return bool({BACKWARDS, OUT_OF_ORDER} & set(chart.warnings))


def time_of(name: str) -> float | None:
    """A year, or a month's or day's number, for comparing names of one kind."""
    text = name.strip().lower().rstrip("*")
    if re.fullmatch(r"(1[5-9]|20|21)\d\d", text):
        return float(text)
    for names in (MONTHS, DAYS):
        if text[:3] in names and re.fullmatch(r"[a-z]+\.?", text):
            return float(names.index(text[:3]))
    return None


def _listed(values: Sequence[float]) -> str:
    shown = [f"{value:g}" for value in values[:8]]
    return ", ".join(shown) + (" …" if len(values) > 8 else "")
