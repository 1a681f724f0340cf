"""What is printed in one image, as a text that can be searched and whose every span has a box."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from beholder.evidence import Box, Evidence, TextLine

NARROW: Final = frozenset("iIjl.,:;'`|!1()[]{} ftr-")
WIDE: Final = frozenset("mwMW@%&")
"""Characters of about half and one and a half times the usual width, where a line's words have no boxes."""

SLACK: Final = 0.3
"""Average characters by which a box that was cut out of a line by proportion is widened on either side."""

UPRIGHT: Final = 1.5
"""A line of several characters that is higher than this many widths stands on its side, and is not cut."""

MOST_LEADING: Final = 1.6
"""Line heights between two lines of one text at most."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end`, exclusive, of one line of the page."""

    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Tape:
    """Lines one after another with nothing but letters and digits left, folded; `places` leads each one back."""

    text: str
    places: tuple[tuple[int, int], ...]

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """The spans of the folded characters `start` to `end`, one for each line."""
        spans: list[Span] = []
        for line, character in self.places[start:end]:
            if spans and spans[-1].line == line:
                spans[-1] = Span(line, spans[-1].start, character + 1)
            else:
                spans.append(Span(line, character, character + 1))
        return tuple(spans)


class PrintedPage:
    """One image's lines; `image` is its place in the job, from 0."""

    def __init__(self, image: int, evidence: Evidence) -> None:
        self.image = image
        self.evidence = evidence
        self.lines = evidence.lines

    @cached_property
    def tapes(self) -> tuple[Tape, ...]:
        """The lines in the reader's order, and by rows, where that is another one."""
        return tuple(self._tape(order) for order in self.orders)

    @cached_property
    def orders(self) -> tuple[list[int], ...]:
        """The lines' places in the reader's order, and by rows, where that is another one."""
        as_read, by_rows = list(range(len(self.lines))), self._by_rows()
        return (as_read,) if by_rows == as_read else (as_read, by_rows)

    @cached_property
    def line_height(self) -> float:
        """The usual height of a line in pixels; 1 where nothing is printed."""
        heights = sorted(min(line.box[3] - line.box[1], line.box[2] - line.box[0]) for line in self.lines)
        return max(heights[len(heights) // 2], 1.0) if heights else 1.0

    def find(self, wanted: str) -> Iterator[tuple[Span, ...]]:
        """Every place of a folded text, whole words or not, each once."""
        seen: set[tuple[Span, ...]] = set()
        for tape in self.tapes:
            at = tape.text.find(wanted)
            while at >= 0:
                spans = tape.spans(at, at + len(wanted))
                if spans not in seen:
                    seen.add(spans)
                    yield spans
                at = tape.text.find(wanted, at + 1)

    def parts(self, spans: Sequence[Span]) -> list[list[Span]]:
        """The spans, those together that follow one another on the page: in one row, or one line below the other."""
        parts: list[list[Span]] = []
        for span in spans:
            if parts and self._follows(self.box(parts[-1][-1:]), self.box([span])):
                parts[-1].append(span)
            else:
                parts.append([span])
        return parts

    def distance(self, first: Sequence[Span], second: Sequence[Span]) -> float:
        """How far two places are from each other in lines, down counting fully and across a little."""
        one, other = self.box(first), self.box(second)
        return (abs(_middle(one) - _middle(other)) + 0.2 * abs(one[0] - other[0])) / self.line_height

    def _follows(self, before: Box, after: Box) -> bool:
        shared = min(before[2], after[2]) - max(before[0], after[0])
        is_beside = abs(_middle(before) - _middle(after)) < 0.6 * self.line_height
        is_below = -0.5 * self.line_height < after[1] - before[3] < MOST_LEADING * self.line_height and shared > 0
        return is_beside or is_below

    def text(self, spans: Sequence[Span]) -> str:
        """What is printed there; lines are joined by a space."""
        return " ".join(self.lines[span.line].text[span.start : span.end] for span in spans)

    def box(self, spans: Sequence[Span]) -> Box:
        """The box around all of them, in original pixels."""
        return union(tuple(span_box(self.lines[span.line], span.start, span.end) for span in spans))

    def confidence(self, spans: Sequence[Span]) -> float:
        """That of the line which was read the least surely."""
        return min(self.lines[span.line].confidence for span in spans)

    def _tape(self, order: Sequence[int]) -> Tape:
        letters: list[str] = []
        places: list[tuple[int, int]] = []
        for line in order:
            for letter, place in folded(self.lines[line].text):
                letters.append(letter)
                places.append((line, place))
        return Tape("".join(letters), tuple(places))

    def _by_rows(self) -> list[int]:
        rows: list[list[int]] = []
        for index in sorted(range(len(self.lines)), key=lambda each: _middle(self.lines[each].box)):
            box = self.lines[index].box
            if rows and abs(_middle(box) - _middle(self.lines[rows[-1][0]].box)) < 0.5 * (box[3] - box[1]):
                rows[-1].append(index)
            else:
                rows.append([index])
        return [index for row in rows for index in sorted(row, key=lambda each: self.lines[each].box[0])]


def folded(text: str) -> Iterator[tuple[str, int]]:
    """Letters and digits without case or accents, each with the place it comes from."""
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKD", character).casefold():
            if letter.isalnum():
                yield letter, place


def fold(text: str) -> str:
    """Letters and digits alone, without case or accents."""
    return "".join(letter for letter, _ in folded(text))


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box around all."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def span_box(line: TextLine, start: int, end: int) -> Box:
    """The box of the characters `start` to `end` of a line: from its words' boxes, or by their share of its width."""
    left, top, right, bottom = line.box
    is_upright = len(line.text) > 2 and bottom - top > UPRIGHT * (right - left)
    if is_upright or (start <= 0 and end >= len(line.text)):
        return line.box
    boxes = tuple(
        _cut(text, box, max(start - first, 0), min(end - first, len(text)))
        for first, text, box in _placed_words(line)
        if first < end and start < first + len(text)
    )
    return union(boxes) if boxes else _cut(line.text, line.box, start, end)


def _placed_words(line: TextLine) -> Iterator[tuple[int, str, Box]]:
    """Each word with the place in the line's text where it begins."""
    at = 0
    for word in line.words:
        found = line.text.find(word.text, at)
        if found >= 0:
            at = found + len(word.text)
            yield found, word.text, word.box


def _cut(text: str, box: Box, start: int, end: int) -> Box:
    if start <= 0 and end >= len(text):
        return box
    left, top, right, bottom = box
    widths = [0.55 if letter in NARROW else 1.45 if letter in WIDE else 1.0 for letter in text]
    unit = (right - left) / sum(widths)
    slack = SLACK * (right - left) / len(text)
    from_left = left + unit * sum(widths[:start]) - (slack if start > 0 else 0.0)
    to_right = left + unit * sum(widths[:end]) + (slack if end < len(text) else 0.0)
    return max(from_left, left), top, min(to_right, right), bottom


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2
