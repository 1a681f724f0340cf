"""A bar chart from its bars: rows, series, printed values, and estimates along the axis or the printed values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from beholder.evidence import Box
from beholder.perception.charts.axes import Axis, axis_from_base
from beholder.perception.charts.bar_labels import (
    Place,
    frame,
    lying_categories,
    match_values,
    upright_categories,
)
from beholder.perception.charts.bar_series import assign, key_of, series_keys, series_names
from beholder.perception.charts.bars import Bar, BarSet, Stack
from beholder.perception.charts.draft import Draft, Value, measured, printed
from beholder.perception.charts.legend import by_swatch, colours_of
from beholder.perception.charts.numbers import format_estimate
from beholder.perception.charts.scene import Scene, Text
from beholder.perception.charts.separate import separated

AGREES: Final = 0.12
"""A printed value and its bar's length agree within this part, once the scale is known."""

EQUALLY_LONG: Final = 0.02
"""Part of their length by which bars of 100 % may differ."""


@dataclass(frozen=True, slots=True)
class LengthScale:
    """A scale known only from printed values: so much per pixel of a bar's length."""

    per_pixel: float
    decimals: int
    unit: str
    agreeing: float
    """The part of the printed values that agree with it."""


@dataclass(slots=True)
class Labels:
    """The texts around bars: the categories' places, the bars' numbers by `id`, the scale they agree on, the legend."""

    places: list[Place]
    numbers: dict[int, Text]
    scale: LengthScale | None
    legend: dict[int, Text]

    @property
    def used(self) -> list[Text]:
        """All of them."""
        return [*self.legend.values(), *(t for place in self.places for t in place.texts), *self.numbers.values()]


def read_bars(scene: Scene, bars: BarSet, axes: Sequence[Axis]) -> Draft | None:
    """The chart, or None where neither an axis nor printed values prove that these rectangles are bars.

    Well named bars without any scale are a chart too: their lengths are given as parts of the longest.
    """
    axis = _value_axis(bars, axes) or _axis_from_base(scene, bars)
    labels = _labels(scene, bars, axis)
    draft = Draft(_kind(bars), _extent(bars, axis, labels.places), value_axis=axis)
    if not _is_proven(bars, axis, labels.numbers, labels.scale):
        relative = _relative_scale(bars, labels.places)
        if relative is None:
            return None
        labels.scale, warning = relative
        draft.warnings.append(warning)
    draft.used = [*(axis.labels if axis else ()), *labels.used]
    draft.base = bars.bases[0] if bars.orientation == "horizontal" else -bars.bases[0]
    _fill(scene, draft, bars, labels)
    return draft if draft.values else None


def _labels(scene: Scene, bars: BarSet, axis: Axis | None) -> Labels:
    taken = list(axis.labels) if axis else []
    colours = colours_of(bar.colour for bar in bars.bars)
    free = [text for text in scene.texts if text not in taken]
    legend = by_swatch(scene, colours, free, [bar.box for bar in bars.bars]) if len(colours) > 1 else {}
    legend = legend if len(legend) > 1 else {}
    taken += legend.values()
    places = _places(scene, bars, axis, [text for text in scene.texts if text not in taken])
    taken += [text for place in places for text in place.texts]
    free = [text for text in scene.texts if text not in taken]
    numbers = match_values(bars, free)
    scale = _length_scale(bars, numbers)
    if axis is not None:
        shown = {id(bar): _amount(bar, stack, i, axis) for stack in bars.stacks for i, bar in enumerate(stack.bars)}
        numbers = separated(bars.bars, free, numbers, shown, axis.worth)
    return Labels(places, numbers, scale, legend)


def _is_plain(bars: BarSet, places: Sequence[Place]) -> bool:
    """Whether bars prove themselves without a scale: three or more of different lengths, nearly all named."""
    named = sum(bool(place.texts) for place in places)
    lengths = {round(stack.end / 6) for stack in bars.stacks}
    return len(bars.stacks) >= 3 and len(lengths) >= 3 and named >= max(3, 0.8 * len(places)) and len(bars.bases) == 1


