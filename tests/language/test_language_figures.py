"""Sheets made of charts and tables: which names and numbers they come to."""

from __future__ import annotations

from collections.abc import Sequence

from beholder.evidence import Cell, Chart, Evidence, Series, Table
from beholder.language.figures import find_sheets, make_sheet

BOX = (0.0, 0.0, 100.0, 50.0)


def table(rows: Sequence[Sequence[str]], *, headers: int = 0) -> Table:
    """A table of texts; `~` before one marks an estimate, the first `headers` rows are marked as headers."""
    cells = tuple(
        Cell(text.removeprefix("~"), row, column, is_header=row < headers, estimated=text.startswith("~"))
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )
    return Table(BOX, len(rows), len(rows[0]), cells, "aligned")


def chart(rows: Sequence[Sequence[str]], *colours: tuple[int, int, int]) -> Chart:
    """A bar chart whose first row names its series."""
    names = rows[0][1:]
    series = tuple(Series(name, colour) for name, colour in zip(names, colours, strict=True))
    return Chart(BOX, "bar", table(rows, headers=1), series=series)


def test_a_chart_is_rows_by_coloured_series() -> None:
    """Series have the prompt's names for them, with their colours; estimates stay marked, empty cells are missing."""
    sheet = make_sheet(chart([["", "Men", ""], ["2019", "45%", "~12.5%"], ["2020", "50%", ""]], RED, BLUE), "image1")
    assert sheet is not None
    assert (("2019", "2020"), ("Men (red)", "unnamed (blue)")) == (sheet.rows, sheet.series)
    assert [("Men", 45.0, False), ("unnamed (blue)", 12.5, True)] == [
        (each.name, each.value, each.is_estimated) for each in sheet.row("2019")
    ]
    assert [("2019", 45.0), ("2020", 50.0)] == [(each.name, each.value) for each in sheet.column("Men (red)")]
    assert ["2019, Men", "2019, unnamed (blue)", "2020, Men"] == [each.name for each in sheet.all()]
    assert "%" == sheet.unit


RED, BLUE = (220, 20, 20), (20, 20, 220)


def test_numbers_are_read_as_printed() -> None:
    """Thousands separators, currencies and one shared multiplier leave the number that stands there."""
    sheet = make_sheet(chart([["", ""], ["A", "$1,200"], ["B", "$900"]], RED), "image1")
    assert sheet is not None
    assert [("A", 1200.0), ("B", 900.0)] == [(each.name, each.value) for each in sheet.all()]
    sheet = make_sheet(chart([["", ""], ["A", "3.2K"], ["B", "1.5K"]], RED), "image1")
    assert sheet is not None
    assert ("K", [3.2, 1.5]) == (sheet.unit, [each.value for each in sheet.all()])


def test_differing_multipliers_are_multiplied_out() -> None:
    """900K and 1.2M cannot be compared as printed."""
    sheet = make_sheet(chart([["", ""], ["A", "900K"], ["B", "1.2M"]], RED), "image1")
    assert sheet is not None
    assert ("", [900_000.0, 1_200_000.0]) == (sheet.unit, [each.value for each in sheet.all()])


def test_equal_and_empty_names_are_told_apart() -> None:
    """Every row can be named, whatever the picture leaves open."""
    sheet = make_sheet(chart([["", ""], ["A", "1"], ["A", "2"], ["", "3"]], RED), "image1")
    assert sheet is not None
    assert ("A", "A (2)", "row 3") == sheet.rows


def test_a_table_is_named_by_its_words_and_headers() -> None:
    """The first column of words names the rows; columns without numbers are left out."""
    sheet = make_sheet(
        table([["No.", "Item", "Colour", "Price"], ["1", "Pen", "red", "$2.50"], ["2", "Ink", "blue", "$11"]]), "image1"
    )
    assert sheet is not None
    assert (("Pen", "Ink"), ("No.", "Price")) == (sheet.rows, sheet.series)
    assert [2.5, 11.0] == [each.value for each in sheet.column("Price")]


def test_without_numbers_there_is_no_sheet() -> None:
    """A table of words has nothing to calculate with, and pictures without tables have no sheets."""
    assert None is make_sheet(table([["Name", "Town"], ["Ann", "Rome"]]), "image1")
    assert () == find_sheets([Evidence("d", (1, 1), (), "")])


def test_sheets_are_numbered_like_their_pictures() -> None:
    """A picture without a table keeps its number, so that names agree with the prompt."""
    one = chart([["", ""], ["A", "1"]], RED)
    evidence = [
        Evidence("a", (1, 1), (), ""),
        Evidence("b", (1, 1), (), "", charts=(one,)),
        Evidence("c", (1, 1), (), "", charts=(one, one)),
    ]
    assert ["image2", "image3_1", "image3_2"] == [sheet.name for sheet in find_sheets(evidence)]
