"""The hidden generation before an answer: an expression over the figures, which is then calculated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from beholder.evidence import Comparison, Evidence
from beholder.language.aspects import question, wanted
from beholder.language.computation import BEGINNING, Computation, ask_for_expression, compute
from beholder.language.expressions import grammar
from beholder.language.figures import Sheet, find_sheets
from beholder.language.generate import Tally
from beholder.language.hidden import Hidden, HiddenWriter
from beholder.language.named_images import told_images
from beholder.language.prompt import PromptWriter
from beholder.types import Job, JsonOutput, TextOutput

MOST_TOKENS: Final = 128
"""Tokens of an expression at most."""


class Calculator:
    """Asks the text model for expressions."""

    def __init__(self, hidden: HiddenWriter, writer: PromptWriter) -> None:
        self._hidden = hidden
        self._writer = writer

    def calculate(
        self, job: Job, evidence: Mapping[str, Evidence], comparisons: Sequence[Comparison]
    ) -> Hidden[Computation | None]:
        """What the figures in the evidence come to for the question; None where nothing is to be calculated.

        The prompt is the answer's own up to the end of the evidence, so that this is read once. Close it to stop early.
        """
        sheets = _sheets(job, evidence)
        if not sheets:
            return None, Tally()
        asked = question(job)
        prompt = self._writer.write(job, evidence, comparisons, instead=ask_for_expression(sheets, asked))
        written, tally = yield from self._hidden.write(prompt, BEGINNING, MOST_TOKENS, grammar(sheets))
        computation = None if written.is_cut else compute(written.text, sheets, asked, written.certainty)
        return computation, tally


def _sheets(job: Job, evidence: Mapping[str, Evidence]) -> tuple[Sheet, ...]:
    """The sheets to calculate with: none where calls, a critique or the data themselves are wanted."""
    if not isinstance(job.output, TextOutput | JsonOutput) or not question(job) or "design" in wanted(job):
        return ()
    return find_sheets([evidence[image.digest] for image in job.images()], told_images(job))
