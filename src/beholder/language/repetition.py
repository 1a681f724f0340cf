"""Whether an answer says the same again and again: taking the likeliest token, a small model may turn in a circle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LONGEST_END: Final = 16
"""Tokens of the answer's end whose last occurrence before tells how long the circle may be."""

TURNS: Final = 3
"""How often the same stands there, word for word."""

LEAST: Final = 120
"""Tokens that the turns take together: a row of equal cells or dashes is no circle yet."""


class Repetition:
    """Follows one answer."""

    def __init__(self) -> None:
        self._tokens: list[int] = []
        self._ends: dict[tuple[int, ...], int] = {}
        self.is_stuck = False
        """Whether the answer's end is the same run of tokens, `TURNS` times and `LEAST` tokens long."""

    def feed(self, tokens: Sequence[int]) -> None:
        """More tokens of the answer."""
        for token in tokens:
            self._tokens.append(token)
            end = tuple(self._tokens[-LONGEST_END:])
            period = len(self._tokens) - self._ends.get(end, len(self._tokens))
            self._ends[end] = len(self._tokens)
            self.is_stuck = self.is_stuck or (period > 0 and self._turns(period))

    def _turns(self, period: int) -> bool:
        """Whether the last tokens are runs of `period` tokens, each like the one before it."""
        whole = max(TURNS * period, -(-LEAST // period) * period)
        last = self._tokens[-whole:]
        return len(last) == whole and last[period:] == last[:-period]
