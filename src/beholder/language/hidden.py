"""Greedy generations that are not said: for an expression to calculate, or the answer to a part of a question."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from beholder.language.constraint import Grammars
from beholder.language.drafts import Drafts
from beholder.language.generate import Generation, Tally
from beholder.language.model import Model, Outcome, Pass
from beholder.language.prompt import Prompt
from beholder.language.sampler import Choice, Sampler
from beholder.language.tokenizer import TextTokenizer
from beholder.types import Sampling

GREEDY: Final = Sampling(temperature=0, top_logprobs=0)

T = TypeVar("T")

Hidden: TypeAlias = Generator[Pass, Outcome | None, tuple[T, Tally]]
"""Passes over the weights for something that is not said, then what it came to and what it took."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: its text, whether the limit cut it, and the mean log-probability of its tokens."""

    text: str = ""
    is_cut: bool = True
    certainty: float = 0.0


class HiddenWriter:
    """Writes on one model. `forbidden` are tokens never to be chosen, `context` is the window."""

    def __init__(
        self,
        model: Model,
        tokenizer: TextTokenizer,
        grammars: Grammars,
        *,
        forbidden: NDArray[np.bool_],
        context: int,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._grammars = grammars
        self._forbidden = forbidden
        self._context = context

    def write(self, prompt: Prompt, beginning: str, limit: int, grammar: str | None = None) -> Hidden[Written]:
        """What the model writes after `beginning`, in `limit` tokens at most; nothing where that does not fit.

        `grammar` is in Lark's notation. Close it to stop early.
        """
        tokens = (*prompt.tokens, *self._tokenizer.encode(beginning))
        if len(tokens) + limit > self._context:
            return Written(), Tally()
        sequence = self._model.open(tokens, prompt.owner)
        try:
            generation = Generation(
                sequence,
                Sampler(GREEDY, self._forbidden),
                self._grammars.written(grammar) if grammar is not None else None,
                Drafts(tokens, least_chance=lambda: self._model.least_chance),
                ends=frozenset({self._tokenizer.end_of_turn}),
                limit=limit,
                free=lambda: self._model.free_tokens,
            )
            choices = yield from _collect(generation)
        finally:
            self._model.close(sequence)
        text = b"".join(self._tokenizer.token_bytes(choice.token) for choice in choices).decode(errors="replace")
        certainty = sum(choice.logprob for choice in choices) / max(len(choices), 1)
        return Written(text.strip(), generation.is_cut, certainty), generation.tally


def _collect(generation: Generation) -> Generator[Pass, Outcome | None, list[Choice]]:
    """All tokens of a generation."""
    steps = generation.run()
    choices: list[Choice] = []
    outcome: Outcome | None = None
    while True:
        try:
            step = steps.send(outcome)
        except StopIteration:
            return choices
        outcome = None
        if isinstance(step, Pass):
            outcome = yield step
        else:
            choices += step
