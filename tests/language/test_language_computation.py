"""What is computed before an answer: through the tiny model, whose weights are noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import groupby

import numpy as np
import pytest
from test_language_figures import BLUE, RED, chart
from tiny_qwen import tiny_model

from beholder.evidence import Chart, Evidence
from beholder.language.answer import TextModel
from beholder.language.computation import Computation, ask_for_expression, compute, without_options
from beholder.language.expressions import Result
from beholder.language.figures import find_sheets
from beholder.language.model import Pass
from beholder.types import (
    Event,
    Finish,
    Image,
    Job,
    JsonOutput,
    Output,
    Sampling,
    Started,
    TextOutput,
    TextPart,
    Turn,
    Usage,
    Where,
)

TRADE = chart([["", "Out", "In"], ["Ann", "45%", "~50%"], ["Bob", "12%", ""]], RED, BLUE)


@pytest.fixture(scope="module")
def model() -> TextModel:
    """The tiny model with a window that what is asked before the answer fits in, letter by letter."""
    return TextModel(tiny_model(4096), threads=0, context_tokens=32_768)


def job(text: str = "Sum?", output: Output | None = None) -> Job:
    """A question about one picture."""
    image = Image("d", "PNG", (9, 9), np.zeros((9, 9, 3), np.uint8), Where(0, 0, ""))
    sampling = Sampling(max_tokens=4, temperature=0)
    return Job((Turn("user", (image, TextPart(text))),), sampling=sampling, output=output or TextOutput())


def seen(*charts: Chart) -> Mapping[str, Evidence]:
    """The evidence of the one picture."""
    return {"d": Evidence("d", (9, 9), (), "", charts=charts)}


def told(model: TextModel, asked: Job, evidence: Mapping[str, Evidence]) -> Iterator[Event | Pass]:
    """The events of one answer and its passes, alone on the model."""
    work = model.answer(asked, evidence)
    outcome = None
    with suppress(StopIteration):
        while True:
            event = work.send(outcome)
            outcome = None
            if isinstance(event, Pass):
                [outcome] = model.perform([event])
            yield event


@pytest.mark.parametrize("output", [TextOutput(), JsonOutput()], ids=["text", "json"])
def test_the_expression_is_written_apart(model: TextModel, output: Output) -> None:
    """Whatever noise writes, the answer comes: its passes are counted, its tokens are not the answer's."""
    events = list(told(model, job(output=output), seen(TRADE)))
    before, started, *_ = [list(group) for _, group in groupby(events, lambda event: isinstance(event, Started))]
    passes = [event for event in events if isinstance(event, Pass)]
    usage = next(event for event in events if isinstance(event, Usage))
    assert all(isinstance(event, Pass) for event in before)
    assert 1 == len(started)
    assert len(passes) == usage.passes
    assert usage.completion_tokens <= 4
    assert isinstance(events[-1], Finish)


def test_evidence_is_read_once(model: TextModel) -> None:
    """The expression's prompt and the answer's begin alike: what comes before the question is taken from the cache."""
    events = list(told(model, job(), seen(TRADE)))
    usage = next(event for event in events if isinstance(event, Usage))
    assert usage.cached_tokens >= usage.evidence_tokens


def test_without_figures_nothing_is_asked(model: TextModel) -> None:
    """A picture without a chart costs no pass more than its answer."""
    first = next(told(model, job(), seen()))
    assert isinstance(first, Started)


def test_it_can_be_stopped_at_each_pass(model: TextModel) -> None:
    """Closed while the expression is being written, the model is free for the next question."""
    work = model.answer(job(), seen(TRADE))
    assert isinstance(next(work), Pass)
    work.close()
    assert isinstance(list(told(model, job(), seen(TRADE)))[-1], Finish)


