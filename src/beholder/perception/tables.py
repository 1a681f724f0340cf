"""Tables: rows and columns of text, whether rules part them or only white space does."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from beholder.evidence import Box, Cell, Table, TextLine
from beholder.perception.layout import rows_of
from beholder.perception.rules import NO_RULES, Rules, find_rules
from beholder.perception.table_grid import Placed, Segment, columns_of, place_row, segments_of
from beholder.types import Image

if TYPE_CHECKING:
    from beholder.perception.drawing import Seen

FEWEST_ROWS: Final = 3
"""Rows of two cells or more that make a table."""
FARTHEST_ROW: Final = 3.0
"""A gap over so many usual distances between rows ends a table."""
FILLED: Final = 0.35
"""Of a table's cells at least so many hold text."""
WIDE_RULE: Final = 0.6
"""A rule under the header runs along this part of the table at least."""
CONTINUES: Final = 0.88
"""A row nearer to the one above than this part of the usual distance may continue its cells."""

PlacedRow = list[Placed]


def find_tables(lines: Sequence[TextLine], rules: Rules = NO_RULES) -> tuple[Table, ...]:
    """The tables of a page from top to bottom, in the frame of the lines' boxes."""
    rows = [segments_of(row) for row in rows_of(lines)]
    tables = (_table(run, rules) for run in _runs(rows))
    return tuple(table for table in tables if table is not None)


def table_html(table: Table) -> str:
    """The table as HTML with `<thead>` and `<tbody>`, spans as attributes, and nothing but text in its cells."""
    parts = {True: "", False: ""}
    for number in range(table.rows):
        cells = [cell for cell in table.cells if cell.row == number]
        is_header = bool(cells) and all(cell.is_header for cell in cells)
        parts[is_header] += f"<tr>{''.join(_cell_html(cell) for cell in cells)}</tr>"
    head = f"<thead>{parts[True]}</thead>" if parts[True] else ""
    return f"<table>{head}<tbody>{parts[False]}</tbody></table>"


