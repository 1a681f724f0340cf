"""Which blocks of the key-value cache hold which sequence's tokens: tables, no model.

The cache is cut into blocks of 32 tokens, and a sequence's table names its blocks in their order (PagedAttention, Kwon
et al. 2023). Several sequences share a pass over the weights without seeing each other, and a prompt that begins like
another is read from where they part: whole blocks are shared, of the block in which they part the new sequence gets a
copy. In which passes a token was read makes no difference to what is cached of it
(docs/decisions/2026-11-30-same-bits-in-any-pass.md).
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
"""Tokens kept of ended sequences, the latest: 28 KiB each."""

Copy: TypeAlias = tuple[int, int]
"""The numbers of a block and of the one that it is to be copied to."""


@dataclass(eq=False, slots=True)
class CachedSequence:
    """One sequence: the tokens of its prompt, those that stand in the cache, and the blocks where, in order.

    `owner` is who asks. How much of a prompt is in the cache is told as `cached_tokens`, and felt: were it shared, one
    could find out by guessing, token by token, what others asked about.
    """

    ids: tuple[int, ...]
    owner: str = ""
    tokens: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)

    @property
    def position(self) -> int:
        """How many tokens stand in the cache."""
        return len(self.tokens)

    @property
    def read(self) -> int:
        """How many of them are the prompt's."""
        return min(len(self.tokens), len(self.ids))

    def ends(self) -> tuple[int, ...]:
        """The counts of tokens after each pass that reads what is left of the prompt.

        They take whole tiles, and the last one what is left of less than a tile.
        """
        ends: list[int] = []
        start = self.read
        while start < len(self.ids):
            left = len(self.ids) - start
            start += min(left // TILE * TILE, CHUNK) or left
            ends.append(start)
        return tuple(ends)

    def hide(self, count: int) -> None:
        """The last `count` tokens were drafts that were not accepted: the next ones are written over them."""
        del self.tokens[len(self.tokens) - count :]


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
        """Tokens that the blocks in use have room for, those of ended sequences included."""
        return BLOCK * len(self._users)

    def open(self, ids: tuple[int, ...], owner: str = "") -> tuple[CachedSequence, Copy | None]:
        """A new sequence for a prompt, with the longest beginning that is the owner's, and the block to copy for it.

        At least one token is left to read, since its logits are wanted.
        """
        # Of those under way the prompts alone: what was answered may be a draft, and be written over.
        standing = [(each.tokens, each) for each in self._ended] + [
            (each.tokens[: each.read], each) for each in self._open
        ]
        shared, like = max(
            ((_shared(ids[:-1], tokens), each) for tokens, each in standing if each.owner == owner),
            key=lambda pair: pair[0],
            default=(0, None),
        )
        sequence = CachedSequence(ids, owner, list(ids[:shared]))
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
        """The sequence is over; it is kept for a while, since a conversation goes on from its answer."""
        self._open.remove(sequence)
        self._release(sequence, keep=_blocks_of(sequence.position))
        # What a longer kept one begins with needs no keeping of its own.
        for each in [each for each in self._ended if each.owner == sequence.owner]:
            if _shared(each.tokens, sequence.tokens) == each.position:
                self._forget(each)
        self._ended.append(sequence)
        while len(self._ended) > 1 and sum(each.position for each in self._ended) > KEPT:
            self._forget(self._ended[0])

    def reserve(self, sequence: CachedSequence, count: int) -> None:
        """Blocks for the sequence's next `count` tokens. Ended ones make room, the oldest first."""
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


def _shared(ids: Sequence[int], others: Sequence[int]) -> int:
    """How many tokens both begin with."""
    common = min(len(ids), len(others))
    differ = np.flatnonzero(np.array(ids[:common], np.int64) != np.array(others[:common], np.int64))
    return int(differ[0]) if len(differ) else common
