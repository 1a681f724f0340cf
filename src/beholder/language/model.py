"""The compiled text model and its key-value cache, which all sequences share: token ids in, logits out."""

from __future__ import annotations

import mmap
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from beholder.language.cache import Cache, CachedSequence, Places, PromptTokens

Logits = NDArray[np.float32]

UNSEEN: Final = np.float32(-65_504.0)
"""Added to the score of a place that must not be seen: the lowest float16, far below any real score."""


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """What one sequence wants of a pass over the weights: `ids` read, and the logits of the last `wanted` of them."""

    sequence: CachedSequence
    ids: Sequence[int]
    wanted: int
    is_prompt: bool = False


class Model:
    """Several sequences, one pass at a time. Not thread safe: the owner of the cores calls it."""

    def __init__(self, graph: Path, *, threads: int = 0) -> None:
        config: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            # Exact under copying, which an 8-bit cache is not: an answer must not depend on what was cached.
            "KV_CACHE_PRECISION": "bf16",
            "INFERENCE_NUM_THREADS": threads or os.cpu_count() or 1,
            # Activations are quantized in groups as wide as the weights': 1.4x the prompt speed of the default of 32.
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 64,
        }
        # Mapped here rather than by OpenVINO, so that its pages can be let go; private, since OpenVINO wants to write.
        with graph.with_suffix(".bin").open("rb") as file:
            self._file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        weights = ov.Tensor(np.frombuffer(self._file, np.uint8), shared_memory=True)
        core = ov.Core()
        compiled = core.compile_model(core.read_model(graph.read_bytes(), weights), "CPU", config)
        self._request = compiled.create_infer_request()
        self._cache = Cache()
        self.passes = 0

    def let_go_of_file(self) -> None:
        """Take the weights' file out of this process's memory, once a pass has packed the weights for this CPU.

        What is still read of it, the embeddings' rows, comes back by itself.
        """
        if hasattr(mmap, "MADV_DONTNEED"):
            self._file.madvise(mmap.MADV_DONTNEED)

    @property
    def is_idle(self) -> bool:
        """Whether no sequence is open."""
        return self._cache.is_idle

    @property
    def places(self) -> int:
        """Tokens in the cache, those that nobody sees any more included."""
        return self._cache.size

    def open(self, text: PromptTokens) -> CachedSequence:
        """A new sequence for a prompt; `read` tells how many of its first tokens are in the cache already."""
        sequence = self._cache.open(text)
        if (keep := self._cache.clear_away()) is not None:
            self._copy(keep)
        return sequence

    def close(self, sequence: CachedSequence) -> None:
        """The sequence is over."""
        self._cache.close(sequence)

    def step(self, parts: Sequence[Pass]) -> list[Logits]:
        """One pass over the weights for all parts, no sequence twice; for each the logits `(wanted, vocabulary)`.

        The arrays are views of the model's own buffer: they are overwritten by the next pass.
        """
        past, count = self._cache.size, sum(len(part.ids) for part in parts)
        mask = np.full((count, past + count), UNSEEN)
        positions: list[Places] = []
        rows: list[Places] = []
        start = 0
        for part in parts:
            size, sequence = len(part.ids), part.sequence
            stop = start + size
            mask[start:stop, sequence.places] = 0
            mask[start:stop, past + start : past + stop] = np.triu(np.full((size, size), UNSEEN), 1)
            positions.append(np.arange(sequence.position, sequence.position + size))
            rows.append(np.arange(stop - part.wanted, stop))
            start = stop
        logits = self._infer(parts, positions, mask, np.concatenate(rows))
        for part in parts:
            self._cache.extend(part.sequence, len(part.ids))
            part.sequence.read += len(part.ids) if part.is_prompt else 0
        self.passes += 1
        return np.split(logits, np.cumsum([part.wanted for part in parts])[:-1])

    def _infer(self, parts: Sequence[Pass], positions: list[Places], mask: Logits, rows: Places) -> Logits:
        self._set("input_ids", np.concatenate([np.asarray(part.ids, np.int64) for part in parts])[None])
        self._set("position_ids", np.concatenate(positions)[None].astype(np.int64))
        self._set("attention_mask", mask[None, None])
        self._set("beam_idx", np.zeros(1, dtype=np.int32))
        self._set("logit_rows", rows.astype(np.int64))
        self._request.infer()
        logits: Logits = self._request.get_tensor("logits").data[0]
        return logits

    def _copy(self, keep: Places) -> None:
        if not len(keep):
            self._request.reset_state()
            return
        for state in self._request.query_state():
            state.state = ov.Tensor(np.ascontiguousarray(state.state.data[:, :, keep]))

    def _set(self, name: str, values: NDArray[Any]) -> None:
        self._request.set_tensor(name, ov.Tensor(values))
