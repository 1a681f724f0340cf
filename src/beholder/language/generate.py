"""One answer: read the prompt, then choose, force and verify tokens until the end, a pass at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from beholder.language.constraint import Constraint
from beholder.language.drafts import Drafts
from beholder.language.model import Model
from beholder.language.sampler import Choice, Sampler


@dataclass(slots=True)
class Tally:
    """What an answer took: cached prompt tokens, answer tokens, and how these came about."""

    cached: int = 0
    completion: int = 0
    forced: int = 0
    copied: int = 0
    passes: int = 0


class Generation:
    """Runs one answer on the model. `is_cut` tells afterwards whether the token limit ended it."""

    def __init__(
        self, model: Model, sampler: Sampler, constraint: Constraint | None, ends: frozenset[int], limit: int
    ) -> None:
        self._model = model
        self._sampler = sampler
        self._constraint = constraint
        self._ends = ends
        self._limit = limit
        self.tally = Tally()
        self.is_cut = False

    def run(self, prompt: Sequence[int]) -> Iterator[list[Choice] | None]:
        """Tokens as they are decided; None is a heartbeat between passes, where the caller may stop."""
        before = self._model.passes
        try:
            yield from self._run(list(prompt))
        finally:
            self.tally.passes = self._model.passes - before

    def _run(self, prompt: list[int]) -> Iterator[list[Choice] | None]:
        forced = self._forced()
        self.tally.cached = self._model.rewind(prompt)
        reading = self._model.read(prompt, self.tally.cached)
        while (logits := next(reading)) is None:
            yield None
        drafts = Drafts(prompt)
        if forced:
            yield [Choice(token) for token in forced]
            drafts.extend(forced)
            logits = self._model.step(forced, 1)
        choice: Choice | None = self._choose(logits[-1])
        while choice is not None and choice.token not in self._ends:
            accepted = self._accept(choice)
            drafts.extend([each.token for each in accepted])
            yield accepted
            if self._is_over():
                return
            choice, verified = self._verify([each.token for each in accepted], drafts)
            if verified:
                yield verified

    def _verify(self, pending: list[int], drafts: Drafts) -> tuple[Choice | None, list[Choice]]:
        """One pass over the pending tokens and a draft; returns the draft's accepted tokens and the choice after them.

        The choice is None when the answer is over.
        """
        draft = self._draft(drafts)
        logits = self._model.step(pending + draft, len(draft) + 1)
        verified: list[Choice] = []
        choice = self._choose(logits[0])
        for place, guess in enumerate(draft, start=1):
            if choice.token != guess:
                self._model.forget(len(draft) - place + 1)
                break
            self._count(choice)
            self.tally.copied += 1
            verified.append(choice)
            if self._is_over():
                return None, verified
            choice = self._choose(logits[place])
        drafts.extend([each.token for each in verified])
        return choice, verified

    def _draft(self, drafts: Drafts) -> list[int]:
        room = self._limit - self.tally.completion
        draft = list(takewhile(lambda token: token not in self._ends, drafts.propose()[:room]))
        return draft if self._constraint is None else draft[: self._constraint.longest_valid(draft)]

    def _accept(self, choice: Choice) -> list[Choice]:
        """The choice, and what the grammar forces after it."""
        self._count(choice)
        return [choice, *(Choice(token) for token in self._forced())]

    def _count(self, choice: Choice) -> None:
        if self._constraint is not None:
            self._constraint.consume([choice.token])
        self._sampler.note(choice.token)
        self.tally.completion += 1

    def _forced(self) -> list[int]:
        if self._constraint is None:
            return []
        # Forced tokens past the limit are dropped: the constraint has them, but the answer is over.
        tokens = self._constraint.forced()[: self._limit - self.tally.completion]
        self.tally.completion += len(tokens)
        self.tally.forced += len(tokens)
        return tokens

    def _choose(self, logits: NDArray[np.float32]) -> Choice:
        allowed = None if self._constraint is None else self._constraint.allowed()
        return self._sampler.choose(logits, allowed)

    def _is_over(self) -> bool:
        if self._constraint is not None and self._constraint.is_complete:
            return True
        self.is_cut = self.tally.completion >= self._limit
        return self.is_cut
