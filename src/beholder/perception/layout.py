"""Lines of text laid out as the page is read: blocks in order, rows from top to bottom, gaps as spaces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from beholder.evidence import TextLine
from beholder.perception.addresses import join_addresses
from beholder.perception.reading_order import columns, direction, page_direction, upright
from beholder.types import Image

if TYPE_CHECKING:
    from beholder.perception.drawing import Seen

SAME_ROW: Final = 0.5
"""Two lines share a row when their middles are closer than this part of the lower one's height."""

WIDEST_GAP: Final = 4
"""Spaces between two pieces of a row at most: enough to tell columns apart, and a prompt pays for little else."""

PARAGRAPH: Final = 1.6
"""A gap between rows over this many row heights becomes an empty line."""


def lay_out(lines: Sequence[TextLine]) -> str:
    """The text of a page in reading order. Pieces of one row keep some of their distance as spaces.

    A page that lies on its side or stands on its head is read as its text runs; columns of running text follow each
    other, and a line that runs across the others, like the label of a chart's axis, is a row of its own.
    """
    towards = page_direction(lines)
    across = [line for line in lines if direction(line) not in (None, towards)]
    along = upright([line for line in lines if line not in across], towards)
    blocks = [_block_text(block) for block in columns(along) if block]
    return (
        "\n\n".join([*(line.text for line in across), *blocks]) if blocks else "\n".join(line.text for line in across)
    )


def _block_text(lines: Sequence[TextLine]) -> str:
    rows = rows_of(lines)
    advance = median((line.box[2] - line.box[0]) / len(line.text) for line in lines) or 1.0
    text: list[str] = []
    for index, row_text in enumerate(join_addresses(rows, [_row_text(row, advance) for row in rows])):
        if index and _gap(rows[index - 1], rows[index]) > PARAGRAPH * _height(rows[index]):
            text.append("")
        text += [row_text] if row_text else []
    return "\n".join(text)


def rows_of(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """The lines in rows from top to bottom, each from left to right."""
    rows: list[list[TextLine]] = []
    for line in sorted(lines, key=_middle):
        if rows and _is_beside(line, rows[-1]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box[0]) for row in rows]


def _is_beside(line: TextLine, row: Sequence[TextLine]) -> bool:
    """Whether `line` continues the row; overlapping lines never share one, however close their middles are."""
    middle = median(_middle(other) for other in row)
    height = min(line.box[3] - line.box[1], median(other.box[3] - other.box[1] for other in row))
    if abs(_middle(line) - middle) >= SAME_ROW * height:
        return False
    width = line.box[2] - line.box[0]
    return all(min(line.box[2], o.box[2]) - max(line.box[0], o.box[0]) < 0.5 * width for o in row)


def _row_text(row: Sequence[TextLine], advance: float) -> str:
    text = row[0].text
    for before, after in pairwise(row):
        spaces = round((after.box[0] - before.box[2]) / advance)
        text += " " * min(max(spaces, 1), WIDEST_GAP) + after.text
    return text


def _middle(line: TextLine) -> float:
    return (line.box[1] + line.box[3]) / 2


def _height(row: Sequence[TextLine]) -> float:
    return median(line.box[3] - line.box[1] for line in row)


def _gap(above: Sequence[TextLine], below: Sequence[TextLine]) -> float:
    return median(_middle(line) for line in below) - median(_middle(line) for line in above)


def _see(image: Image, lines: tuple[TextLine, ...]) -> Seen:
    words = [(word.box, "mediumseagreen") for line in lines for word in line.words]
    return lay_out(lines), [*words, *((line.box, "royalblue") for line in lines)]


if __name__ == "__main__":
    from beholder.perception.drawing import demonstrate

    demonstrate("Read a picture: lines in blue, words in green.", _see)
