"""How alike two texts are: edit distance, similarity, and whether one stands in the other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Final

ALIKE: Final = 0.8
"""Least similarity of two texts that count as the same: the sets' own threshold (funsd_test, ui_elements)."""


def levenshtein(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Insertions, deletions and substitutions from one sequence to the other (Myers 1999, bit-parallel)."""
    return _distance(one, other, anywhere=False)


def distance_inside(pattern: Sequence[Hashable], text: Sequence[Hashable]) -> int:
    """The least edit distance of `pattern` to any stretch of `text`."""
    return _distance(pattern, text, anywhere=True)


def _distance(pattern: Sequence[Hashable], text: Sequence[Hashable], *, anywhere: bool) -> int:
    size = len(pattern)
    if not size:
        return 0 if anywhere else len(text)
    places: dict[Hashable, int] = {}
    for index, symbol in enumerate(pattern):
        places[symbol] = places.get(symbol, 0) | 1 << index
    full, last = (1 << size) - 1, 1 << (size - 1)
    plus, minus, distance, least = full, 0, size, size
    for symbol in text:
        equal = places.get(symbol, 0)
        vertical = equal | minus
        horizontal = (((equal & plus) + plus) ^ plus) | equal
        up, down = minus | (full & ~(horizontal | plus)), plus & horizontal
        distance += bool(up & last) - bool(down & last)
        least = min(least, distance)
        # A match that may begin anywhere pays nothing for what stands before it.
        up, down = up << 1 | (not anywhere), down << 1
        plus, minus = full & (down | ~(vertical | up)), full & up & vertical
    return least if anywhere else distance


@lru_cache(maxsize=200_000)
def similarity(one: str, other: str) -> float:
    """1 - edit distance / length of the longer text: 1 for equal texts, 0 for texts without anything in common."""
    longest = max(len(one), len(other))
    return 1 - levenshtein(one, other) / longest if longest else 1.0


def squeeze(text: str) -> str:
    """Lower case, each run of white space one space."""
    return " ".join(text.casefold().split())


def letters(text: str) -> str:
    """Upper case, letters and digits only."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def stands_in(text: str, read: str) -> bool:
    """Whether the letters and digits of `text` stand in `read`, misread letters allowed (similarity of 0.8)."""
    wanted, found = letters(text), letters(read)
    return bool(wanted) and (wanted in found or 1 - distance_inside(wanted, found) / len(wanted) >= ALIKE)
