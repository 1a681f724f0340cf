"""Boxes of a form: a label in the upper left corner of a drawn frame, and below it what was filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from beholder.evidence import Box
from beholder.perception.form_pieces import Piece, has_digit, is_name, rows_of
from beholder.perception.rules import Rules

Frame: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom: the middles of the rules around a box."""

SPANNED: Final = 0.7
"""The part of a box's width that the rules above and below it cover at least; a line to write on follows a label."""
SAME_LEVEL: Final = 8.0
"""Pixels between pieces of one horizontal rule at most, which a slanted page sets apart."""
CORNER: Final = 3.0
"""Heights between a label and the left side of its box at most."""
CLOSE: Final = 1.5
"""Heights between a label and the upper side of its box at most."""
WITHIN_LINE: Final = 2.5
"""Heights between pieces of one line of a value at most."""
BETWEEN_LINES: Final = 2.0
"""Heights of empty space between lines of a value at most."""
LARGER: Final = 1.15
"""A value whose type is so many times as high as the label's differs from it."""


def in_boxes(pieces: Sequence[Piece], rules: Rules) -> Iterator[tuple[Piece, list[Piece]]]:
    """The label of each box that holds a label and a value, and the value's pieces in reading order."""
    boxes: dict[Frame, list[Piece]] = {}
    for piece in pieces:
        if frame := _frame(piece, rules):
            boxes.setdefault(frame, []).append(piece)
    for frame, inside in boxes.items():
        label, *rest = sorted(inside, key=lambda piece: piece.middle)
        if not _is_label(label, frame) or any(piece.middle < label.box[3] for piece in rest):
            continue
        value = _filled_in(rest)
        if value and _is_value(value, label):
            yield label, value


def _frame(piece: Piece, rules: Rules) -> Frame | None:
    """The drawn box around the piece."""
    left, right = _sides(piece, rules.vertical)
    if left is None or right is None:
        return None
    levels = [level for level in (_level(rule) for rule in rules.horizontal) if _spans(level, left, right, rules)]
    above = max((level for level in levels if level < piece.middle), default=None)
    below = min((level for level in levels if level > piece.middle), default=None)
    return None if above is None or below is None else (left, above, right, below)


def _sides(piece: Piece, verticals: Sequence[Box]) -> tuple[float | None, float | None]:
    """Where the nearest rules to the left and right of the piece stand."""
    beside = [(rule[0] + rule[2]) / 2 for rule in verticals if rule[1] < piece.middle < rule[3]]
    middle = (piece.box[0] + piece.box[2]) / 2
    return max((x for x in beside if x < middle), default=None), min((x for x in beside if x > middle), default=None)


def _level(rule: Box) -> float:
    return (rule[1] + rule[3]) / 2


def _spans(level: float, left: float, right: float, rules: Rules) -> bool:
    near = [rule for rule in rules.horizontal if abs(_level(rule) - level) < SAME_LEVEL]
    covered = sum(max(0.0, min(rule[2], right) - max(rule[0], left)) for rule in near)
    return covered > SPANNED * (right - left)


def _is_label(piece: Piece, frame: Frame) -> bool:
    left, top, _, _ = frame
    is_in_corner = piece.box[0] - left < CORNER * piece.height and piece.box[1] - top < CLOSE * piece.height
    return is_in_corner and not piece.is_label and is_name(piece)


def _filled_in(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces in reading order as far as the first wide gap between lines; none if they are set apart in a line."""
    found: list[Piece] = []
    for row in rows_of(pieces):
        height = row[0].height
        if any(after.box[0] - before.box[2] > WITHIN_LINE * height for before, after in pairwise(row)):
            return []
        if found and row[0].box[1] - found[-1].box[3] > BETWEEN_LINES * height:
            break
        found += row
    return found


def _is_value(value: Sequence[Piece], label: Piece) -> bool:
    """Whether the pieces are not more labels: those are names, set as the first is."""
    names = [piece for piece in value if is_name(piece) and not has_digit(piece)]
    is_list = len(names) == len(value) and all(piece.height < LARGER * label.height for piece in names)
    return not is_list and not any(piece.is_label for piece in value)
