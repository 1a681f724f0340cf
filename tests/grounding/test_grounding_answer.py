"""The values of an answer are led back to the places where they stand, and to no others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from printed_pages import line, page, rows

from beholder.evidence import Box, Cell, Chart, Evidence, Label, Table
from beholder.grounding.answer import ground, ground_json, ground_text
from beholder.types import Grounding


def grounded(answer: Any, *evidence: Evidence) -> dict[str, list[Grounding]]:
    """The groundings of a document by pointer."""
    found: dict[str, list[Grounding]] = {}
    for each in ground_json(json.dumps(answer), evidence):
        found.setdefault(each.pointer, []).append(each)
    return found


def only(answer: Any, *evidence: Evidence) -> Grounding:
    """The one grounding of `{"value": answer}`."""
    ((one,),) = grounded({"value": answer}, *evidence).values()
    return one


@dataclass(frozen=True)
class Spelling:
    """A value, what is printed, and what of it is pointed at and how."""

    value: Any
    printed: str
    text: str
    match: str


SPELLINGS = (
    Spelling("Harbour Coffee", "Harbour Coffee", "Harbour Coffee", "verbatim"),
    Spelling("harbour  COFFEE", "Harbour Coffee Ltd", "Harbour Coffee", "normalised"),
    Spelling("Harbour Coffee", "HarbourCoffee", "HarbourCoffee", "normalised"),
    Spelling("Café No. 5", "at CAFE No 5", "CAFE No 5", "normalised"),
    Spelling(10.5, "Total 10.50", "10.50", "normalised"),
    Spelling(10.5, "Total 10.5", "10.5", "verbatim"),
    Spelling(1102, "Sum: $1,102.00", "1,102.00", "normalised"),
    Spelling(1102.5, "Summe 1.102,50 EUR", "1.102,50", "normalised"),
    Spelling("RM 60.30", "TOTAL RM60.30", "60.30", "normalised"),
    Spelling("RM60.30", "TOTAL RM60.30", "RM60.30", "verbatim"),
    Spelling("$1,102.00", "Sum: $1,102.00", "$1,102.00", "verbatim"),
    Spelling("1102", "Sum: 1 102", "1 102", "normalised"),
    Spelling(-5.59, "discount -5.59", "-5.59", "verbatim"),
    Spelling("-5.59", "discount -5.59", "-5.59", "verbatim"),
    Spelling(-5.59, "discount (5.59)", "5.59", "normalised"),
    Spelling(1200000, "Revenue 1.2M", "1.2", "normalised"),
    Spelling("12.5%", "VAT 12.5%", "12.5%", "verbatim"),
    Spelling(0.125, "VAT 12.5%", "12.5", "normalised"),
    Spelling("2026-03-14", "Date: 14 March 2026", "14 March 2026", "normalised"),
    Spelling("14.03.26", "Date: 14/03/2026 20:49", "14/03/2026", "normalised"),
    Spelling("March 14, 2026", "on 2026-03-14", "2026-03-14", "normalised"),
    Spelling("14/03/2026", "Date:14/03/2026", "14/03/2026", "verbatim"),
    Spelling("007", "agents 007 and 7", "007", "verbatim"),
    Spelling("03-7731 8169", "TEL : 03-7731 8169", "03-7731 8169", "verbatim"),
    Spelling("東京", "駅は東京です", "東京", "verbatim"),
)


@pytest.mark.parametrize("case", SPELLINGS, ids=lambda case: f"{case.value} in {case.printed}")
@pytest.mark.parametrize("has_words", [True, False])
def test_a_value_is_found_however_it_is_spelt(case: Spelling, has_words: bool) -> None:
    """Case, spaces, accents, separators, currencies, signs, units and the forms of dates do not matter."""
    printed = page([line(case.printed, 50, 100, has_words=has_words)])
    found = only(case.value, printed)
    assert (case.text, case.match) == (found.text, found.match)
    start = case.printed.index(case.text)
    left, right = 50 + 10 * start, 50 + 10 * (start + len(case.text))
    assert (100.0, 120.0) == (found.box[1], found.box[3])
    assert (left, right) == pytest.approx((found.box[0], found.box[2]), abs=9 if has_words else 25)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (5, "15 and 5.25 and 2,005"),
        (60, "60.30"),
        ("7", "No. 007"),
        ("tea", "steam"),
        ("2026-03-14", "15 March 2026"),
        (True, "true"),
        (None, "null None"),
        ("", "anything"),
        ("—", "a — b"),
        ("never printed", "something else"),
    ],
)
def test_what_stands_nowhere_gets_no_box(value: Any, printed: str) -> None:
    """A part of another number or word is not the value; booleans and null have no place."""
    assert {} == grounded({"value": value}, page([line(printed, 50, 100)]))


def test_pointers_lead_into_the_document() -> None:
    """RFC 6901: members, places in arrays, `~1` for a slash and `~0` for a tilde."""
    answer = {"a/b": {"c~d": ["alpha", {"e": "beta"}]}, "n": 12.5}
    found = grounded(answer, rows(("alpha", "beta", "12.5")))
    assert {"/a~1b/c~0d/0": "alpha", "/a~1b/c~0d/1/e": "beta", "/n": "12.5"} == {
        pointer: each.text for pointer, (each,) in found.items()
    }


def test_lines_that_follow_one_another_are_one_box() -> None:
    """An address over three lines has the box around them."""
    printed = rows(("Old Mill Bakery",), ("27, Dam Road,",), ("Mill Park,",), ("8110 Newtown.",), ("Tel 123",))
    ((found,),) = grounded({"address": "27, Dam Road, Mill Park, 8110 Newtown"}, printed).values()
    assert (20.0, 60.0, 160.0, 140.0) == pytest.approx(found.box, abs=13)
    assert "verbatim" == found.match


def test_parts_that_stand_apart_are_several_boxes() -> None:
    """A text with something else between its lines has a box for each part, all with its pointer, less sure."""
    printed = rows(("27, Dam Road,",), ("TAX INVOICE",), ("8110 Newtown",))
    (found,) = grounded({"address": "27, Dam Road, 8110 Newtown"}, printed).values()
    assert [("27, Dam Road", 30.0), ("8110 Newtown", 90.0)] == [(each.text.rstrip(","), each.box[1]) for each in found]
    assert all(each.confidence < 0.7 for each in found)


def test_columns_are_read_one_by_one() -> None:
    """A text goes on in its own column, though another column stands beside it."""
    left = [line("Harbour Street 5", 20, 30), line("8110 Newtown", 20, 60)]
    right = [line("Invoice 77", 500, 30), line("14 March 2026", 500, 60)]
    (found,) = grounded({"address": "Harbour Street 5, 8110 Newtown"}, page([*left, *right])).values()
    assert [(20.0, 30.0, 180.0, 80.0)] == [each.box for each in found]


RECEIPT = rows(
    ("Item", "Qty", "Price", "Total"),
    ("Beans", "1", "8.40", "8.40"),
    ("Filter", "2", "8.40", "16.80"),
    ("Cup", "1", "3.00", "3.00"),
    ("Subtotal", "", "", "28.20"),
    ("Total", "", "", "28.20"),
    ("Cash", "", "", "30.00"),
)


def test_a_row_of_a_table_stays_together() -> None:
    """A value that stands in several rows is taken from the row of the other values of its object."""
    items = [
        {"description": "Beans", "qty": 1, "price": "8.40", "total": "8.40"},
        {"description": "Filter", "qty": 2, "price": "8.40", "total": "16.80"},
        {"description": "Cup", "qty": 1, "price": "3.00", "total": "3.00"},
    ]
    found = grounded({"items": items}, RECEIPT)
    places = {pointer: (each.box[0], each.box[1]) for pointer, (each,) in found.items()}
    for row in range(3):
        for column, key in enumerate(("description", "qty", "price", "total")):
            expected = ((20, 300, 450, 600)[column], 60.0 + 30 * row)
            assert expected == places[f"/items/{row}/{key}"], (row, key)


def test_a_label_beside_a_value_tells_it_from_its_twin() -> None:
    """Of two equal amounts the one in the row of its name is meant."""
    found = grounded({"subtotal": 28.2, "total": 28.2}, RECEIPT)
    assert {"/subtotal": 150.0, "/total": 180.0} == {pointer: each.box[1] for pointer, (each,) in found.items()}


def test_a_list_runs_down_the_page() -> None:
    """Equal values of an array are each given a place of their own, in the page's order."""
    found = grounded({"sizes": ["M", "M", "L", "M"]}, rows(("M",), ("M",), ("L",), ("M",)))
    assert [30.0, 60.0, 90.0, 120.0] == [each.box[1] for (each,) in found.values()]


