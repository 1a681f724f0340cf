"""Tables from lines of text, and as HTML and Markdown."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont
from reading_pages import line, table_lines

from beholder.perception.rules import Rules, find_rules
from beholder.perception.tables import find_tables, table_html, table_markdown
from beholder.perception.text import TextReader
from beholder.types import Image, Where

STOCK = [["Item", "Qty", "Price"], ["Desk lamp", "2", "19.50"], ["Chair", "11", "7.25"], ["Rug", "", "3.00"]]
COLUMNS = [0.0, 200.0, 300.0]


def texts(rows: list[list[str]]) -> list[list[str]]:
    """The only table's cells, row by row, for a table drawn from `rows`."""
    (table,) = find_tables(table_lines(rows, COLUMNS))
    return [[cell.text for cell in table.cells if cell.row == row] for row in range(table.rows)]


def test_white_between_columns_makes_a_table() -> None:
    """Every cell in its row and column, the empty one too."""
    assert STOCK == texts(STOCK)


def test_cells_know_where_they_stand() -> None:
    """Boxes are the words' own; where nothing stands there is none; the first row is the header."""
    (table,) = find_tables(table_lines(STOCK, COLUMNS))
    lamp = next(cell for cell in table.cells if cell.text == "Desk lamp")
    assert (0.0, 30.0, 90.0, 50.0) == lamp.box
    assert [None] == [cell.box for cell in table.cells if not cell.text]
    assert {0} == {cell.row for cell in table.cells if cell.is_header}
    assert "aligned" == table.method


def test_a_line_read_across_two_columns_is_cut_between_them() -> None:
    """The text detector may take neighbours for one line; the other rows show where the gutter is."""
    people = [["Name", "Born", "Died"], ["Ada", "1815", "1852"], [], ["Kurt", "1906", "1978"], ["Emmy", "1882", "1935"]]
    (table,) = find_tables([*table_lines(people, [0, 60, 110]), line("Marya 1780 1872", 0, 60)])
    assert ["Marya", "1780", "1872"] == [cell.text for cell in table.cells if cell.row == 2]


def test_a_heading_over_columns_spans_them() -> None:
    """The rule below it says where the header ends."""
    body = table_lines([["", "2019", "2020"], ["Oslo", "12", "14"], ["Rome", "7", "9"]], COLUMNS, top=30)
    rules = Rules(horizontal=((0.0, 54.0, 350.0, 56.0),))
    (table,) = find_tables([line("City", 0, 0), line("Visitors a year", 200, 0), *body], rules)
    (heading,) = [cell for cell in table.cells if cell.text == "Visitors a year"]
    assert (1, 2, {0, 1}) == (heading.column, heading.column_span, {c.row for c in table.cells if c.is_header})


def test_a_row_of_one_cell_heads_a_section() -> None:
    """It spans the table."""
    (table,) = find_tables(table_lines([*STOCK, ["Outdoors"], ["Tent", "1", "80.00"]], COLUMNS))
    (section,) = [cell for cell in table.cells if cell.text == "Outdoors"]
    assert (3, 1) == (section.column_span, sum(cell.row == section.row for cell in table.cells))


def test_a_second_line_belongs_to_the_cell_above() -> None:
    """Where it stands closer than rows do and continues filled cells."""
    rows = [["Item", "Note", "Price"], ["Desk", "oak,", "19.50"], ["Chair", "ash", "7.25"], ["Rug", "wool", "3.00"]]
    rows += [["Tent", "new", "9.00"], ["Bed", "pine", "8.00"]]
    (table,) = find_tables([*table_lines(rows, COLUMNS, pitch=50), line("waxed", 200, 74)])
    assert ["Desk", "oak, waxed", "19.50"] == [cell.text for cell in table.cells if cell.row == 1]


def test_running_text_is_no_table() -> None:
    """Neither is a short list."""
    assert () == find_tables(
        [line(text, 0, 30 * n) for n, text in enumerate(("One sentence.", "Another.", "A third."))]
    )
    assert () == find_tables(table_lines(STOCK[:2], COLUMNS))
    assert () == find_tables([])


def test_html_has_a_head_a_body_and_escaped_text() -> None:
    """Cells hold text alone; spans are attributes."""
    rows = [["a<b", "2", "3"], ["x", "1", "2"], ["Part & rest"], ["y", "3", "4"], ["z", "5", "6"]]
    (table,) = find_tables(table_lines(rows, COLUMNS))
    assert (
        "<table><thead><tr><td>a&lt;b</td><td>2</td><td>3</td></tr></thead><tbody>"
        "<tr><td>x</td><td>1</td><td>2</td></tr>"
        '<tr><td colspan="3">Part &amp; rest</td></tr>'
        "<tr><td>y</td><td>3</td><td>4</td></tr><tr><td>z</td><td>5</td><td>6</td></tr></tbody></table>"
    ) == table_html(table)


def test_markdown_has_a_header_row() -> None:
    """Bars within a cell are escaped."""
    (table,) = find_tables(table_lines([["Item", "Qty"], ["a|b", "2"], ["c", "3"]], COLUMNS))
    assert "| Item | Qty |\n| --- | --- |\n| a\\|b | 2 |\n| c | 3 |" == table_markdown(table)


@pytest.mark.parametrize("ruled", [True, False])
def test_a_drawn_table_is_read(ruled: bool) -> None:
    """From pixels to cells, in a picture as small as a thumbnail, with rules and without."""
    page = Pictures.new("RGB", (330, 120), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for number, row in enumerate(STOCK):
        for text, left in zip(row, (8, 150, 250), strict=True):
            pen.text((left, 6 + 28 * number), text, "black", font)
    if ruled:
        for y in range(0, 113, 28):
            pen.line((0, y, 320, y), "black")
        for x in (0, 140, 240, 320):
            pen.line((x, 0, x, 112), "black")
    image = Image("digest", "PNG", page.size, np.asarray(page), Where(0, 0, "drawn"))
    (table,) = find_tables(TextReader().read(image), find_rules(image))
    cells = {(cell.row, cell.column): cell.text for cell in table.cells}
    assert {(r, c): text for r, row in enumerate(STOCK) for c, text in enumerate(row)} == cells
    assert ("ruled" if ruled else "aligned") == table.method
