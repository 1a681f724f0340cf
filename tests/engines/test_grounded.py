"""Grounding as a step of answering: places after the last word, and all else as it was."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_qwen import tiny_model

from beholder.engines.grounded import with_grounding
from beholder.evidence import Evidence, TextLine
from beholder.language.answer import TextModel, Work
from beholder.language.model import Pass
from beholder.types import (
    Event,
    Finish,
    Grounding,
    Image,
    Job,
    JsonOutput,
    Sampling,
    Started,
    TextDelta,
    TextPart,
    ToolCallDelta,
    Turn,
    Usage,
    Where,
)

SEEN = Evidence("digest", (400, 100), (TextLine("Total 10.50", (0, 0, 110, 20), 0.9, "reader"),), "Total 10.50")
SCHEMA = {"type": "object", "properties": {"total": {"const": "10.50"}}, "required": ["total"]}


def a_job(*, grounding: bool) -> Job:
    """A question about one picture whose answer can only be one document."""
    image = Image("digest", "PNG", (400, 100), np.zeros((100, 400, 3), np.uint8), Where(0, 0, "messages"))
    return Job(
        (Turn("user", (image, TextPart("?"))),),
        sampling=Sampling(max_tokens=100),
        output=JsonOutput({**SCHEMA, "additionalProperties": False}),
        grounding=grounding,
    )


def run(work: Work, model: TextModel) -> list[Event]:
    """The events of the work, whose passes the model performs."""
    events: list[Event] = []
    outcome = None
    while True:
        try:
            step = work.send(outcome)
        except StopIteration:
            return events
        outcome = model.perform([step])[0] if isinstance(step, Pass) else None
        if not isinstance(step, Pass):
            events.append(step)


@pytest.mark.parametrize("grounding", [True, False])
def test_places_come_after_the_last_word(grounding: bool) -> None:
    """The model's passes get what they come to; a place for each value stands before the usage, if it was asked for."""
    model = TextModel(tiny_model(), threads=1, context_tokens=1024)
    job = a_job(grounding=grounding)
    events = run(with_grounding(model.answer(job, {"digest": SEEN}), job), model)
    assert '{"total":"10.50"}' == "".join(event.text for event in events if isinstance(event, TextDelta))
    assert isinstance(events[-2], Usage)
    assert isinstance(events[-1], Finish)
    places = [event for event in events if isinstance(event, Grounding)]
    assert (["/total"] if grounding else []) == [place.pointer for place in places]
    assert not grounding or places == events[-3:-2]


def calls() -> Work:
    """The work of an answer that calls two functions."""
    yield Started((SEEN,))
    yield ToolCallDelta(0, id="a", name="pay")
    yield ToolCallDelta(0, '{"sum":')
    yield ToolCallDelta(0, "10.5}")
    yield ToolCallDelta(1, '{"sum":"Total"}', id="b", name="pay")
    yield Usage(1, 1)
    yield Finish("tool_calls")


def test_the_arguments_of_calls_are_grounded() -> None:
    """Each call's pointers begin with its place among the calls."""
    events = list(with_grounding(calls(), a_job(grounding=True)))
    assert [("/tool_calls/0/arguments/sum", "10.50"), ("/tool_calls/1/arguments/sum", "Total")] == [
        (event.pointer, event.text) for event in events if isinstance(event, Grounding)
    ]


def test_closing_reaches_the_work() -> None:
    """An answer that nobody wants any more is stopped."""
    is_closed = []

    def endless() -> Work:
        try:
            yield Started(())
            while True:
                yield TextDelta("word ")
        finally:
            is_closed.append(True)

    work = with_grounding(endless(), a_job(grounding=True))
    next(work)
    next(work)
    work.close()
    assert [True] == is_closed
