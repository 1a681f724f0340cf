"""Tables within forms: each cell is a value of its column's heading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final, TypeAlias

from beholder.perception.form_pieces import Piece, has_digit, is_name, joined

Row: TypeAlias = Sequence[Piece]

NEAR: Final = 1.5
"""Heights of empty space between two rows of one table at most."""
WIDER: Final = 2.0
"""The upper line of a heading is less than so many times as wide as the lower one."""
FEWEST: Final = 3
"""Columns of a table whose cells have no numbers, and rows of one with two columns."""


def in_columns(rows: Sequence[Row]) -> Iterator[tuple[Piece, list[Piece]]]:
    """Each cell of the tables in `rows`, from top to bottom, with its column's heading.

    A table is a row of names and rows below it whose pieces each stand in another of its columns. Either a column has
    numbers throughout, or there is one row alone, for else rows of labels and values would be one.
    """
    place = 0
    while place < len(rows):
        heading = _stacked(rows[place])
        cells = _cells(heading, rows[place + 1 :]) if _is_heading(heading) else []
        if cells and _is_table(heading, cells):
            whole = [_whole(name, rows[place - 1] if place else ()) for name in heading]
            for row in cells:
                yield from ((whole[column], [row[column]]) for column in sorted(row))
            place += len(cells)
        place += 1


def _stacked(row: Row) -> list[Piece]:
    """The row with pieces that stand over each other made one, from top to bottom."""
    stacks: list[list[Piece]] = []
    for piece in sorted(row, key=lambda piece: piece.box[0]):
        if stacks and _is_over(piece, stacks[-1][-1]):
            stacks[-1].append(piece)
        else:
            stacks.append([piece])
    return [joined(sorted(s, key=lambda p: p.middle)) if len(s) > 1 else s[0] for s in stacks]


def _is_over(first: Piece, second: Piece) -> bool:
    overlap = min(first.box[2], second.box[2]) - max(first.box[0], second.box[0])
    return overlap > 0.5 * min(_width(first), _width(second))


def _width(piece: Piece) -> float:
    return piece.box[2] - piece.box[0]


def _is_heading(row: Row) -> bool:
    return len(row) > 1 and all(is_name(piece) and not piece.is_label and not has_digit(piece) for piece in row)


def _cells(heading: Row, rows: Sequence[Row]) -> list[dict[int, Piece]]:
    """The rows below the heading as far as they are the table's: pieces by column."""
    found: list[dict[int, Piece]] = []
    bottom = max(piece.box[3] for piece in heading)
    for row in rows:
        height = median(piece.height for piece in row)
        inside = [piece for piece in row if piece.box[0] < heading[-1].box[2] + height]
        columns = [_column(piece, heading) for piece in inside]
        is_near = min(piece.box[1] for piece in row) - bottom < NEAR * height
        if not is_near or len(inside) < 2 or len(set(columns)) < len(columns) or any(p.is_label for p in inside):
            break
        if found and len(found[0]) == len(heading) >= FEWEST > len(inside) and not any(map(has_digit, inside)):
            break
        found.append(dict(zip(columns, inside, strict=True)))
        bottom = max(piece.box[3] for piece in row)
    return found


def _column(piece: Piece, heading: Row) -> int:
    """The column whose heading stands over the piece, or the next one to its right."""
    overlaps = [min(piece.box[2], name.box[2]) - max(piece.box[0], name.box[0]) for name in heading]
    if max(overlaps) > 0:
        return overlaps.index(max(overlaps))
    return next((place for place, name in enumerate(heading) if name.box[2] > piece.box[0]), len(heading) - 1)


def _is_table(heading: Row, cells: Sequence[dict[int, Piece]]) -> bool:
    if len(cells) == 1:
        return len(heading) >= FEWEST
    columns = [[row[column] for row in cells if column in row] for column in range(len(heading))]
    has_numbers = any(len(column) > 1 and all(map(has_digit, column)) for column in columns)
    return has_numbers and (len(heading) >= FEWEST or len(cells) >= FEWEST)


def _whole(name: Piece, above: Row) -> Piece:
    """The heading with the line above it that begins it."""
    for piece in above:
        is_near = name.box[1] - piece.box[3] < 0.5 * name.height
        if is_near and _is_over(piece, name) and is_name(piece) and _width(piece) < WIDER * _width(name):
            return joined([piece, name])
    return name
