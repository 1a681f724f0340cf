"""A pie chart from its disc: each slice's name and printed share, or the share its angle says."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from beholder.evidence import Box
from beholder.perception.charts.draft import Category, Draft, Value, joined, name_of, union
from beholder.perception.charts.legend import by_swatch, colours_of, index_of
from beholder.perception.charts.numbers import Number, parse_number
from beholder.perception.charts.pies import Pie, Slice
from beholder.perception.charts.scene import Scene, Text

REACH: Final = 2.1
"""Labels of a slice stand within this many radii of the centre, or a few letters beyond the rim."""

_TRAILING: Final = re.compile(r"^(?P<name>.*?)[\s:;,(–|-]*(?P<number>[$€£]?\d[\d\s.,]*\s*%?)\)?$")
_LEADING: Final = re.compile(r"^(?P<number>[$€£]?\d[\d.,]*\s*%)\s*(?P<name>\D.*)$")


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Lines that belong together beside or in a slice: a name, a number, or both."""

    texts: tuple[Text, ...]
    name: str
    printed: str
    number: Number | None
    box: Box

    @property
    def confidence(self) -> float:
        """Of the least certain line."""
        return min(text.confidence for text in self.texts)


def read_pie(scene: Scene, pie: Pie) -> Draft | None:
    """The chart, None where too few slices have a name or a number."""
    colours = colours_of(part.colour for part in pie.slices)
    disc = _disc(pie)
    legend = by_swatch(scene, colours, [t for t in scene.texts if not _is_in(t, pie)], [disc])
    legend = legend if len(legend) > 1 else {}
    free = [text for text in scene.texts if text not in legend.values() and _is_close(text, pie)]
    matched = _match(pie, _blocks(free, pie))
    if not _is_proven(pie, matched, [index_of(part.colour, colours) in legend for part in pie.slices]):
        return None
    draft = Draft("pie", disc, series=[("", pie.slices[0].colour)])
    draft.used = [*legend.values(), *(text for block in matched.values() for text in block.texts)]
    draft.box = union([disc, *(text.box for text in draft.used)])
    for row, part in enumerate(pie.slices):
        block, entry = matched.get(row), legend.get(index_of(part.colour, colours))
        draft.categories.append(_category(block, entry))
        draft.values[row, 0] = _value(part, block, pie)
        if "%" in draft.values[row, 0].text:
            draft.checks[row, 0] = 100 * part.share
    _check_sum(draft)
    return draft


def _is_proven(pie: Pie, matched: dict[int, Block], in_legend: Sequence[bool]) -> bool:
    """Whether most slices are named, or two or more have their share printed: a round picture has neither."""
    numbered = sum(block.number is not None for block in matched.values())
    named = sum(known or (row in matched and bool(matched[row].name)) for row, known in enumerate(in_legend))
    return named >= max(2, 0.6 * len(pie.slices)) or (numbered >= 2 and numbered >= 0.4 * len(pie.slices))


def _category(block: Block | None, entry: Text | None) -> Category:
    if entry is not None:
        return Category(name_of(entry.text), entry.box, entry.confidence)
    if block is not None and block.name:
        return Category(name_of(block.name), block.box, block.confidence)
    return Category("")


def _value(part: Slice, block: Block | None, pie: Pie) -> Value:
    if block is not None and block.number is not None:
        return Value(block.printed, block.number.value, block.box, False, block.confidence)
    x, y = _at(pie, part.middle, 0.7)
    share = 100 * part.share
    places = 0 if share >= 10 else 1
    return Value(f"{share:.{places}f}%", share, (x - 4, y - 4, x + 4, y + 4), True, 0.8)


def _check_sum(draft: Draft) -> None:
    values = list(draft.values.values())
    if all(not value.estimated and "%" in value.text for value in values):
        total = sum(value.amount for value in values)
        if abs(total - 100) > 2:
            draft.warnings.append(f"the printed percentages sum to {total:g}, not 100")


def _disc(pie: Pie) -> Box:
    (x, y), r = pie.centre, pie.radius
    return x - r, y - r, x + r, y + r


