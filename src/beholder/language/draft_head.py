"""Guesses of the next tokens from the model's own last state: what it is about to say, it mostly knows already.

The state that a token was chosen from, with that token's embedding, tells the state after it, and the model's output
matrix what would be chosen then; and so on (EAGLE: Li et al. 2024, arXiv:2401.15077). Theirs is a decoder layer. Here
it is a perceptron with one hidden layer and without attention: some 3.5 million weights, and the output matrix's rows
of the few thousand tokens that occur most. scripts/draft_head.py trains it, on the model's answers about drawn
pictures. A guess is verified as any other (`drafts.py`), so that no answer depends on it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, TypeAlias

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset15 as op

from beholder.language.quantize import Quantized

Guess: TypeAlias = tuple[int, float]
"""A token, and the chance that it stands if all before it do."""

MOST: Final = 8
"""Guesses in a row at most."""

TRUSTED_BEFORE: Final = (8.0, 10.0)
"""Of ten guesses that should have stood, eight did, before anything was learned: an answer is about something new."""

REMEMBERED: Final = 0.95
"""How much of what was learned before a draft counts after it."""

MATRICES: Final = ("from_state", "from_token", "to_state")


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A head's weights. All but the matrices are float32.

    `from_state` and `from_token` are `(hidden, width)`, `to_state` is `(width, hidden)`; `hidden_bias` is `(hidden,)`,
    `state_bias` and `kept` are `(width,)`. `tokens` are the ids `(n,)` that can be guessed, `token_bias` is theirs.
    `temperature` is what scores are divided by, so that the chances are right.
    """

    from_state: Quantized
    from_token: Quantized
    to_state: Quantized
    hidden_bias: NDArray[np.float32]
    state_bias: NDArray[np.float32]
    kept: NDArray[np.float32]
    tokens: NDArray[np.int64]
    token_bias: NDArray[np.float32]
    temperature: float

    @classmethod
    def of(cls, origin: str) -> Weights | None:
        """The weights for the model that was made of a file whose SHA-256 begins with `origin`; None where unknown."""
        file = files(__package__) / "draft_heads" / f"{origin}.npz"
        return cls.read(file.read_bytes()) if file.is_file() else None

    @classmethod
    def read(cls, data: bytes) -> Weights:
        """What `write` gave."""
        with np.load(io.BytesIO(data)) as stored:
            arrays: dict[str, Any] = dict(stored)
        for name in MATRICES:
            arrays[name] = Quantized(arrays.pop(f"{name}.values"), arrays.pop(f"{name}.scales"))
        return cls(**arrays | {"temperature": float(arrays["temperature"])})

    def write(self) -> bytes:
        """The weights as a NumPy archive."""
        arrays: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        for name in MATRICES:
            matrix = arrays.pop(name)
            arrays |= {f"{name}.values": matrix.values, f"{name}.scales": matrix.scales}
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()


class Trust:
    """How much of the chances that the head tells comes true in an answer: fewer where it is about something new."""

    def __init__(self) -> None:
        self._right, self._expected = TRUSTED_BEFORE
        self._asked: list[float] = []

    @property
    def share(self) -> float:
        """What to multiply a chance with."""
        return min(1.0, self._right / self._expected)

    def ask(self, chance: float) -> None:
        """Another guess of the draft stands with `chance`."""
        self._asked.append(chance)

    def forget(self) -> None:
        """A new draft."""
        self._asked.clear()

    def learn(self, accepted: int) -> None:
        """So many tokens of the draft stood."""
        tried = self._asked[: accepted + 1]
        self._right = self._right * REMEMBERED + min(accepted, len(tried))
        self._expected = self._expected * REMEMBERED + sum(tried)
        self.forget()


class DraftHead:
    """Guesses for all answers of one model. Not thread safe: the owner of the cores calls it."""

    def __init__(self, weights: Weights, output_matrix: Quantized, *, threads: int = 0) -> None:
        """`output_matrix` is the model's, whose rows are its tokens' embeddings as well."""
        self._tokens = weights.tokens
        self._embeddings = output_matrix
        rows = Quantized(output_matrix.values[weights.tokens], output_matrix.scales[weights.tokens])
        config = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads or os.cpu_count() or 1,
        }
        self._request = ov.Core().compile_model(_graph(weights, rows), "CPU", config).create_infer_request()

    def guesses(self, state: NDArray[np.float32], token: int) -> Iterator[Guess]:
        """What follows `token`, which was chosen from `state`, `(width,)`: each guess is made when it is asked for."""
        row = self._embeddings.values[token].astype(np.float32) * self._embeddings.scales[token].astype(np.float32)
        state, embedding = state.reshape(1, -1).copy(), row.reshape(1, -1)
        for _ in range(MOST):
            found = self._request.infer([state, embedding])
            state, place, chance, embedding = (found[each].copy() for each in range(4))
            yield int(self._tokens[place.item()]), chance.item()


def _graph(weights: Weights, rows: Quantized) -> ov.Model:
    """From a state and a token's embedding, each `(1, width)`, to the next state, the likeliest of the tokens whose
    rows of the output matrix are `rows`, its chance, and its embedding."""
    width = weights.kept.size
    state, embedding = op.parameter([1, width], np.float32, "state"), op.parameter([1, width], np.float32, "embedding")
    inner = op.add(
        op.matmul(state, _matrix(weights.from_state), False, True),
        op.matmul(embedding, _matrix(weights.from_token), False, True),
    )
    inner = op.swish(op.add(inner, op.constant(weights.hidden_bias.reshape(1, -1))))
    change = op.add(
        op.matmul(inner, _matrix(weights.to_state), False, True), op.constant(weights.state_bias.reshape(1, -1))
    )
    following = op.add(op.multiply(state, op.constant(weights.kept.reshape(1, -1))), change)
    scores = op.add(op.matmul(following, _matrix(rows), False, True), op.constant(weights.token_bias.reshape(1, -1)))
    chances = op.softmax(op.multiply(scores, op.constant(np.float32(1 / weights.temperature))), 1)
    best = op.topk(chances, op.constant(np.int64(1)), 1, "max", "none", index_element_type="i64")
    stored = op.gather(op.constant(rows.values), op.reshape(best.output(1), _ints(1), False), op.constant(np.int64(0)))
    scales = op.gather(op.constant(rows.scales), op.reshape(best.output(1), _ints(1), False), op.constant(np.int64(0)))
    chosen = op.reshape(op.multiply(op.convert(stored, "f32"), op.convert(scales, "f32")), _ints(1, width), False)
    results = [op.result(each) for each in (following.output(0), best.output(1), best.output(0), chosen.output(0))]
    return ov.Model(results, [state, embedding], "draft_head")


def _matrix(stored: Quantized) -> Any:
    """A matrix `(rows, columns)` that stays in eight bits in memory."""
    rows, groups, group = stored.values.shape
    scaled = op.multiply(op.convert(op.constant(stored.values), "f16"), op.constant(stored.scales))
    return op.convert(op.reshape(scaled, _ints(rows, groups * group), False), "f32")


def _ints(*values: int) -> Any:
    return op.constant(np.array(values, np.int64))
