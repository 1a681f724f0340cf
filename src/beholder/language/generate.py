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
from beholder.language.separators import Separators


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
        self,
        model: Model,
        sampler: Sampler,
        constraint: Constraint | None,
        *,
        ends: frozenset[int],
        limit: int,
        separators: Separators | None = None,
    ) -> None:
        self._model = model
        self._sampler = sampler
        self._constraint = constraint
        self._ends = ends
        self._limit = limit
        self._separators = separators
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
            if self._is_over():
                return
            drafts.extend(forced)
            logits = self._model.step(forced, 1)
        choice: Choice | None = self._settle(logits[-1])
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
        for row, guess in zip(logits, draft, strict=False):
            if self._is_doubtful(row):
                break
            choice = self._choose(row)
            if choice.token != guess:
                self._model.forget(len(draft) - len(verified))
                drafts.extend([each.token for each in verified])
                return choice, verified
            self._count(choice)
            self.tally.copied += 1
            verified.append(choice)
            if self._is_over():
                return None, verified
        self._model.forget(len(draft) - len(verified))
        drafts.extend([each.token for each in verified])
        return self._settle(logits[len(verified)]), verified

    def _is_doubtful(self, row: NDArray[np.float32]) -> bool:
        return self._separators is not None and self._separators.is_doubtful(int(row.argmax()))

    def _settle(self, row: NDArray[np.float32]) -> Choice:
        """The choice after all that is in the cache; a comma that only groups digits is shown and left out.

        See `separators.py`. The comma stays in the cache, where the model expects it.
        """
        if self._separators is None or not self._is_doubtful(row):
            return self._choose(row)
        before = row.copy()
        after = self._model.step([self._separators.comma], 1)[-1]
        if self._separators.is_digit(int(after.argmax())):
            return self._choose(after)
        self._model.forget(1)
        return self._choose(before)

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
        self._watch([choice.token])
        self.tally.completion += 1

    def _forced(self) -> list[int]:
        if self._constraint is None:
            return []
        tokens = self._constraint.forced()
        room = self._limit - self.tally.completion
        # Forced tokens past the limit are dropped, though the constraint has them and may be complete.
        self.is_cut = len(tokens) > room
        tokens = tokens[:room]
        self.tally.completion += len(tokens)
        self.tally.forced += len(tokens)
        self._watch(tokens)
        return tokens

    def _watch(self, tokens: Sequence[int]) -> None:
        if self._separators is not None:
            self._separators.feed(tokens)

    def _choose(self, logits: NDArray[np.float32]) -> Choice:
        allowed = None if self._constraint is None else self._constraint.allowed()
        return self._sampler.choose(logits, allowed)

    def _is_over(self) -> bool:
        if self.is_cut or (self._constraint is not None and self._constraint.is_complete):
            return True
        self.is_cut = self.tally.completion >= self._limit
        return self.is_cut
