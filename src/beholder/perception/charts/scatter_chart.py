"""A scatter chart from its dots: each dot's place on the two axes, or on an axis and under a category."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import correlation, median
from typing import Final

from beholder.perception.charts.axes import Axis
from beholder.perception.charts.bar_labels import Place, names_below
from beholder.perception.charts.draft import Category, Draft, Value, measured, name_of, printed, union
from beholder.perception.charts.legend import by_swatch, colours_of, index_of
from beholder.perception.charts.regions import Region
from beholder.perception.charts.scene import Scene, Text

FEWEST: Final = 4
FEWEST_OF_A_TREND: Final = 5
CORRELATED: Final = 0.2
"""Correlation from which points are said to rise or fall."""
MOST: Final = 30
"""Dots listed; the warning says how many there are."""


def read_scatter(scene: Scene, regions: Sequence[Region], axes: Sequence[Axis]) -> Draft | None:
    """The chart, None without an upright axis or with fewer than four dots in the plot."""
    upright = max((a for a in axes if a.direction == "vertical"), key=lambda a: len(a.ticks), default=None)
    if upright is None:
        return None
    dots = _dots(regions, upright)
    if len(dots) < FEWEST:
        return None
    level = [a for a in axes if a.direction == "horizontal" and a.across > upright.span[1] - 12]
    across = max(level, key=lambda a: len(a.ticks), default=None)
    taken = [*upright.labels, *(across.labels if across else ())]
    places = [] if across else _categories(scene, dots, upright, taken)
    if across is None and len(places) < 2:
        return None
    taken += [text for place in places for text in place.texts]
    draft = Draft("scatter", _box(dots, [*upright.labels, *(across.labels if across else ())]), value_axis=upright)
    draft.category_axis, draft.used = across, taken
    if across is not None:
        _fill_points(scene, draft, dots, across, upright)
    else:
        _fill_categories(scene, draft, dots, places, upright)
    _note_sizes(draft, dots)
    return draft


def _dots(regions: Sequence[Region], axis: Axis) -> list[Region]:
    """Small round regions within the axis's span, of common size within a factor of four."""
    low, high = axis.span
    slack = 0.1 * (high - low)
    edge = max(label.box[2] for label in axis.labels)
    small = [
        region
        for region in regions
        if 3 <= region.width <= 36
        and abs(region.width - region.height) <= max(2, 0.3 * region.width)
        and region.fill > 0.55
        and low - slack <= (region.box[1] + region.box[3]) / 2 <= high + slack
        and region.box[0] > edge - 2
    ]
    if not small:
        return []
    usual = median(region.width for region in small)
    return [region for region in small if usual / 3 <= region.width <= usual * 4]


def _centre(dot: Region) -> tuple[float, float]:
    return (dot.box[0] + dot.box[2]) / 2, (dot.box[1] + dot.box[3]) / 2


def _box(dots: Sequence[Region], labels: Sequence[Text]) -> tuple[float, float, float, float]:
    boxes = [tuple(float(edge) for edge in dot.box) for dot in dots]
    return union([*((b[0], b[1], b[2], b[3]) for b in boxes), *(label.box for label in labels)])


def _categories(scene: Scene, dots: Sequence[Region], axis: Axis, taken: Sequence[Text]) -> list[Place]:
    centres = [_centre(dot)[0] for dot in dots]
    free = [text for text in scene.texts if text not in taken]
    # The lowest tick may have no label, or none that was read: then names are looked for a step below.
    step = (axis.span[1] - axis.span[0]) / (len(axis.ticks) - 1)
    floors = (axis.span[1] - 4, axis.span[1] + step - 4)
    return next((p for y in floors if (p := names_below(free, y, (min(centres), max(centres)), centres))), [])


