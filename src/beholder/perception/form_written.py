"""What was written on the lines of a form, with the labels before or under the lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from beholder.evidence import Box
from beholder.perception.form_pieces import Piece, is_name
from beholder.perception.form_rules import is_above

NEAR: Final = 3.0
"""Heights between a label and the line that follows it at most."""
CLOSE: Final = 0.6
"""Heights between a line and the label under it at most."""
INDENT: Final = 2.5
"""Heights that such a label may begin before the line: a letter or a number stands there."""


def written_on_lines(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, list[Piece]]]:
    """What stands on each line, with the label that stands before the line or, in small print, under its beginning."""
    labels = [piece for piece in pieces if piece.rule is None and is_name(piece)]
    lines: dict[Box, list[Piece]] = {}
    for piece in sorted(pieces, key=lambda piece: piece.box[0]):
        if piece.rule is not None:
            lines.setdefault(piece.rule, []).append(piece)
    for is_labelled in (_is_before, _is_under):
        for rule, written in list(lines.items()):
            fitting = [label for label in labels if is_labelled(label, rule, written[0])]
            if found := max(fitting, key=lambda label: label.box[2], default=None):
                labels.remove(found)
                yield found, lines.pop(rule)


def begins_line(label: Piece, rule: Box) -> bool:
    """Whether the line begins right after the label."""
    return is_above(label.box, rule) and -label.height < rule[0] - label.box[2] < NEAR * label.height


def _is_before(label: Piece, rule: Box, value: Piece) -> bool:
    """Whether the label stands in the value's row where the line begins."""
    is_beside = abs(label.middle - value.middle) < 0.7 * value.height
    return is_beside and -value.height < rule[0] - label.box[2] < NEAR * value.height and label.box[2] < value.box[2]


def _is_under(label: Piece, rule: Box, value: Piece) -> bool:
    """Whether the label stands close under the beginning of the line."""
    gap = label.box[1] - (rule[1] + rule[3]) / 2
    begins = label.box[0] - rule[0]
    return (
        -0.5 * label.height < gap < CLOSE * label.height
        and -INDENT * label.height < begins < label.height
        and label.box[2] < rule[2] + label.height
    )
