"""A bar chart from its bars: rows, series, printed values, and estimates along the axis or the printed values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from beholder.perception.charts.axes import Axis, axis_from_base
from beholder.perception.charts.bar_labels import (
    Place,
    frame,
    lying_categories,
    match_values,
    pitch_of,
    upright_categories,
)
from beholder.perception.charts.bars import Bar, BarSet, Stack, same_colour
from beholder.perception.charts.draft import Category, Draft, Value, joined, measured, name_of, printed
from beholder.perception.charts.legend import by_ink, by_swatch, colours_of, index_of
from beholder.perception.charts.numbers import format_estimate
from beholder.perception.charts.scene import Colour, Scene, Text
from beholder.perception.charts.separate import separated
from beholder.types import Box

AGREES: Final = 0.12
"""A printed value and its bar's length agree within this part, once the scale is known."""


@dataclass(frozen=True, slots=True)
class LengthScale:
    """A scale known only from printed values: so much per pixel of a bar's length."""

    per_pixel: float
    decimals: int
    unit: str
    agreeing: float
    """The part of the printed values that agree with it."""


def read_bars(scene: Scene, bars: BarSet, axes: Sequence[Axis]) -> Draft | None:
    """The chart, or None where neither an axis nor printed values prove that these rectangles are bars."""
    axis = _value_axis(bars, axes) or _axis_from_base(scene, bars)
    taken = list(axis.labels) if axis else []
    colours = colours_of(bar.colour for bar in bars.bars)
    boxes = [bar.box for bar in bars.bars]
    free = [text for text in scene.texts if text not in taken]
    legend = by_swatch(scene, colours, free, boxes) if len(colours) > 1 else {}
    taken += legend.values() if len(legend) > 1 else []
    places = _places(scene, bars, axis, [text for text in scene.texts if text not in taken])
    taken += [text for place in places for text in place.texts]
    numbers = match_values(bars, [text for text in scene.texts if text not in taken])
    scale = _length_scale(bars, numbers, axis)
    if not _is_proven(bars, axis, numbers, scale):
        return None
    if axis is not None:
        shown = {
            id(bar): _amount(bar, stack, index, axis) for stack in bars.stacks for index, bar in enumerate(stack.bars)
        }
        free = [text for text in scene.texts if text not in taken]
        numbers = separated(bars.bars, free, numbers, shown, axis.worth)
    taken += numbers.values()
    draft = Draft(_kind(bars), _extent(bars, axis, places), value_axis=axis, used=taken)
    draft.base = bars.bases[0] if bars.orientation == "horizontal" else -bars.bases[0]
    _fill(scene, draft, bars, places, numbers, scale, legend if len(legend) > 1 else {})
    return draft


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


def _length_scale(bars: BarSet, numbers: dict[int, Text], axis: Axis | None) -> LengthScale | None:
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


def _fill(
    scene: Scene,
    draft: Draft,
    bars: BarSet,
    places: list[Place],
    numbers: dict[int, Text],
    scale: LengthScale | None,
    legend: dict[int, Text],
) -> None:
    rows = _assign(bars, places)
    keys = _series_keys(bars, rows, len(legend))
    names = _series_names(scene, bars, keys, legend, draft)
    draft.categories = [place.category for place in rows[0]]
    draft.series = [(names[index], colour) for index, (colour, _) in enumerate(keys)]
    for stack, row in rows[1]:
        for position, bar in enumerate(stack.bars):
            column = _key_of(bar, stack, keys)
            number = numbers.get(id(bar))
            estimate = _estimate(bar, stack, position, draft.value_axis, scale)
            value = printed(number) if number is not None else estimate
            if value is not None and (row, column) not in draft.values:
                draft.values[row, column] = value
                if estimate is not None:
                    draft.checks[row, column] = estimate.amount
    _absent(scene, draft, bars, rows[0], keys)


