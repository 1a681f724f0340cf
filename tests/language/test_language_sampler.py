"""Choosing a token from logits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from beholder.language.sampler import Sampler
from beholder.types import Sampling

SIZE = 6
LOGITS = np.log(np.array([0.05, 0.4, 0.1, 0.3, 0.1, 0.05], dtype=np.float32))


def sampler(*forbidden: int, **options: Any) -> Sampler:
    """A sampler over six tokens."""
    mask = np.zeros(SIZE, dtype=bool)
    mask[list(forbidden)] = True
    return Sampler(Sampling(**options), mask)


def drawn(count: int, logits: NDArray[np.float32] = LOGITS, **options: Any) -> list[int]:
    """Tokens drawn one after the other from the same logits."""
    chooser = sampler(**options)
    return [chooser.choose(logits, None).token for _ in range(count)]


def test_temperature_zero_takes_the_likeliest() -> None:
    """Always, whatever the seed."""
    assert {1} == {drawn(1, temperature=0.0, seed=seed)[0] for seed in range(20)}


def test_a_seed_fixes_the_draws() -> None:
    """The same seed gives the same tokens, another one others."""
    assert drawn(50, seed=7) == drawn(50, seed=7)
    assert drawn(50, seed=7) != drawn(50, seed=8)


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    """At temperature 1 the shares are the model's probabilities; a lower temperature sharpens them."""
    shares = np.bincount(drawn(4000, seed=1), minlength=SIZE) / 4000
    assert np.allclose(np.exp(LOGITS), shares, atol=0.03)
    cold = np.bincount(drawn(4000, seed=1, temperature=0.5), minlength=SIZE) / 4000
    assert np.allclose(np.exp(2 * LOGITS) / np.exp(2 * LOGITS).sum(), cold, atol=0.03)


@pytest.mark.parametrize(("top_p", "expected"), [(0.01, {1}), (0.4, {1}), (0.5, {1, 3}), (0.69, {1, 3})])
def test_top_p_keeps_the_nucleus(top_p: float, expected: set[int]) -> None:
    """Only the likeliest tokens whose probabilities together reach top_p, and at least one."""
    assert expected == set(drawn(400, seed=3, top_p=top_p))


def test_what_is_not_allowed_is_never_chosen() -> None:
    """The grammar's mask counts where there is one, the forbidden tokens elsewhere; biases lift neither."""
    allowed = np.array([False, False, True, False, True, False])
    chooser = sampler(1, seed=2, logit_bias={1: 100.0})
    assert {2, 4} == {chooser.choose(LOGITS, allowed).token for _ in range(200)}
    assert 1 not in {chooser.choose(LOGITS, None).token for _ in range(200)}


def test_a_bias_moves_a_token() -> None:
    """+100 is all but certain, -100 all but impossible; an id beyond the vocabulary is ignored."""
    assert {5} == set(drawn(100, seed=4, logit_bias={5: 100.0, 999: 100.0}))
    assert 1 not in drawn(300, seed=4, logit_bias={1: -100.0})


def test_penalties_count_what_was_said() -> None:
    """The presence penalty counts once, the frequency penalty every time."""
    presence = sampler(temperature=0.0, presence_penalty=0.2)
    frequency = sampler(temperature=0.0, frequency_penalty=0.1)
    for chooser in (presence, frequency):
        for _ in range(5):
            chooser.note(1)
    assert 1 == presence.choose(LOGITS, None).token
    assert 3 == frequency.choose(LOGITS, None).token


def test_log_probabilities_are_the_models_own() -> None:
    """Before temperature and penalties; as many alternatives as were asked for, the likeliest first."""
    choice = sampler(temperature=0.0, top_logprobs=3, presence_penalty=1.0).choose(LOGITS + 5, None)
    assert pytest.approx(np.log(0.4), abs=1e-5) == choice.logprob
    assert [1, 3] == [token for token, _ in choice.top[:2]]
    assert 3 == len(choice.top)
    assert pytest.approx([np.log(0.4), np.log(0.3), np.log(0.1)], abs=1e-5) == [value for _, value in choice.top]
    assert () == sampler(temperature=0.0, top_logprobs=0).choose(LOGITS, None).top


def test_a_near_tie_falls_to_what_is_preferred() -> None:
    """Not where another token is far ahead, nor against the grammar; log-probabilities stay the model's own."""
    chooser = sampler(temperature=0.0, top_logprobs=0)
    choice = chooser.choose(LOGITS, None, 3)
    assert 3 == choice.token
    assert np.isclose(np.log(0.3), choice.logprob)
    assert 1 == chooser.choose(LOGITS, None, 0).token
    assert 1 == chooser.choose(LOGITS, np.array([True, True, True, False, True, True]), 3).token
