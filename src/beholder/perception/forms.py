"""Forms: labels and the values filled in beside or below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from beholder.evidence import Box, FormField, TextLine
from beholder.perception.form_boxes import in_boxes
from beholder.perception.form_cuts import pieces_of
from beholder.perception.form_marks import ticked
from beholder.perception.form_pieces import Piece, is_name, is_same_row, joined, rows_of
from beholder.perception.form_rules import lines_to_write_on
from beholder.perception.form_tables import in_columns
from beholder.perception.form_written import begins_line, written_on_lines
from beholder.perception.rules import NO_RULES, Rules, find_rules
from beholder.types import Image

if TYPE_CHECKING:
    from beholder.perception.drawing import Seen

NEXT_LINE: Final = 1.1
"""A line continues the one above when the empty space between is at most this part of its height."""
BELOW: Final = 2.0
"""A value below its label begins within so many of the label's heights."""
WITHIN_VALUE: Final = 2.5
"""Pieces of a value stand at most so many heights apart."""
NEIGHBOURS: Final = 8.0
"""Heights between two rows of fields at most."""
FARTHEST: Final = 20.0
"""Heights between such a label and its value at most."""
INDENT: Final = 2.0
"""Left edges are aligned when they differ by less than so many heights."""


def find_fields(lines: Sequence[TextLine], rules: Rules = NO_RULES) -> tuple[FormField, ...]:
    """The fields of a form in reading order; a label for which nothing was filled in has an empty value.

    A label ends with a colon. Its value is what stands to its right as far as the next label or the end of its line
    to write on, with the lines that continue it; failing that, the lines below the label. Where no colon marks the
    label, a table's heading, the corner of a box, the line to write on or a cross beside it does, or rows of two pieces
    of text each that stand under each other.
    """
    pieces = pieces_of(lines, lines_to_write_on(lines, rules))
    labels = [piece for piece in pieces if piece.is_label]
    free = [piece for piece in pieces if not piece.is_label]
    options = list(ticked(free, rules.horizontal))
    free = [piece for piece in free if not any(piece is option or piece in mark for option, mark in options)]
    fields = []
    for label in labels:
        value = _beside(label, labels, free, rules.horizontal)
        value = _continued(value, label, labels, free) if value else _below(label, labels, free)
        free = [piece for piece in free if piece not in value]
        fields.append((label, value))
    named = [_field(_whole_label(label, value, free), value) for label, value in fields]
    named += [_field(option, mark) for option, mark in options]
    unmarked = [_field(_whole_label(label, value, free), value) for label, value in _unmarked(free, labels, rules)]
    return tuple(sorted((*named, *unmarked), key=lambda field: (field.label_box[1], field.label_box[0])))


def _unmarked(free: Sequence[Piece], labels: Sequence[Piece], rules: Rules) -> Iterator[tuple[Piece, list[Piece]]]:
    """Labels that no colon marks, each with its value. `labels` are the others: a box that has one needs none."""
    rest = list(free)
    for find in (_in_tables, lambda free: in_boxes([*free, *labels], rules), written_on_lines, _paired_in_rows):
        for label, value in find(rest):
            yield label, value
            rest = [piece for piece in rest if not _is_inside(piece, label) and piece not in value]


def _is_inside(piece: Piece, whole: Piece) -> bool:
    (left, top, right, bottom), box = piece.box, whole.box
    return box[0] <= left and box[1] <= top and right <= box[2] and bottom <= box[3]


def _in_tables(free: Sequence[Piece]) -> Iterator[tuple[Piece, list[Piece]]]:
    return in_columns(rows_of(free))


def _paired_in_rows(free: Sequence[Piece]) -> Iterator[tuple[Piece, list[Piece]]]:
    """Pairs in rows of two or four pieces, the first of each a name, that stand under each other."""
    pairs = [
        (label, value)
        for row in rows_of(free)
        if len(row) in (2, 3, 4)
        for label, value in zip(row[::2], row[1::2], strict=False)
        if is_name(label) and value.box[0] - label.box[2] < FARTHEST * label.height
    ]
    for label, value in pairs:
        others = [pair for pair in pairs if pair[0] is not label]
        if any(_is_under(label, other[0]) and _is_under(value, other[1]) for other in others):
            yield label, [value]


def _is_under(first: Piece, second: Piece) -> bool:
    """Whether two pieces begin one below the other, a few lines apart."""
    height = max(first.height, second.height)
    return abs(first.box[0] - second.box[0]) < height and abs(first.middle - second.middle) < NEIGHBOURS * height


