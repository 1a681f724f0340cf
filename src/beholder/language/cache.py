"""Which places of the one key-value cache belong to which sequence: a table, no model.

All sequences stand in one cache, one place a token, in the order they were read, mixed. A sequence sees its own places
alone, by a mask. So several sequences share a pass over the weights, and one may begin with places that another read:
the same prompt's beginning is read once. Places that nobody sees any more stay until they are worth a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

CHUNK: Final = 256
"""Tokens per pass at most while reading a prompt."""

KEPT: Final = 2_048
"""Places kept of ended prompts, besides the last one's, while others are under way. Each pass looks at all places, seen
or not: about 2 ms for a thousand."""

SLACK: Final = 1_024
"""Unseen places before they are cleared away: a copy of the cache costs as much as a few dozen passes over these."""


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """A prompt's tokens, and the counts of tokens after which a pass must end: what may be shared ends there."""

    ids: tuple[int, ...]
    breaks: tuple[int, ...] = ()

    def ends(self) -> tuple[int, ...]:
        """The counts of tokens after each pass. A prompt is always read in the same passes, cached or not, so that it
        gives the same numbers."""
        ends: list[int] = []
        start = 0
        for stop in sorted({*self.breaks, len(self.ids)}):
            while start < stop:
                start = min(start + CHUNK, stop)
                ends.append(start)
        return tuple(ends)


@dataclass(eq=False, slots=True)
class CachedSequence:
    """One sequence: its prompt, and its places in the order of its tokens. `read` counts prompt tokens in the cache."""

    text: PromptTokens
    places: Places = field(default_factory=lambda: np.zeros(0, np.int64))
    read: int = 0

    @property
    def position(self) -> int:
        """Where the next token stands in the sequence."""
        return len(self.places)

    def hide(self, count: int) -> None:
        """The last `count` tokens were drafts that were not accepted: they are no longer its own."""
        self.places = self.places[: len(self.places) - count]


class Cache:
    """The table. `size` places are in use, seen or not."""

    def __init__(self) -> None:
        self.size = 0
        self._open: list[CachedSequence] = []
        self._ended: list[CachedSequence] = []

    @property
    def is_idle(self) -> bool:
        """Whether no sequence is open."""
        return not self._open

    def open(self, text: PromptTokens) -> CachedSequence:
        """A new sequence, which begins with the longest beginning that is cached.

        At least one token is left to read, since its logits are wanted. A sequence that is alone keeps nothing but its
        beginning: sums over the same places in the same order give the same bits, so that a request that is asked
        again is answered alike, whatever was asked before.
        """
        best = CachedSequence(text)
        for other in (*self._open, *self._ended):
            shared = _shared(text, other)
            if shared > best.read:
                best = CachedSequence(text, other.places[:shared], shared)
        if not self._open:
            self._ended.clear()
        self._open.append(best)
        return best

    def close(self, sequence: CachedSequence) -> None:
        """The sequence is over; its prompt is kept for a while."""
        self._open.remove(sequence)
        sequence.places = sequence.places[: sequence.read]
        # What a longer kept prompt begins with needs no keeping of its own.
        self._ended = [each for each in self._ended if _shared(each.text, sequence) < each.read - 1]
        self._ended.append(sequence)
        while len(self._ended) > 1 and sum(len(each.places) for each in self._ended[:-1]) > KEPT:
            self._ended.pop(0)

    def extend(self, sequence: CachedSequence, count: int) -> None:
        """`count` tokens of the sequence were read into the next places."""
        new = np.arange(self.size, self.size + count, dtype=np.int64)
        sequence.places = np.concatenate([sequence.places, new])
        self.size += count

    def clear_away(self) -> Places | None:
        """The places to keep, in order, once enough are unseen, or at the beginning of a sequence that is alone.

        The table then has the new order.
        """
        sequences = (*self._open, *self._ended)
        seen = np.unique(np.concatenate([np.zeros(0, np.int64), *(each.places for each in sequences)]))
        unseen = self.size - len(seen)
        is_alone = len(sequences) == 1 and sequences[0].position == sequences[0].read
        if not unseen or (unseen <= SLACK and not is_alone):
            return None
        for each in sequences:
            each.places = np.searchsorted(seen, each.places)
        self.size = len(seen)
        return seen


def _shared(text: PromptTokens, other: CachedSequence) -> int:
    """How many of `text`'s first tokens `other` has in the cache, read in the same passes."""
    ours = np.array(text.ids[: len(text.ids) - 1], np.int64)
    theirs = np.array(other.text.ids[: other.read], np.int64)
    common = min(len(ours), len(theirs))
    differ = np.flatnonzero(ours[:common] != theirs[:common])
    same = int(differ[0]) if len(differ) else common
    return max(_common_ends(text.ends(), other.text.ends(), same), default=0)


def _common_ends(ours: Sequence[int], theirs: Sequence[int], same: int) -> list[int]:
    """The pass ends up to `same` that follow the same ends."""
    return [end for end, other in zip(ours, theirs, strict=False) if end == other and end <= same]
