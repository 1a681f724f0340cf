"""What is said of the form of short answers."""

from __future__ import annotations

import pytest

from beholder.language.brevity import NUMBER, VALUE, VERDICT, last_sentence, short_form


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which plan is the cheapest?", VALUE),
        ("How many plans are there?", NUMBER),
        ("What is the number of seats?", NUMBER),
        ("How many more seats has the coach than the van?", ""),
        ("Is there a free plan?", VERDICT),
        ("Is it a free or a paid plan?", VALUE),
    ],
)
def test_a_short_answer_has_the_form_that_its_question_asks_for(question: str, expected: str) -> None:
    """A number for a count, a verdict for a question of yes or no, else the value alone; a difference is worked out."""
    assert expected == short_form(f"Answer as briefly as possible. Question: {question}")
    assert expected == short_form(f"Answer in one word.\n{question}")


@pytest.mark.parametrize("words", ["Which plan is the cheapest?", "Give a brief description of this screen."])
def test_nothing_is_said_where_no_short_answer_is_asked_for(words: str) -> None:
    """A description may be brief and is still no value."""
    assert not short_form(words)


def test_the_question_stands_last() -> None:
    """After what is said of its answer; a decimal point ends nothing."""
    assert "Is 4.5 the rating?" == last_sentence("Be brief. Note: Is 4.5 the rating? ")
