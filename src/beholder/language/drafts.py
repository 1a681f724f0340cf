"""Guesses of the next tokens, which the model verifies in one pass: what followed the same words, or what stands next.

A pass costs about 50 ms and each token in it 6 ms more (docs/performance.md), so a guess pays from a chance of one in
nine. There are two kinds. Prompt lookup (Saxena, 2023; `prompt_lookup_num_tokens` in Hugging Face transformers):
what followed the same last tokens before. And for JSON, `page_drafts.py`.
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

LEARNING: Final = 0.15
"""Weight of the newest draft in what is learned."""


class Drafts:
    """Drafts for one answer; `page` guesses from the evidence where the answer is JSON."""

    def __init__(self, prompt: Sequence[int], page: PageDrafts | None = None) -> None:
        self._tokens: list[int] = []
        self._ends: list[dict[tuple[int, ...], int]] = [{} for _ in range(LONGEST)]
        self._chances = list(FIRST_CHANCES)
        self._matched: tuple[int, int] | None = None
        self._page: PageDrafts | None = None
        self.extend(prompt)
        self._page = page

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
            draft = self._page.propose(constraint)
            if draft:
                return draft[: constraint.longest_valid(draft)]
        draft = self._look_up()
        return draft if constraint is None else draft[: constraint.longest_valid(draft)]

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

    def _worthwhile(self, chance: float) -> int:
        """How many tokens to draft when each stands with `chance` after the one before."""
        if chance <= LEAST_CHANCE:
            return 0
        return min(MOST, int(math.log(LEAST_CHANCE) / math.log(min(chance, 0.99))))
