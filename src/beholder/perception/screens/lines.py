"""The lines of a screen: cut where they run over several texts, and with the colour that they are written in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from beholder.perception.screens.surfaces import Pixels, Rectangle

INK: Final = 0.35
"""Part of the strongest difference from the ground from which a pixel is ink."""

FAINTEST: Final = 15
"""Levels out of 255 below which nothing was written."""

WIDE: Final = 0.75
"""A gap between words over this many line heights parts two texts; letter-spaced capitals have 0.45."""

COLUMN_GAP: Final = 0.32
"""Line heights of the gaps before a column of words on average: a space has 0.27 between ink and ink."""

COLUMN: Final = 0.2
"""Line heights within which the words of a column begin."""

OTHER_COLOUR: Final = 60
"""Levels out of 255 between the inks of a link and of the words before it at least."""

LEAST_ROWS: Final = 3
"""Rows that make a column: two begin alike by chance."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in working pixels; `colour` is its ink's `(red, green, blue)`, None where nothing was drawn.

    `first` is the width of its first word; `parts` are what it falls into by the colours of its words, if they differ:
    a link and the words before it.
    """

    text: str
    box: Rectangle
    height: int
    colour: tuple[float, float, float] | None = None
    first: int = 0
    parts: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A line as it was read: the texts of its words, and their boxes in working pixels."""

    texts: tuple[str, ...]
    boxes: tuple[Rectangle, ...]
    box: Rectangle


@dataclass(frozen=True, slots=True)
class _Run:
    """Some of a line's words, `start` to `end`, and where they stand across."""

    start: int
    end: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class _Gap:
    """The widest gap before a word: the word's number, and where the ink ends and begins."""

    word: int
    end: int
    begin: int


def cut_lines(pixels: Pixels, lines: Sequence[Words]) -> tuple[Line, ...]:
    """The texts that `lines` hold, in their order; `pixels` is `(height, width, 3)` uint8.

    A line is cut at a gap no space is as wide as, and where it is a row of a list whose rows all have another text
    beginning at the same place (`EUR  Euro` above `USD  US dollar`).
    """
    gaps = [_gaps(pixels, line) for line in lines]
    cuts = {
        (number, gap.word): gap
        for number, line in enumerate(lines)
        for gap in gaps[number]
        if gap.begin - gap.end > WIDE * _height(line.box)
    }
    for row in _columns(lines, gaps):
        cuts |= row
    return tuple(
        _with_parts(pixels, line, run, gaps[number])
        for number, line in enumerate(lines)
        for run in _cut(_whole(line), [gap for (place, _), gap in sorted(cuts.items()) if place == number])
    )


def _columns(lines: Sequence[Words], gaps: Sequence[Sequence[_Gap]]) -> Iterator[dict[tuple[int, int], _Gap]]:
    """The cuts of each list whose rows begin alike, go on alike after their widest gap, and differ before it."""
    rows = [(number, max(found, key=lambda gap: gap.begin - gap.end)) for number, found in enumerate(gaps) if found]
    while rows:
        number, gap = rows[0]
        height = _height(lines[number].box)
        alike = [
            (other, there)
            for other, there in rows
            if abs(lines[other].box[0] - lines[number].box[0]) <= COLUMN * height
            and abs(there.begin - gap.begin) <= COLUMN * height
            and abs(_height(lines[other].box) - height) <= 0.35 * height
        ]
        rows = [row for row in rows if row not in alike]
        begins = {" ".join(lines[other].texts[: there.word]) for other, there in alike}
        widths = [(there.begin - there.end) / _height(lines[other].box) for other, there in alike]
        if len(begins) == len(alike) >= LEAST_ROWS and float(np.mean(widths)) >= COLUMN_GAP:
            yield {(other, there.word): there for other, there in alike}


def _gaps(pixels: Pixels, line: Words) -> list[_Gap]:
    """For each word but the first, the widest run without ink near where it begins."""
    if len(line.boxes) < 2:
        return []
    inked = np.flatnonzero(_ink(pixels, line.box)[0].any(axis=0)) + line.box[0]
    runs = [(int(end) + 1, int(begin)) for end, begin in pairwise(inked) if begin - end > 1]
    found = []
    for word, (before, after) in enumerate(pairwise(line.boxes), start=1):
        middle = (before[2] + after[0]) / 2
        reach = 0.4 * _height(line.box) + max(0.0, (after[0] - before[2]) / 2)
        near = [run for run in runs if abs((run[0] + run[1]) / 2 - middle) < reach]
        if near:
            end, begin = max(near, key=lambda run: run[1] - run[0])
            found.append(_Gap(word, end, begin))
    return found


def _whole(line: Words) -> _Run:
    return _Run(0, len(line.texts), line.box[0], line.box[2])


def _cut(run: _Run, gaps: Sequence[_Gap]) -> list[_Run]:
    """What is left of a run between gaps in it."""
    starts = [(run.start, run.left), *((gap.word, gap.begin) for gap in gaps)]
    ends = [*((gap.word, gap.end) for gap in gaps), (run.end, run.right)]
    return [_Run(start, end, left, right) for (start, left), (end, right) in zip(starts, ends, strict=True)]


def _with_parts(pixels: Pixels, line: Words, run: _Run, gaps: Sequence[_Gap]) -> Line:
    """The text of a run, with its parts where the colour changes between two words."""
    within = [gap for gap in gaps if run.start < gap.word < run.end]
    words = [_text(pixels, line, each) for each in _cut(run, within)]
    turns = [gap for gap, pair in zip(within, pairwise(words), strict=True) if _differ(*pair)]
    parts = [_text(pixels, line, each) for each in _cut(run, turns)] if turns else []
    return replace(_text(pixels, line, run), parts=tuple(parts))


def _text(pixels: Pixels, line: Words, run: _Run) -> Line:
    box = (run.left, line.box[1], run.right, line.box[3])
    first = line.boxes[run.start]
    words = " ".join(line.texts[run.start : run.end])
    return Line(words, box, _height(box), _colour(pixels, box), first[2] - first[0])


def _differ(first: Line, second: Line) -> bool:
    if first.colour is None or second.colour is None:
        return False
    return max(abs(one - other) for one, other in zip(first.colour, second.colour, strict=True)) > OTHER_COLOUR


def _ink(pixels: Pixels, box: Rectangle) -> tuple[np.ndarray, np.ndarray]:
    """Where ink is in a box, `(height, width)`, and how far each pixel is from the ground."""
    left, top, right, bottom = box
    crop = pixels[top:bottom, left:right].astype(np.float32)
    if not crop.size:
        return np.zeros((1, 1), np.bool_), np.zeros((1, 1), np.float32)
    border = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])
    distance = np.abs(crop - np.median(border, axis=0)).max(axis=2)
    strongest = float(np.percentile(distance, 98))
    return distance > max(INK * strongest, FAINTEST), distance


def _colour(pixels: Pixels, box: Rectangle) -> tuple[float, float, float] | None:
    """The colour far from the ground: of thin letters all else is mixed with it. A cursor beside them is outvoted."""
    left, top, right, bottom = box
    inked, distance = _ink(pixels, box)
    if not inked.any():
        return None
    strongest = distance >= np.percentile(distance[inked], 60)
    red, green, blue = np.median(pixels[top:bottom, left:right][strongest], axis=0)
    return float(red), float(green), float(blue)


def _height(box: Rectangle) -> int:
    return box[3] - box[1]
