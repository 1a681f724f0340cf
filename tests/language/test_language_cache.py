"""Tables of blocks: what is shared, copied, kept and given back."""

from __future__ import annotations

from itertools import pairwise

import pytest

from beholder.language.cache import BLOCK, KEPT, Cache, CachedSequence, PromptTokens

PROMPT = tuple(range(100))


def read(cache: Cache, ids: tuple[int, ...], *breaks: int) -> CachedSequence:
    """A sequence whose prompt was read."""
    sequence, _ = cache.open(PromptTokens(ids, breaks))
    rest = len(ids) - sequence.read
    cache.reserve(sequence, rest)
    sequence.position += rest
    sequence.read += rest
    return sequence


def test_a_prompt_is_read_in_whole_tiles_and_what_is_left() -> None:
    """From break to break: no pass has a tile and a little more, which would cost half a tile's time."""
    text = PromptTokens(tuple(range(700)), (167, 572))
    sizes = [end - start for start, end in pairwise((0, *text.ends()))]
    assert [128, 39, 256, 128, 21, 128] == sizes
    assert (63,) == PromptTokens(tuple(range(63))).ends()
    assert (64, 65) == PromptTokens(tuple(range(65))).ends()
    assert () == PromptTokens(()).ends()


def test_a_beginning_is_shared_by_blocks() -> None:
    """Whole blocks are the same; the one in which two prompts part is copied to a block of its own."""
    cache = Cache(64)
    first = read(cache, PROMPT, 40)
    second, copy = cache.open(PromptTokens((*PROMPT[:40], 7, 8, 9), (40,)))
    assert 40 == second.read == second.position
    assert first.blocks[:1] == second.blocks[:1]
    assert (first.blocks[1], second.blocks[1]) == copy
    assert second.blocks[1] not in first.blocks


def test_nothing_is_copied_between_whole_blocks() -> None:
    """A beginning that ends with its block."""
    cache = Cache(64)
    first = read(cache, PROMPT, 64)
    second, copy = cache.open(PromptTokens((*PROMPT[:64], 7), (64,)))
    assert copy is None
    assert first.blocks[:2] == second.blocks


def test_of_several_the_longest_beginning_is_taken() -> None:
    """Ended prompts and those under way alike."""
    cache = Cache(64)
    for end in (40, 70):
        cache.close(read(cache, (*PROMPT[:end], 999, 998), 40, end))
    assert 70 == cache.open(PromptTokens((*PROMPT[:70], 1, 2), (40, 70)))[0].read


def test_hidden_tokens_are_written_over() -> None:
    """Rejected drafts need no new blocks."""
    cache = Cache(64)
    sequence = read(cache, PROMPT)
    cache.reserve(sequence, 28)
    sequence.position += 28
    sequence.hide(20)
    before = list(sequence.blocks)
    cache.reserve(sequence, 20)
    assert before == sequence.blocks


def test_an_ended_answer_gives_its_blocks_back() -> None:
    """But for those of its prompt, which is kept for the next one like it."""
    cache = Cache(64)
    sequence = read(cache, PROMPT)
    cache.reserve(sequence, 300)
    sequence.position += 300
    cache.close(sequence)
    assert 4 * BLOCK == cache.tokens
    assert cache.is_idle


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
