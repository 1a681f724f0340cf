"""The rows of a bill that say from whom it is, of what day and what it comes to."""

from __future__ import annotations

import pytest
from reading_pages import table_lines

from beholder.evidence import Evidence
from beholder.perception.bill_rows import BillRows, bill_rows
from beholder.perception.layout import lay_out

ALL = frozenset({"company", "address", "date", "total"})
BILL = [
    ["ABC-91", ""],
    ["Harbour Tools Ltd", ""],
    ["Licensed trader", ""],
    ["12 Quay Street, 80300 Port Anne", ""],
    ["Tel 07 3507 4050", ""],
    ["Receipt no. 00031663", "Date 25/12/2025"],
    ["Hammer", "18.00"],
    ["Rope 10 m", "7.50"],
    ["Subtotal", "25.50"],
    ["Discount", "0.00"],
    ["Total qty 2", "25.50"],
    ["Tax 4 %", "1.02"],
    ["Total", "26.52"],
    ["Cash", "30.00"],
    ["Change", "3.48"],
    ["Tax summary total", "25.50"],
    ["Thank you", ""],
]


def told(wanted: frozenset[str] = ALL, *, without: str = "", below: list[list[str]] | None = None) -> BillRows | None:
    """What is told of the bill without a row, or with rows below it."""
    rows = [row for row in BILL if not without or row[0] != without] + (below or [])
    lines = tuple(table_lines(rows, [0, 400]))
    return bill_rows(Evidence("bill", (600, 600), lines, lay_out(lines)), wanted)


def cells(bill: BillRows | None) -> list[list[str]]:
    """The rows, their wide gaps taken for the ends of cells."""
    return [row.split("    ") for row in (*bill.head, *bill.days, *bill.sums)] if bill else []


def test_items_and_numbers_of_something_else_are_left_out() -> None:
    """The head without what was found in it and without registrations, the day, and the sums that lead to the total."""
    bill = told()
    assert bill is not None
    expected = [
        ["ABC-91"],
        ["Licensed trader"],
        ["Date 25/12/2025"],
        ["Subtotal", "25.50"],
        ["Tax 4 %", "1.02"],
    ]
    assert expected == cells(bill)
    assert ("Harbour Tools Ltd", "12 Quay Street, 80300 Port Anne", "26.52") == (bill.company, bill.address, bill.total)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"date"}, [["Date 25/12/2025"]]),
        ({"total"}, [["Subtotal", "25.50"], ["Tax 4 %", "1.02"]]),
        ({"company"}, [["ABC-91"]]),
        ({"address"}, [["ABC-91"], ["Harbour Tools Ltd"], ["Licensed trader"]]),
    ],
)
def test_rows_about_what_is_not_wanted_are_left_out(wanted: set[str], expected: list[list[str]]) -> None:
    """Each has rows of its own."""
    assert expected == cells(told(frozenset(wanted)))


def test_a_day_is_known_however_it_is_printed() -> None:
    """Its rows stand wherever they do, and a label is kept whose day is misread."""
    bill = told(below=[["Printed 5 Mar 2026 17:31", ""], ["Due date: 1O.O1.Z6", ""], ["25/12/202517:31", ""]])
    assert [["Printed 5 Mar 2026 17:31"], ["Due date: 1O.O1.Z6"], ["25/12/202517:31"]] == cells(bill)[3:6]


@pytest.mark.parametrize("missing", ["12 Quay Street, 80300 Port Anne", "Receipt no. 00031663", "Total"])
def test_without_what_is_wanted_the_whole_page_is_read(missing: str) -> None:
    """It may stand there in a way that nobody knows."""
    bill = told(without=missing)
    assert bill is None or bill.total != "26.52"
    assert missing == "Total" or bill is None


def test_a_company_that_was_not_found_stands_above_its_address() -> None:
    """The head is there to read it from; without an address nobody knows where it ends."""
    bill = told(without="Harbour Tools Ltd")
    assert bill is not None
    assert bill.company is None
    assert [["ABC-91"], ["Licensed trader"]] == cells(bill)[:2]
    assert told(frozenset({"company", "total"}), without="Harbour Tools Ltd") is None


def test_two_addresses_are_two_parties() -> None:
    """Which of them is asked for only the whole page tells."""
    assert told(below=[["Bill to", ""], ["7 Mill Lane, 81200 Port Anne", ""]]) is None


def test_a_page_that_is_no_bill_is_read_whole() -> None:
    """A letter has a company, an address and a date as well."""
    lines = tuple(table_lines([["Harbour Tools Ltd"], ["12 Quay Street, 80300 Port Anne"], ["25/12/2025"]], [0]))
    assert bill_rows(Evidence("letter", (600, 600), lines, lay_out(lines)), ALL - {"total"}) is None