def _fill_points(scene: Scene, draft: Draft, dots: Sequence[Region], across: Axis, upright: Axis) -> None:
    """A row for each dot, from left to right: its name or series, its x and its y."""
    colours = colours_of(dot.colour for dot in dots)
    legend = by_swatch(scene, colours, [t for t in scene.texts if t not in draft.used], []) if len(colours) > 1 else {}
    draft.used += legend.values() if len(legend) > 1 else []
    draft.series = [("x", dots[0].colour), ("y", dots[0].colour)]
    ordered = sorted(dots, key=_centre)
    if len(ordered) > MOST:
        draft.warnings.append(f"{len(ordered)} points are drawn; {MOST} of them, evenly taken, are listed")
        step = len(ordered) / MOST
        ordered = [ordered[int(index * step)] for index in range(MOST)]
    beside, under = max(label.box[2] for label in upright.labels), min(label.box[1] for label in across.labels)
    inside = [t for t in scene.texts if t not in draft.used and t.box[0] > beside and t.middle[1] < under]
    names = _names(inside, ordered)
    for row, dot in enumerate(ordered):
        x, y = _centre(dot)
        box = tuple(float(edge) for edge in dot.box)
        where = (box[0], box[1], box[2], box[3])
        entry = legend.get(index_of(dot.colour, colours)) if len(legend) > 1 else None
        text = names.get(row) or entry
        draft.categories.append(Category(name_of(text.text), text.box) if text else Category(""))
        draft.values[row, 0] = measured(across, across.value(x), where)
        draft.values[row, 1] = measured(upright, upright.value(y), where)
    draft.used += names.values()
    _note_trend(draft, [(across.value(x), upright.value(y)) for x, y in map(_centre, dots)])


def _note_trend(draft: Draft, points: Sequence[tuple[float, float]]) -> None:
    """How y goes with x, by the points' values: Pearson's correlation."""
    xs, ys = zip(*points, strict=True)
    if len(points) < FEWEST_OF_A_TREND or len(set(xs)) < 2 or len(set(ys)) < 2:
        return
    strength = correlation(xs, ys)
    way = "rise" if strength > 0 else "fall"
    said = f"y tends to {way} as x rises" if abs(strength) >= CORRELATED else "y neither rises nor falls as x rises"
    draft.warnings.append(f"{said} (correlation {strength:.2f})")


def _names(texts: Sequence[Text], dots: Sequence[Region]) -> dict[int, Text]:
    """For each dot the text just above, below or beside it, nearest pairs first."""
    words = [text for text in texts if any(letter.isalpha() for letter in text.text)]
    pairs = []
    for row, dot in enumerate(dots):
        x, y = _centre(dot)
        for text in words:
            across = max(text.box[0] - x, x - text.box[2], 0.0)
            down = max(text.box[1] - y, y - text.box[3], 0.0)
            away = math.hypot(across, down)
            if away <= dot.height / 2 + 1.3 * text.height and text.width < 14 * text.height:
                pairs.append((away + 0.3 * abs(text.middle[0] - x), row, text))
    chosen: dict[int, Text] = {}
    for _, row, text in sorted(pairs, key=lambda pair: pair[0]):
        if row not in chosen and text not in chosen.values():
            chosen[row] = text
    return chosen


def _fill_categories(scene: Scene, draft: Draft, dots: Sequence[Region], places: Sequence[Place], axis: Axis) -> None:
    """A row for each category, a column for each colour of dots."""
    colours = colours_of(dot.colour for dot in dots)
    draft.categories = [place.category for place in places]
    draft.series = [("", colour) for colour in colours]
    numbers = [text for text in scene.texts if text.number is not None and text not in draft.used]
    for dot in dots:
        x, y = _centre(dot)
        row = min(range(len(places)), key=lambda index: abs(places[index].centre - x))
        key = row, index_of(dot.colour, colours)
        box = (float(dot.box[0]), float(dot.box[1]), float(dot.box[2]), float(dot.box[3]))
        shown = axis.value(y)
        near = [
            t
            for t in numbers
            if abs(t.middle[0] - x) < t.width and abs(t.middle[1] - y) < dot.height / 2 + 1.6 * t.height
        ]
        value: Value = measured(axis, shown, box)
        if near:
            text = min(near, key=lambda one: abs(one.middle[1] - y) + abs(one.middle[0] - x))
            value = printed(text)
            numbers.remove(text)
            draft.used.append(text)
        if key not in draft.values:
            draft.values[key] = value
            draft.checks[key] = shown


def _note_sizes(draft: Draft, dots: Sequence[Region]) -> None:
    sizes = sorted(dot.width for dot in dots)
    if len(sizes) >= FEWEST and sizes[-2] > 1.8 * sizes[1]:
        draft.warnings.append(
            f"the points differ in size, by a factor of {sizes[-2] / sizes[1]:.1f}: size shows a value too"
        )