def _relative_scale(bars: BarSet, places: Sequence[Place]) -> tuple[LengthScale, str] | None:
    """A scale of parts, where bars prove themselves without one, and the words that say so."""
    if _is_whole(bars, places):
        whole = abs(bars.stacks[0].end - bars.stacks[0].base)
        return _parts_of(whole, "%"), "no value scale was read; all bars are equally long and taken for 100 %"
    if _is_plain(bars, places):
        longest = max(bar.length for bar in bars.bars)
        told = "no value scale, so amounts cannot be determined: lengths are given as parts of the longest bar"
        return _parts_of(longest, "% of the longest"), told
    return None


def _is_whole(bars: BarSet, places: Sequence[Place]) -> bool:
    """Whether three or more named stacks are all equally long, as parts of a whole are drawn."""
    named = sum(bool(place.texts) for place in places)
    reaches = [abs(stack.end - stack.base) for stack in bars.stacks]
    is_level = max(reaches) - min(reaches) <= max(2.0, EQUALLY_LONG * max(reaches))
    are_stacks = all(len(stack.bars) > 1 for stack in bars.stacks)
    return len(bars.stacks) >= 3 and is_level and are_stacks and named >= max(3, 0.8 * len(places))


def _parts_of(length: float, unit: str) -> LengthScale:
    """A scale on which `length`, in working pixels, is 100."""
    return LengthScale(100 / length, 0, unit, 1.0)


def _kind(bars: BarSet) -> str:
    if bars.is_stacked:
        return "stacked bar"
    return "bar" if bars.orientation == "vertical" else "horizontal bar"


def _value_axis(bars: BarSet, axes: Sequence[Axis]) -> Axis | None:
    """The axis along the bars' lengths that stands beside them, not among them."""
    left, top, right, bottom = bars.box
    best: Axis | None = None
    for axis in axes:
        if axis.direction != bars.orientation:
            continue
        low, high = axis.span
        if bars.orientation == "vertical":
            is_beside = axis.across < left + 0.02 * (right - left) or axis.across > right
            is_along = min(high, bottom) - max(low, top) > 0.3 * (bottom - top)
        else:
            is_beside = axis.across < top or axis.across > bottom
            is_along = min(high, right) - max(low, left) > 0.3 * (right - left)
        if is_beside and is_along and (best is None or len(axis.ticks) > len(best.ticks)):
            best = axis
    return best


def _axis_from_base(scene: Scene, bars: BarSet) -> Axis | None:
    left, _, _, bottom = bars.box
    if bars.orientation == "vertical":
        return axis_from_base(scene, "vertical", -bars.bases[0], left)
    return axis_from_base(scene, "horizontal", bars.bases[0], bottom)


def _places(scene: Scene, bars: BarSet, axis: Axis | None, texts: Sequence[Text]) -> list[Place]:
    if bars.orientation == "horizontal":
        return lying_categories(bars, texts)
    floor = bars.box[3]
    if axis is not None:
        floor = max(floor, axis.span[1])
    places = upright_categories(bars, texts, floor)
    return places or upright_categories(bars, texts, bars.box[3])


def _is_proven(bars: BarSet, axis: Axis | None, numbers: dict[int, Text], scale: LengthScale | None) -> bool:
    if axis is not None:
        low, high = axis.span
        return max(bar.length for bar in bars.bars) >= 0.05 * (high - low)
    if scale is None:
        return False
    least = 3 if len(bars.bars) > 2 else 2
    return len(numbers) >= max(least, 0.3 * len(bars.bars)) and scale.agreeing >= 0.6