def _beside(label: Piece, labels: Sequence[Piece], free: Sequence[Piece], rules: Sequence[Box]) -> list[Piece]:
    """What stands in the label's row between it and the next label, on the line that begins after it if one does."""
    ends = [other.box[0] for other in labels if other.box[0] >= label.box[2] and is_same_row(label, other)]
    end = min(ends, default=float("inf"))
    line_end = max((rule[2] for rule in rules if begins_line(label, rule)), default=float("inf"))
    row = [
        piece
        for piece in free
        if is_same_row(label, piece)
        and label.box[2] - label.height <= piece.box[0] < end
        and (piece.box[0] + piece.box[2]) / 2 < line_end
    ]
    return _close(sorted(row, key=lambda piece: piece.box[0]))


def _close(row: Sequence[Piece]) -> list[Piece]:
    """The row's pieces as far as the first gap too wide to be within one value."""
    for place, (before, after) in enumerate(pairwise(row), 1):
        if after.box[0] - before.box[2] > WITHIN_VALUE * min(before.height, after.height):
            return list(row[:place])
    return list(row)


def _continued(value: list[Piece], label: Piece, labels: Sequence[Piece], free: Sequence[Piece]) -> list[Piece]:
    """The value with the lines below it that begin where it begins and stand beside no label of their own."""
    found = list(value)
    last, left = joined(value), value[0].box[0]
    for piece in sorted(free, key=lambda piece: piece.middle):
        if piece in found or piece.box[1] - last.box[3] > NEXT_LINE * last.height or piece.middle <= last.box[3]:
            continue
        if abs(piece.box[0] - left) > INDENT * last.height / 2:
            continue
        if any(is_same_row(piece, other) and other.box[2] - other.height <= piece.box[0] for other in labels):
            break
        found.append(piece)
        last = piece
    return found


def _below(label: Piece, labels: Sequence[Piece], free: Sequence[Piece]) -> list[Piece]:
    """The lines under a label that has nothing beside it, as long as they follow each other closely."""
    last, found = label, list[Piece]()
    reach = BELOW
    for piece in sorted(free, key=lambda piece: (piece.middle, piece.box[0])):
        gap = piece.box[1] - last.box[3]
        if piece.middle <= last.box[3] or gap > reach * last.height:
            continue
        first = found[0] if found else label
        if abs(piece.box[0] - first.box[0]) > INDENT * label.height:
            continue
        if any(
            is_same_row(piece, other) or last.box[3] < other.middle < piece.middle for other in _over(labels, piece)
        ):
            break
        found.append(piece)
        last, reach = piece, NEXT_LINE
    return found


def _over(labels: Iterable[Piece], piece: Piece) -> list[Piece]:
    """The labels that share columns of pixels with `piece`, or begin left of it in its row."""
    return [
        label for label in labels if label.box[0] < piece.box[2] and label.box[2] > piece.box[0] - 10 * piece.height
    ]


def _whole_label(label: Piece, value: Sequence[Piece], free: Sequence[Piece]) -> Piece:
    """The label with the line above it that begins it, if one does."""
    for piece in free:
        gap = label.box[1] - piece.box[3]
        if (
            is_name(piece)
            and -0.5 * label.height < gap < 0.5 * label.height
            and abs(piece.box[0] - label.box[0]) < 0.5 * label.height
            and piece.box[2] - piece.box[0] < 2 * (label.box[2] - label.box[0])
            and not any(other is not piece and is_same_row(other, piece) for other in free)
        ):
            return joined([piece, label], is_label=True)
    return label


def _field(label: Piece, value: Sequence[Piece]) -> FormField:
    if not value:
        return FormField(label.text, "", label.box, None, label.confidence)
    filled = joined(value)
    return FormField(label.text, filled.text, label.box, filled.box, min(label.confidence, filled.confidence))


def _see(image: Image, lines: tuple[TextLine, ...]) -> Seen:
    fields = find_fields(lines, find_rules(image))
    values = [(field.value_box, "royalblue") for field in fields if field.value_box]
    text = "\n".join(f"{field.label} → {field.value}" for field in fields)
    return text, [*((field.label_box, "crimson") for field in fields), *values]


if __name__ == "__main__":
    from beholder.perception.drawing import demonstrate

    demonstrate("Show the fields of a form: labels in red, values in blue.", _see)
