"""What is told of a screen where the question asks for it."""

from __future__ import annotations

import pytest

from beholder.evidence import Element, Evidence, TextLine
from beholder.language.screen_telling import tell_screen, title_of

SIZE = (720, 1280)


def screen(*texts: tuple[str, float, float], controls: tuple[str, ...] = ()) -> Evidence:
    """A telephone's screen with texts, `(text, left, top)`, each 20 pixels high, and switches with their states."""
    boxes = [(text, (left, top, left + 12.0 * len(text), top + 20)) for text, left, top in texts]
    lines = tuple(TextLine(text, box, 0.99, "drawn") for text, box in boxes)
    elements = [Element("text", box, text) for text, box in boxes]
    elements += [Element("switch", (600.0, 900.0, 660.0, 930.0), text) for text in controls]
    return Evidence("a", SIZE, lines, "", elements=tuple(elements))


def told(evidence: Evidence, aspects: set[str], asked: str) -> list[str]:
    """The lines for a question on a screen."""
    return [line for line in tell_screen(evidence, frozenset(aspects | {"screen"}), asked) if line]


LIST = screen(
    ("11:42", 20, 8),
    ("Ferries", 90, 80),
    *((f"Harbour {name}", 40.0, 300.0 + 90 * n) for n, name in enumerate("ABCDE")),
)


@pytest.mark.parametrize("sign", ["", "< ", "个 "])
def test_the_title_is_the_first_text_of_the_app(sign: str) -> None:
    """The status bar's clock is none, nor is a button's sign before it; lower down there are no titles."""
    assert "Ferries" == title_of(screen(("11:42", 20, 8), (f"{sign}Ferries", 90, 80), ("Advertisement", 20, 130)))
    assert not title_of(screen(("11:42", 20, 8), ("Welcome", 90, 400)))
    assert ["Title at the top of the screen: Ferries"] == told(LIST, {"title"}, "What is the name of the app?")


def test_entries_of_a_list_are_counted_where_a_count_is_asked_for() -> None:
    """By the first and the last one; not where a number stands beside what is counted."""
    expected = "Counted in a list: 5: from Harbour A to Harbour E"
    assert [expected] == told(LIST, {"count"}, "How many harbours are listed?")
    assert [] == told(LIST, set(), "Which harbours are listed?")
    seats = screen(("Harbour A", 40, 300), ("Harbour B", 40, 390), ("Harbour C", 40, 480), ("14 seats", 40, 1000))
    assert [] == told(seats, {"count"}, "How many seats are there?")


def test_a_place_in_a_series_is_told_in_words() -> None:
    """A fraction of more than there are is none."""
    texts = screen(("7/52", 300, 80), ("9/2", 300, 400))
    assert ["7/52: number 7 of 52 in total"] == told(texts, {"count"}, "How many pictures are there?")


def test_the_state_of_the_control_that_is_named_is_told_alone() -> None:
    """So that it is not answered with its label; of two labels the longer one is meant."""
    evidence = screen(controls=("Sync photos (off)", "Sync photos at night (on)"))
    question = 'Be brief. What is the status of "Sync photos at night"?'
    assert ["The state that is asked for: on"] == told(evidence, {"controls"}, question)
    assert [] == told(evidence, {"controls"}, "Sync photos is what it is about. Which switches are there?")
