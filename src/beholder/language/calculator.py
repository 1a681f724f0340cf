"""The hidden generation before an answer: an expression over the figures, which is then calculated."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Comparison, Evidence
from beholder.language.aspects import question, wanted
from beholder.language.cache import PromptTokens
from beholder.language.computation import BEGINNING, Computation, ask_for_expression, compute
from beholder.language.constraint import Grammars
from beholder.language.drafts import Drafts
from beholder.language.expressions import grammar
from beholder.language.figures import Sheet, find_sheets
from beholder.language.generate import Generation, Tally
from beholder.language.model import Logits, Model, Pass
from beholder.language.prompt import PromptWriter
from beholder.language.sampler import Choice, Sampler
from beholder.language.tokenizer import TextTokenizer
from beholder.types import Job, JsonOutput, Sampling, TextOutput

MOST_TOKENS: Final = 128
"""Tokens of an expression at most."""

GREEDY: Final = Sampling(temperature=0, top_logprobs=0)

Hidden: TypeAlias = Generator[Pass, Logits | None, tuple[Computation | None, Tally]]
"""Passes over the weights for something that is not said, then what it came to and what it took."""


class Calculator:
    """Asks the text model for expressions. `forbidden` are tokens never to be chosen, `context` is the window."""

    def __init__(
        self,
        model: Model,
        tokenizer: TextTokenizer,
        grammars: Grammars,
        writer: PromptWriter,
        *,
        forbidden: NDArray[np.bool_],
        context: int,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._grammars = grammars
        self._writer = writer
        self._forbidden = forbidden
        self._context = context

    def calculate(self, job: Job, evidence: Mapping[str, Evidence], comparisons: Sequence[Comparison]) -> Hidden:
        """What the figures in the evidence come to for the question; None where nothing is to be calculated.

        The prompt is the answer's own up to the end of the evidence, so that this is read once. Close it to stop early.
        """
        sheets = _sheets(job, evidence)
        if not sheets:
            return None, Tally()
        prompt = self._writer.write(job, evidence, comparisons, instead=ask_for_expression(sheets, question(job)))
        tokens = (*prompt.tokens, *self._tokenizer.encode(BEGINNING))
        if len(tokens) + MOST_TOKENS > self._context:
            return None, Tally()
        generation, expression, certainty = yield from self._write(PromptTokens(tokens, prompt.breaks), sheets)
        computation = None if generation.is_cut else compute(expression, sheets, question(job), certainty)
        return computation, generation.tally

    def _write(
        self, prompt: PromptTokens, sheets: Sequence[Sheet]
    ) -> Generator[Pass, Logits | None, tuple[Generation, str, float]]:
        """The finished generation, its text, and the mean log-probability of its tokens."""
        sequence = self._model.open(prompt)
        try:
            generation = Generation(
                sequence,
                Sampler(GREEDY, self._forbidden),
                self._grammars.written(grammar(sheets)),
                Drafts(prompt.ids),
                ends=frozenset({self._tokenizer.end_of_turn}),
                limit=MOST_TOKENS,
            )
            choices = yield from _collect(generation)
        finally:
            self._model.close(sequence)
        text = b"".join(self._tokenizer.token_bytes(choice.token) for choice in choices).decode(errors="replace")
        return generation, text.strip(), sum(choice.logprob for choice in choices) / max(len(choices), 1)


def _sheets(job: Job, evidence: Mapping[str, Evidence]) -> tuple[Sheet, ...]:
    """The sheets to calculate with: none where calls, a critique or the data themselves are wanted."""
    if not isinstance(job.output, TextOutput | JsonOutput) or not question(job) or "design" in wanted(job):
        return ()
    return find_sheets([evidence[image.digest] for image in job.images()])


def _collect(generation: Generation) -> Generator[Pass, Logits | None, list[Choice]]:
    """All tokens of a generation."""
    steps = generation.run()
    choices: list[Choice] = []
    logits: Logits | None = None
    while True:
        try:
            step = steps.send(logits)
        except StopIteration:
            return choices
        logits = None
        if isinstance(step, Pass):
            logits = yield step
        else:
            choices += step
