"""The compiled text model and its key-value cache, which all sequences share: token ids in, logits and states out."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray

# What OpenVINO GenAI prepares its own models with; it has no public name in Python.
from openvino._offline_transformations import paged_attention_transformation

from beholder.language.cache import BLOCK, Cache, CachedSequence, Copy
from beholder.language.pass_costs import of_processor
from beholder.language.quantize import Quantized

Logits = NDArray[np.float32]
"""`(wanted, vocabulary)`."""

MOST_TOKENS: Final = 131_072
"""Tokens that the cache has room for. Memory is taken where a block is first written, 28 KiB a token, 56 in float32."""

NARROW: Final = 16
"""Tokens of an answer in a pass that it shares with others. Longer drafts gain little by it, and would hold the others
up: a tile of 64 tokens takes five times as long as a pass over two."""

STATES: Final = "states"
"""The output with what the logits are made of: each wanted token's last state, normed."""

WARM_UP: Final = (0,)
"""Any token: it is not looked at what follows."""


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """What one sequence wants of a pass over the weights: `ids` read, and the logits of the last `wanted` of them.

    The first `prompt` of the ids belong to its prompt.
    """

    sequence: CachedSequence
    ids: Sequence[int]
    wanted: int
    prompt: int = 0

    @property
    def is_narrow(self) -> bool:
        """Whether it costs little beside others: a token of an answer, with a short draft or none."""
        return not self.prompt and len(self.ids) <= NARROW


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a pass came to for one sequence, for each wanted token: logits, and the state that they were made of.

    `states` are `(wanted, width)` float32. Both are views of the model's own buffers: the next pass overwrites them.
    """

    logits: Logits
    states: NDArray[np.float32]


class MappedGraph:
    """A converted model's graph, paged, and the file with its weights, which is mapped into memory."""

    def __init__(self, path: Path) -> None:
        # Mapped here rather than by OpenVINO, so that its pages can be let go; private, since OpenVINO wants to write.
        with path.with_suffix(".bin").open("rb") as file:
            self._file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        weights = ov.Tensor(np.frombuffer(self._file, np.uint8), shared_memory=True)
        self.core = ov.Core()
        self.model = paged(self.core.read_model(path.read_bytes(), weights))

    @property
    def output_matrix(self) -> Quantized:
        """The matrix that makes logits of states, as it is stored: views of this graph's memory, good while it lives.

        In a model without a head of its own its rows are the tokens' embeddings.
        """
        constants = list(_constants(_product(self.model).input_value(1).node))
        values, scales = sorted(constants, key=lambda node: node.get_element_type() == ov.Type.f16)
        return Quantized(values.data, scales.data)

    def compiled(self, threads: int) -> Any:
        """The graph for this processor: in bfloat16 where both it and OpenVINO's attention know that, else in float32.

        Keys and values are kept as they are computed. In 8 bits they would not be the same after copying, and an answer
        must not depend on what was cached.
        """
        if "BF16" in self.core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            # Without AVX-512 attention takes float32 alone, whatever else the processor knows.
            with suppress(RuntimeError):
                return self._compiled(threads, KV_CACHE_PRECISION="bf16")
        return self._compiled(threads, KV_CACHE_PRECISION="f32", INFERENCE_PRECISION_HINT="f32")

    def _compiled(self, threads: int, **precision: str) -> Any:
        config: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads or os.cpu_count() or 1,
            # Activations are quantized in groups as wide as the weights': 1.4x the prompt speed of the default of 32.
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 64,
        }
        return self.core.compile_model(self.model, "CPU", config | precision)

    def let_go_of_file(self) -> None:
        """Take the file out of this process's memory; what is read of it again comes back by itself."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._file.madvise(mmap.MADV_DONTNEED)


class Model:
    """Several sequences, one pass at a time. Not thread safe: the owner of the cores calls it."""

    def __init__(self, graph: MappedGraph, *, threads: int = 0) -> None:
        self._graph = graph
        compiled = graph.compiled(threads)
        self._request = compiled.create_infer_request()
        self._cache = Cache(MOST_TOKENS // BLOCK)
        caches = [each for each in compiled.inputs if "_cache." in each.any_name]
        self._blocks = [self._give_blocks(each) for each in caches]
        self.costs = of_processor(computes_in_bfloat16=caches[0].get_element_type() == ov.Type.bf16)
        self.passes = 0
        self._sharing = 1

    def _give_blocks(self, port: Any) -> NDArray[Any]:
        """The keys or values of one layer, `(blocks, heads, BLOCK, head size)`, as bits."""
        _, heads, size, width = port.get_partial_shape()
        if size.get_length() != BLOCK:
            raise RuntimeError(f"OpenVINO's attention wants blocks of {size} tokens here, not of {BLOCK}")
        kind = port.get_element_type()
        shape = (MOST_TOKENS // BLOCK, heads.get_length(), BLOCK, width.get_length())
        bits = np.zeros(shape, np.dtype(f"u{kind.size}"))
        self._request.set_tensor(port, ov.Tensor(bits, ov.Shape(shape), kind))
        return bits

    def warm_up(self) -> None:
        """One short pass: the first one packs the weights for this CPU and takes seconds.

        The file is let go of then. What is still read of it is the embeddings' rows.
        """
        sequence = self.open(WARM_UP)
        self.step([Pass(sequence, sequence.ids, 1, prompt=len(sequence.ids))])
        self.close(sequence)
        self._graph.let_go_of_file()

    @property
    def is_idle(self) -> bool:
        """Whether no sequence is open."""
        return self._cache.is_idle

    @property
    def tokens(self) -> int:
        """Tokens in the cache, kept ones included."""
        return self._cache.tokens

    @property
    def free_tokens(self) -> int:
        """Tokens of one sequence that cost its next pass little, if as many share that as the last one."""
        return self.costs.free_tokens(self._sharing)

    @property
    def least_chance(self) -> float:
        """The chance from which a guess pays in a sequence's next pass, if as many share that as the last one."""
        return self.costs.least_chance(self._sharing)

    def open(self, ids: tuple[int, ...], owner: str = "") -> CachedSequence:
        """A new sequence for a prompt; `read` tells how many of its first tokens are in the owner's cache already."""
        sequence, copy = self._cache.open(ids, owner)
        if copy is not None:
            self._copy(copy)
        return sequence

    def close(self, sequence: CachedSequence) -> None:
        """The sequence is over."""
        self._cache.close(sequence)

    def step(self, parts: Sequence[Pass]) -> list[Outcome]:
        """One pass over the weights for all parts, no sequence twice; what it came to for each."""
        for part in parts:
            self._cache.reserve(part.sequence, max(len(part.ids), self.costs.least))
        logits, states = self._infer(parts)
        for part in parts:
            part.sequence.tokens.extend(part.ids)
        self.passes += 1
        self._sharing = len(parts)
        ends = np.cumsum([part.wanted for part in parts])[:-1]
        return [Outcome(*each) for each in zip(np.split(logits, ends), np.split(states, ends), strict=True)]

    def _infer(self, parts: Sequence[Pass]) -> tuple[Logits, NDArray[np.float32]]:
        past = np.array([part.sequence.position for part in parts])
        # What is read beyond the ids is not looked at, and written over by the next pass.
        ids = [np.resize(np.asarray(part.ids, np.int64), max(len(part.ids), self.costs.least)) for part in parts]
        sizes = np.array([len(each) for each in ids])
        tables = [part.sequence.blocks[: -(-whole // BLOCK)] for part, whole in zip(parts, past + sizes, strict=True)]
        ends = np.cumsum(sizes)
        begins = ends - sizes
        rows = [
            np.arange(begin + len(part.ids) - part.wanted, begin + len(part.ids))
            for part, begin in zip(parts, begins, strict=True)
        ]
        # None beyond the last id's, which may be the last place that the rotary tables have.
        places = [
            start + np.minimum(np.arange(size), len(part.ids) - 1)
            for part, start, size in zip(parts, past, sizes, strict=True)
        ]
        self._set("input_ids", np.concatenate(ids), np.int64)
        self._set("position_ids", np.concatenate(places), np.int64)
        self._set("logit_rows", np.concatenate(rows), np.int64)
        self._set("past_lens", past, np.int32)
        self._set("subsequence_begins", np.append(0, ends), np.int32)
        self._set("block_indices", np.concatenate([np.asarray(table) for table in tables]), np.int32)
        self._set("block_indices_begins", np.append(0, np.cumsum([len(table) for table in tables])), np.int32)
        self._set("max_context_len", (past + sizes).max(), np.int32)
        self._request.infer()
        return self._request.get_tensor("logits").data[0], self._request.get_tensor(STATES).data[0]

    def _copy(self, copy: Copy) -> None:
        source, target = copy
        for bits in self._blocks:
            bits[target] = bits[source]

    def _set(self, name: str, values: Any, kind: type) -> None:
        self._request.set_tensor(name, ov.Tensor(np.asarray(values, kind)))


def paged(model: ov.Model) -> ov.Model:
    """The graph of `graph.py` with attention over a cache in blocks, which the caller owns, in place of its own state.

    Its inputs are those of OpenVINO's PagedAttention. Over several tokens after others in the cache it is faster than
    the stateful one, which takes them one by one (docs/decisions/2026-11-28-paged-cache.md). It cannot be written to a
    file, so it is made at each start.
    """
    paged_attention_transformation(model)
    [states] = model.add_outputs([_product(model).input_value(0)])
    states.get_tensor().add_names({STATES})
    return model


def _product(model: ov.Model) -> Any:
    """The product of states and output matrix that the logits are."""
    node = model.output("logits").node
    while node.get_type_name() != "MatMul":
        node = node.input_value(0).node
    return node


def _constants(node: Any) -> Iterator[Any]:
    """The constants that a node is calculated from."""
    if node.get_type_name() == "Constant":
        if len(node.get_output_shape(0)) > 1:
            yield node
        return
    for place in range(node.get_input_size()):
        yield from _constants(node.input_value(place).node)
