"""Labels and values from the lines of a form."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw
from reading_pages import line

from beholder.evidence import TextLine
from beholder.perception.forms import find_fields
from beholder.perception.rules import Rules, find_rules
from beholder.types import Image, Where


def pairs(*lines: TextLine, rules: Rules | None = None) -> list[tuple[str, str]]:
    """Label and value of each field."""
    return [(field.label, field.value) for field in find_fields(lines, rules or Rules())]


def test_a_value_stands_beside_its_label() -> None:
    """In the same line or at a distance in the same row."""
    assert [("Name:", "Ada Byron"), ("Date:", "10 May")] == pairs(
        line("Name: Ada Byron", 0, 0), line("Date:", 0, 40), line("10 May", 200, 42)
    )


def test_a_row_may_hold_several_fields() -> None:
    """A value ends where the next label begins, and at a gap too wide to be within it."""
    assert [("To:", "Ada"), ("From:", "Emmy")] == pairs(
        line("To:", 0, 0), line("Ada", 60, 0), line("From:", 200, 0), line("Emmy", 280, 0), line("Page", 600, 0)
    )
    assert [("Tel:", "555"), ("Fax:", "777")] == pairs(line("Tel: 555", 0, 60), line("Fax: 777", 110, 60))


def test_a_value_may_have_more_lines() -> None:
    """They begin where the first one does, and follow it closely."""
    assert [("Address:", "1 Quay Street Oldtown"), ("Phone:", "555")] == pairs(
        line("Address:", 0, 0), line("1 Quay Street", 150, 0), line("Oldtown", 150, 26), line("Phone: 555", 0, 80)
    )


def test_a_value_may_stand_below_its_label() -> None:
    """As far as its lines follow each other."""
    assert [("Remarks:", "All is well and so it stays.")] == pairs(
        line("Remarks:", 0, 0), line("All is well and", 0, 28), line("so it stays.", 0, 54), line("Footer", 0, 200)
    )


def test_an_empty_field_has_no_value() -> None:
    """It is a field all the same, without a box for its value."""
    (field,) = find_fields([line("Signature:", 0, 0)])
    assert ("Signature:", "", None) == (field.label, field.value, field.value_box)


def test_a_label_of_two_lines_is_one_label() -> None:
    """The line above it, if nothing else stands in its row."""
    assert [("Date of birth:", "1 May 1901")] == pairs(
        line("Date of", 0, 0), line("birth:", 0, 24), line("1 May 1901", 120, 24)
    )


def test_times_and_addresses_are_no_labels() -> None:
    """A colon between digits or before slashes ends nothing."""
    assert [] == pairs(line("Opened 10:21", 0, 0), line("see https://example.org/a", 0, 60))


def test_rows_of_two_that_stand_under_each_other_are_fields() -> None:
    """Without colons; one such row alone is not enough."""
    rows = [line("Brand", 0, 0), line("Northern", 200, 0), line("Made in", 0, 30), line("Oslo", 200, 30)]
    assert [("Brand", "Northern"), ("Made in", "Oslo")] == pairs(*rows)
    assert [] == pairs(*rows[:2])


def test_boxes_are_the_words_own() -> None:
    """Label and value each have theirs."""
    (field,) = find_fields([line("Name: Ada", 0, 0)])
    assert ((0, 0, 50, 20), (60, 0, 90, 20)) == (field.label_box, field.value_box)


def test_a_drawn_line_to_write_on_marks_a_value() -> None:
    """What stands on it is the value of the text before it; the line is found in the picture."""
    page = Pictures.new("RGB", (500, 60), "white")
    ImageDraw.Draw(page).line((118, 42, 460, 42), "black", 2)
    image = Image("digest", "PNG", page.size, np.asarray(page), Where(0, 0, "drawn"))
    rules = find_rules(image)
    assert 1 == len(rules.horizontal)
    assert [("Study name", "Liver test")] == pairs(line("Study name", 10, 20), line("Liver test", 130, 20), rules=rules)


def test_a_table_within_a_form_names_its_cells_by_their_columns() -> None:
    """Also under a heading of two lines, and where a cell is missing."""
    heading = [line("No. of", 300, 0), line("Shop", 0, 20), line("Desks", 300, 20), line("Owner", 500, 20)]
    rows = [line("North", 0, 50), line("12", 320, 50), line("Ada", 500, 50), line("South", 0, 80), line("7", 325, 80)]
    assert [
        ("Shop", "North"),
        ("No. of Desks", "12"),
        ("Owner", "Ada"),
        ("Shop", "South"),
        ("No. of Desks", "7"),
    ] == sorted(pairs(*heading, *rows), key=lambda pair: ["North", "12", "Ada", "South", "7"].index(pair[1]))


def test_one_row_may_stand_below_several_labels() -> None:
    """Each value below its own."""
    labels = [line("Blend", 0, 0), line("Casing", 200, 0), line("Flavour", 400, 0)]
    values = [line("Attached", 0, 24), line("None", 200, 24), line("Mint", 400, 24)]
    assert [("Blend", "Attached"), ("Casing", "None"), ("Flavour", "Mint")] == pairs(*labels, *values)


def test_labels_and_values_in_rows_are_no_table() -> None:
    """Although the first row could be a heading."""
    rows = [("Labels", "White"), ("Closures", "Blue"), ("Wrapper", "Clear")]
    page = [line(text, 200 * side, 30 * row) for row, both in enumerate(rows) for side, text in enumerate(both)]
    assert rows == pairs(*page)