def _assign(bars: BarSet, places: list[Place]) -> tuple[list[Place], list[tuple[Stack, int]]]:
    """The categories in order, and for each stack its row. Stacks without a name get a row of their own."""
    stacks = sorted(bars.stacks, key=lambda stack: stack.centre)
    colours = colours_of(bar.colour for bar in bars.bars)
    columns = colours_of_places(stacks)
    is_grouped = len(colours) > 1 and len(columns) > 1.4 * len(places) and _is_grouped(stacks, places)
    if bars.orientation == "horizontal" and not is_grouped:
        rows = [(stack, _nearest(places, stack.centre)) for stack in stacks]
        return places, rows
    if is_grouped:
        if bars.orientation == "horizontal":
            places = [place for place in places if place.texts]
        return places, [(stack, _nearest(places, stack.centre)) for stack in stacks] if places else []
    pitch = pitch_of(columns, stacks[0].c1 - stacks[0].c0)
    merged = list(places)
    for centre in columns:
        if not merged or min(abs(place.centre - centre) for place in merged) > 0.5 * pitch:
            merged.append(Place(Category(""), centre, ()))
    merged.sort(key=lambda place: place.centre)
    return _named(merged), [(stack, _nearest(merged, stack.centre)) for stack in stacks]


def _is_grouped(stacks: Sequence[Stack], places: Sequence[Place]) -> bool:
    """Whether the bars nearest to each name are mostly of different colours: a group, not neighbours unnamed."""
    if not places or any(len(stack.bars) > 1 for stack in stacks):
        return False
    groups: dict[int, list[Colour]] = {}
    for stack in stacks:
        groups.setdefault(_nearest(places, stack.centre), []).append(stack.bars[0].colour)
    distinct = sum(len(colours_of(group)) for group in groups.values())
    return distinct >= 0.75 * len(stacks)


def colours_of_places(stacks: Sequence[Stack]) -> list[float]:
    """The distinct places along the categories where stacks stand."""
    centres: list[float] = []
    for stack in stacks:
        if not centres or stack.centre - centres[-1] > 0.35 * (stack.c1 - stack.c0) + 1:
            centres.append(stack.centre)
    return centres


def _named(places: list[Place]) -> list[Place]:
    """Names for unlabelled places between years or other whole numbers that count evenly (ticks often skip some)."""
    known = [(place.centre, n.value) for place in places if len(place.texts) == 1 and (n := place.texts[0].number)]
    empty = [place for place in places if not place.texts]
    if not empty or len(known) < 3 or len(known) + len(empty) < len(places):
        return places
    (c0, v0), (c1, v1) = known[0], known[-1]
    slope = (v1 - v0) / (c1 - c0)
    if any(abs(v0 + slope * (centre - c0) - value) > 0.3 for centre, value in known):
        return places
    named: list[Place] = []
    for place in places:
        guess = v0 + slope * (place.centre - c0)
        if place.texts or abs(guess - round(guess)) > 0.3:
            named.append(place)
        else:
            named.append(Place(Category(str(round(guess)), None, 0.6), place.centre, ()))
    return named


def _nearest(places: Sequence[Place], centre: float) -> int:
    return min(range(len(places)), key=lambda index: abs(places[index].centre - centre))


Key = tuple[Colour, float | None]
"""A series: its colour, and the base its panel stands on where one colour is used in several panels."""


def _series_keys(bars: BarSet, rows: tuple[list[Place], list[tuple[Stack, int]]], legend: int) -> list[Key]:
    """Series by colour, or by panel; one alone where colours only tell categories apart."""
    cells: dict[tuple[int, float], list[Bar]] = {}
    for stack, row in rows[1]:
        cells.setdefault((row, stack.base), []).extend(stack.bars)
    bases = sorted({stack.base for stack in bars.stacks})
    is_panelled = len(bases) > 1 and len(cells) > 1.3 * len({row for row, _ in cells})
    colours = colours_of(bar.colour for bar in bars.bars)
    is_single = all(len(bars_of) == 1 for bars_of in cells.values())
    if is_panelled:
        keys: list[Key] = []
        for base in bases:
            here = colours_of(b.colour for stack in bars.stacks if stack.base == base for b in stack.bars)
            keys += [(colour, base) for colour in here] if not is_single else [(here[0], base)]
        return keys
    if is_single and (not legend or not _is_coloured_by_legend(bars, colours)):
        return [(colours[0], None)]
    return [(colour, None) for colour in colours]


