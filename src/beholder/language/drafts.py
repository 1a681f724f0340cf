"""Guesses of the next tokens, which the model verifies in one pass: what followed the same words, or what stands next.

A pass costs about 50 ms and each token in it 6 ms more (docs/performance.md), so a guess pays from a chance of one in
nine. There are two kinds. Prompt lookup (Saxena, 2023; `prompt_lookup_num_tokens` in Hugging Face transformers):
what followed the same last tokens before. And for JSON, `page_drafts.py`, unless a run is being copied as it stands,
as a list that was told as JSON is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from beholder.language.constraint import Constraint
from beholder.language.page_drafts import PageDrafts

LONGEST: Final = 4
"""Tokens of the text's end that are looked up, longest first."""

LEAST_CHANCE: Final = 0.12
"""A token is drafted while the chance that it and all before it stand is above this: its cost in passes."""

MOST: Final = 24
"""Tokens in a draft at most."""

FIRST_CHANCES: Final = (0.35, 0.5, 0.75, 0.85)
"""The chance of each token after a match of one token, two, three and four, before anything was learned."""

COPYING: Final = 10
"""Tokens that stand in the prompt as they do at the text's end, from which on a run counts as copied."""

COPIED_CHANCE: Final = 0.96
"""The chance that a copied run goes on by another token, before anything was learned."""

SURE: Final = 48
"""Tokens of a copied run from which on it counts as a list that is copied whole: two or three of a form's pairs."""

FARTHEST: Final = 64
"""Tokens that a run is followed back at most, to find the longest of several."""

MOST_PLACES: Final = 32
"""Places, the latest, that a run is looked for at."""

LEARNING: Final = 0.15
"""Weight of the newest draft in what is learned."""


class Drafts:
    """Drafts for one answer; `page` guesses from the evidence where the answer is JSON."""

    def __init__(self, prompt: Sequence[int], page: PageDrafts | None = None) -> None:
        self._tokens: list[int] = []
        self._ends: list[dict[tuple[int, ...], int]] = [{} for _ in range(LONGEST)]
        self._places: dict[tuple[int, ...], list[int]] = {}
        self._chances = [*FIRST_CHANCES, COPIED_CHANCE]
        self._matched: tuple[int, int] | None = None
        self._page: PageDrafts | None = None
        self.extend(prompt)
        self._page = page
        self._prompt = len(prompt)
        for end in range(LONGEST, len(prompt)):
            self._places.setdefault(tuple(prompt[end - LONGEST : end]), []).append(end)

    @property
    def knows_page(self) -> bool:
        """Whether there are guesses from the evidence: such a guess may be good before anything was answered."""
        return self._page is not None

    def extend(self, tokens: Sequence[int]) -> None:
        """More tokens, now part of the text."""
        for token in tokens:
            # What ends before this token is indexed only now, so that a lookup never finds itself.
            for size in range(1, LONGEST + 1):
                if len(self._tokens) >= size:
                    self._ends[size - 1][tuple(self._tokens[-size:])] = len(self._tokens)
            self._tokens.append(token)
        if self._page is not None:
            self._page.extend(tokens)

    def propose(self, constraint: Constraint | None) -> list[int]:
        """Likely next tokens, all of them allowed by the constraint; there may be none."""
        self._matched = None
        if self._page is not None and constraint is not None:
            copied = self._copied()
            draft = copied[: constraint.longest_valid(copied)]
            if draft:
                return draft
            self._matched = None
            draft = self._page.propose(constraint)
            if draft:
                return draft[: constraint.longest_valid(draft)]
        draft = self._look_up()
        return draft if constraint is None else draft[: constraint.longest_valid(draft)]

    def sure(self, count: int) -> list[int]:
        """The next tokens, `count` at most, of a run that was copied from the prompt for so long that it is a list."""
        length, start = self._longest_run()
        return self._tokens[start : min(start + count, self._prompt)] if length >= SURE else []

    def learn(self, accepted: int) -> None:
        """How many tokens of the last draft stood."""
        if self._matched is None:
            return
        size, drafted = self._matched
        tried = min(accepted + 1, drafted)
        self._chances[size - 1] += LEARNING * (accepted / tried - self._chances[size - 1])

    def _look_up(self) -> list[int]:
        # Within JSON, a single token that was seen before says nothing.
        for size in range(LONGEST, 0 if self._page is None else 1, -1):
            start = self._ends[size - 1].get(tuple(self._tokens[-size:]))
            if start is not None:
                draft = self._tokens[start : start + self._worthwhile(self._chances[size - 1])]
                self._matched = (size, len(draft)) if draft else None
                return draft
        return []

    def _copied(self) -> list[int]:
        """What follows, in the prompt, the longest run that the text ends with, if that is long enough for a copy."""
        length, start = self._longest_run()
        if length < COPYING:
            return []
        draft = self._tokens[start : start + self._worthwhile(self._chances[LONGEST])]
        self._matched = (LONGEST + 1, len(draft)) if draft else None
        return draft

    def _longest_run(self) -> tuple[int, int]:
        """How long the longest run of the prompt is that the text ends with, and what place follows it."""
        places = self._places.get(tuple(self._tokens[-LONGEST:]), [])[-MOST_PLACES:]
        return max(((self._repeated(place), place) for place in places), default=(0, 0))

    def _repeated(self, place: int) -> int:
        """How many tokens before `place` are those that the text ends with."""
        most = min(FARTHEST, place)
        behind = zip(reversed(self._tokens[place - most : place]), reversed(self._tokens[-most:]), strict=True)
        return next((length for length, (one, other) in enumerate(behind) if one != other), most)

    def _worthwhile(self, chance: float) -> int:
        """How many tokens to draft when each stands with `chance` after the one before."""
        if chance <= LEAST_CHANCE:
            return 0
        return min(MOST, int(math.log(LEAST_CHANCE) / math.log(min(chance, 0.99))))
