"""HTML of a table as a tree of cells: what the table metrics compare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

ROOMS: Final = {"thead": 1, "tbody": 1, "tfoot": 1, "tr": 2, "td": 3}
"""The elements of a table's tree and their depth; a new one ends those that are open at its depth or below."""

TABLE = re.compile(r"<table\b.*", re.DOTALL | re.IGNORECASE)
MOST_SPANNED: Final = 1_000
"""Rows and columns of one cell at most, as browsers hold it (HTML standard, 4.9.11)."""


@dataclass(slots=True)
class Node:
    """An element: its tag, for a cell also its spans and text, and what it contains."""

    tag: str
    column_span: int = 1
    row_span: int = 1
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def size(self) -> int:
        """How many elements there are, this one included."""
        return 1 + sum(child.size() for child in self.children)

    def rows(self) -> Iterator[Node]:
        """All rows below, from top to bottom."""
        for child in self.children:
            if child.tag == "tr":
                yield child
            else:
                yield from child.rows()


def parse_table(html: str) -> Node | None:
    """The first table in `html`, also where end tags are missing; None if there is none.

    A header cell is a cell, since PubTabNet has no header cells. The inline elements within a cell (bold, italic,
    superscript, ...) leave their text, a line break a space.
    """
    found = TABLE.search(html)
    if found is None:
        return None
    parser = _TableParser()
    parser.feed(found.group())
    parser.close()
    return parser.table


class _TableParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.table = Node("table")
        self._open: list[Node] = [self.table]
        self._depth = 0
        self._is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a node for a part of the outermost table; all else is text."""
        self._depth += tag == "table"
        tag = "td" if tag == "th" else tag
        if tag == "br":
            self.handle_data(" ")
        if tag not in ROOMS or self._depth > 1 or self._is_over:
            return
        self._end(ROOMS[tag])
        given = dict(attrs)
        node = Node(tag)
        if tag == "td":
            node = Node(tag, _span(given.get("colspan")), _span(given.get("rowspan")))
        self._open[-1].children.append(node)
        self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        """Close a part of the table, and what is still open in it."""
        self._depth -= tag == "table"
        self._is_over = self._is_over or self._depth < 1
        tag = "td" if tag == "th" else tag
        if tag in ROOMS and self._depth == 1 and any(node.tag == tag for node in self._open):
            self._end(ROOMS[tag])

    def handle_data(self, data: str) -> None:
        """A cell's text; what stands between the cells does not count."""
        if self._open[-1].tag == "td" and not self._is_over:
            self._open[-1].text += data

    def _end(self, depth: int) -> None:
        while len(self._open) > 1 and ROOMS[self._open[-1].tag] >= depth:
            self._open.pop()


def _span(text: str | None) -> int:
    digits = re.match(r"\s*(\d{1,6})", text or "")
    return min(max(int(digits.group(1)), 1), MOST_SPANNED) if digits else 1


def place_cells(table: Node) -> Iterator[tuple[int, int, str]]:
    """Each cell as (row, column, text) of its top left corner, spans of earlier cells counted in."""
    taken: set[tuple[int, int]] = set()
    for row, line in enumerate(table.rows()):
        column = 0
        for cell in line.children:
            while (row, column) in taken:
                column += 1
            yield row, column, " ".join(cell.text.split())
            taken |= {
                (row + down, column + across) for down in range(cell.row_span) for across in range(cell.column_span)
            }
            column += cell.column_span
