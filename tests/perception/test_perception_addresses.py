"""Addresses laid out on one line."""

from __future__ import annotations

import pytest
from reading_pages import line

from beholder.perception.addresses import addresses_in
from beholder.perception.layout import lay_out


def laid_out(*texts: str, pitch: float = 26) -> list[str]:
    """The rows of a page whose lines begin at the left, one under the other."""
    return lay_out([line(text, 0, pitch * number) for number, text in enumerate(texts)]).split("\n")


@pytest.mark.parametrize(
    "address",
    [
        ("12 Harbour Street,", "Flat 3,", "Oldtown 41000"),
        ("7, Jalan Merdeka 2/1, Taman Melati", "53100 Kuala Lumpur"),
        ("Lindenstraße 5", "10969 Berlin"),
        ("Lot 4, Level 2", "Riverside Works", "20450 Newport, Westland"),
        ("221B Baker Street", "London NW1 6XE"),
        ("Address: 5 Hill Road,", "Springfield, IL 62704"),
        ("4 rue des Lilas,", "75011 Paris"),
    ],
)
def test_an_address_stands_on_one_line(address: tuple[str, ...]) -> None:
    """Its rows, however many, follow each other; what stands around it keeps its own lines."""
    assert ["Blue Lamp Ltd", " ".join(address), "Tel: 555 0134"] == laid_out("Blue Lamp Ltd", *address, "Tel: 555 0134")


def test_the_state_below_the_postcode_ends_an_address() -> None:
    """A few words alone, with something else than an address after them."""
    assert ["3 Mill Lane, 81200 Westport Northland", "Phone 07 555"] == laid_out(
        "3 Mill Lane,", "81200 Westport", "Northland", "Phone 07 555"
    )


def test_other_rows_keep_their_lines() -> None:
    """Lists with commas, items with numbers and amounts, and the heading after an address are no part of one."""
    assert ["Apples, pears,", "plums", "2 x 12.00"] == laid_out("Apples, pears,", "plums", "2 x 12.00")
    assert ["3 Mill Lane,", "Tax invoice"] == laid_out("3 Mill Lane,", "Tax invoice")
    assert ["3 Mill Lane, 81200 Westport", "RECEIPT"] == laid_out("3 Mill Lane,", "81200 Westport", "RECEIPT")


def test_an_address_ends_at_a_gap() -> None:
    """What stands further below is something else."""
    assert ["3 Mill Lane,", "", "81200 Westport"] == laid_out("3 Mill Lane,", "81200 Westport", pitch=60)


def test_a_capital_i_in_an_abbreviation_is_an_l() -> None:
    """As the reader takes it for in types without serifs; an initial or a word of capitals is left as it is."""
    assert ["Blk G, Jln Ilir 3, 47301 Westport"] == addresses_in("BIk G, JIn Ilir 3, 47301 Westport")
    assert ["3 MILL LANE, 47301 WESTPORT"] == addresses_in("3 MILL LANE, 47301 WESTPORT")
