"""Lines drawn to write on, and what stands on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from beholder.evidence import Box, TextLine
from beholder.perception.form_pieces import Piece, is_name, stands_on
from beholder.perception.rules import Rules

NEAR: Final = 3.0
"""Heights between a label and the line that follows it at most."""


def lines_to_write_on(lines: Sequence[TextLine], rules: Rules) -> tuple[Box, ...]:
    """Rules that are longer than the words on them: one as long as its words only stresses them."""
    words = [word for line in lines for word in line.words]
    return tuple(rule for rule in rules.horizontal if _has_room(rule, [word.box for word in words]))


def written_on_lines(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, list[Piece]]]:
    """What stands on lines, with the label to the left of the line."""
    labels = [piece for piece in pieces if not piece.is_filled]
    for piece in pieces:
        if not piece.is_filled:
            continue
        before = [
            label
            for label in labels
            if abs(label.middle - piece.middle) < 0.7 * piece.height
            and -piece.height < piece.box[0] - label.box[2] < NEAR * piece.height
            and is_name(label)
        ]
        found = max(before, key=lambda label: label.box[2], default=None)
        if found is not None:
            labels.remove(found)
            yield found, [piece]


def _has_room(rule: Box, words: Sequence[Box]) -> bool:
    on = [box for box in words if stands_on(box, rule)]
    if not on:
        return False
    height = max(box[3] - box[1] for box in on)
    return rule[2] - max(box[2] for box in on) > height or min(box[0] for box in on) - rule[0] > 0.7 * height
