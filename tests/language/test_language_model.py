"""The real model's numbers: the same in any pass, to the bit where the processor computes in bfloat16."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest
from numpy.typing import NDArray
from same_logits import assert_same

from beholder.language.cache import CachedSequence
from beholder.language.conversion import ConvertedModel
from beholder.language.model import MappedGraph, Model, Pass

TOKENS: list[int] = np.random.default_rng(3).integers(1000, 100_000, 400).tolist()


@pytest.fixture(scope="module")
def model(real_model: ConvertedModel) -> Model:
    """The pinned model, without the server."""
    return Model(MappedGraph(real_model.graph))


def begin(model: Model, start: int, end: int) -> CachedSequence:
    """A sequence whose prompt, but for its last token, was read."""
    sequence = model.open(tuple(TOKENS[start:end]))
    while sequence.read < end - start - 1:
        ids = TOKENS[start + sequence.read : end - 1][:64]
        model.step([Pass(sequence, ids, 0, prompt=len(ids))])
    return sequence


def test_what_shares_a_pass_changes_nothing(model: Model) -> None:
    """One token, some and many have the same logits alone and beside seven others' of other lengths, at other places.

    In bfloat16, the next one after these 300 tokens would not, if a pass ran over it alone.
    """
    sequence = begin(model, 0, 300)
    others = [begin(model, place, 2 * place + 40) for place in (10, 60, 100, 130, 150, 160, 170)]
    beside = [Pass(other, TOKENS[: place + 1], 1) for place, other in enumerate(others)]
    for count in (1, 2, 3, 8, 40):
        ids = TOKENS[300 : 300 + count]
        [outcome] = model.step([Pass(sequence, ids, count)])
        alone = outcome.logits.copy()
        sequence.hide(count)
        *_, together = model.step([*beside, Pass(sequence, ids, count)])
        assert_same(alone, together.logits)
        for part in beside:
            part.sequence.hide(len(part.ids))
        sequence.hide(count)


def test_where_a_prompt_is_cut_changes_nothing(model: Model) -> None:
    """The last of 250 tokens has the same logits after pieces of any sizes."""
    prompt = TOKENS[:250][::-1]
    sequence = model.open(tuple(prompt))

    def after(*sizes: int) -> NDArray[np.float32]:
        for end in accumulate(sizes):
            [outcome] = model.step([Pass(sequence, prompt[sequence.position : end], 1)])
        sequence.hide(len(prompt))
        return outcome.logits.copy()

    whole = after(250)
    for sizes in ((64, 64, 64, 58), (3, 245, 2), (100, 17, 133), (248, 2)):
        assert sum(sizes) == len(prompt)
        assert_same(whole, after(*sizes))
