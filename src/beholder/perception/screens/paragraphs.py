"""Paragraphs: lines of text that go on below each other, as one text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from beholder.types import Box

WIDEST_GAP: Final = 0.35
"""Space between the lines of a paragraph at most, as part of the height of their boxes, which have a margin."""

SAME_HEIGHT: Final = 0.72
"""The lower of two lines of one paragraph has at least this part of the higher one's height."""

NARROWEST: Final = 0.75
"""A line that another follows in its paragraph is at least this part as wide as the paragraph: it was full."""


def paragraphs(lines: Sequence[tuple[str, Box]]) -> list[tuple[str, Box]]:
    """The lines, those that one paragraph wraps over joined by spaces, from top to bottom."""
    groups: list[list[tuple[str, Box]]] = []
    for line in sorted(lines, key=lambda line: (line[1][1], line[1][0])):
        group = next((group for group in groups if _goes_on(group, line)), None)
        if group is None:
            groups.append([line])
        else:
            group.append(line)
    return [_joined(group) for group in groups]


def _goes_on(group: Sequence[tuple[str, Box]], line: tuple[str, Box]) -> bool:
    """Whether a line continues a paragraph: close below, as high, aligned with it, and its last line was full."""
    last, box = group[-1][1], line[1]
    heights = last[3] - last[1], box[3] - box[1]
    if min(heights) < SAME_HEIGHT * max(heights) or not -0.3 <= (box[1] - last[3]) / max(heights) <= WIDEST_GAP:
        return False
    left = min(member[1][0] for member in group)
    right = max(*(member[1][2] for member in group), box[2])
    slack = 0.7 * max(heights)
    is_left = abs(box[0] - left) <= slack
    is_centred = abs((box[0] + box[2]) - (last[0] + last[2])) <= 2 * slack
    return (is_left or is_centred) and last[2] - last[0] >= NARROWEST * (right - left)


def _joined(group: Sequence[tuple[str, Box]]) -> tuple[str, Box]:
    boxes = [box for _, box in group]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return " ".join(text for text, _ in group), (min(lefts), min(tops), max(rights), max(bottoms))
