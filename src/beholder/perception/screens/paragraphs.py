"""Paragraphs: lines of text that go on below each other, as one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from beholder.perception.screens.lines import Line
from beholder.perception.screens.surfaces import Rectangle

WIDEST_GAP: Final = 0.35
"""Space between the lines of a paragraph at most, as part of the height of their boxes, which have a margin."""

SAME_HEIGHT: Final = 0.77
"""The lower of two lines of one paragraph has at least this part of the higher one's height: some have no descender."""

EQUAL_HEIGHT: Final = 0.87
"""The same where nothing but their looks says that one goes on in the other."""

SAME_COLOUR: Final = 30
"""Levels out of 255 between the inks of one paragraph's lines at most."""

FULL: Final = 3.0
"""A line is full if less than this many heights were left beside it for the next line's first word; lines are broken
early to balance them."""

SURELY_FULL: Final = 1.5
"""The same, to the edge of the screen, where the next line has another colour, as a link has."""

BESIDE: Final = 1.0
"""The same to what stands beside the line."""

LARGEST_MARGIN: Final = 0.12
"""A margin beside a line, as part of what holds it; what begins farther in has something before it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a text may stand in, the whole screen among them, and what may stand beside it: texts and drawn things."""

    holders: Sequence[Rectangle]
    neighbours: Sequence[Rectangle] = ()

    def beside(self, box: Rectangle) -> list[Rectangle]:
        """The neighbours that stand in the same row as `box`."""
        least = 0.5 * (box[3] - box[1])
        return [
            other
            for other in self.neighbours
            if min(box[3], other[3]) - max(box[1], other[1]) > least and (other[0] >= box[2] or other[2] <= box[0])
        ]


def paragraphs(lines: Sequence[Line], surroundings: Surroundings) -> list[tuple[str, Rectangle]]:
    """The lines, those that one paragraph wraps over joined by spaces, from top to bottom.

    A line that stands alone is its parts: a link under a form is a text of its own, one within a paragraph is not.
    """
    groups: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.box[1], line.box[0])):
        group = next((group for group in groups if _goes_on(group[-1], line, surroundings)), None)
        if group is None:
            groups.append([line])
        else:
            group.append(line)
    alone = [part for group in groups if len(group) == 1 for part in group[0].parts or group]
    return [*(_joined(group) for group in groups if len(group) > 1), *((line.text, line.box) for line in alone)]


def _goes_on(last: Line, line: Line, surroundings: Surroundings) -> bool:
    """Whether a line continues a paragraph: close below, aligned, and alike or the last was full.

    Rows of a list, each with something beside it, look alike without being one text.
    """
    heights = sorted((last.box[3] - last.box[1], line.box[3] - line.box[1]))
    if heights[0] < SAME_HEIGHT * heights[1] or not -0.3 <= (line.box[1] - last.box[3]) / heights[1] <= WIDEST_GAP:
        return False
    slack = 0.7 * heights[1]
    is_left = abs(line.box[0] - last.box[0]) <= slack
    is_centred = abs((line.box[0] + line.box[2]) - (last.box[0] + last.box[2])) <= slack
    if not is_left and not is_centred:
        return False
    if not _same_colour(last, line):
        return max(map(_right, surroundings.holders)) - last.box[2] - line.first < SURELY_FULL * heights[1]
    if _is_full(last, line, surroundings, heights[1]):
        return True
    is_row = bool(surroundings.beside(last.box)) and bool(surroundings.beside(line.box))
    return heights[0] >= EQUAL_HEIGHT * heights[1] and not is_row


def _is_full(last: Line, line: Line, surroundings: Surroundings, height: int) -> bool:
    """Whether the first word of `line` would hardly have fitted at the end of `last`."""
    holders = [box for box in surroundings.holders if _holds(box, last.box)]
    left, _, right, _ = min(holders, key=_width, default=last.box)
    margin = min(last.box[0] - left, LARGEST_MARGIN * (right - left))
    end = last.box[2] + line.first
    if right - margin - end < FULL * height:
        return True
    return any(last.box[2] <= box[0] < end + BESIDE * height for box in surroundings.beside(last.box))


def _same_colour(before: Line, after: Line) -> bool:
    """Whether one line ends in the colour that the next begins in."""
    first, second = (before.parts or (before,))[-1], (after.parts or (after,))[0]
    if first.colour is None or second.colour is None:
        return True
    return max(abs(one - other) for one, other in zip(first.colour, second.colour, strict=True)) <= SAME_COLOUR


def _holds(outer: Rectangle, inner: Rectangle) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _right(box: Rectangle) -> int:
    return box[2]


def _width(box: Rectangle) -> int:
    return box[2] - box[0]


def _joined(group: Sequence[Line]) -> tuple[str, Rectangle]:
    lefts, tops, rights, bottoms = zip(*(line.box for line in group), strict=True)
    return " ".join(line.text for line in group), (min(lefts), min(tops), max(rights), max(bottoms))
