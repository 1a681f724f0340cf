"""Lines of text laid out as their page."""

from __future__ import annotations

from reading_pages import line

from beholder.evidence import TextLine, Word
from beholder.perception.layout import lay_out


def test_an_empty_page_is_an_empty_text() -> None:
    """Nothing was read."""
    assert "" == lay_out([])


def test_rows_go_from_top_to_bottom() -> None:
    """Whatever order the lines were found in."""
    page = [line("third", 0, 60), line("first", 0, 0), line("second", 0, 30)]
    assert "first\nsecond\nthird" == lay_out(page)


def test_pieces_of_a_row_go_from_left_to_right() -> None:
    """With the spaces that their distance is wide, at the page's usual width of a letter, and four at most."""
    page = [line("12.00", 120, 2), line("x", 150, 30), line("Cable", 0, 0), line("Total two", 40, 30)]
    assert "Cable    12.00\nTotal two  x" == lay_out(page)


def test_columns_stay_columns() -> None:
    """Pieces of a row are further apart than words, so that a reader can tell the columns."""
    page = [
        line("Item", 0, 0),
        line("Qty", 100, 0),
        line("Desk", 0, 30),
        line("2", 100, 31),
        line("Lamp", 0, 60),
        line("15", 100, 59),
    ]
    assert ["Item    Qty", "Desk    2", "Lamp    15"] == lay_out(page).split("\n")


def test_a_slightly_slanted_row_is_one_row() -> None:
    """Pieces whose middles differ by less than half their height belong together."""
    assert "left  right" == lay_out([line("left", 0, 0), line("right", 60, 8)])
    assert "left\nright" == lay_out([line("left", 0, 0), line("right", 60, 14)])


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


def prose(left: float, *lines: str) -> list[TextLine]:
    """A column of running text."""
    return [line(text, left, 30 * number) for number, text in enumerate(lines, 2)]


def test_columns_of_running_text_follow_each_other() -> None:
    """The left one is read to its end before the right one begins; the heading across both comes first."""
    left = prose(0, "The harbour lies in the", "north of the old town and", "is closed in winter when")
    right = prose(400, "Ships from the islands do", "not call at it any longer", "since the bridge was built")
    heading = line("A short history of the harbour and of its many ships", 0, 0)
    text = lay_out([heading, *right, *left])
    expected = [heading.text, *(read.text for read in left), *(read.text for read in right)]
    assert expected == [row for row in text.split("\n") if row]


def test_names_and_amounts_stay_in_their_rows() -> None:
    """Short pieces side by side are a table or a form, not columns of running text."""
    page = [line(name, 0, 30 * n) for n, name in enumerate(("Apples", "Pears", "Plums", "Nuts"))]
    page += [line(amount, 300, 30 * n) for n, amount in enumerate(("1.10", "2.20", "3.30", "4.40"))]
    assert "Apples    1.10\nPears    2.20\nPlums    3.30\nNuts    4.40" == lay_out(page)


def turned(read: TextLine) -> TextLine:
    """The line as it stands when its page is turned a quarter to the right: it runs down."""
    boxes = [(-box[3], box[0], -box[1], box[2]) for box in (read.box, *(word.box for word in read.words))]
    words = tuple(Word(word.text, box, 0.9) for word, box in zip(read.words, boxes[1:], strict=True))
    return TextLine(read.text, boxes[0], 0.9, "drawn", words)


def test_a_page_on_its_side_is_read_as_its_text_runs() -> None:
    """The order of the words tells which way up it stands."""
    page = [line("first line", 0, 0), line("second line", 0, 30), line("third line", 0, 60)]
    assert "first line\nsecond line\nthird line" == lay_out([turned(read) for read in page])


def test_a_line_across_the_others_is_a_row_of_its_own() -> None:
    """The label of a chart's axis does not land in the middle of the row it happens to be beside."""
    axis = turned(line("Cups a day", 0, 300))
    page = [line("2019 was dry", 0, 0), line("2020 was wet", 0, 40), line("2021 was cold", 0, 80)]
    assert "Cups a day\n2019 was dry\n2020 was wet\n2021 was cold" == lay_out([*page, axis]).replace("\n\n", "\n")
