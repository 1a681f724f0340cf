"""Lines of text laid out as their page."""

from __future__ import annotations

from beholder.perception.layout import lay_out
from beholder.types import TextLine


def line(text: str, left: float, top: float, *, advance: float = 10, height: float = 20) -> TextLine:
    """A line whose letters are `advance` pixels wide."""
    return TextLine(text, (left, top, left + advance * len(text), top + height), 0.9, "drawn")


def test_an_empty_page_is_an_empty_text() -> None:
    """Nothing was read."""
    assert "" == lay_out([])


def test_rows_go_from_top_to_bottom() -> None:
    """Whatever order the lines were found in."""
    page = [line("third", 0, 60), line("first", 0, 0), line("second", 0, 30)]
    assert "first\nsecond\nthird" == lay_out(page)


def test_pieces_of_a_row_go_from_left_to_right() -> None:
    """With the spaces that their distance is wide, at the page's usual width of a letter."""
    page = [line("12.00", 120, 2), line("Cable", 0, 0), line("Total", 0, 30)]
    assert "Cable       12.00\nTotal" == lay_out(page)


def test_columns_stay_columns() -> None:
    """Pieces that stand under each other in the picture do so in the text."""
    page = [
        line("Item", 0, 0),
        line("Qty", 100, 0),
        line("Desk", 0, 30),
        line("2", 100, 31),
        line("Lamp", 0, 60),
        line("15", 100, 59),
    ]
    rows = lay_out(page).split("\n")
    assert [10, 10, 10] == [row.index(word) for row, word in zip(rows, ("Qty", "2", "15"), strict=True)]


def test_a_slightly_slanted_row_is_one_row() -> None:
    """Pieces whose middles differ by less than half their height belong together."""
    assert "left      right" == lay_out([line("left", 0, 0), line("right", 100, 8)])
    assert "left\nright" == lay_out([line("left", 0, 0), line("right", 100, 14)])


def test_lines_above_each_other_are_two_rows() -> None:
    """However close: two lines of a narrow column never become neighbours."""
    assert "upper\nlower" == lay_out([line("upper", 0, 0), line("lower", 0, 9)])


def test_a_wide_gap_between_rows_is_an_empty_line() -> None:
    """Paragraphs stay apart; ordinary line spacing does not count."""
    assert "one\ntwo\n\nthree" == lay_out([line("one", 0, 0), line("two", 0, 30), line("three", 0, 90)])


def test_gaps_have_an_end() -> None:
    """At least one space between pieces that touch, and never a hundred."""
    assert "ab cd" == lay_out([line("ab", 0, 0), line("cd", 20, 0)])
    far = lay_out([line("ab", 0, 0), line("cd", 2000, 0)])
    assert ["ab", "cd"] == far.split()
    assert len(far) < 20
