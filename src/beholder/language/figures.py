"""A chart's or table's cells as figures with names, ready to be calculated with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from beholder.evidence import Cell, Chart, Evidence, Table
from beholder.perception.charts.colours import colour_name
from beholder.perception.charts.numbers import Number, parse_number
from beholder.perception.charts.unscaled import WARNING as UNSCALED

MOST_NAMES: Final = 160
"""Rows and series of a sheet at most: a longer table's names would take more of the grammar than they are worth."""

LONGEST_NAME: Final = 80
"""Characters of a name at most."""

Grid = list[list[Cell | None]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the name of what it belongs to. `is_estimated` marks one that was measured, not read."""

    name: str
    value: float
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table's numbers by row and series, whose names are unique; a cell without a number is missing.

    `name` tells the tables of a question apart. Figures are in the unit they are printed in where all share it, which
    `unit` then names (`%`, `bn`); otherwise multiplied out. `plain_names` are the series' names without their colours.
    """

    name: str
    rows: tuple[str, ...]
    series: tuple[str, ...]
    figures: Mapping[tuple[str, str], Figure]
    unit: str = ""
    plain_names: Mapping[str, str] | None = None

    def row(self, name: str) -> tuple[Figure, ...]:
        """The figures of one row, named by their series."""
        return tuple(self._named(series, cell) for series in self.series if (cell := self.figures.get((name, series))))

    def column(self, name: str) -> tuple[Figure, ...]:
        """The figures of one series, named by their rows."""
        return tuple(self._named(row, cell) for row in self.rows if (cell := self.figures.get((row, name))))

    def all(self) -> tuple[Figure, ...]:
        """All figures, row by row, named by row and series; by the row alone where there is one series."""
        cells = ((row, series) for row in self.rows for series in self.series)
        return tuple(self.figures[cell] for cell in cells if cell in self.figures)

    def spoken(self, name: str) -> str:
        """The name as a person would say it: a series without its colour."""
        return (self.plain_names or {}).get(name, name)

    def _named(self, name: str, figure: Figure) -> Figure:
        return Figure(self.spoken(name), figure.value, figure.is_estimated)


def find_sheets(evidence: Sequence[Evidence], numbers: Collection[int] | None = None) -> tuple[Sheet, ...]:
    """The sheets of all pictures in their order, or of those with these numbers, which count from 1.

    Tables without a number and charts without a scale are left out.
    """
    found: list[Sheet] = []
    for number, each in enumerate(evidence, start=1):
        if numbers is not None and number not in numbers:
            continue
        scaled = [chart for chart in each.charts if UNSCALED not in chart.warnings]
        tables: list[Chart | Table] = [*scaled, *each.tables]
        for place, table in enumerate(tables, start=1):
            name = f"image{number}" + (f"_{place}" if len(tables) > 1 else "")
            sheet = make_sheet(table, name)
            if sheet is not None:
                found.append(sheet)
    return tuple(found)


def make_sheet(source: Chart | Table, name: str) -> Sheet | None:
    """The sheet of a chart or a table; None where it holds no number or has too many rows.

    The rows above the first number are headers; the first column that is not numbers names the rows.
    """
    table = source.table if isinstance(source, Chart) else source
    grid = _grid(table)
    first = 1 if isinstance(source, Chart) else _count_headers(grid)
    heads, body = grid[:first], grid[first:]
    names = 0 if isinstance(source, Chart) else _name_column(body)
    columns = [column for column in range(table.columns) if column != names and _has_numbers(body, column)]
    if not columns or len(body) + len(columns) > MOST_NAMES:
        return None
    rows = _unique([_text(row[names]) or f"row {place}" for place, row in enumerate(body, start=1)])
    plain = [_header(heads, column) for column in columns]
    series = _unique(_with_colours(source, plain, columns))
    numbers = {
        (row, name): (cell, number)
        for row, cells in zip(rows, body, strict=True)
        for name, column in zip(series, columns, strict=True)
        if (cell := cells[column]) is not None and (number := parse_number(cell.text)) is not None
    }
    shared = _shared_unit([number for _, number in numbers.values()])
    figures = {
        (row, name): Figure(
            row if len(series) == 1 else f"{row}, {spoken or name}",
            number.value / number.multiplier if shared is not None else number.value,
            cell.estimated,
        )
        for spoken, name in zip(plain, series, strict=True)
        for row in rows
        if (row, name) in numbers
        for cell, number in [numbers[row, name]]
    }
    spoken_names = {name: each or name for name, each in zip(series, plain, strict=True)}
    return Sheet(name, tuple(rows), tuple(series), figures, shared or "", spoken_names)


def _shared_unit(numbers: Sequence[Number]) -> str | None:
    """The unit that stands beside every number, empty for none; None where the numbers' multipliers differ."""
    if len({number.multiplier for number in numbers}) > 1:
        return None
    units = {number.unit or number.currency for number in numbers}
    return units.pop() if len(units) == 1 else ""


def _with_colours(source: Chart | Table, names: Sequence[str], columns: Sequence[int]) -> list[str]:
    """Series as the prompt names them: with the colour they are drawn in, where it tells them apart."""
    if not isinstance(source, Chart):
        return [name or f"column {column + 1}" for name, column in zip(names, columns, strict=True)]
    if source.table.columns == 2 and not names[0]:
        return ["value"]
    if len(source.series) + 1 != source.table.columns:
        return [name or f"column {column + 1}" for name, column in zip(names, columns, strict=True)]
    colours = [colour_name(source.series[column - 1].colour) for column in columns]
    return [f"{name or 'unnamed'} ({colour})" for name, colour in zip(names, colours, strict=True)]


def _grid(table: Table) -> Grid:
    grid: Grid = [[None] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        for row in range(cell.row, min(cell.row + cell.row_span, table.rows)):
            for column in range(cell.column, min(cell.column + cell.column_span, table.columns)):
                grid[row][column] = cell
    return grid


def _count_headers(grid: Grid) -> int:
    marked = sum(1 for _ in takewhile(lambda row: any(cell and cell.is_header for cell in row[1:]), grid))
    return marked or sum(1 for _ in takewhile(lambda row: not any(map(_is_number, row)), grid))


def _name_column(body: Grid) -> int:
    for column in range(len(body[0]) if body else 0):
        if not _has_numbers(body, column):
            return column
    return 0


def _has_numbers(body: Grid, column: int) -> bool:
    filled = [row[column] for row in body if _text(row[column])]
    return bool(filled) and 2 * sum(map(_is_number, filled)) >= len(filled)


def _is_number(cell: Cell | None) -> bool:
    return cell is not None and parse_number(cell.text) is not None


def _header(heads: Grid, column: int) -> str:
    return " ".join(dict.fromkeys(text for row in heads if (text := _text(row[column]))))


def _text(cell: Cell | None) -> str:
    return "" if cell is None else " ".join(cell.text.replace('"', "'").replace("\\", "/").split())[:LONGEST_NAME]


def _unique(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique
