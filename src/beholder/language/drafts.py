"""Guesses of the next tokens, copied from the prompt; the model verifies many of them in one pass.

The method is prompt lookup decoding (Saxena, 2023; in Hugging Face transformers as `prompt_lookup_num_tokens`): values
of a grounded answer stand in the evidence, so what followed the last tokens there is what most likely follows here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LONGEST: Final = 3
"""Tokens of the answer's end that are looked up, longest first."""

DRAFT: Final = 7
"""Tokens in a draft: a pass over eight tokens costs about 1.8 times a pass over one (docs/decisions/)."""


class Drafts:
    """An index of the token sequences seen so far: prompt and answer."""

    def __init__(self, prompt: Sequence[int]) -> None:
        self._tokens: list[int] = []
        self._ends: list[dict[tuple[int, ...], int]] = [{} for _ in range(LONGEST)]
        self.extend(prompt)

    def extend(self, tokens: Sequence[int]) -> None:
        """More tokens, now part of the text."""
        for token in tokens:
            # What ends before this token is indexed only now, so that a lookup never finds itself.
            for size in range(1, LONGEST + 1):
                if len(self._tokens) >= size:
                    self._ends[size - 1][tuple(self._tokens[-size:])] = len(self._tokens)
            self._tokens.append(token)

    def propose(self) -> list[int]:
        """Up to `DRAFT` tokens that followed the same last tokens before, or none."""
        for size in range(LONGEST, 0, -1):
            start = self._ends[size - 1].get(tuple(self._tokens[-size:]))
            if start is not None:
                return self._tokens[start : start + DRAFT]
        return []
