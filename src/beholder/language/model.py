"""The compiled text model and its one key-value cache: token ids in, logits out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray

CHUNK: Final = 256
"""Tokens per pass while reading a prompt. Prefixes are reused in whole chunks only, so that a prompt gives the same
numbers whether its beginning was cached or not."""

UNSEEN: Final = np.float32(-65_504.0)
"""Added to the score of a place that must not be seen: the lowest float16, far below any real score."""


class Model:
    """One sequence at a time. Not thread safe: the owner of the cores calls it."""

    def __init__(self, graph: Path, *, threads: int = 0) -> None:
        config: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            # Exact under trimming, which an 8-bit cache is not: an answer must not depend on what was cached.
            "KV_CACHE_PRECISION": "bf16",
            "INFERENCE_NUM_THREADS": threads or os.cpu_count() or 1,
            # Activations are quantized in groups as wide as the weights': 1.4x the prompt speed of the default of 32.
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 64,
        }
        compiled = ov.Core().compile_model(graph, "CPU", config)
        self._request = compiled.create_infer_request()
        self._read: list[int] = []
        self._visible = np.zeros(0, dtype=bool)
        self._position = 0
        self.passes = 0
        self.rewind([])

    def rewind(self, prompt: Sequence[int]) -> int:
        """Begin a new prompt; returns how many of its first tokens are in the cache already.

        At least one token is always left to read, since its logits are wanted.
        """
        same = 0
        for cached, wanted in zip(self._read, prompt, strict=False):
            if cached != wanted:
                break
            same += 1
        keep = min(same, max(len(prompt) - 1, 0)) // CHUNK * CHUNK
        if keep:
            self._trim(keep)
        else:
            self._request.reset_state()
        self._read = list(prompt[:keep])
        self._visible = np.ones(keep, dtype=bool)
        self._position = keep
        return keep

    def read(self, prompt: Sequence[int], already: int) -> Iterator[NDArray[np.float32] | None]:
        """Read the prompt from token `already` on, a chunk a pass; yields None between passes and the logits at last.

        The logits are those after the last token, `(1, vocabulary)`.
        """
        for start in range(already, len(prompt), CHUNK):
            chunk = prompt[start : start + CHUNK]
            logits = self.step(chunk, 1)
            self._read.extend(chunk)
            yield logits if start + CHUNK >= len(prompt) else None

    def step(self, ids: Sequence[int], wanted: int) -> NDArray[np.float32]:
        """One pass over `ids`; returns the logits of the last `wanted` of them, `(wanted, vocabulary)` float32.

        The array is the model's own buffer: it is overwritten by the next pass.
        """
        count, past = len(ids), len(self._visible)
        mask = np.zeros((count, past + count), dtype=np.float32)
        mask[:, :past][:, ~self._visible] = UNSEEN
        mask[:, past:] += np.triu(np.full((count, count), UNSEEN), 1)
        self._set("input_ids", np.array([ids], dtype=np.int64))
        self._set("position_ids", np.arange(self._position, self._position + count, dtype=np.int64)[None])
        self._set("attention_mask", mask[None, None])
        self._set("beam_idx", np.zeros(1, dtype=np.int32))
        self._set("logit_rows", np.arange(count - wanted, count, dtype=np.int64))
        self._request.infer()
        self._visible = np.concatenate([self._visible, np.ones(count, dtype=bool)])
        self._position += count
        self.passes += 1
        logits: NDArray[np.float32] = self._request.get_tensor("logits").data[0]
        return logits

    def forget(self, count: int) -> None:
        """Hide the last `count` tokens: drafts that were not accepted. They stay in the cache, unseen."""
        if count:
            self._visible[-count:] = False
            self._position -= count

    def _trim(self, keep: int) -> None:
        for state in self._request.query_state():
            state.state = ov.Tensor(np.ascontiguousarray(state.state.data[:, :, :keep]))

    def _set(self, name: str, values: NDArray[Any]) -> None:
        self._request.set_tensor(name, ov.Tensor(values))
