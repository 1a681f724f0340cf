"""Rows and columns of a bar chart: which category a bar belongs to, which series, and what the series are called."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from beholder.evidence import Box
from beholder.perception.charts.bar_labels import Place, pitch_of
from beholder.perception.charts.bars import Bar, BarSet, Stack, same_colour
from beholder.perception.charts.draft import Category, Draft, joined, name_of
from beholder.perception.charts.legend import by_ink, colours_of, index_of
from beholder.perception.charts.scene import Colour, Scene, Text


def assign(bars: BarSet, places: list[Place]) -> tuple[list[Place], list[tuple[Stack, int]]]:
    """The categories in order, and for each stack its row. Stacks without a name get a row of their own."""
    stacks = sorted(bars.stacks, key=lambda stack: stack.centre)
    colours = colours_of(bar.colour for bar in bars.bars)
    columns = _distinct_places(stacks)
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


def _distinct_places(stacks: Sequence[Stack]) -> list[float]:
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


def series_keys(bars: BarSet, rows: tuple[list[Place], list[tuple[Stack, int]]], legend: int) -> list[Key]:
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


def key_of(bar: Bar, stack: Stack, keys: Sequence[Key]) -> int:
    here = [index for index, (_, base) in enumerate(keys) if base is None or base == stack.base]
    if not here:
        here = list(range(len(keys)))
    return min(here, key=lambda index: max(abs(a - b) for a, b in zip(bar.colour, keys[index][0], strict=True)))


def series_names(scene: Scene, bars: BarSet, keys: Sequence[Key], legend: dict[int, Text], draft: Draft) -> list[str]:
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
            spans.setdefault(key_of(bar, stack, keys), (bar.v0, bar.v1))
    return spans
