"""Finding on a screen what a few words describe."""

from __future__ import annotations

import pytest

from beholder.evidence import Box, Element, TextLine
from beholder.grounding.locate import locate


def line(text: str, left: float, top: float, *, width: float = 0, height: float = 20) -> TextLine:
    """A line whose letters are 10 pixels wide."""
    return TextLine(text, (left, top, left + (width or 10 * len(text)), top + height), 0.95, "drawn")


LINES = (
    line("Settings", 40, 20, height=34),
    line("Delete account", 40, 100),
    line("Your data stays on your own machine", 40, 160),
    line("and is never sent.", 40, 184),
    line("Cancel", 60, 620),
    line("Save changes", 360, 620),
    line("Terms of use and Privacy policy", 40, 700),
    line("Edit", 400, 300),
    line("Edit", 400, 400),
)
ELEMENTS = (
    Element("button", (40, 600, 200, 660), "Cancel"),
    Element("button", (300, 600, 520, 660), "Save changes"),
    Element("icon", (480, 20, 510, 50)),
    Element("icon", (10, 20, 30, 50)),
    Element("switch", (440, 100, 500, 130), "Delete account (off)"),
)


def middle(element: Element | None) -> tuple[float, float]:
    """Where one would click."""
    assert element is not None
    left, top, right, bottom = element.box
    return (left + right) / 2, (top + bottom) / 2


def is_in(point: tuple[float, float], box: Box) -> bool:
    """Whether a point lies in a box."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


@pytest.mark.parametrize(
    ("query", "box"),
    [
        ("Settings", (40, 20, 120, 54)),
        ("settings", (40, 20, 120, 54)),
        ('Where is the element with the text "Save changes"?', (300, 600, 520, 660)),
        ("click on “Cancel”", (40, 600, 200, 660)),
        ("Click the cancel button", (40, 600, 200, 660)),
        ("SaveChanges", (300, 600, 520, 660)),
        ("Setings", (40, 20, 120, 54)),
        ("the Delete account switch", (440, 100, 500, 130)),
        ("Your data stays on your own machine and is never sent.", (40, 160, 390, 204)),
        ('Tap "Privacy policy"', (200, 700, 350, 720)),
        ("the icon at the top right", (480, 20, 510, 50)),
        ("the icon at the left", (10, 20, 30, 50)),
        ('the first "Edit"', (400, 300, 440, 320)),
        ('the last "Edit"', (400, 400, 440, 420)),
    ],
)
def test_what_is_described_is_found(query: str, box: Box) -> None:
    """By its text however it is spelled, over several lines or within one, by its kind and by its place."""
    assert is_in(middle(locate(query, LINES, ELEMENTS)), box)


def test_a_line_without_an_element_is_a_text() -> None:
    """With the line's own box and words."""
    assert Element("text", (40, 20, 120, 54), "Settings") == locate("Settings", LINES, ())


@pytest.mark.parametrize("query", ["Purchase a ticket", 'the text "Departures"', "the checkbox", ""])
def test_what_is_not_there_is_not_found(query: str) -> None:
    """Nothing is better than anything."""
    assert locate(query, LINES, ELEMENTS) is None


def test_an_empty_screen_has_nothing() -> None:
    """No lines and no elements."""
    assert locate("Settings", (), ()) is None
