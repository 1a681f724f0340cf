"""One answer, token by token, from logits that are made up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_qwen import tiny_model

from beholder.language.cache import CachedSequence
from beholder.language.constraint import Constraint, Grammars
from beholder.language.draft_head import Guess
from beholder.language.drafts import NOTHING, Drafts
from beholder.language.generate import Generation
from beholder.language.model import Outcome, Pass
from beholder.language.pass_costs import INTEGER
from beholder.language.sampler import Sampler
from beholder.types import Sampling

LIKELY = 20.0


def outcome(logits: NDArray[np.float32]) -> Outcome:
    """Of a pass whose states nobody looks at."""
    return Outcome(logits, np.zeros((len(logits), 1), np.float32))


def copied(told: str, *, at: str, rival: str, ahead: float) -> str:
    """What is answered where the list `told` stands in the prompt and is the likeliest, but for one token.

    At the last `at`, the likeliest token is `rival`, by `ahead` logits.
    """
    tokenizer = tiny_model().tokenizer()
    target = tokenizer.encode(told)
    turn = len(tokenizer.encode(told[: told.rindex(at)]))
    constraint = Grammars(tokenizer).json({"type": "array"}, "response_format")
    sampler = Sampler(Sampling(temperature=0), np.zeros(tokenizer.vocabulary_size, dtype=bool))
    sequence = CachedSequence(tuple(target))
    steps = Generation(
        sequence, sampler, constraint, Drafts(target), ends=frozenset(), limit=len(target), separators=None
    ).run()

    def logits(place: int) -> NDArray[np.float32]:
        row = np.zeros(tokenizer.vocabulary_size, dtype=np.float32)
        row[target[min(place, len(target) - 1)]] = LIKELY
        if place == turn:
            row[tokenizer.encode(rival)[0]] = LIKELY + ahead
        return row

    answered: list[int] = []
    sent = None
    while True:
        try:
            step = steps.send(sent)
        except StopIteration:
            return b"".join(map(tokenizer.token_bytes, answered)).decode()
        sent = None
        if isinstance(step, Pass):
            # What the grammar forces at the beginning is read with the prompt, and told after it.
            begun = len(answered) + (len(step.ids) - step.prompt - step.wanted + 1 if step.prompt else 0)
            rows = [logits(begun + number) for number in range(step.wanted)]
            sent = outcome(np.array(rows, dtype=np.float32).reshape(step.wanted, tokenizer.vocabulary_size))
        else:
            answered += [choice.token for choice in step]


NAMES = ("an", "inn", "other", "net", "tin", "ten", "man", "rat", "hat")
TOLD = json.dumps([f"{name} of the total" for name in NAMES], separators=(",", ":"))


@pytest.mark.parametrize(("ahead", "expected"), [(1.0, True), (3.0, False)])
def test_a_list_that_is_copied_is_left_only_for_something_much_likelier(ahead: float, expected: bool) -> None:
    """A near tie after a long copied run falls to how the list goes on."""
    assert expected == (TOLD == copied(TOLD, at="hat", rival="x", ahead=ahead))


def test_a_short_run_is_no_list() -> None:
    """What was copied for a few words only is left for anything likelier."""
    assert TOLD[:30] != copied(TOLD[:30] + '"]', at="n of", rival="x", ahead=1.0)[:30]


def counted(prompt: Sequence[int], limit: int, drafts: type[Drafts] = Drafts) -> tuple[list[int], list[Sequence[int]]]:
    """What is answered where each token calls for the next number, and what each pass reads."""
    sequence = CachedSequence(tuple(prompt))
    sampler = Sampler(Sampling(temperature=0), np.zeros(512, dtype=bool))
    steps = Generation(sequence, sampler, None, drafts(prompt), ends=frozenset(), limit=limit).run()
    answered: list[int] = []
    read: list[Sequence[int]] = []
    sent = None
    while True:
        try:
            step = steps.send(sent)
        except StopIteration:
            return answered, read
        sent = None
        if isinstance(step, Pass):
            read.append(list(step.ids))
            sequence.tokens.extend(step.ids)
            sent = outcome(
                np.eye(512, dtype=np.float32)[[token + 1 for token in step.ids[len(step.ids) - step.wanted :]]]
            )
        else:
            answered += [choice.token for choice in step]


def test_what_was_foretold_beside_a_wrong_guess_saves_a_pass() -> None:
    """The prompt suggests other tokens, which the answer comes to later."""
    answered, read = counted([token for number in range(5) for token in (number, number + 5)] + [0], 9)
    assert list(range(1, 10)) == answered
    assert [1, 6, 2] == read[1]
    assert any([6, 7] == ids[:2] for ids in read)
    assert len(read) < len(answered)
    assert all(len(ids) <= INTEGER.free for ids in read[1:])


class Eager(Drafts):
    """Guesses that go on for long, all of them right."""

    @property
    def knows_page(self) -> bool:
        """So that it guesses at once."""
        return True

    def propose(self, constraint: Constraint | None, room: int = 0, ahead: Iterator[Guess] = NOTHING) -> list[int]:
        """The next hundred numbers."""
        return list(range(self._tokens[-1] + 1, self._tokens[-1] + 101))


@pytest.mark.parametrize(
    ("prompt", "sizes"),
    [
        pytest.param(40, [64, 64], id="what would begin another tile waits"),
        pytest.param(64, [64, 64], id="all of it where a tile is full"),
        pytest.param(20, [64, 64], id="however much of it that is"),
    ],
)
def test_a_draft_fills_tiles(prompt: int, sizes: Sequence[int]) -> None:
    """A pass with a draft ends with a tile at the latest."""
    answered, read = counted(range(prompt), 200, Eager)
    assert list(range(prompt, prompt + 200)) == answered
    assert sizes == [len(ids) for ids in read[:2]]
