"""Pieces of a form: words that belong together, such as a label or what was filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from beholder.evidence import Box

LABEL_END: Final = re.compile(r"[:：](?!//|\\)(?:(?=$|\D)|(?<=[^\W\d][:：]))")
"""A colon that ends a label: not one between digits, as in a time, nor one of a web address."""
MARK: Final = re.compile(r"[_\[(|]*[xX×✓✔√☑☒][_\])|.]*")
"""A cross or a tick, with what is drawn around it as it is read."""
SAME_ROW: Final = 0.6
"""Two pieces share a row when their middles are closer than this part of the lower one's height."""
NAME_WORDS: Final = 6
"""Words of a label at most that no colon marks."""
SENTENCE_END: Final = re.compile(r"[,;]$|\w{6,}\.(?:\s|$)|\s\w+\s\w+\s\w+\.$")
"""A full stop after a long word or a fourth one: after others it may be an abbreviation's."""
LETTER_SHARE: Final = 0.7
"""Letters among the signs of such a label at least."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that belong together: a label (it ended with a colon) or something else."""

    text: str
    box: Box
    confidence: float
    is_label: bool = False
    is_mark: bool = False
    """Whether it is a cross or a tick alone."""
    rule: Box | None = None
    """The line drawn to write on that it stands on."""

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        """Where it stands from the top."""
        return (self.box[1] + self.box[3]) / 2


def joined(pieces: Sequence[Piece], *, is_label: bool = False) -> Piece:
    """Several pieces as one, in the order given."""
    lefts, tops, rights, bottoms = zip(*(piece.box for piece in pieces), strict=True)
    confidence = sum(piece.confidence for piece in pieces) / len(pieces)
    box = (min(lefts), min(tops), max(rights), max(bottoms))
    return Piece(" ".join(piece.text for piece in pieces), box, confidence, is_label)


def rows_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces that stand beside each other, from left to right, the rows from top to bottom."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        if rows and is_same_row(rows[-1][-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.box[0]) for row in rows]


def is_same_row(first: Piece, second: Piece) -> bool:
    """Whether two pieces stand beside each other."""
    return abs(first.middle - second.middle) < SAME_ROW * min(first.height, second.height)


def is_name(piece: Piece) -> bool:
    """Whether the text could name a field without a colon: a few words, letters for the most part, no sentence."""
    letters = sum(character.isalpha() for character in piece.text)
    is_wordy = letters > 1 and letters >= LETTER_SHARE * len(piece.text.replace(" ", ""))
    return is_wordy and len(piece.text.split()) <= NAME_WORDS and not SENTENCE_END.search(piece.text)


def has_digit(piece: Piece) -> bool:
    """Whether there is a figure in the text."""
    return any(character.isdigit() for character in piece.text)
