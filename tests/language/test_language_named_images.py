"""Which of its pictures a question names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from beholder.language.named_images import told_images
from beholder.types import Image, Job, Part, TextPart, Turn, Where


def job(*parts: str | None) -> Job:
    """A turn of texts, and a picture for each None."""
    pixels = np.zeros((3, 3, 3), np.uint8)
    made: list[Part] = [
        TextPart(part) if part is not None else Image(f"d{place}", "PNG", (3, 3), pixels, Where(0, place, ""))
        for place, part in enumerate(parts)
    ]
    return Job((Turn("user", tuple(made)),))


@dataclass(frozen=True)
class Named:
    """A question after three pictures, and the numbers of those that are told."""

    asked: str
    told: frozenset[int]


EVERYTHING = frozenset({1, 2, 3})
QUESTIONS = [
    Named("How tall is the tower in the second picture?", frozenset({2})),
    Named("Is the price in image 1 above that in image 3?", frozenset({1, 3})),
    Named("What do the 1st and the 2nd chart share? If these charts share nothing, say so.", frozenset({1, 2})),
    Named("The second picture is a copy of the first. What was edited?", frozenset({1, 2})),
    Named("In the second picture, which is the first tower?", frozenset({2})),
    Named("Which is the tallest tower?", EVERYTHING),
    Named("How is the first picture unlike the others?", EVERYTHING),
    Named("Does the first chart agree with any other chart?", EVERYTHING),
    Named("The first chart is ours. What do the charts tell?", EVERYTHING),
    Named("What stands in figure 2?", EVERYTHING),
    Named("What is in the fifth picture?", EVERYTHING),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.asked)
def test_pictures_that_a_question_passes_over_are_not_told(question: Named) -> None:
    """Some are named by their place and no others spoken of; in doubt all are told."""
    assert question.told == told_images(job(None, None, None, question.asked))


def test_names_that_pictures_are_given_ask_for_nothing() -> None:
    """The texts between pictures are their names; the question is what stands after the last."""
    assert {2} == told_images(
        job("The first chart is", None, "The second chart is", None, "What is in the second chart?")
    )
    assert {1} == told_images(job("What does the first image show?", None, None))


def test_pictures_of_earlier_turns_are_always_told() -> None:
    """A place is one among the pictures of the last turn."""
    before, after = job(None, None, "Hello"), job(None, None, "And in the second picture?")
    assert {1, 2, 4} == told_images(Job((*before.turns, Turn("assistant", (TextPart("Yes?"),)), *after.turns)))
    follow = Turn("user", (TextPart("And in the second picture?"),))
    assert {1, 2} == told_images(Job((*before.turns, follow)))
