"""Choosing a token from logits: temperature, nucleus, penalties, biases, log-probabilities."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beholder.types import Sampling

PREFERENCE: Final = 1.5
"""Logits by which another token must be ahead of the preferred one: what was copied for long is left only knowingly.
In a list of many pairs with the same two labels, the model skipped a label by 0.25."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen token. `logprob` and `top` (token, natural log) are filled only when they were asked for."""

    token: int
    logprob: float = 0.0
    top: tuple[tuple[int, float], ...] = ()


class Sampler:
    """Draws tokens for one answer. The same options and a fixed seed draw the same tokens from the same logits."""

    def __init__(self, sampling: Sampling, forbidden: NDArray[np.bool_]) -> None:
        self._sampling = sampling
        self._forbidden = forbidden
        self._random = np.random.default_rng(None if sampling.seed is None else sampling.seed % 2**64)
        self._counts: Counter[int] = Counter()
        self._needs_counts = bool(sampling.frequency_penalty or sampling.presence_penalty)

    def choose(
        self, logits: NDArray[np.float32], allowed: NDArray[np.bool_] | None, preferred: int | None = None
    ) -> Choice:
        """The next token from `(vocabulary,)` logits, among those `allowed` if given; near ties fall to `preferred`."""
        scores = np.where(self._forbidden if allowed is None else ~allowed, -np.inf, logits)
        if preferred is not None:
            scores[preferred] += PREFERENCE
        self._adjust(scores)
        token = int(scores.argmax()) if self._sampling.temperature == 0 else self._draw(scores)
        if self._sampling.top_logprobs is None:
            return Choice(token)
        return self._explained(token, logits)

    def note(self, token: int) -> None:
        """A token that is now part of the answer; penalties count it."""
        if self._needs_counts:
            self._counts[token] += 1

    def _adjust(self, scores: NDArray[np.float32]) -> None:
        """Biases and penalties, as OpenAI defines them (API reference, "Frequency and presence penalties")."""
        for token, bias in self._sampling.logit_bias.items():
            if token < len(scores):
                scores[token] += bias
        for token, count in self._counts.items():
            scores[token] -= count * self._sampling.frequency_penalty + self._sampling.presence_penalty

    def _draw(self, scores: NDArray[np.float32]) -> int:
        scaled = scores.astype(np.float64) / self._sampling.temperature
        weights = np.exp(scaled - scaled.max())
        weights /= weights.sum()
        if self._sampling.top_p < 1:
            order = np.argsort(-weights)
            cumulative = np.cumsum(weights[order])
            beyond = order[np.searchsorted(cumulative, self._sampling.top_p) + 1 :]
            weights[beyond] = 0
        cumulative = np.cumsum(weights)
        return int(np.searchsorted(cumulative, self._random.random() * cumulative[-1], side="right"))

    def _explained(self, token: int, logits: NDArray[np.float32]) -> Choice:
        """The model's own log-probabilities: before temperature and constraint, as clients expect them."""
        shifted = logits.astype(np.float64) - float(logits.max())
        logprobs = shifted - np.log(np.exp(shifted).sum())
        count = self._sampling.top_logprobs or 0
        best = np.argpartition(-logprobs, count)[:count]
        # Of equal ones the first, as argmax takes it.
        top = sorted(((int(index), float(logprobs[index])) for index in best), key=lambda pair: (-pair[1], pair[0]))
        return Choice(token, float(logprobs[token]), tuple(top))
