"""Guesses from the model's own state: the head's numbers, how much they are believed, and that no answer changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray
from same_logits import IS_EXACT

from beholder.language.answer import TextModel
from beholder.language.conversion import ConvertedModel
from beholder.language.draft_head import MOST, DraftHead, Trust, Weights
from beholder.language.drafts import Drafts
from beholder.language.model import Pass
from beholder.language.quantize import Layout, Quantized, quantize
from beholder.types import Finish, Job, Sampling, Started, TextDelta, TextPart, Turn, Usage
from beholder.weights import QWEN

WIDTH, HIDDEN, VOCABULARY, KNOWN = 256, 128, 60, 40
CLOSE: Final = 0.03
"""Chances are calculated in bfloat16, where the processor has that."""

Matrix = NDArray[np.float32]


def plain(stored: Quantized) -> Matrix:
    """A matrix as it is after quantization."""
    values: Matrix = stored.values.astype(np.float32) * stored.scales.astype(np.float32)
    return values.reshape(len(stored.values), -1)


def matrix(draw: np.random.Generator, rows: int, columns: int, size: float) -> Quantized:
    """A random matrix in eight bits."""
    return quantize(draw.normal(0, size, (rows, columns)).astype(np.float32), Layout(bits=8, group=128))


@pytest.fixture(scope="module")
def weights() -> Weights:
    """A head whose weights are noise."""
    draw = np.random.default_rng(5)
    return Weights(
        from_state=matrix(draw, HIDDEN, WIDTH, 0.05),
        from_token=matrix(draw, HIDDEN, WIDTH, 0.1),
        to_state=matrix(draw, WIDTH, HIDDEN, 0.1),
        hidden_bias=draw.normal(0, 0.1, HIDDEN).astype(np.float32),
        state_bias=draw.normal(0, 0.1, WIDTH).astype(np.float32),
        kept=draw.uniform(0, 0.5, WIDTH).astype(np.float32),
        tokens=np.sort(draw.choice(VOCABULARY, KNOWN, replace=False)).astype(np.int64),
        token_bias=draw.normal(0, 0.1, KNOWN).astype(np.float32),
        temperature=1.5,
    )


@pytest.fixture(scope="module")
def rows() -> Quantized:
    """The output matrix of a model that it could be for."""
    return matrix(np.random.default_rng(6), VOCABULARY, WIDTH, 0.3)


def expected(weights: Weights, rows: Quantized, state: Matrix, token: int) -> Iterator[tuple[int, float]]:
    """The guesses, calculated in NumPy."""
    embeddings = plain(rows)
    while True:
        inner = plain(weights.from_state) @ state + plain(weights.from_token) @ embeddings[token] + weights.hidden_bias
        state = weights.kept * state + plain(weights.to_state) @ (inner / (1 + np.exp(-inner))) + weights.state_bias
        scores = (embeddings[weights.tokens] @ state + weights.token_bias) / weights.temperature
        chances = np.exp(scores - scores.max())
        token = int(weights.tokens[chances.argmax()])
        yield token, float(chances.max() / chances.sum())


def test_guesses_are_what_the_weights_tell(weights: Weights, rows: Quantized) -> None:
    """Of ten states, each guess and its chance, from one state to the next."""
    head = DraftHead(weights, rows)
    draw, ties = np.random.default_rng(7), 0
    for token in range(10):
        state = draw.normal(0, 1, WIDTH).astype(np.float32)
        guesses = list(head.guesses(state, token))
        wanted = expected(weights, rows, state, token)
        assert MOST == len(guesses)
        for guess, (right, chance) in zip(guesses[:3], wanted, strict=False):
            assert abs(chance - guess[1]) < CLOSE
            if right != guess[0]:
                ties += 1
                break
    assert ties <= 1


def test_weights_are_what_was_written(weights: Weights) -> None:
    """All arrays and the temperature come back."""
    again = Weights.read(weights.write())
    assert replace(weights, temperature=0).temperature != again.temperature == weights.temperature
    for name in ("hidden_bias", "state_bias", "kept", "tokens", "token_bias"):
        assert np.array_equal(getattr(weights, name), getattr(again, name))
    for name in ("from_state", "from_token", "to_state"):
        assert np.array_equal(plain(getattr(weights, name)), plain(getattr(again, name)))


def test_a_head_belongs_to_one_model(real_model: ConvertedModel) -> None:
    """The default model has one, whose tokens and width are that model's; another has none."""
    assert Weights.of("0" * 16) is None
    found = Weights.of(real_model.origin)
    assert found is not None
    assert real_model.origin == QWEN.sha256[:16]
    assert 1536 == found.kept.size
    assert 0 <= found.tokens.min() < found.tokens.max() < real_model.description.vocabulary
    assert len(set(found.tokens.tolist())) == len(found.tokens) == len(found.token_bias)