def _is_coloured_by_legend(bars: BarSet, colours: Sequence[Colour]) -> bool:
    """Whether colours recur from category to category: then they tell series, not categories."""
    return (
        1 < len(colours) <= 0.6 * len(bars.bars)
        and len(colours) <= 8
        and min(sum(same_colour(bar.colour, colour) for bar in bars.bars) for colour in colours) > 1
    )


def _key_of(bar: Bar, stack: Stack, keys: Sequence[Key]) -> int:
    here = [index for index, (_, base) in enumerate(keys) if base is None or base == stack.base]
    if not here:
        here = list(range(len(keys)))
    return min(here, key=lambda index: max(abs(a - b) for a, b in zip(bar.colour, keys[index][0], strict=True)))


def _series_names(scene: Scene, bars: BarSet, keys: Sequence[Key], legend: dict[int, Text], draft: Draft) -> list[str]:
    colours = colours_of(bar.colour for bar in bars.bars)
    if legend:
        names = {
            index_of(colour, colours): name_of(text.text)
            for index, text in legend.items()
            for colour in [colours[index]]
        }
        draft.used += legend.values()
        return [names.get(index_of(colour, colours), "") for colour, _ in keys]
    if len(keys) == 1:
        return [""]
    names = _headings(scene, bars, keys, draft)
    free = [
        text for text in scene.texts if text.number is None and text not in draft.used and _is_near(text, draft.box)
    ]
    inked = by_ink(scene, [colour for colour, _ in keys], free)
    for index, texts in inked.items():
        if index not in names and len({colour for colour, _ in keys}) == len(keys):
            names[index] = joined(texts[:2])
            draft.used += texts[:2]
    return [names.get(index, "") for index in range(len(keys))]


def _is_near(text: Text, box: Box) -> bool:
    """Whether a text stands in or just above a chart; below it stand sources and notes."""
    x, y = text.middle
    reach = 0.15 * (box[3] - box[1]) + 3 * text.height
    return box[0] - reach <= x <= box[2] + reach and box[1] - reach <= y <= box[3]


def _headings(scene: Scene, bars: BarSet, keys: Sequence[Key], draft: Draft) -> dict[int, str]:
    """Texts above the first row of lying bars, each over the segment or panel that it names."""
    if bars.orientation == "vertical":
        return {}
    usual = median(text.height for text in scene.texts)
    top = min(stack.c0 for stack in bars.stacks)
    spans = _spans(bars, keys, top)
    above = sorted(
        (t for t in scene.texts if t not in draft.used and t.box[3] <= top + 0.5 * usual and t.number is None),
        key=lambda text: -text.box[3],
    )
    lines: dict[int, list[Text]] = {}
    limit = top - 1.6 * usual
    height = above[0].height if above else usual
    for text in above:
        if text.box[3] < limit or abs(text.height - height) > 0.35 * height:
            break
        near = [index for index, (low, high) in spans.items() if low - 6 <= text.middle[0] <= high + 6]
        near.sort(key=lambda index: abs(text.middle[0] - sum(spans[index]) / 2))
        widest = max(high - low for low, high in spans.values())
        if near and text.width <= 1.3 * widest + 30:
            lines.setdefault(near[0], []).append(text)
            limit = min(limit, text.box[1] - 0.45 * usual)
    draft.used += [text for texts in lines.values() for text in texts]
    return {index: joined(texts) for index, texts in lines.items()}


def _spans(bars: BarSet, keys: Sequence[Key], top: float) -> dict[int, tuple[float, float]]:
    """For each series the stretch along the values that its topmost bar takes."""
    spans: dict[int, tuple[float, float]] = {}
    for stack in sorted(bars.stacks, key=lambda stack: stack.c0):
        for bar in stack.bars:
            spans.setdefault(_key_of(bar, stack, keys), (bar.v0, bar.v1))
    return spans


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


def _absent(scene: Scene, draft: Draft, bars: BarSet, places: Sequence[Place], keys: Sequence[Key]) -> None:
    """Values printed at the base where no bar is drawn, as for zero."""
    if len(keys) != 1:
        return
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
