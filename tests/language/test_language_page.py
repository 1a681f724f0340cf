"""A page as cells: which one holds a value, and which comes next."""

from __future__ import annotations

from beholder.language.page import Page, Spot, number_in

INVOICE = """\
Northwind Paper Co.                Invoice No:  INV-2041
                                   Date:        14 March 2026

Description          Qty    Unit price      Total
Blue folder A4         5       $ 12.50      62.50
Task chair             1    $ 1,102.00   1,102.00

Ship to  12 Harbour Road,
         Dock 4, Northport
"""


def at(page: Page, text: str) -> Spot:
    """The cell with this text."""
    spot = page.locate(text, None)
    assert spot is not None
    return spot


def test_a_value_is_found_in_its_cell() -> None:
    """Words with single spaces between them are one cell; a number is found however it is printed."""
    page = Page(INVOICE)
    assert "Blue folder A4" == at(page, "Blue folder A4").text
    assert "1,102.00" == page.locate("1102.00", at(page, "Task chair")).text.removeprefix("$ ")  # type: ignore[union-attr]
    assert page.locate("Red folder", None) is None


def test_of_equal_cells_the_next_is_taken() -> None:
    """The same text again is the next one in reading order."""
    page = Page("5  5\n5")
    first = page.locate("5", None)
    second = page.locate("5", first)
    assert [(0, 0), (0, 1), (1, 0)] == [
        (spot.line, spot.place) for spot in (first, second, page.locate("5", second)) if spot is not None
    ]


def test_the_next_row_is_under_the_last() -> None:
    """Cell under cell; where the table ends there is none."""
    page = Page(INVOICE)
    first = {"what": at(page, "Blue folder A4"), "count": at(page, "5"), "price": at(page, "62.50")}
    below = page.next_row(first)
    assert below is not None
    assert {"what": "Task chair", "count": "1", "price": "1,102.00"} == {key: spot.text for key, spot in below.items()}
    assert page.next_row(below) is None


def test_a_label_leads_to_its_value() -> None:
    """However its words are joined in the key."""
    page = Page(INVOICE)
    for key in ("invoice_no", "invoiceNo", "Invoice No"):
        found = page.after_label(key)
        assert found is not None
        assert "INV-2041" == found.text
    assert page.after_label("company") is None


def test_a_label_and_its_value_may_share_a_cell() -> None:
    """Where one space and a colon are all that parts them; what was found for the question is told under its name."""
    page = Page("Terminal: 4\nSum   9.00\nTotal: 9.00\nAmount to pay: 9.50\nThank you")
    assert "4" == page.after_label("terminal").text  # type: ignore[union-attr]
    assert "9.50" == page.told("Amount to pay").text  # type: ignore[union-attr]
    assert page.told("Company") is None


def test_a_date_is_found_without_its_time() -> None:
    """In the cell given, or else the first on the page."""
    page = Page("Doc 17   Printed 3 May 2026 10:15\nDue  2026-06-01")
    assert "3 May 2026" == page.date().text  # type: ignore[union-attr]
    assert "2026-06-01" == page.date(at(page, "2026-06-01")).text  # type: ignore[union-attr]
    assert Page("nothing").date() is None


def test_what_is_begun_goes_on() -> None:
    """To the end of its cell."""
    page = Page(INVOICE)
    assert "folder A4" == next(page.continuations("Blue ", None))
    assert "" == next(page.continuations("Task chair", None))
    assert None is next(page.continuations("Qu", None), None)


def test_a_value_over_two_lines_goes_on_below() -> None:
    """After a comma, or once the lower line is begun; not after a cell that is just whole."""
    page = Page(INVOICE)
    assert " Dock 4, Northport" == page.next_line("12 Harbour Road,")
    assert "ck 4, Northport" == page.next_line("12 Harbour Road, Do")
    assert None is page.next_line("Task chair")


def test_numbers_are_written_as_json_writes_them() -> None:
    """Without separators and signs of currency."""
    assert ["1102.00", "-3", "45", None] == [number_in(text) for text in ("$ 1,102.00", "-3 %", "EUR 45", "none")]