def test_chances_are_believed_as_far_as_they_come_true() -> None:
    """Guesses that stand more or less often than they should move it; never above what the head tells."""
    hopeful, doubtful = Trust(), Trust()
    before = hopeful.share
    for _ in range(40):
        for trust in (hopeful, doubtful):
            trust.ask(0.8)
            trust.ask(0.8)
        hopeful.learn(2)
        doubtful.learn(0)
    assert doubtful.share < 0.1 < before < hopeful.share <= 1
    cut = Trust()
    cut.ask(0.9)
    cut.forget()
    cut.learn(0)
    assert before == pytest.approx(cut.share)


def told(*guesses: tuple[int, float]) -> Iterator[tuple[int, float]]:
    """Guesses; it is a fault to ask for more."""
    yield from guesses
    raise AssertionError("more was asked for than may be used")


def test_the_likelier_guess_is_drafted() -> None:
    """What followed two tokens before stands in half of all cases; what the state tells must be likelier."""
    text = [1, 2, 30, 31, 1, 2]
    assert 30 == Drafts(text).propose(None)[0]
    assert [40] == Drafts(text).propose(None, ahead=told((40, 0.9), (41, 0.05)))
    assert 30 == Drafts(text).propose(None, ahead=told((40, 0.2)))[0]
    assert [40] == Drafts([1, 2]).propose(None, ahead=told((40, 0.4), (41, 0.3)))
    assert [] == Drafts([1, 2]).propose(None, ahead=told((40, 0.1)))


def test_room_is_filled_with_what_the_state_tells() -> None:
    """As many guesses as cost nothing, and not one more is calculated than can be used; below a quarter, what was
    foretold has the place."""
    assert [40, 41] == Drafts([1, 2]).propose(None, 2, told((40, 0.35), (41, 0.35)))
    assert [40] == Drafts([1, 2]).propose(None, 2, told((40, 0.35), (41, 0.1)))
    foretold = Drafts([1, 2])
    foretold.learn([2], 0, [50])
    assert [50] == foretold.propose(None, 1, told((40, 0.1)))
    assert [40] == foretold.propose(None, 1, told((40, 0.5), (41, 0.1)))
    assert [40, 41, 42] == Drafts([1, 2]).propose(None, 2, told((40, 0.9), (41, 0.9), (42, 0.9), (43, 0.01)))


def test_what_both_tell_goes_on_as_the_text_did() -> None:
    """The state tells the token that followed before: what stood behind it there is drafted, and learned from."""
    text = [1, 2, 30, 31, 1, 2]
    assert [30, 31] == Drafts(text).propose(None, ahead=told((30, 0.9), (40, 0.3), (41, 0.05)))[:2]
    assert [33] == Drafts(text).propose(None, ahead=told((33, 0.9), (40, 0.05)))


def test_a_run_that_was_copied_for_long_needs_no_state() -> None:
    """Its next tokens are taken without a look at anything else."""
    page = list(range(100, 160))
    drafts = Drafts([*page, *page[:20]])
    for _ in range(5):
        drafted = drafts.propose(None)
        drafts.learn(drafted, len(drafted), drafted)
    assert page[20:24] == drafts.propose(None, ahead=told())[:4]


def answered(model: TextModel, head: DraftHead | None) -> tuple[str, int]:
    """A text and the passes that it took."""
    model._draft_head = head
    asked = "Describe how to review the design of a web page: layout, typography and colors."
    job = Job((Turn("user", (TextPart(asked),)),), sampling=Sampling(temperature=0, max_tokens=100))
    work, outcome, text, passes = model.answer(job, {}), None, "", 0
    while True:
        event = work.send(outcome)
        outcome = None
        match event:
            case Pass():
                [outcome] = model.perform([event])
            case TextDelta():
                text += event.text
            case Usage():
                passes = event.passes - event.prompt_passes
            case Finish():
                return text, passes
            case _:
                assert isinstance(event, Started)


def test_a_text_is_the_same_in_fewer_passes(real_model: ConvertedModel) -> None:
    """The real model with its head, and without."""
    model = TextModel(real_model, threads=0, context_tokens=2048)
    head = model._draft_head
    assert head is not None
    text, passes = answered(model, None)
    same, fewer = answered(model, head)
    # In float32 the last bits depend on the length of a pass, and with them what is a tie.
    assert text == same or not IS_EXACT
    assert len(text.split()) > 50
    assert fewer < 0.9 * passes
