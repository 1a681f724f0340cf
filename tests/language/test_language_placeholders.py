"""Forms that a question shows for its answer."""

from __future__ import annotations

import pytest

from beholder.language.placeholders import fill_form, without_form


@pytest.mark.parametrize("name", ["the_sum_you_find", "<amount>", "[name of the shop]"])
def test_a_form_is_parted_from_its_question(name: str) -> None:
    """Words joined by underscores or in brackets, at the end after a label; what leads to them asks nothing."""
    assert ("How much is it?", f"Result: {name}") == without_form(f"How much is it?\nWrite it so: Result: {name}\n")
    assert ("See it.\nHow much?", f"Result: {name}") == without_form(f"See it.\nHow much? Result: {name}")


@pytest.mark.parametrize(
    "asked",
    [
        "What is the total: net_sum or gross_sum?",
        "Note: it rains",
        "Answer: A; B",
        "Name: <name>\nSum: <sum>",
        "Sum: <sum>\nThank you",
        "",
    ],
)
def test_other_words_are_no_form(asked: str) -> None:
    """A colon alone shows no form, nor does a name in a sentence, one of several, or one before other words."""
    assert (asked, "") == without_form(asked)


def test_a_form_is_filled_with_what_was_found() -> None:
    """Each answer in its name's place; a form with a name too many ends after the last, one with too few is none."""
    form = "Write it so:\nResult: the_name; <sum>; the_rest."
    assert "Result: Ann; 12" == fill_form(form, ["Ann", "12"])
    assert "" == fill_form(form, ["1", "2", "3", "4"])
