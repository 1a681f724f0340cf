"""Questions about charts that have numbered parts or a form for their answer: answered piece by piece, out of sight.

A small model loses the thread of several questions with their notes; of one question, with no more evidence than it
asks for, it does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from beholder.evidence import Comparison, Evidence
from beholder.language.aspects import question
from beholder.language.calculator import Calculator
from beholder.language.generate import Tally
from beholder.language.hidden import Hidden, HiddenWriter
from beholder.language.parts import UNKNOWN, one_of, options_of, parts_of
from beholder.language.placeholders import fill_form, without_form
from beholder.language.prompt import PromptWriter
from beholder.types import Job, JsonOutput, TextOutput, TextPart

REASONS: Final = re.compile(
    r"\b(?:explain\w*|reasoning|your reasons?|steps?|why|describe|summari[sz]e)\b", re.IGNORECASE
)
"""Words of a question that wants more than the answer."""

MOST_TOKENS: Final = 64
"""Tokens of a part's answer at most."""

BEGINNING: Final = "Answer:"
"""What the model's turn begins with, so that it goes on with the answer and not with the question."""

BRIEFLY: Final = "Answer with the value or the name alone."

BY_WORDS: Final = "Answer with the words of one option, without its letter."
"""A small model tells by its words which option fits; of their letters it prefers the first."""

AS_FOUND: Final = "(Answer with what was found, in its words, nothing added.)"


@dataclass(frozen=True, slots=True)
class Answered:
    """A job with its parts' answers in their places, and the whole answer where its form leaves nothing open."""

    job: Job
    filled: str


class PartAnswerer:
    """Answers questions about charts that have parts, or show the form of their answer."""

    def __init__(self, hidden: HiddenWriter, writer: PromptWriter, calculator: Calculator) -> None:
        self._hidden = hidden
        self._writer = writer
        self._calculator = calculator

    def answer(
        self, job: Job, evidence: Mapping[str, Evidence], comparisons: Sequence[Comparison]
    ) -> Hidden[Answered | None]:
        """What was found; None where the question has neither parts nor a form. Close it to stop early."""
        place = _asking_place(job, evidence)
        if place is None:
            return None, Tally()
        asked = _text(job, place)
        parts, spent = parts_of(asked), Tally()
        if parts is not None:
            answers: list[str] = []
            for text in parts.alone():
                answer, tally = yield from self._answer(_asking(job, place, text), evidence, comparisons)
                spent += tally
                answers.append(answer)
            asked, filled = parts.answered(answers), parts.filled(answers)
            if filled and isinstance(job.output, TextOutput):
                return Answered(_asking(job, place, asked), filled), spent
        rest, form = without_form(asked) if isinstance(job.output, TextOutput) else (asked, "")
        if form:
            whole = _asking(job, place, rest)
            answer, tally = yield from self._answer(whole, evidence, comparisons, calculates=parts is None)
            spent += tally
            if answer != UNKNOWN:
                return Answered(_asking(job, place, asked), fill_form(form, [answer])), spent
        return (Answered(_asking(job, place, f"{asked}\n{AS_FOUND}"), "") if parts else None), spent

    def _answer(
        self, job: Job, evidence: Mapping[str, Evidence], comparisons: Sequence[Comparison], *, calculates: bool = True
    ) -> Hidden[str]:
        """The answer to one question, in few words; an option's letter where it has options."""
        job = replace(job, output=TextOutput())
        computation, spent = None, Tally()
        if calculates:
            computation, spent = yield from self._calculator.calculate(job, evidence, comparisons)
        options = options_of(question(job))
        asked = BY_WORDS if options else BRIEFLY
        computed = f"{computation.spoken()}\n{asked}" if computation else asked
        prompt = self._writer.write(job, evidence, comparisons, computed=computed)
        written, tally = yield from self._hidden.write(prompt, BEGINNING, MOST_TOKENS, one_of(options))
        answer, end, _ = written.text.partition("\n")
        is_whole = bool(end) or not written.is_cut
        return (options.get(answer.strip(), answer.strip()) if is_whole else "") or UNKNOWN, spent + tally


def _asking_place(job: Job, evidence: Mapping[str, Evidence]) -> int | None:
    """The place, in the last turn, of a text with parts or a form for its answer; None where it wants reasons too."""
    if not any(evidence[image.digest].charts for image in job.images()):
        return None
    if not isinstance(job.output, TextOutput | JsonOutput) or REASONS.search(question(job)):
        return None
    has_form = isinstance(job.output, TextOutput)
    for place, part in enumerate(job.turns[-1].parts):
        if isinstance(part, TextPart) and (parts_of(part.text) or (has_form and without_form(part.text)[1])):
            return place
    return None


def _text(job: Job, place: int) -> str:
    part = job.turns[-1].parts[place]
    assert isinstance(part, TextPart)
    return part.text


def _asking(job: Job, place: int, text: str) -> Job:
    """The job with another text in that place of its last turn."""
    last = job.turns[-1]
    parts = (*last.parts[:place], TextPart(text), *last.parts[place + 1 :])
    return replace(job, turns=(*job.turns[:-1], replace(last, parts=parts)))
