"""The company that a page is from."""

from __future__ import annotations

import pytest

from beholder.perception.companies import company_in


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Blue Lamp Trading Ltd", "Blue Lamp Trading Ltd"),
        ("BLUE LAMP & SONS INC.", "BLUE LAMP & SONS INC."),
        ("Bank of the North GmbH (4711-X)", "Bank of the North GmbH"),
        ("LAMPU BIRU (M) SDN. BHD.", "LAMPU BIRU (M) SDN. BHD."),
        ("LAMPU （ BIRU TUA）SDN.BHD.", "LAMPU ( BIRU TUA) SDN.BHD."),
        ("Ltd", None),
        ("Lamp Sdn Bhd", None),
        ("our liability is limited", None),
        ("Owned by: Blue Lamp Trading Ltd", None),
        ("Blue Lamp", None),
    ],
)
def test_a_company_ends_with_a_legal_form(line: str, expected: str | None) -> None:
    """After a name of two words or more; a registration number after it is left out."""
    assert expected == company_in(f"A417\n\n{line}\nReceipt")


def test_a_company_is_named_near_the_top() -> None:
    """The first one; whoever is named further down is somebody else."""
    assert "Blue Lamp Ltd" == company_in("Blue Lamp Ltd\nGreen Desk Works Inc")
    assert None is company_in("1\n2\n3\n4\n5\n6\nBlue Lamp Ltd")


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("Blue Lamp Works\nLtd (4711-X)", "Blue Lamp Works Ltd"),
        ("BLUE LAMP AND DESK\nWORKS SDN BHD", "BLUE LAMP AND DESK WORKS SDN BHD"),
        ("Tax Invoice\nLamp Ltd", None),
        ("Shop 12\nLtd", None),
        ("Blue Lamp Works\nour liability is limited", None),
    ],
)
def test_a_name_may_run_over_two_rows(layout: str, expected: str | None) -> None:
    """The second is the legal form alone, or ends a long name; a heading above a short name does not begin it."""
    assert expected == company_in(layout)


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("A417\nBLUE LAMP TRADING\nTel: 555", "BLUE LAMP TRADING"),
        ("Bäckerei Blaue Lampe\nLampenweg 3", "Bäckerei Blaue Lampe"),
        ("CAFÉ LAMPE\nLAMPE HOUSE\n12 Lamp Road", "CAFÉ LAMPE LAMPE HOUSE"),
        ("Blue Lamp Shop\nGreen Desk Works Ltd", "Green Desk Works Ltd"),
        ("RESTAURANT", None),
        ("the shop is closed", None),
        ("Shop 12, Lamp Road", None),
        ("1\n2\n3\n4\nBLUE LAMP TRADING", None),
    ],
)
def test_a_name_without_a_legal_form_names_a_trade(layout: str, expected: str | None) -> None:
    """Among the first rows of a bill, in capitals, over one row or two; a legal form says more."""
    assert expected == company_in(f"{layout}\nReceipt 17")


def test_a_title_that_names_a_trade_is_no_company() -> None:
    """Where the page does not say that it is a bill."""
    assert None is company_in("Market Share By Region\nNorth 12\nSouth 17")
