"""Texts around bars, in the bars' own frame: which name categories, and which say a bar's value."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from beholder.perception.charts.bars import Bar, BarSet, Orientation, Stack
from beholder.perception.charts.draft import Category, joined, union
from beholder.perception.charts.scene import Text

FEWEST_CENTRES: Final = 3
"""Bars by whose middles the side of slanted names is told."""

SLANTED: Final = 1.6
"""Heights of a level line from which a name is a slanted one."""

SIDES: Final = ("middle", "right", "left")

ALIKE: Final = 0.8
"""How alike names stand to their bars, 0 to 1, from which their mean distance is taken for the print's."""

NEAR_END: Final = 0.6
"""Part of the names' distance within which the first and the last are those of a line's ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Framed:
    """A text in the frame of bars: `c` along the categories, `v` along the values (see `Bar`)."""

    text: Text
    c0: float
    c1: float
    v0: float
    v1: float

    @property
    def centre(self) -> float:
        """The middle along the categories."""
        return (self.c0 + self.c1) / 2


def frame(text: Text, orientation: Orientation) -> Framed:
    """`text` in the frame of bars of that orientation."""
    left, top, right, bottom = text.box
    if orientation == "vertical":
        return Framed(text, left, right, -bottom, -top)
    return Framed(text, top, bottom, left, right)


# ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def match_values(bars: BarSet, texts: Sequence[Text]) -> dict[int, Text]:
    """For each bar (by `id`) the number printed in it or just beyond its end; each number belongs to one bar."""
    framed = [frame(text, bars.orientation) for text in texts if text.number is not None]
    chosen: dict[int, Text] = {}
    taken: set[int] = set()
    order = [
        (cost, id(bar), index)
        for stack in bars.stacks
        for position, bar in enumerate(stack.bars)
        for index, number in enumerate(framed)
        if (cost := _cost(stack, position, number, bars.orientation)) is not None
    ]
    for _, bar, index in sorted(order, key=lambda one: one[0]):
        if bar not in chosen and index not in taken:
            chosen[bar] = framed[index].text
            taken.add(index)
    return chosen


def _cost(stack: Stack, position: int, number: Framed, orientation: Orientation) -> float | None:
    """How ill a number fits a bar, in text heights; None where it cannot be its value."""
    bar = stack.bars[position]
    height = max(number.text.height, 1.0)
    aside = abs(number.centre - bar.centre)
    reach = max((bar.c1 - bar.c0) / 2, 0.6 * height) if orientation == "horizontal" else _reach(bar, number)
    if aside > reach:
        return None
    middle = (number.v0 + number.v1) / 2
    if bar.v0 - 2 <= middle <= bar.v1 + 2 and bar.length > 0.25 * (number.v1 - number.v0):
        return aside / height + 0.3 * abs(middle - (bar.v0 + bar.v1) / 2) / height * 0.1
    is_last = position == (0 if stack.grows_down else len(stack.bars) - 1)
    if not is_last:
        return None
    gap = (bar.v0 - number.v1) if stack.grows_down else (number.v0 - bar.v1)
    limit = (2.6 if orientation == "horizontal" else 1.4) * height
    if not -0.6 * height <= gap <= limit:
        return None
    return aside / height + abs(gap) / height + 0.2


def _reach(bar: Bar, number: Framed) -> float:
    """How far a number's middle may stand from an upright bar's: labels of narrow bars are wider than the bars."""
    return max((bar.c1 - bar.c0) * 0.75, min((number.c1 - number.c0) * 0.35, (bar.c1 - bar.c0) * 1.2))


# ── categories ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A category: its name and where it stands along the categories."""

    category: Category
    centre: float
    texts: tuple[Text, ...]


def pitch_of(centres: Sequence[float], least: float) -> float:
    """The usual distance between neighbours, at least `least`."""
    gaps = [b - a for a, b in pairwise(sorted(centres)) if b - a > 0.6 * least]
    return max(median(gaps), least) if gaps else 2 * least


def lying_categories(bars: BarSet, texts: Sequence[Text]) -> list[Place]:
    """Names at the left of lying bars, each row's lines joined."""
    rows = _rows(bars)
    breadth = median(bar.c1 - bar.c0 for bar in bars.bars)
    left = min(bar.v0 for bar in bars.bars)
    names = [frame(text, "horizontal") for text in texts]
    names = [one for one in names if one.v1 <= left + 0.35 * (one.v1 - one.v0) + 3]
    if sum(one.text.number is None for one in names) >= 0.4 * len(rows):
        names = [one for one in names if one.text.number is None or _is_left(one, names)]
    pitch = pitch_of(rows, breadth)
    lines: dict[int, list[Text]] = {}
    for one in names:
        row = min(range(len(rows)), key=lambda index: abs(rows[index] - one.centre))
        if abs(rows[row] - one.centre) <= max(0.52 * pitch, 0.6 * breadth):
            lines.setdefault(row, []).append(one.text)
    return [_place(centre, lines.get(row, [])) for row, centre in enumerate(rows)]


def _is_left(one: Framed, names: Sequence[Framed]) -> bool:
    """Whether a number stands in the column of names, not beside a bar."""
    edges = [other.v1 for other in names if other.text.number is None]
    return abs(one.v1 - median(edges)) < 0.5 * one.text.height


def _rows(bars: BarSet) -> list[float]:
    """The places along the categories where bars stand; several panels share them."""
    rows: list[list[float]] = []
    for stack in sorted(bars.stacks, key=lambda stack: stack.centre):
        if rows and abs(stack.centre - median(rows[-1])) <= 0.35 * (stack.c1 - stack.c0) + 1:
            rows[-1].append(stack.centre)
        else:
            rows.append([stack.centre])
    return [median(row) for row in rows]