def test_doubt_lowers_the_confidence() -> None:
    """A value in one place is as sure as its reading; one in several places that nothing tells apart is not."""
    sure = only("8110", rows(("8110",))).confidence
    doubtful = only("8110", rows(("8110",), ("8110",))).confidence
    assert (0.9, 0.45) == (sure, doubtful)


def test_the_image_is_named() -> None:
    """Each value is looked for in all pictures; the picture's place in the request is told."""
    found = grounded({"a": "alpha", "b": "beta"}, rows(("alpha",)), rows(("nothing",)), rows(("beta",)))
    assert {"/a": 0, "/b": 2} == {pointer: each.image for pointer, (each,) in found.items()}


MARK: Box = (100.0, 200.0, 130.0, 400.0)


def chart(text: str, *, estimated: bool) -> Evidence:
    """A page with a chart of one bar whose value is `text`."""
    cells = (Cell("2024", 0, 0), Cell(text, 0, 1, MARK, confidence=0.8, estimated=estimated))
    table = Table((0, 0, 500, 500), 1, 2, cells, "chart")
    return page([line("2024", 100, 420)], charts=(Chart((0, 0, 500, 500), "bar", table),))


def test_a_measured_value_points_at_its_mark() -> None:
    """A bar's value that is printed nowhere is inferred, and its box is the bar; a printed one is preferred."""
    found = only(41.5, chart("41.5", estimated=True))
    assert (MARK, "inferred", "table:chart") == (found.box, found.match, found.method)
    assert found.confidence == pytest.approx(0.48)
    both = chart("2024", estimated=True)
    assert "verbatim" == only(2024, both).match


