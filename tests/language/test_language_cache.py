"""Tables of blocks: what is shared, copied, kept and given back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from beholder.language.cache import BLOCK, KEPT, Cache, CachedSequence

PROMPT = tuple(range(100))


def read(cache: Cache, ids: tuple[int, ...]) -> CachedSequence:
    """A sequence whose prompt was read."""
    sequence, _ = cache.open(ids)
    add(cache, sequence, ids[sequence.read :])
    return sequence


def add(cache: Cache, sequence: CachedSequence, ids: Sequence[int]) -> None:
    """A pass over some tokens."""
    cache.reserve(sequence, len(ids))
    sequence.tokens.extend(ids)


@pytest.mark.parametrize(
    ("count", "cached", "sizes"),
    [
        (700, 0, [256, 256, 128, 60]),
        (700, 167, [256, 256, 21]),
        (63, 0, [63]),
        (65, 0, [64, 1]),
        (64, 0, [64]),
        (0, 0, []),
    ],
)
def test_a_prompt_is_read_in_whole_tiles_and_what_is_left(count: int, cached: int, sizes: list[int]) -> None:
    """No pass has a tile and a little more, which would cost half a tile's time."""
    ends = CachedSequence(tuple(range(count)), "", list(range(cached))).ends()
    assert sizes == [end - start for start, end in pairwise((cached, *ends))]


def test_a_beginning_is_shared_by_blocks() -> None:
    """Whole blocks are the same; the one in which two prompts part is copied to a block of its own."""
    cache = Cache(64)
    first = read(cache, PROMPT)
    second, copy = cache.open((*PROMPT[:40], 7, 8, 9))
    assert 40 == second.read == second.position
    assert first.blocks[:1] == second.blocks[:1]
    assert (first.blocks[1], second.blocks[1]) == copy
    assert second.blocks[1] not in first.blocks


def test_nothing_is_copied_between_whole_blocks() -> None:
    """A beginning that ends with its block."""
    cache = Cache(64)
    first = read(cache, PROMPT)
    second, copy = cache.open((*PROMPT[:64], 7))
    assert copy is None
    assert first.blocks[:2] == second.blocks


def test_of_several_the_longest_beginning_is_taken() -> None:
    """Ended prompts and those under way alike."""
    cache = Cache(64)
    for end in (40, 70):
        cache.close(read(cache, (*PROMPT[:end], 999, 998)))
    assert 70 == cache.open((*PROMPT[:70], 1, 2))[0].read


def test_what_others_asked_is_not_found() -> None:
    """Neither while they ask nor afterwards; and each keeps their own."""
    cache = Cache(64)
    for _ in range(2):
        for owner in ("one", "other"):
            sequence, _ = cache.open(PROMPT, owner)
            add(cache, sequence, PROMPT[sequence.read :])
            assert 0 == cache.open(PROMPT)[0].read
            cache.close(sequence)
    assert [99, 99, 0] == [cache.open(PROMPT, owner)[0].read for owner in ("one", "other", "third")]


def test_an_ended_answer_is_shared_and_one_under_way_is_not() -> None:
    """What is drafted after a prompt may still be written over."""
    cache = Cache(64)
    sequence = read(cache, PROMPT)
    add(cache, sequence, range(500, 600))
    longer = (*PROMPT, *range(500, 550), 1, 2)
    other, _ = cache.open(longer)
    assert len(PROMPT) == other.read
    cache.close(other)
    sequence.hide(60)
    cache.close(sequence)
    assert len(PROMPT) + 40 == cache.open(longer)[0].read


def test_hidden_tokens_are_written_over() -> None:
    """Rejected drafts need no new blocks."""
    cache = Cache(64)
    sequence = read(cache, PROMPT)
    add(cache, sequence, range(28))
    sequence.hide(20)
    before = list(sequence.blocks)
    cache.reserve(sequence, 20)
    assert before == sequence.blocks


def test_an_ended_answer_gives_blocks_back_that_it_does_not_fill() -> None:
    """Drafts that were hidden leave none; what it said is kept for a conversation that goes on."""
    cache = Cache(64)
    sequence = read(cache, PROMPT)
    add(cache, sequence, range(300))
    sequence.hide(280)
    cache.close(sequence)
    assert 4 * BLOCK == cache.tokens
    assert cache.is_idle


def test_what_a_longer_one_begins_with_is_not_kept_twice() -> None:
    """The next turn of a conversation takes the place of the last."""
    cache = Cache(64)
    cache.close(read(cache, PROMPT))
    cache.close(read(cache, (*PROMPT, *PROMPT)))
    assert 7 * BLOCK == cache.tokens


def test_the_oldest_prompts_make_room() -> None:
    """When more is kept than may be, and when the blocks run out; what a kept prompt shares with another stays."""
    cache = Cache(4096)
    for number in range(KEPT // 100 + 5):
        cache.close(read(cache, (number, *PROMPT[1:])))
    assert cache.tokens <= KEPT * 128 / 100
    small = Cache(8)
    for number in range(5):
        small.close(read(small, (number, *PROMPT[1:])))
    assert 4 * BLOCK * 2 == small.tokens
    held = read(small, tuple(range(500, 756)))
    assert 8 == len(set(held.blocks))


def test_answers_under_way_are_never_robbed() -> None:
    """A cache that is full of them says so."""
    cache = Cache(4)
    sequence = read(cache, PROMPT)
    with pytest.raises(RuntimeError, match="full of answers under way"):
        cache.reserve(sequence, 100)
