"""An answer that turns in a circle is told from one that only has equal parts."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from beholder.language.repetition import LEAST, TURNS, Repetition


def is_stuck(tokens: list[int]) -> bool:
    """Whether an answer of these tokens turns in a circle at its end."""
    repetition = Repetition()
    repetition.feed(tokens)
    return repetition.is_stuck


@pytest.mark.parametrize("period", [1, 7, 60, 300])
def test_a_circle_is_noticed_after_some_turns(period: int) -> None:
    """However long it is; not before it has been gone through several times, and for long enough."""
    beginning, turn = list(range(1000, 1050)), list(range(period))
    turns = max(TURNS, -(-LEAST // period))
    assert is_stuck(beginning + list(chain.from_iterable(repeat(turn, turns + 1))))
    assert not is_stuck(beginning + list(chain.from_iterable(repeat(turn, turns - 1))))


def test_lists_of_like_items_are_no_circle() -> None:
    """Where each says something of its own, as long as one likes."""
    assert not is_stuck([token for item in range(200) for token in (1, 2, 3, 100 + item, 5, 6, 7, 8)])