def test_a_thing_that_was_recognised_points_at_its_region() -> None:
    """A class that a picture was recognised as is inferred, with the score as its confidence."""
    found = only("tabby cat", page([], labels=(Label("Tabby cat", 0.7, "classifier", MARK),)))
    assert (MARK, "inferred", "classifier", 0.7) == (found.box, found.match, found.method, found.confidence)


def test_standing_text_is_not_cut() -> None:
    """A line that runs upwards has one box: a part of it cannot be told by its share of the width."""
    upright = page([line("Revenue in 2024", 0, 0)])
    turned = Evidence(
        "d", (100, 900), (type(upright.lines[0])("Revenue in 2024", (5, 10, 25, 300), 0.9, "reader"),), ""
    )
    assert (5, 10, 25, 300) == only("2024", turned).box


def quoted(answer: str, *evidence: Evidence) -> dict[str, str]:
    """What was found of a free text: the fact as the pointer has it, and what is printed there."""
    found = {}
    for each in ground_text(answer, evidence):
        assert each.pointer.startswith("#char=")
        start, end = map(int, each.pointer.removeprefix("#char=").split(","))
        found[answer[start:end]] = each.text
    return found


def test_facts_of_a_text_are_found() -> None:
    """Numbers, dates, quotations, addresses and names, by the characters of the answer that say them."""
    printed = rows(("Harbour Coffee", "2026-03-14"), ("Beans", "8.40"), ("TOTAL", "$10.50"), ("mail@harbour.example",))
    answer = (
        'Your receipt from Harbour Coffee is dated 14 March 2026. The line "beans" costs $8.40; the total is 10.5.\n'
        "Write to mail@harbour.example."
    )
    assert {
        "Harbour Coffee": "Harbour Coffee",
        "14 March 2026": "2026-03-14",
        "beans": "Beans",
        "8.40": "8.40",
        "10.5": "10.50",
        "mail@harbour.example": "mail@harbour.example",
    } == quoted(answer, printed)


def test_what_a_text_does_not_quote_is_not_grounded() -> None:
    """The numbers of a list, bare digits, and a sentence's first word say nothing of the picture."""
    printed = rows(("1", "2", "3"), ("There", "The"))
    assert {} == quoted("There are 3 differences:\n1. one\n2. two\nThe end. I see.", printed)


def test_a_name_that_is_not_printed_is_not_grounded() -> None:
    """Capitalised words are only perhaps names of the picture."""
    assert {} == quoted("I think of Grand Hotel here.", rows(("Harbour",)))


def test_a_sentence_tells_which_number_is_meant() -> None:
    """A number in a sentence is sought near what the sentence says."""
    answer = "In the north it was 42. In the South it was 42."
    printed = rows(("North", "42"), ("South", "42"))
    found = {each.pointer: each.box[1] for each in ground_text(answer, [printed]) if each.text == "42"}
    assert [30.0, 60.0] == [found[pointer] for pointer in sorted(found)]


def test_a_document_is_known_as_one() -> None:
    """An answer that is JSON gets pointers into it, any other text gets character ranges."""
    printed = [rows(("total", "10.50"))]
    assert ["/total"] == [each.pointer for each in ground('{"total":"10.50"}', printed)]
    assert ["#char=7,12"] == [each.pointer for each in ground("It was 10.50", printed)]
    assert () == ground_json("no document", printed)
    assert () == ground("10.50", [])