def _place(centre: float, texts: Sequence[Text]) -> Place:
    if not texts:
        return Place(Category(""), centre, ())
    confidence = min(text.confidence for text in texts)
    return Place(Category(joined(texts), union([text.box for text in texts]), confidence), centre, tuple(texts))


def upright_categories(bars: BarSet, texts: Sequence[Text], floor: float) -> list[Place]:
    """Names under upright bars; see `names_below`."""
    return names_below(texts, floor, (bars.box[0], bars.box[2]), [stack.centre for stack in bars.stacks])


def names_below(
    texts: Sequence[Text], floor: float, extent: tuple[float, float], centres: Sequence[float]
) -> list[Place]:
    """The first row of texts below `floor` (a y) within `extent` (in x), with the lines that continue each.

    Slanted names end (or begin) at their mark: the side that lies best under the `centres` of the marks, or under the
    two ends of a line, is taken.
    """
    low, high = extent
    margin = 0.08 * (high - low) + 30
    under = [t for t in texts if t.box[1] >= floor - 0.5 * min(t.height, 20)]
    below = [t for t in under if low - margin <= t.middle[0] <= high + margin]
    if not below:
        return []
    first_top = min(text.box[1] for text in below)
    usual = _letter_height(texts)
    first = [text for text in below if text.box[1] <= first_top + 0.7 * min(text.height, usual)]
    if first_top - floor > 3.5 * usual or len(first) < 2:
        return []
    if _are_slanted(first, usual):
        # Where the marks end, names of places without one still stand in the row; nothing else is slanted there.
        first += [
            t for t in under if t not in below and t.box[1] <= first_top + 0.7 * usual and t.height > SLANTED * usual
        ]
    places = [(text, [text]) for text in sorted(first, key=lambda text: text.middle[0])]
    _continue(places, [text for text in below if text not in first])
    side, shift = _best_side(first, centres, usual)
    return [_place(_anchor(head, side, usual) - shift, lines) for head, lines in places]


def _letter_height(texts: Sequence[Text]) -> float:
    """The height of smaller level texts: a slanted one's box is taller than its letters."""
    level = [text.height for text in texts if text.width > 1.5 * text.height]
    return sorted(level)[len(level) // 4] if level else 0.6 * min(text.height for text in texts)


def _continue(places: Sequence[tuple[Text, list[Text]]], rest: Sequence[Text]) -> None:
    """Add to each name the lines directly below it, in the same column; one line alone under the middle is a title."""
    added: list[tuple[list[Text], Text]] = []
    for text in sorted(rest, key=lambda text: text.box[1]):
        for head, lines in places:
            last = lines[-1]
            is_under = -0.4 * last.height <= text.box[1] - last.box[3] <= 0.45 * last.height
            if is_under and abs(text.middle[0] - head.middle[0]) <= 0.45 * max(head.height, 8) + 1:
                lines.append(text)
                added.append((lines, text))
                break
    if len(added) == 1 and len(places) > 2:
        lines, text = added[0]
        middle = (places[0][0].middle[0] + places[-1][0].middle[0]) / 2
        if abs(text.middle[0] - middle) < 0.1 * (places[-1][0].middle[0] - places[0][0].middle[0]):
            lines.remove(text)


def _are_slanted(heads: Sequence[Text], usual: float) -> bool:
    return median(head.height for head in heads) >= SLANTED * usual


def _best_side(heads: Sequence[Text], centres: Sequence[float], usual: float) -> tuple[str, float]:
    """`middle`, or for slanted names the side that stands alike to the bars' middles, and how far off them it stands.

    Names are of different lengths: only the side by which they hang is the same way off its bar at each of them.
    """
    if not centres or not _are_slanted(heads, usual):
        return "middle", 0.0
    if len(centres) < FEWEST_CENTRES:
        return _side_by_ends(heads, (min(centres), max(centres)), usual)
    pitch = pitch_of(centres, 1.0)

    def standing(side: str) -> complex:
        offsets = [min((_anchor(head, side, usual) - centre for centre in centres), key=abs) for head in heads]
        return sum(cmath.exp(2j * math.pi * offset / pitch) for offset in offsets) / len(offsets)

    side = max(SIDES, key=lambda side: (round(abs(standing(side)), 1), standing(side).real))
    mean = standing(side)
    return side, pitch * cmath.phase(mean) / (2 * math.pi) if abs(mean) >= ALIKE else 0.0


def _side_by_ends(heads: Sequence[Text], ends: tuple[float, float], usual: float) -> tuple[str, float]:
    """The side by which the first and the last name stand nearest to the ends of a line, and how far off, if alike."""

    def offsets(side: str) -> tuple[float, float]:
        anchors = [_anchor(head, side, usual) for head in heads]
        return min(anchors) - ends[0], max(anchors) - ends[1]

    side = min(SIDES, key=lambda side: max(map(abs, offsets(side))))
    first, last = offsets(side)
    pitch = pitch_of([head.middle[0] for head in heads], 1.0)
    is_alike = max(abs(first), abs(last)) <= NEAR_END * pitch and abs(first - last) <= (1 - ALIKE) * pitch
    return side, (first + last) / 2 if is_alike else 0.0


def _anchor(head: Text, side: str, usual: float) -> float:
    if side == "right":
        return head.box[2] - 0.25 * usual
    if side == "left":
        return head.box[0] + 0.25 * usual
    return head.middle[0]
