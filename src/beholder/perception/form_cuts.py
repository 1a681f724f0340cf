"""A form's lines cut into pieces: at the ends of labels, of lines to write on and of marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Final

from beholder.evidence import Box, TextLine, Word
from beholder.perception.form_pieces import LABEL_END, MARK, Piece, joined
from beholder.perception.form_rules import is_between, stands_on

WIDE_GAP: Final = 1.0
"""A gap between words of so many line heights parts pieces: ordinary spaces are a third of one."""
LONGEST_LABEL: Final = 60
"""Characters of a label at most; what is longer is a sentence."""
UPRIGHT: Final = 2.0
"""A line so many times as high as it is wide runs upwards."""


def pieces_of(lines: Sequence[TextLine], underlines: Sequence[Box] = ()) -> list[Piece]:
    """The pieces of all lines but those that run upwards at the edge, from top to bottom and left to right."""
    found = [piece for line in lines if not _runs_up(line) for piece in _cut(line, underlines)]
    return sorted(found, key=lambda piece: (piece.box[1], piece.box[0]))


def _cut(line: TextLine, underlines: Sequence[Box]) -> Iterator[Piece]:
    """The line's pieces: cut where an underline begins or ends, at a mark, after a label and before one that follows.

    A word between the ends of a line on which others stand, stands on it too: the page may be askew.
    """
    words = list(_colon_words(line))
    under = [rule for rule in underlines if any(stands_on(word.box, rule) for word in words)]
    rules = [next((rule for rule in under if is_between(word.box, rule)), None) for word in words]
    marks = [_is_mark(words, place) for place in range(len(words))]
    for (rule, is_mark), run in groupby(range(len(words)), key=lambda place: (rules[place], marks[place])):
        for piece in _cut_at_labels([words[place] for place in run], line.box[3] - line.box[1]):
            yield piece if piece.is_label else replace(piece, rule=rule, is_mark=is_mark)


def _is_mark(words: Sequence[Word], place: int) -> bool:
    """Whether a word ticks something: it stands at an end of its line, or on a line that is read as its own signs."""
    text = words[place].text
    return MARK.fullmatch(text) is not None and (place in (0, len(words) - 1) or len(text) > 1)


def _runs_up(line: TextLine) -> bool:
    left, top, right, bottom = line.box
    return bottom - top > UPRIGHT * (right - left) and len(line.text) > 2


def _cut_at_labels(words: Sequence[Word], height: float) -> Iterator[Piece]:
    run: list[Word] = []
    after_label = False
    for word in words:
        if run and word.box[0] - run[-1].box[2] > WIDE_GAP * height:
            yield _piece(run)
            run, after_label = [], False
        run.append(word)
        if not LABEL_END.search(word.text[-1:]):
            continue
        if after_label and len(run) > 1:
            cut = _label_start(run)
            if cut:
                yield _piece(run[:cut])
            run = run[cut:]
        yield _piece(run, is_label=len(" ".join(part.text for part in run)) <= LONGEST_LABEL)
        run, after_label = [], True
    if run:
        yield _piece(run)


def _colon_words(line: TextLine) -> Iterator[Word]:
    """The line's words, those with a label's colon inside cut in two in proportion to their characters."""
    for word in line.words or (Word(line.text, line.box, line.confidence),):
        left, top, right, bottom = word.box
        rest, begin = word.text, left
        while (found := LABEL_END.search(rest)) and found.end() < len(rest):
            end = begin + (right - begin) * found.end() / len(rest)
            yield Word(rest[: found.end()], (begin, top, end, bottom), word.confidence)
            rest, begin = rest[found.end() :], end
        yield Word(rest, (begin, top, right, bottom), word.confidence)


def _label_start(run: Sequence[Word]) -> int:
    """Where the label begins in words that end with a colon and follow another label: after the widest gap."""
    gaps = [after.box[0] - before.box[2] for before, after in pairwise(run)]
    return gaps.index(max(gaps)) + 1


def _piece(run: Sequence[Word], *, is_label: bool = False) -> Piece:
    parts = [Piece(word.text, word.box, word.confidence) for word in run]
    return joined(parts, is_label=is_label)
