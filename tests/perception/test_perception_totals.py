"""The amount to pay of a receipt."""

from __future__ import annotations

import pytest
from reading_pages import line

from beholder.perception.totals import amount_to_pay


def to_pay(*rows: tuple[str, str]) -> str | None:
    """The amount to pay of a bill whose labels stand left and amounts right."""
    page = [line("Receipt", 0, 0)]
    for number, (label, amount) in enumerate(rows, 1):
        page += [line(label, 0, 30 * number), line(amount, 300, 30 * number)]
    return amount_to_pay(page)


LAMP = ("Lamp", "50.00")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([LAMP, ("Subtotal", "50.00"), ("Tax 6%", "3.00"), ("Total", "53.00")], "53.00"),
        ([LAMP, ("Total", "53.02"), ("Rounding", "-0.02"), ("", "53.00"), ("Card", "53.00")], "53.00"),
        ([LAMP, ("Total excl. tax", "50.00"), ("Grand total", "53.00"), ("Total tax", "3.00")], "53.00"),
        ([LAMP, ("Amount", "53.00"), ("Cash", "60.00"), ("Change", "7.00")], "53.00"),
        ([LAMP, ("Zwischensumme", "1.050,00"), ("MwSt", "199,50"), ("Summe", "1.249,50")], "1.249,50"),
    ],
)
def test_the_final_total_is_found(rows: list[tuple[str, str]], expected: str) -> None:
    """By its label, by rounding, or by what was paid less the change; as it is printed."""
    assert expected == to_pay(*rows)


def test_no_total_is_guessed() -> None:
    """Where none is labelled, and on a page that is no bill."""
    assert None is to_pay(LAMP, ("Desk", "80.00"), ("Chair", "20.00"))
    table = [line(text, 0, 30 * row) for row, text in enumerate(["North 10.00", "South 20.00", "Total 30.00"])]
    assert None is amount_to_pay(table)