def _at(pie: Pie, turn: float, part: float) -> tuple[float, float]:
    """The point at an angle (turns clockwise from the top) and a part of the radius."""
    angle = 2 * math.pi * turn
    return pie.centre[0] + math.sin(angle) * part * pie.radius, pie.centre[1] - math.cos(angle) * part * pie.radius


def _nearest_point(box: Box, pie: Pie) -> tuple[float, float]:
    x, y = pie.centre
    return min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])


def _is_in(text: Text, pie: Pie) -> bool:
    return math.dist(text.middle, pie.centre) < 0.98 * pie.radius


def _is_close(text: Text, pie: Pie) -> bool:
    away = math.dist(_nearest_point(text.box, pie), pie.centre)
    return away <= min(REACH * pie.radius, pie.radius + 6 * text.height + 0.35 * pie.radius)


def _blocks(texts: Sequence[Text], pie: Pie) -> list[Block]:
    """Lines above each other, inside the disc or outside it, as one label; a line may hold both name and number."""
    groups: list[list[Text]] = []
    for text in sorted(texts, key=lambda text: text.box[1]):
        for group in groups:
            last = group[-1]
            gap = text.box[1] - last.box[3]
            overlap = min(text.box[2], last.box[2]) - max(text.box[0], last.box[0])
            is_same_height = abs(text.height - last.height) < 0.45 * max(text.height, last.height)
            if (
                -0.5 * last.height <= gap <= 0.4 * last.height
                and overlap > 0.3 * min(text.width, last.width)
                and is_same_height
                and _is_in(text, pie) == _is_in(last, pie)
                and not _is_whole(group)
            ):
                group.append(text)
                break
        else:
            groups.append([text])
    return [block for group in groups if (block := _block(group)) is not None]


def _is_whole(group: Sequence[Text]) -> bool:
    """Whether a group ends with its number, after a name."""
    return len(group) > 1 and group[-1].number is not None


def _block(texts: Sequence[Text]) -> Block | None:
    whole = joined(texts)
    box = union([text.box for text in texts])
    number = parse_number(whole)
    if number is not None:
        return Block(tuple(texts), "", whole, number, box)
    for pattern in (_LEADING, _TRAILING):
        match = pattern.match(whole)
        if match and (number := parse_number(match["number"].strip())) is not None:
            return Block(tuple(texts), match["name"].strip(), match["number"].strip(), number, box)
    if len(whole) > 60 or not re.search(r"\w\w", whole):
        return None
    return Block(tuple(texts), whole, "", None, box)


def _match(pie: Pie, blocks: Sequence[Block]) -> dict[int, Block]:
    """For each slice its label: in the slice, or outside near its middle angle, where the number fits its share."""
    total = sum(block.number.value for block in blocks if block.number is not None)
    costs = [(_cost(pie, part, block, total), row, block) for row, part in enumerate(pie.slices) for block in blocks]
    chosen: dict[int, Block] = {}
    taken: set[int] = set()
    for cost, row, block in sorted(costs, key=lambda one: one[0]):
        if cost < 0.3 and row not in chosen and id(block) not in taken:
            chosen[row] = block
            taken.add(id(block))
    return chosen


def _cost(pie: Pie, part: Slice, block: Block, total: float) -> float:
    """How ill a label fits a slice, in turns: how far it stands off, and how far its number is off the share."""
    middle = (block.box[0] + block.box[2]) / 2, (block.box[1] + block.box[3]) / 2
    is_inside = math.dist(middle, pie.centre) < 0.95 * pie.radius
    point = middle if is_inside else _nearest_point(block.box, pie)
    turn = math.atan2(point[0] - pie.centre[0], pie.centre[1] - point[1]) / (2 * math.pi) % 1
    off = abs((turn - part.middle + 0.5) % 1 - 0.5)
    outside = max(off - part.share / 2, 0.0)
    cost = 0.25 * min(off, part.share / 2) + outside * (3 if is_inside else 1)
    if block.number is None:
        return cost + 0.05
    share = block.number.value / 100 if block.number.unit == "%" or abs(total - 100) < 3 else block.number.value / total
    return cost + min(abs(share - part.share), 0.5) * 1.5
