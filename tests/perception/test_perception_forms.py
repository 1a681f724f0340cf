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


FRAME = Rules(horizontal=((0, 0, 300, 2), (0, 100, 300, 102)), vertical=((0, 0, 2, 102), (298, 0, 300, 102)))
"""A drawn box."""


def test_a_box_has_its_label_in_the_corner() -> None:
    """What is set larger below it, or is no name, was filled in, as far as its lines follow each other."""
    label = line("LOT NUMBER", 8, 4, advance=6, height=12)
    assert [("LOT NUMBER", "Kilo Nine")] == pairs(label, line("Kilo Nine", 20, 30), rules=FRAME)
    sentence = line("Stir well before use.", 12, 30, advance=6, height=12)
    far = line("see 4", 12, 85, advance=6, height=12)
    assert [("LOT NUMBER", "Stir well before use.")] == pairs(label, sentence, far, rules=FRAME)


def test_a_box_of_names_is_a_list() -> None:
    """Set like the first one; nor is there a label in an open space, or beside a label with a colon."""
    names = [line("Harbour", 8, 4), line("Airport", 20, 40)]
    assert [] == pairs(*names, rules=FRAME)
    filled = [line("Harbour", 8, 4), line("12 ships", 20, 40)]
    assert [("Harbour", "12 ships")] == pairs(*filled, rules=FRAME)
    assert [] == pairs(*filled, rules=Rules(horizontal=FRAME.horizontal))
    assert ("Harbour", "12 ships") not in pairs(*filled, line("Pier:", 150, 70), rules=FRAME)


def test_a_label_may_stand_under_its_line() -> None:
    """In small print close under the line's beginning, where none stands before the line; not lines further down."""
    rules = Rules(horizontal=((30, 22, 400, 24),))
    value, far = line("Ada Byron", 60, 3), line("Elsewhere", 10, 200)
    name = line("Name", 10, 26, advance=6, height=12)
    assert [("Name", "Ada Byron")] == pairs(value, name, far, rules=rules)
    assert [] == pairs(value, line("Name", 10, 44, advance=6, height=12), far, rules=rules)


def test_words_that_cross_their_line_do_not_part_the_value() -> None:
    """Letters that reach the line break it in two; a label that stands between two lines parts them."""
    label, value, far = line("Title", 10, 3), line("Trial of October", 100, 3), line("Elsewhere", 10, 200)
    broken = Rules(horizontal=((80, 22, 164, 24), (176, 22, 400, 24)))
    assert [("Title", "Trial of October")] == pairs(label, value, far, rules=broken)
    row = [line("From", 10, 3), line("May", 70, 3), line("Till", 160, 3), line("June", 230, 3), far]
    two = Rules(horizontal=((55, 22, 155, 24), (205, 22, 330, 24)))
    assert [("From", "May"), ("Till", "June")] == pairs(*row, rules=two)


def test_stressed_words_are_no_value() -> None:
    """Neither a title that is underlined in pieces nor a sentence; a line that begins with a name has one."""
    far = line("Elsewhere", 10, 200)
    pieces = Rules(horizontal=((10, 22, 100, 24), (108, 22, 200, 24)))
    assert [] == pairs(line("MAGAZINE ORDERS IN", 10, 3), far, line("and wide", 400, 200), rules=pieces)
    end = Rules(horizontal=((100, 22, 200, 24),))
    assert [("Written by", "Ada Byron")] == pairs(
        line("Written by Ada Byron", 0, 3), far, rules=Rules(((110, 22, 200, 24),))
    )
    assert [] == pairs(line("You should not ever do it.", 0, 3), far, rules=Rules(((110, 22, 140, 24),)))
    assert [] == pairs(line("Finished. Or not ready yet", 0, 3), far, rules=end)


def test_a_frame_is_no_line_to_write_on() -> None:
    """What stands on its upper side is not written there."""
    row = [line("Yes", 10, -22), line("Later", 60, -22), line("Elsewhere", 10, 200), line("and wide", 500, 200)]
    assert [] == pairs(*row, rules=FRAME)


def test_a_cross_ticks_the_option_beside_it() -> None:
    """The nearest one; where lines are drawn, on the side where the row has an option for each."""
    far = line("Elsewhere", 10, 300)
    assert [("Urgent", "X")] == pairs(line("X", 0, 0), line("Urgent", 30, 0), line("Routine", 200, 0), far)
    row = [line("Oct.", 0, 3), line("Nov.", 100, 3), line("Dec.", 200, 3), far]
    before = Rules(horizontal=((45, 22, 95, 24), (145, 22, 195, 24), (245, 22, 295, 24)))
    assert [("Nov.", "X")] == pairs(*row, line("X", 165, 3), rules=before)
    after = Rules(horizontal=((-55, 22, -5, 24), (45, 22, 95, 24), (145, 22, 195, 24)))
    assert [("Dec.", "_X")] == pairs(*row, line("_X", 160, 3), rules=after)


def test_a_name_with_an_initial_is_not_ticked() -> None:
    """A cross an ordinary space from a word belongs to it."""
    assert [("Name:", "Malcolm X")] == pairs(line("Name:", 0, 0), line("Malcolm X", 100, 0, advance=8))


def test_a_value_ends_with_its_line() -> None:
    """What stands beyond the line that begins after the label is not its value."""
    rules = Rules(horizontal=((65, 22, 160, 24),))
    row = [line("Date:", 0, 3), line("1 May", 80, 3), line("90-B", 175, 3)]
    assert [("Date:", "1 May")] == pairs(*row, rules=rules)
    assert [("Copy:", "")] == pairs(line("Copy:", 0, 3), line("yes", 165, 3), rules=rules)


def test_values_may_stand_below_a_row_of_labels_that_is_askew() -> None:
    """Each below its own."""
    labels = [line("No:", 0, 6), line("Space:", 150, 3), line("Date:", 300, 0)]
    values = [line("77", 0, 40), line("A4", 150, 37), line("May", 300, 34)]
    assert {("No:", "77"), ("Space:", "A4"), ("Date:", "May")} == set(pairs(*labels, *values))


def test_text_that_runs_up_the_margin_is_no_part_of_the_form() -> None:
    """Such as a number that was stamped there."""
    margin = TextLine("7712345", (300, 0, 320, 90), 0.9, "drawn", ())
    assert [("Total:", "")] == pairs(line("Total:", 0, 30), margin)


def test_a_label_may_be_abbreviated() -> None:
    """A full stop after a short word or two ends no sentence."""
    rows = [line("Case No.", 0, 0), line("475", 200, 0), line("Plast.", 0, 30), line("7 %", 200, 30)]
    assert [("Case No.", "475"), ("Plast.", "7 %")] == pairs(*rows)
