"""Numbered parts of a question about charts: through the tiny model, whose weights are noise."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from test_language_computation import TRADE, job, model, seen, told
from test_language_figures import RED, chart

from beholder.language.answer import TextModel
from beholder.language.model import Pass
from beholder.language.part_answers import AS_FOUND
from beholder.language.parts import UNKNOWN, Parts, one_of, options_of, parts_of
from beholder.types import Finish, JsonOutput, Sampling, Started, TextDelta

__all__ = ["model"]

ASKED = """Look at it. Questions:
1. Who sends most?
A. Ann
B. Bob
2. How much does Bob send?
Note that the unit is left out.
Now answer the two questions in this format:
first; second"""


def test_a_question_falls_into_its_numbered_parts() -> None:
    """Each with its notes and options and with what stands before the first; what is about all stands apart."""
    parts = parts_of(ASKED)
    assert parts is not None
    before = "Look at it. Questions:"
    assert [
        f"{before} Who sends most?\nA. Ann\nB. Bob",
        f"{before} How much does Bob send?\nNote that the unit is left out.",
    ] == parts.alone()
    assert "Now answer the two questions in this format:\nfirst; second" == parts.closing


def test_answers_take_the_place_of_notes_and_options() -> None:
    """What was found stands after each question, and what is about all parts comes last."""
    parts = Parts("Say:", ("Who?\nA. Ann", "How much? In tons."), "Answer in one line.")
    assert "Say:\n1. Who?\nFound: A\n2. How much?\nFound: 12\nAnswer in one line." == parts.answered(["A", "12"])


def test_a_form_is_filled_where_nothing_else_is_asked_for() -> None:
    """What closes the question is the form and words about it; something more, or nothing found, leaves it open."""
    parts = ("Who?", "How much?")
    assert "Result: A; 12" == Parts("", parts, "Write in this format:\nResult: the_name; the_sum").filled(["A", "12"])
    assert "" == Parts("", parts, "Result: the_name; the_sum\nThen say why.").filled(["A", "12"])
    assert "" == Parts("", parts, "Result: the_name; the_sum").filled(["A", UNKNOWN])
    assert "" == Parts("", parts, "").filled(["A", "12"])


def test_options_are_told_by_their_words() -> None:
    """Letters by words; one line with a letter is no choice, and no grammar."""
    assert {"Ann": "A", "Bob Roe": "B"} == options_of("Who?\nA. Ann\n(B) Bob Roe")
    assert {} == options_of("Who?\nA. Ann")
    assert one_of({}) is None


def test_the_form_is_the_answer(model: TextModel) -> None:
    """Options are chosen by their words and named by their letter; the filled form is said as it stands."""
    asked = ASKED.replace("How much does Bob send?", "Who sends least?\nA. Ann\nB. Bob").replace(
        "first; second", "Result: the_first; the_second"
    )
    long = replace(job(asked), sampling=Sampling(max_tokens=64, temperature=0))
    said = "".join(event.text for event in told(model, long, seen(TRADE)) if isinstance(event, TextDelta))
    assert re.fullmatch("Result: [AB]; [AB]", said)


@pytest.mark.parametrize(
    "asked",
    ["Who sends most?", "1. Who sends most?", "Which is it?\n1. Ann\n2. Bob", "1. Who?\n3. What?", "In 2. Bundesliga?"],
)
def test_other_questions_have_no_parts(asked: str) -> None:
    """One part is none, options ask nothing, and numbers count from one."""
    assert parts_of(asked) is None


def test_parts_are_answered_before_the_whole(model: TextModel) -> None:
    """Out of sight, by passes that are the answer's cost; the prompt has what was found in their places."""
    events = list(told(model, job(ASKED), seen(TRADE)))
    place = next(place for place, event in enumerate(events) if isinstance(event, Started))
    started = events[place]
    assert isinstance(started, Started)
    asked = started.prompt[-1][1]
    assert asked.index("1. Who sends most?\nFound: ") < asked.index("2. How much does Bob send?\nFound: ")
    assert "A. Ann" not in asked
    assert asked.endswith(f"first; second\n{AS_FOUND}")
    assert all(isinstance(event, Pass) for event in events[:place])
    assert isinstance(events[-1], Finish)


def test_a_single_answer_fills_its_form_too(model: TextModel) -> None:
    """The answer to one question; not where JSON or reasons are wanted."""
    asked = "Who sends most?\nA. Ann\nB. Bob\nIn this format: Result: the_name"
    long = replace(job(asked), sampling=Sampling(max_tokens=64, temperature=0))
    said = "".join(event.text for event in told(model, long, seen(TRADE)) if isinstance(event, TextDelta))
    assert re.fullmatch("Result: [AB]", said)
    named = next(event for event in told(model, job(asked, JsonOutput()), seen(TRADE)) if isinstance(event, Started))
    assert AS_FOUND not in named.prompt[-1][1]
    why = next(event for event in told(model, job(asked + "\nSay why."), seen(TRADE)) if isinstance(event, Started))
    assert "Say why." in why.prompt[-1][1]


def test_an_answer_without_an_end_is_not_put_into_the_form(model: TextModel) -> None:
    """Noise goes on and on: what was found is told, and the model answers."""
    asked = job("1. Who?\n2. How much?\nThe second is it, in this format: Result: the_name")
    events = list(told(model, asked, seen(TRADE)))
    started = next(event for event in events if isinstance(event, Started))
    assert f"Found: {UNKNOWN}" in started.prompt[-1][1]
    assert started.prompt[-1][1].endswith(AS_FOUND)
    assert not "".join(event.text for event in events if isinstance(event, TextDelta)).startswith("Result")


def test_without_a_chart_nothing_is_answered_apart(model: TextModel) -> None:
    """A page's numbered questions are asked as they stand."""
    first = next(told(model, job(ASKED), seen()))
    assert isinstance(first, Started)
    assert "Found:" not in first.prompt[-1][1]


def test_the_parts_can_be_stopped(model: TextModel) -> None:
    """Closed while a part is being answered, the model is free for the next question."""
    work = model.answer(job(ASKED), seen(TRADE, chart([["", "x"], ["Cid", "3"]], RED)))
    assert isinstance(next(work), Pass)
    work.close()
    assert isinstance(list(told(model, job(ASKED), seen(TRADE)))[-1], Finish)