def table_markdown(table: Table) -> str:
    """The table in GitHub's Markdown: header rows joined into one, a spanning cell's text in its first column."""
    grid = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        grid[cell.row][cell.column] = cell.text.replace("|", "\\|").replace("\n", " ")
    heads = max((cell.row + 1 for cell in table.cells if cell.is_header), default=0)
    header = [" ".join(filter(None, column)) for column in zip(*grid[:heads], strict=True)] if heads else []
    rows = [header or [""] * table.columns, ["---"] * table.columns, *grid[heads:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _runs(rows: Sequence[list[Segment]]) -> list[list[list[Segment]]]:
    """Rows that follow each other closely, from the first that is cut into cells to the last."""
    if len(rows) < FEWEST_ROWS:
        return []
    usual = median(_middle(below) - _middle(above) for above, below in pairwise(rows)) or 1.0
    runs: list[list[list[Segment]]] = [[]]
    for row in rows:
        if runs[-1] and _middle(row) - _middle(runs[-1][-1]) > FARTHEST_ROW * usual:
            runs.append([])
        runs[-1].append(row)
    return [run for run in map(_trimmed, runs) if sum(len(row) > 1 for row in run) >= FEWEST_ROWS]


def _trimmed(run: list[list[Segment]]) -> list[list[Segment]]:
    """The run without rows of one piece at its ends: titles, notes."""
    cut = [place for place, row in enumerate(run) if len(row) > 1]
    return run[cut[0] : cut[-1] + 1] if cut else []


def _table(run: Sequence[list[Segment]], rules: Rules) -> Table | None:
    columns = columns_of(run)
    if len(columns) < 2:
        return None
    box = _around([segment.box for row in run for segment in row])
    heads = _header_rows(run, box, rules)
    placed = [place_row(row, columns, may_span=number < heads) for number, row in enumerate(run)]
    rows = [_sectioned(row, len(columns)) for row in _with_continued(placed, heads)]
    cells = _cells(rows, len(columns), heads)
    if sum(bool(cell.text) for cell in cells) < FILLED * len(rows) * len(columns):
        return None
    method = "ruled" if _is_ruled(box, rules) else "aligned"
    return Table(box, len(rows), len(columns), tuple(cells), method)


def _header_rows(run: Sequence[list[Segment]], box: Box, rules: Rules) -> int:
    """Rows above the first wide rule below the first row; without one, the first row unless it has more figures."""
    first = max(segment.box[3] for segment in run[0]) - 0.3 * _height(run[0])
    wide = [
        (rule[1] + rule[3]) / 2
        for rule in rules.horizontal
        if min(rule[2], box[2]) - max(rule[0], box[0]) > WIDE_RULE * (box[2] - box[0])
    ]
    below = [y for y in wide if first < y < _middle(run[-1])]
    if below:
        return sum(_middle(row) < min(below) for row in run)
    body = [_figures(row) for row in run[1:]]
    return int(_figures(run[0]) <= median(body))


def _with_continued(rows: Sequence[PlacedRow], heads: int) -> list[PlacedRow]:
    """The rows, those that continue the cells of the one above joined to it."""
    steps = [_placed_middle(below) - _placed_middle(above) for above, below in pairwise(rows)]
    usual = median(steps)
    found = [list(rows[0])]
    for number, (row, step) in enumerate(zip(rows[1:], steps, strict=True), 1):
        above = {column for first, last, _ in found[-1] for column in range(first, last + 1)}
        here = {column for first, last, _ in row for column in range(first, last + 1)}
        if step < CONTINUES * usual and 0 not in here and here <= above and number != heads:
            found[-1] = [_joined(cell, row) for cell in found[-1]]
        else:
            found.append(list(row))
    return found


def _sectioned(row: PlacedRow, columns: int) -> PlacedRow:
    """A row that holds nothing but its first cell is the heading of a section: it spans the table."""
    return [(0, columns - 1, row[0][2])] if len(row) == 1 and row[0][0] == 0 else row


def _joined(cell: Placed, row: PlacedRow) -> Placed:
    first, last, segment = cell
    words = [word for begin, end, below in row if begin <= last and end >= first for word in below.words]
    return first, last, Segment((*segment.words, *words))


def _cells(rows: Sequence[PlacedRow], columns: int, heads: int) -> list[Cell]:
    cells = []
    for number, row in enumerate(rows):
        column = 0
        for first, last, segment in row:
            cells += [Cell("", number, empty, is_header=number < heads) for empty in range(column, first)]
            span, sure = last - first + 1, segment.confidence
            cells.append(Cell(segment.text, number, first, segment.box, 1, span, number < heads, sure))
            column = last + 1
        cells += [Cell("", number, empty, is_header=number < heads) for empty in range(column, columns)]
    return cells


def _cell_html(cell: Cell) -> str:
    spans = f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    spans += f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    return f"<td{spans}>{escape(cell.text, quote=False)}</td>"


def _is_ruled(box: Box, rules: Rules) -> bool:
    """Whether rules run down between the columns."""
    return any(
        box[0] < (rule[0] + rule[2]) / 2 < box[2]
        and min(rule[3], box[3]) - max(rule[1], box[1]) > 0.5 * (box[3] - box[1])
        for rule in rules.vertical
    )


def _figures(row: Sequence[Segment]) -> float:
    text = "".join(segment.text for segment in row)
    return sum(character.isdigit() for character in text) / len(text)


def _middle(row: Sequence[Segment]) -> float:
    return median((segment.box[1] + segment.box[3]) / 2 for segment in row)


def _placed_middle(row: PlacedRow) -> float:
    return _middle([segment for _, _, segment in row])


def _height(row: Sequence[Segment]) -> float:
    return median(segment.box[3] - segment.box[1] for segment in row)


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _see(image: Image, lines: tuple[TextLine, ...]) -> Seen:
    tables = find_tables(lines, find_rules(image))
    cells = [(cell.box, "crimson" if cell.is_header else "royalblue") for t in tables for cell in t.cells if cell.box]
    return "\n\n".join(map(table_markdown, tables)), [*((t.box, "darkorange") for t in tables), *cells]


if __name__ == "__main__":
    from beholder.perception.drawing import demonstrate

    demonstrate("Show the tables of a picture.", _see)