def _length_scale(bars: BarSet, numbers: dict[int, Text]) -> LengthScale | None:
    """What a pixel of length is worth, from the bars whose values are printed."""
    known = [(bar, numbers[id(bar)]) for bar in bars.bars if id(bar) in numbers]
    values = [(bar.length, text.number) for bar, text in known if text.number is not None and text.number.value]
    if len(values) < 2:
        return None
    rates = [abs(number.value) / length for length, number in values]
    rate = median(rates)
    agreeing = [
        abs(one - rate) <= AGREES * rate + 1.5 * rate / length for one, (length, _) in zip(rates, values, strict=True)
    ]
    units = [number.unit for _, number in values]
    unit = "%" if "%" in units else max(set(units), key=units.count)
    decimals = max(number.decimals for _, number in values)
    return LengthScale(rate, decimals, unit, sum(agreeing) / len(agreeing))


def _extent(bars: BarSet, axis: Axis | None, places: Sequence[Place]) -> Box:
    boxes = [bars.box, *(text.box for place in places for text in place.texts)]
    if axis is not None:
        boxes += [text.box for text in axis.labels]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


# ── rows and columns ────────────────────────────────────────────────────────────────────────────────────────────────


def _fill(scene: Scene, draft: Draft, bars: BarSet, labels: Labels) -> None:
    rows = assign(bars, labels.places)
    keys = series_keys(bars, rows, len(labels.legend))
    names = series_names(scene, bars, keys, labels.legend, draft)
    draft.categories = [place.category for place in rows[0]]
    draft.series = [(names[index], colour) for index, (colour, _) in enumerate(keys)]
    for stack, row in rows[1]:
        for position, bar in enumerate(stack.bars):
            column = key_of(bar, stack, keys)
            number = labels.numbers.get(id(bar))
            estimate = _estimate(bar, stack, position, draft.value_axis, labels.scale)
            value = printed(number) if number is not None else estimate
            if value is not None and (row, column) not in draft.values:
                draft.values[row, column] = value
                if estimate is not None:
                    draft.checks[row, column] = estimate.amount
    if len(keys) == 1:
        _absent(scene, draft, bars, rows[0])


# ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _estimate(bar: Bar, stack: Stack, position: int, axis: Axis | None, scale: LengthScale | None) -> Value | None:
    if axis is None:
        if scale is None:
            return None
        step = max(scale.per_pixel, 10.0**-scale.decimals / 2)
        amount = bar.length * scale.per_pixel
        return Value(format_estimate(amount, step=step, unit=scale.unit), amount, bar.box, True, 0.6)
    amount = _amount(bar, stack, position, axis)
    return measured(axis, amount, bar.box) if math.isfinite(amount) else None


def _amount(bar: Bar, stack: Stack, position: int, axis: Axis) -> float:
    """What a bar shows along an axis: its end, or its length where it stands on another."""
    sign = -1 if axis.direction == "vertical" else 1
    start, end = (bar.v1, bar.v0) if stack.grows_down else (bar.v0, bar.v1)
    at_start, at_end = axis.value(sign * start), axis.value(sign * end)
    is_first = position == (len(stack.bars) - 1 if stack.grows_down else 0)
    is_on_zero = abs(at_start) <= 4 * axis.worth or not is_first
    return at_end - (at_start if is_on_zero and len(stack.bars) > 1 else 0.0)


def _absent(scene: Scene, draft: Draft, bars: BarSet, places: Sequence[Place]) -> None:
    """Values printed at the base where no bar is drawn, as for zero."""
    free = [text for text in scene.texts if text.number is not None and text not in draft.used]
    base = bars.bases[0]
    for row, place in enumerate(places):
        if (row, 0) in draft.values or not place.texts:
            continue
        for text in free:
            one = frame(text, bars.orientation)
            reach = 0.6 * text.height if bars.orientation == "horizontal" else 0.6 * text.width
            if abs(one.centre - place.centre) <= reach and -4 <= one.v0 - base <= 2 * text.height:
                draft.values[row, 0] = printed(text)
                draft.used.append(text)
                break
