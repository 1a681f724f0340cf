"""The order in which a page is read: which way up it stands, and its columns of running text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Final, Literal, TypeAlias

from beholder.evidence import Box, TextLine

Direction: TypeAlias = Literal["right", "down", "left", "up"]
"""Where a line runs to, in the picture."""

PROSE_LINES: Final = 3
PROSE_LETTERS: Final = 20
"""A column of running text has so many lines, and so many characters in the usual one: amounts and labels do not."""
LETTER_SHARE: Final = 0.6


def direction(line: TextLine) -> Direction | None:
    """Where the line runs to by the order of its words; None where there is one word, or none is known."""
    if len(line.words) < 2:
        return None
    (x0, y0), (x1, y1) = (_middle(line.words[place].box) for place in (0, -1))
    if abs(x1 - x0) >= abs(y1 - y0):
        return "right" if x1 >= x0 else "left"
    return "down" if y1 > y0 else "up"


def page_direction(lines: Sequence[TextLine]) -> Direction:
    """Where most of the page's text runs to."""
    votes: Counter[Direction] = Counter()
    for line in lines:
        if (found := direction(line)) is not None:
            votes[found] += len(line.text)
    return votes.most_common(1)[0][0] if votes else "right"


def upright(lines: Sequence[TextLine], towards: Direction) -> list[TextLine]:
    """The lines with the boxes that they would have if the page were turned so that `towards` is to the right."""
    return [replace(line, box=_turned(line.box, towards)) for line in lines]


def columns(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Blocks in the order read. Side by side stand only columns of running text; rows of a table stay whole."""
    gutter = _gutter(lines)
    if gutter is None:
        return [list(lines)]
    blocks: list[list[TextLine]] = []
    rest: list[TextLine] = []
    for section in _sections(lines, gutter):
        left, right = _sides(section, gutter)
        if not (_is_prose(left) and _is_prose(right)):
            rest += section
            continue
        if rest:
            blocks.append(rest)
        blocks += [*columns(left), *columns(right)]
        rest = []
    return [*blocks, rest] if rest else blocks


def _gutter(lines: Sequence[TextLine]) -> float | None:
    """The place across that parts the most running text from the most; None if none does."""
    if len(lines) < 2 * PROSE_LINES:
        return None
    best, most = None, 0
    for place in sorted({line.box[0] for line in lines}):
        parted = sum(
            len(section)
            for section in _sections(lines, place)
            if all(_is_prose(side) for side in _sides(section, place))
        )
        if parted > most:
            best, most = place, parted
    return best


def _sections(lines: Sequence[TextLine], gutter: float) -> list[list[TextLine]]:
    """From top to bottom: lines that lie across the gutter, and what stands between them on both sides of it."""
    sections: list[list[TextLine]] = []
    was_across: bool | None = None
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3]):
        is_across = line.box[0] < gutter < line.box[2]
        if is_across != was_across:
            sections.append([])
        sections[-1].append(line)
        was_across = is_across
    return sections


def _sides(section: Sequence[TextLine], gutter: float) -> tuple[list[TextLine], list[TextLine]]:
    left = [line for line in section if line.box[0] < gutter]
    return left, [line for line in section if line.box[0] >= gutter]


def _is_prose(lines: Sequence[TextLine]) -> bool:
    if len(lines) < PROSE_LINES or median(len(line.text) for line in lines) < PROSE_LETTERS:
        return False
    text = "".join(line.text for line in lines)
    return sum(character.isalpha() for character in text) >= LETTER_SHARE * len(text.replace(" ", ""))


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _turned(box: Box, towards: Direction) -> Box:
    left, top, right, bottom = box
    return {
        "right": box,
        "down": (top, -right, bottom, -left),
        "left": (-right, -bottom, -left, -top),
        "up": (-bottom, left, -top, right),
    }[towards]
