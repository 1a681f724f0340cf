"""Which blocks of the key-value cache hold which sequence's tokens: tables, no model.

The cache is cut into blocks of 32 tokens, and a sequence's table names its blocks in their order (PagedAttention, Kwon
et al. 2023). Several sequences share a pass over the weights without seeing each other, and a prompt that begins like
another is read from where they part: whole blocks are shared, of the block in which they part the new sequence gets a
copy.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

BLOCK: Final = 32
"""Tokens in a block, as OpenVINO's attention on the CPU has them."""

TILE: Final = 64
"""Tokens that OpenVINO's products take at a time: one more than whole tiles costs half of what a tile does."""

CHUNK: Final = 4 * TILE
"""Tokens per pass at most while reading a prompt: about a second, after which it can be stopped."""

KEPT: Final = 8_192
"""Tokens kept of ended prompts, the latest: 28 KiB each."""

Copy: TypeAlias = tuple[int, int]
"""The numbers of a block and of the one that it is to be copied to."""


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """A prompt's tokens, and the counts of tokens after which a pass must end: what may be shared ends there."""

    ids: tuple[int, ...]
    breaks: tuple[int, ...] = ()

    def ends(self) -> tuple[int, ...]:
        """The counts of tokens after each pass. A prompt is always read in the same passes, cached or not, so that it
        gives the same numbers. They take whole tiles, and one what is left of less than a tile."""
        ends: list[int] = []
        start = 0
        for stop in sorted({*self.breaks, len(self.ids)}):
            while start < stop:
                left = stop - start
                start += min(left // TILE * TILE, CHUNK) or left
                ends.append(start)
        return tuple(ends)


@dataclass(eq=False, slots=True)
class CachedSequence:
    """One sequence: its prompt, its blocks in order, and how many tokens stand in them, `read` of them the prompt's."""

    text: PromptTokens
    blocks: list[int] = field(default_factory=list)
    position: int = 0
    read: int = 0

    def hide(self, count: int) -> None:
        """The last `count` tokens were drafts that were not accepted: the next ones are written over them."""
        self.position -= count


class Cache:
    """The tables of `blocks` blocks. The lowest free ones are taken first: no more memory is touched than is used."""

    def __init__(self, blocks: int) -> None:
        self._free = list(range(blocks))
        self._users: Counter[int] = Counter()
        self._open: list[CachedSequence] = []
        self._ended: list[CachedSequence] = []

    @property
    def is_idle(self) -> bool:
        """Whether no sequence is open."""
        return not self._open

    @property
    def tokens(self) -> int:
        """Tokens that the blocks in use have room for, those of ended prompts included."""
        return BLOCK * len(self._users)

    def open(self, text: PromptTokens) -> tuple[CachedSequence, Copy | None]:
        """A new sequence, which begins with the longest beginning that is cached, and the block to copy for it.

        At least one token is left to read, since its logits are wanted.
        """
        shared, like = max(
            ((_shared(text, other), other) for other in (*self._ended, *self._open)),
            key=lambda pair: pair[0],
            default=(0, None),
        )
        sequence = CachedSequence(text, position=shared, read=shared)
        copy = None
        if like is not None and shared:
            whole, part = divmod(shared, BLOCK)
            source = like.blocks[whole] if part else None
            sequence.blocks = like.blocks[:whole]
            self._users.update(sequence.blocks)
            if source is not None:
                sequence.blocks.append(self._take())
                copy = (source, sequence.blocks[-1])
        self._open.append(sequence)
        return sequence, copy

    def close(self, sequence: CachedSequence) -> None:
        """The sequence is over; its prompt is kept for a while."""
        self._open.remove(sequence)
        sequence.position = sequence.read
        self._release(sequence, keep=_blocks_of(sequence.read))
        # What a longer kept prompt begins with needs no keeping of its own.
        for shorter in [each for each in self._ended if _shared(each.text, sequence) >= each.read - 1]:
            self._forget(shorter)
        self._ended.append(sequence)
        while len(self._ended) > 1 and sum(each.read for each in self._ended) > KEPT:
            self._forget(self._ended[0])

    def reserve(self, sequence: CachedSequence, count: int) -> None:
        """Blocks for the sequence's next `count` tokens. Ended prompts make room, the oldest first."""
        while len(sequence.blocks) < _blocks_of(sequence.position + count):
            sequence.blocks.append(self._take())

    def _take(self) -> int:
        while not self._free and self._ended:
            self._forget(self._ended[0])
        if not self._free:
            raise RuntimeError("the key-value cache is full of answers under way; nobody should have begun another one")
        block = heapq.heappop(self._free)
        self._users[block] = 1
        return block

    def _forget(self, ended: CachedSequence) -> None:
        self._ended.remove(ended)
        self._release(ended, keep=0)

    def _release(self, sequence: CachedSequence, *, keep: int) -> None:
        for block in sequence.blocks[keep:]:
            self._users[block] -= 1
            if not self._users[block]:
                del self._users[block]
                heapq.heappush(self._free, block)
        del sequence.blocks[keep:]


def _blocks_of(tokens: int) -> int:
    return -(-tokens // BLOCK)


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
