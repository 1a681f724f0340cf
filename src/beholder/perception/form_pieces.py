"""Pieces of a form: its lines cut where a label ends, so that a label and its value are never one piece."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final

from beholder.evidence import Box, TextLine, Word

LABEL_END: Final = re.compile(r"[:：](?!//|\\)(?:(?=$|\D)|(?<=[^\W\d][:：]))")
"""A colon that ends a label: not one between digits, as in a time, nor one of a web address."""
WIDE_GAP: Final = 1.0
"""A gap between words of so many line heights parts pieces: ordinary spaces are a third of one."""
LONGEST_LABEL: Final = 60
"""Characters of a label at most; what is longer is a sentence."""


NAME_WORDS: Final = 6
LETTER_SHARE: Final = 0.7
"""Of the signs of a label that no colon marks."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that belong together: a label (it ended with a colon) or something else."""

    text: str
    box: Box
    confidence: float
    is_label: bool = False
    is_filled: bool = False
    """Whether it stands on a line drawn to write on, that begins after the label."""

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        """Where it stands from the top."""
        return (self.box[1] + self.box[3]) / 2


def pieces_of(lines: Sequence[TextLine], underlines: Sequence[Box] = ()) -> list[Piece]:
    """The pieces of all lines, from top to bottom and left to right."""
    found = [piece for line in lines for piece in _cut(line, underlines)]
    return sorted(found, key=lambda piece: (piece.box[1], piece.box[0]))


def joined(pieces: Sequence[Piece], *, is_label: bool = False) -> Piece:
    """Several pieces as one, in the order given."""
    lefts, tops, rights, bottoms = zip(*(piece.box for piece in pieces), strict=True)
    confidence = sum(piece.confidence for piece in pieces) / len(pieces)
    box = (min(lefts), min(tops), max(rights), max(bottoms))
    return Piece(" ".join(piece.text for piece in pieces), box, confidence, is_label)


def is_name(piece: Piece) -> bool:
    """Whether the text could name a field without a colon: a few words, letters for the most part, no sentence."""
    letters = sum(character.isalpha() for character in piece.text)
    is_wordy = letters > 1 and letters >= LETTER_SHARE * len(piece.text.replace(" ", ""))
    return is_wordy and len(piece.text.split()) <= NAME_WORDS and piece.text[-1] not in ".,;"


def _cut(line: TextLine, underlines: Sequence[Box]) -> Iterator[Piece]:
    """The line's pieces: cut where an underline begins or ends, after a label and before one that follows a value."""
    for is_filled, words in groupby(
        _colon_words(line), key=lambda word: any(stands_on(word.box, rule) for rule in underlines)
    ):
        for piece in _cut_at_labels(list(words), line.box[3] - line.box[1]):
            yield replace(piece, is_filled=is_filled and not piece.is_label)


def stands_on(box: Box, rule: Box) -> bool:
    """Whether a word stands on a rule, within its ends."""
    left, _, right, bottom = box
    height = bottom - box[1]
    gap = (rule[1] + rule[3]) / 2 - bottom
    return rule[0] - height / 2 <= left and right <= rule[2] + height and -0.5 * height < gap < 0.4 * height


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
