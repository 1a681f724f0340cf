"""One answer: read the prompt, then choose, force and verify tokens until the end, a pass at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import takewhile
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from beholder.language.cache import TILE, CachedSequence
from beholder.language.constraint import Constraint
from beholder.language.draft_head import DraftHead, Guess
from beholder.language.drafts import Drafts
from beholder.language.model import Logits, Outcome, Pass
from beholder.language.pass_costs import INTEGER
from beholder.language.repetition import Repetition
from beholder.language.sampler import Choice, Sampler
from beholder.language.separators import Separators

Steps: TypeAlias = Generator[Pass | list[Choice], Outcome | None, None]
"""Yields tokens as they are decided, and the passes it needs, to which their outcomes are sent."""


@dataclass(slots=True)
class Tally:
    """What an answer took: cached prompt tokens, answer tokens, and how these came about."""

    cached: int = 0
    completion: int = 0
    forced: int = 0
    copied: int = 0
    passes: int = 0
    prompt_passes: int = 0

    def __add__(self, other: Tally) -> Tally:
        """What both took."""
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


class Generation:
    """One answer on one sequence.

    `free` tells how many tokens cost the next pass little, which then takes unlikely guesses too. `is_cut` tells
    afterwards that it did not end by itself: by the token limit, or saying the same again and again.
    """

    def __init__(
        self,
        sequence: CachedSequence,
        sampler: Sampler,
        constraint: Constraint | None,
        drafts: Drafts,
        *,
        ends: frozenset[int],
        limit: int,
        separators: Separators | None = None,
        draft_head: DraftHead | None = None,
        free: Callable[[], int] = lambda: INTEGER.free,
    ) -> None:
        self._sequence = sequence
        self._sampler = sampler
        self._constraint = constraint
        self._drafts = drafts
        self._ends = ends
        self._limit = limit
        self._separators = separators
        self._draft_head = draft_head
        self._state: NDArray[np.float32] | None = None
        self._free = free
        # In JSON, equal rows are the page's: a grammar's answers end with their schema or their limit.
        self._repetition = Repetition() if constraint is None else None
        self.tally = Tally(cached=sequence.read)
        self.is_cut = False

    def run(self) -> Steps:
        """The steps of the answer; close it to stop early."""
        last = yield from self._read()
        forced = self._forced()
        self._drafts.extend(forced)
        choice: Choice | None = None
        verified: list[Choice] = []
        if not forced or not self._is_over():
            choice, verified = yield from self._verify(forced, prompt=last)
        if forced or verified:
            yield [*(Choice(token) for token in forced), *verified]
        while choice is not None and choice.token not in self._ends:
            accepted = self._accept(choice)
            self._drafts.extend([each.token for each in accepted])
            yield accepted
            if self._is_over():
                return
            choice, verified = yield from self._verify([each.token for each in accepted])
            if verified:
                yield verified

    def _read(self) -> Generator[Pass, Outcome | None, Sequence[int]]:
        """Read the prompt in its passes but the last, whose tokens are returned: the answer's first ones join it."""
        sequence = self._sequence
        for end in sequence.ends()[:-1]:
            ids = sequence.ids[sequence.read : end]
            yield from self._step(ids, 0, prompt=len(ids))
        return sequence.ids[sequence.read :]

    def _step(self, ids: Sequence[int], wanted: int, *, prompt: int = 0) -> Generator[Pass, Outcome | None, Outcome]:
        outcome = yield Pass(self._sequence, ids, wanted, prompt=prompt)
        self.tally.passes += 1
        self.tally.prompt_passes += prompt > 0
        assert outcome is not None
        return outcome

    def _verify(
        self, pending: Sequence[int], *, prompt: Sequence[int] = ()
    ) -> Generator[Pass, Outcome | None, tuple[Choice | None, list[Choice]]]:
        """One pass over the pending tokens and a draft; returns the draft's accepted tokens and the choice after them.

        `prompt` is what of the prompt is still to be read before them. The choice is None when the answer is over.
        """
        draft = [] if prompt and not self._drafts.knows_page else self._draft(len(prompt), pending)
        sure = self._sure(len(draft))
        outcome = yield from self._step([*prompt, *pending, *draft], len(draft) + 1, prompt=len(prompt))
        logits = outcome.logits
        verified: list[Choice] = []
        choice: Choice | None = None
        for place, (row, guess) in enumerate(zip(logits, draft, strict=False)):
            if self._is_doubtful(row):
                break
            is_sure = place < len(sure) and draft[:place] == sure[:place]
            choice = self._choose(row, sure[place] if is_sure else None)
            if choice.token != guess:
                break
            self._count(choice)
            self.tally.copied += 1
            verified.append(choice)
            choice = None
            if self._is_over():
                self._end_draft(draft, verified, logits)
                return None, verified
        self._end_draft(draft, verified, logits)
        self._state = outcome.states[len(verified)].copy()
        return choice or (yield from self._settle(logits[len(verified)])), verified

    def _end_draft(self, draft: list[int], verified: list[Choice], logits: Logits) -> None:
        self._sequence.hide(len(draft) - len(verified))
        self._drafts.extend([each.token for each in verified])
        self._drafts.learn(draft, len(verified), logits[1:].argmax(axis=1).tolist())

    def _is_doubtful(self, row: NDArray[np.float32]) -> bool:
        return self._separators is not None and self._separators.is_doubtful(int(row.argmax()))

    def _settle(self, row: NDArray[np.float32]) -> Generator[Pass, Outcome | None, Choice]:
        """The choice after all that is in the cache, of which `row` tells; a comma that only groups digits is
        shown and left out.

        See `separators.py`. The comma stays in the cache, where the model expects it.
        """
        if self._separators is None or not self._is_doubtful(row):
            return self._choose(row, next(iter(self._sure(1)), None))
        before = row.copy()
        after = yield from self._step([self._separators.comma], 1)
        if self._separators.is_digit(int(after.logits[-1].argmax())):
            self._state = after.states[-1].copy()
            return self._choose(after.logits[-1])
        self._sequence.hide(1)
        return self._choose(before)

    def _sure(self, count: int) -> list[int]:
        """How a list that was told goes on, if JSON copies it."""
        return [] if self._constraint is None else self._drafts.sure(count)

    def _draft(self, prompt: int, pending: Sequence[int]) -> list[int]:
        """Guesses of the next tokens, for a pass that reads `prompt` others and the pending ones before them."""
        read = prompt + len(pending)
        draft = self._drafts.propose(self._constraint, self._free() - read, self._ahead(pending))
        draft = draft[: self._limit - self.tally.completion]
        # Another tile would cost as much as the next pass, which guesses better what would stand there.
        draft = draft[: -read % TILE]
        return list(takewhile(lambda token: token not in self._ends, draft))

    def _ahead(self, pending: Sequence[int]) -> Iterator[Guess]:
        """What follows the one pending token, by the state that it was chosen from."""
        if self._draft_head is None or self._state is None or len(pending) != 1:
            return iter(())
        return self._draft_head.guesses(self._state, pending[0])

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
        if self._repetition is not None:
            self._repetition.feed(tokens)

    def _choose(self, logits: NDArray[np.float32], preferred: int | None = None) -> Choice:
        allowed = None if self._constraint is None else self._constraint.allowed()
        return self._sampler.choose(logits, allowed, preferred)

    def _is_over(self) -> bool:
        if self.is_cut or (self._constraint is not None and self._constraint.is_complete):
            return True
        is_stuck = self._repetition is not None and self._repetition.is_stuck
        self.is_cut = is_stuck or self.tally.completion >= self._limit
        return self.is_cut