def test_a_computation_is_told_with_its_expression() -> None:
    """The line for the prompt has the expression, the value in its unit, and whether it was estimated."""
    assert "(Computed from the table: x = 12.5%, estimated from the drawing)" == spoken(12.5, True, "%")
    assert "(Computed from the table: x = 1200000)" == spoken(1_200_000.0)
    assert "(Computed from the table: x = 0.4318)" == spoken(19 / 44)
    ratio = Result(1.25, is_ratio=True)
    assert "(Computed from the table: x = 1.25, that is 125%)" == Computation("x", ratio, in_percent=True).spoken()
    assert "(Computed from the table: x = 1.25)" == Computation("x", ratio).spoken()
    assert "(Computed from the table: x = Yes)" == spoken(True)
    assert "(Computed from the table: x = Ann, Bob)" == spoken("Ann, Bob")


def spoken(value: float | str | bool, is_estimated: bool = False, unit: str = "") -> str:
    """How the prompt tells a value."""
    return Computation("x", Result(value, is_estimated, unit)).spoken()


def test_options_are_no_part_of_what_is_computed() -> None:
    """The lines of a multiple choice are left out, single letters in a text are not."""
    asked = "Who travels most?\nA. Ann\nB. Bob\nAnswer with the letter only."
    [last] = ask_for_expression(find_sheets([seen(TRADE)["d"]]), asked).splitlines()[-1:]
    assert "# Who travels most? Answer with the letter only." == last
    assert "What of\nA. Ann?" == without_options("What of\nA. Ann?")


UNTOLD = [
    ("none", "What is the title?", 0.0),
    ('value("Ann", "Out (red)") - value("Bob", "In (blue)")', "Ann less Bob?", 0.0),
    ('value("Ann", "Out (red)")', "What is Out for Ann?", 0.0),
    ('max(column("Out (red)"))', "Who travels most?", 0.0),
    ('value("Ann", "Out (red)") + value("Bob", "Out (red)")', "How much has Ann?", 0.0),
    ("max(all())", "What is the largest value?", -2.0),
    ("count(all() > 10)", "How many people travelled?", 0.0),
    ("count(all() > 0)", "How many bars are positive?", -0.3),
    ("count(all() > 40)", "How many bars are above 40%?", -0.6),
    ("max(all())", "How much was it for Ann?", 0.0),
]

TOLD = [
    ("max(all())", "What is the largest value?", 50.0),
    ('max(column("Out (red)"))', "What is the longest red bar?", 45.0),
    ('sum(column("Out (red)"))', "What went out in all?", 57.0),
    ("count(all() > 40)", "How many bars are above 40%?", 2.0),
    ("count(all() > 12)", "How many bars are above twelve?", 2.0),
    ("count(all() > 0)", "How many bars are positive?", 3.0),
    ('value("Ann", "Out (red)") + value("Bob", "Out (red)")', "What do ANN and Bob add up to?", 57.0),
]


@pytest.mark.parametrize(("expression", "asked", "certainty"), UNTOLD)
def test_nothing_doubtful_is_told(expression: str, asked: str, certainty: float) -> None:
    """Not computed: declined, a figure missing, only to be read, about something else than was asked, or unsure."""
    assert None is compute(expression, find_sheets([seen(TRADE)["d"]]), asked, certainty)


@pytest.mark.parametrize(("expression", "asked", "value"), TOLD)
def test_what_is_asked_is_computed(expression: str, asked: str, value: float) -> None:
    """The question mentions what the expression refers to, or the expression names nothing."""
    computation = compute(expression, find_sheets([seen(TRADE)["d"]]), asked, -0.1)
    assert computation is not None
    assert value == computation.result.value


def test_a_number_of_the_question_makes_up_for_some_doubt() -> None:
    """An expression that compares with it was hardly written by accident."""
    sheets = find_sheets([seen(TRADE)["d"]])
    assert compute("count(all() > 40)", sheets, "How many bars are above 40%?", -0.3) is not None


@pytest.mark.parametrize(
    ("asked", "in_percent"), [("Ratio of Ann to Bob?\nA. 50%\nB. 375%", True), ("Ann to Bob?", False)]
)
def test_a_ratio_is_a_percentage_where_it_is_asked_as_one(asked: str, in_percent: bool) -> None:
    """By the question's words or by its options."""
    expression = 'value("Ann", "Out (red)") / value("Bob", "Out (red)")'
    computation = compute(expression, find_sheets([seen(TRADE)["d"]]), asked, 0.0)
    assert computation is not None
    assert in_percent == ("375%" in computation.spoken())
