"""The grid of a table: rows of text cut into columns where white runs down between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np

from beholder.evidence import Box, TextLine, Word

CELL_GAP: Final = 0.7
"""A gap between words of so many line heights parts cells wherever it stands."""
MARGIN: Final = 0.15
"""The detector's boxes are wider than their ink by this part of their height on each side."""
GUTTER: Final = 0.25
"""Line heights of white between two columns at least."""
FULL_ROW: Final = 0.5
"""Rows with so many of the richest row's pieces show the columns; the others may span them."""
CROSSING: Final = 0.12
"""Of these rows, so many may cross a gutter."""
COVERED: Final = 0.3
"""A piece stands in a column when it covers this part of the column's text, or of itself."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of one row that stand close together."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with spaces between."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """The box around the words."""
        lefts, tops, rights, bottoms = zip(*(word.box for word in self.words), strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    @property
    def confidence(self) -> float:
        """The least sure word's."""
        return min(word.confidence for word in self.words)


Placed = tuple[int, int, Segment]
"""First and last column of a segment, and the segment."""


def segments_of(row: Sequence[TextLine]) -> list[Segment]:
    """A row's words in segments, cut at gaps that no space is as wide as."""
    found: list[list[Word]] = []
    for line in sorted(row, key=lambda line: line.box[0]):
        height = line.box[3] - line.box[1]
        for place, word in enumerate(line.words or (Word(line.text, line.box, line.confidence),)):
            if place and word.box[0] - found[-1][-1].box[2] < CELL_GAP * height:
                found[-1].append(word)
            else:
                found.append([word])
    return [Segment(tuple(words)) for words in found]


def columns_of(rows: Sequence[Sequence[Segment]]) -> list[tuple[float, float]]:
    """Left and right end of each column's text, from the rows that are cut into the most pieces."""
    richest = max(len(row) for row in rows)
    full = [row for row in rows if len(row) == richest]
    if len(full) < len(rows) / 2:
        full = [row for row in rows if len(row) >= max(FULL_ROW * richest, 2)]
    height = median(segment.box[3] - segment.box[1] for row in full for segment in row)
    left = min(segment.box[0] for row in full for segment in row)
    right = max(segment.box[2] for row in full for segment in row)
    covered = np.zeros(int(right - left) + 2, int)
    for row in full:
        on = np.zeros_like(covered, bool)
        for segment in row:
            begin, end = segment.box[0] + MARGIN * height, segment.box[2] - MARGIN * height
            on[int(begin - left) : max(int(end - left), int(begin - left) + 1)] = True
        covered += on
    is_text = covered > CROSSING * len(full)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_text, [False]]).astype(int)))
    spans = [(left + float(begin), left + float(end)) for begin, end in edges.reshape(-1, 2)]
    return _without_cracks(spans, GUTTER * height)


def place_row(row: Sequence[Segment], columns: Sequence[tuple[float, float]], *, may_span: bool) -> list[Placed]:
    """The row's segments in their columns; one that reaches over several is cut at a gutter, or spans them."""
    placed: list[Placed] = []
    for segment in row:
        first, last = _reach(segment.box, columns)
        if first == last or (may_span and not _has_wide_gap(segment, columns)):
            placed.append((first, last, segment))
            continue
        by_column: dict[int, list[Word]] = {}
        for word in segment.words:
            by_column.setdefault(_nearest((word.box[0] + word.box[2]) / 2, columns), []).append(word)
        placed += [(column, column, Segment(tuple(words))) for column, words in by_column.items()]
    return _merged(placed)


def _without_cracks(spans: Sequence[tuple[float, float]], least: float) -> list[tuple[float, float]]:
    """Columns that no real gutter parts are one."""
    found: list[tuple[float, float]] = []
    for begin, end in spans:
        if found and begin - found[-1][1] < least:
            found[-1] = found[-1][0], end
        else:
            found.append((begin, end))
    return found


def _reach(box: Box, columns: Sequence[tuple[float, float]]) -> tuple[int, int]:
    """First and last column that a box stands in."""
    width = box[2] - box[0]
    inside = [
        number
        for number, (begin, end) in enumerate(columns)
        if min(box[2], end) - max(box[0], begin) > COVERED * min(width, end - begin)
    ]
    return (inside[0], inside[-1]) if inside else (_nearest((box[0] + box[2]) / 2, columns),) * 2


def _nearest(place: float, columns: Sequence[tuple[float, float]]) -> int:
    distances = [max(begin - place, place - end, 0.0) for begin, end in columns]
    return distances.index(min(distances))


def _has_wide_gap(segment: Segment, columns: Sequence[tuple[float, float]]) -> bool:
    """Whether the widest gap between the words lies in a gutter and is twice as wide as the usual one."""
    gaps = [(after.box[0] - before.box[2], before, after) for before, after in pairwise(segment.words)]
    if len(gaps) < 2:
        return False
    widest, before, after = max(gaps, key=lambda gap: gap[0])
    is_cut = _nearest(before.box[2], columns) != _nearest(after.box[0], columns)
    return is_cut and widest > 2 * median(gap for gap, _, _ in gaps)


def _merged(placed: Sequence[Placed]) -> list[Placed]:
    """Segments of the same columns as one."""
    found: list[Placed] = []
    for first, last, segment in sorted(placed, key=lambda item: (item[0], item[2].box[0])):
        if found and first <= found[-1][1]:
            begin, end, before = found[-1]
            found[-1] = begin, max(last, end), Segment((*before.words, *segment.words))
        else:
            found.append((first, last, segment))
    return found
