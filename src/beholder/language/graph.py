"""The Qwen2 decoder as an OpenVINO graph, built straight from a GGUF file's tensors.

Inputs, with `n` new tokens on top of `past` cached ones, batch 1:
    input_ids       (1, n) int64
    position_ids    (1, n) int64         rotary positions; need not equal the place in the cache
    attention_mask  (1, 1, n, past + n)  float32, added to the scores: 0 sees, a large negative number does not
    beam_idx        (1,) int32           always 0; the CPU plugin fuses attention and cache only around this gather
    logit_rows      (m,) int64           which of the n tokens' logits are wanted
Output:
    logits          (1, m, vocabulary) float32
The key and value caches are the graph's state. This is the form that can be written to a file, and that any OpenVINO
runs; `model.paged` makes of it the one that answers, whose tokens stand on the first axis and whose cache is ours.

The shapes of the sub-graphs (root mean square norm, rotary embedding, grouped-query attention over a stateful cache)
follow what Optimum Intel and OpenVINO GenAI emit, since OpenVINO's fusions and transformations match on them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset15 as op
from openvino.op.util import Variable, VariableInfo

from beholder.errors import WeightsError
from beholder.language.checkpoint import Checkpoint
from beholder.language.quantize import Layout, Quantized, quantize

Node = Any
SUPPORTED: Final = ("qwen2",)


class Weights:
    """Quantized constants of one checkpoint. Keeps the buffers alive that the graph's constants point into."""

    def __init__(self, checkpoint: Checkpoint, layout_of: Callable[[str], Layout], done: Callable[[int], None]) -> None:
        self._checkpoint = checkpoint
        self._layout_of = layout_of
        self._done = done
        self._alive: list[NDArray[Any]] = []

    def vector(self, name: str) -> Node:
        """A constant `(1, 1, size)`: a norm's weight or a bias."""
        return op.constant(self._checkpoint.vector(name).reshape(1, 1, -1))

    def matrix(self, name: str) -> Node:
        """A constant matrix `(rows, columns)` with its decompression to float32."""
        layout = self._layout_of(name)
        rows, columns = self._checkpoint.shape(name)
        if layout.bits == 16:
            pieces = [piece.astype(np.float16) for _, piece in self._checkpoint.pieces(name)]
            decompressed = op.constant(np.concatenate(pieces))
        else:
            quantized = [quantize(piece, layout) for _, piece in self._checkpoint.pieces(name)]
            grouped = self._constant(quantized, layout, (rows, columns // layout.group, layout.group))
            scaled = op.multiply(
                op.convert(grouped, "f16"), op.constant(np.concatenate([piece.scales for piece in quantized]))
            )
            decompressed = op.reshape(scaled, op.constant(np.array([rows, columns])), False)
        self._done(self._checkpoint.bytes_of(name))
        return op.convert(decompressed, "f32")

    def _constant(self, quantized: list[Quantized], layout: Layout, shape: tuple[int, int, int]) -> Node:
        values = np.concatenate([piece.values for piece in quantized])
        if layout.bits == 8:
            return op.constant(values)
        self._alive.append(values)
        return op.constant(ov.Tensor(values, ov.Shape(shape), ov.Type.i4))


class Qwen2Graph:
    """Builds the graph, once. Keep the builder as long as the graph: it owns the buffers of the graph's constants.

    Raises `WeightsError` for an architecture that is not Qwen2.
    """

    def __init__(self, checkpoint: Checkpoint, layout_of: Callable[[str], Layout], done: Callable[[int], None]) -> None:
        if checkpoint.architecture not in SUPPORTED:
            raise WeightsError(
                f"{checkpoint.path.name} holds a {checkpoint.architecture!r} model; "
                f"the builtin engine runs {', '.join(SUPPORTED)} models"
            )
        self._checkpoint = checkpoint
        self._weights = Weights(checkpoint, layout_of, done)
        self._heads = int(checkpoint.parameter("attention.head_count"))
        self._kv_heads = int(checkpoint.parameter("attention.head_count_kv"))
        self._width = int(checkpoint.parameter("embedding_length"))
        self._head_size = self._width // self._heads
        self._epsilon = float(checkpoint.parameter("attention.layer_norm_rms_epsilon"))
        self._sinks: list[Node] = []

    def build(self) -> ov.Model:
        """The whole graph with its weights."""
        self._ids = _parameter("input_ids", [-1, -1], np.int64)
        self._positions = _parameter("position_ids", [-1, -1], np.int64)
        self._mask = _parameter("attention_mask", [-1, 1, -1, -1], np.float32)
        self._beam = _parameter("beam_idx", [-1], np.int32)
        rows = _parameter("logit_rows", [-1], np.int64)
        self._batch = op.gather(op.shape_of(self._ids), _ints(0), _ints(0))
        self._cos, self._sin = self._rotary()
        embeddings = self._weights.matrix("token_embd.weight")
        hidden = op.gather(embeddings, op.convert(self._ids, "i32"), op.constant(np.int32(0)))
        layers = int(self._checkpoint.parameter("block_count"))
        for layer in range(layers):
            hidden = self._mixed(hidden, layer)
            if layer == layers - 1:
                # What follows concerns each token alone, so the others' is not computed; tokens may be the first axis.
                hidden = op.gather(op.reshape(hidden, _ints(1, -1, self._width), False), rows, op.constant(np.int64(1)))
            hidden = self._thought_over(hidden, layer)
        wanted = self._norm(hidden, "output_norm.weight")
        has_head = "output.weight" in self._checkpoint
        logits = op.matmul(wanted, self._weights.matrix("output.weight") if has_head else embeddings, False, True)
        logits.output(0).get_tensor().set_names({"logits"})
        inputs = [self._ids, self._positions, self._mask, self._beam, rows]
        return ov.Model([op.result(logits, "logits")], self._sinks, inputs, "qwen2")

    def _mixed(self, hidden: Node, layer: int) -> Node:
        """The first half of a layer: what each token takes from those before it."""
        prefix = f"blk.{layer}."
        return op.add(hidden, self._attention(self._norm(hidden, prefix + "attn_norm.weight"), prefix))

    def _thought_over(self, hidden: Node, layer: int) -> Node:
        """The second half: the feed-forward network, on each token alone."""
        prefix = f"blk.{layer}."
        normed = self._norm(hidden, prefix + "ffn_norm.weight")
        gate = op.swish(self._linear(normed, prefix + "ffn_gate"))
        return op.add(
            hidden, self._linear(op.multiply(gate, self._linear(normed, prefix + "ffn_up")), prefix + "ffn_down")
        )

    def _attention(self, hidden: Node, prefix: str) -> Node:
        query = self._rotate(self._split(self._linear(hidden, prefix + "attn_q"), self._heads))
        key = self._rotate(self._split(self._linear(hidden, prefix + "attn_k"), self._kv_heads))
        value = self._split(self._linear(hidden, prefix + "attn_v"), self._kv_heads)
        mixed = op.scaled_dot_product_attention(
            query, self._cached(key, prefix + "key"), self._cached(value, prefix + "value"), self._mask, causal=False
        )
        joined = op.reshape(op.transpose(mixed, _ints(0, 2, 1, 3)), _ints(0, 0, self._width), True)
        return self._linear(joined, prefix + "attn_output")

    def _linear(self, hidden: Node, name: str) -> Node:
        product = op.matmul(hidden, self._weights.matrix(name + ".weight"), False, True)
        bias = name + ".bias"
        return op.add(product, self._weights.vector(bias)) if bias in self._checkpoint else product

    def _norm(self, hidden: Node, name: str) -> Node:
        mean = op.reduce_mean(op.power(hidden, _float(2.0)), _ints(-1), True)
        inverse = op.divide(_float(1.0), op.sqrt(op.add(mean, _float(self._epsilon))))
        return op.multiply(op.multiply(hidden, inverse), self._weights.vector(name))

    def _split(self, joined: Node, heads: int) -> Node:
        return op.transpose(op.reshape(joined, _ints(0, 0, heads, self._head_size), True), _ints(0, 2, 1, 3))

    def _rotary(self) -> tuple[Node, Node]:
        """Cosines and sines `(1, 1, n, head size)`, looked up: angles computed at bfloat16 are wrong by whole turns."""
        base = float(self._checkpoint.parameter("rope.freq_base", 10_000.0))
        steps = np.arange(0, self._head_size, 2, dtype=np.float64) / self._head_size
        places = np.arange(int(self._checkpoint.parameter("context_length")), dtype=np.float64)
        half = np.outer(places, 1.0 / base**steps)
        angles = np.concatenate([half, half], axis=1)
        return self._lookup(np.cos(angles)), self._lookup(np.sin(angles))

    def _lookup(self, table: NDArray[np.float64]) -> Node:
        stored = op.convert(op.constant(table.astype(np.float16)), "f32")
        return op.unsqueeze(op.gather(stored, self._positions, op.constant(np.int64(0))), _ints(1))

    def _rotate(self, heads: Node) -> Node:
        middle = self._head_size // 2
        upper = op.slice(heads, _ints(middle), _ints(np.iinfo(np.int64).max), _ints(1), _ints(3))
        lower = op.slice(heads, _ints(0), _ints(middle), _ints(1), _ints(3))
        minus = op.constant(np.array([[[[-1.0]]]], np.float32))
        turned = op.concat([op.multiply(upper, minus), lower], 3)
        return op.add(op.multiply(heads, self._cos), op.multiply(turned, self._sin))

    def _cached(self, new: Node, name: str) -> Node:
        """`new` appended to the state `name`, with each key-value head repeated for its query heads."""
        info = VariableInfo()
        info.data_shape = ov.PartialShape([-1, self._kv_heads, -1, self._head_size])
        info.data_type = ov.Type.f32
        info.variable_id = name
        variable = Variable(info)
        empty = op.broadcast(op.constant(np.float32(0)), self._shape(self._kv_heads, 0, self._head_size))
        past = op.gather(op.read_value(empty, variable), self._beam, op.constant(np.int64(0)))
        whole = op.concat([past, new], 2)
        self._sinks.append(op.assign(whole, variable))
        repeated = op.broadcast(
            op.unsqueeze(whole, _ints(2)),
            self._shape(self._kv_heads, self._heads // self._kv_heads, 1, self._head_size),
            broadcast_spec="BIDIRECTIONAL",
        )
        return op.reshape(repeated, _ints(0, self._heads, -1, self._head_size), True)

    def _shape(self, *sizes: int) -> Node:
        return op.concat([self._batch, *(_ints(size) for size in sizes)], 0)


def _parameter(name: str, shape: list[int], dtype: type) -> Node:
    node = op.parameter(shape, dtype, name)
    node.set_friendly_name(name)
    node.output(0).get_tensor().set_names({name})
    return node


def _ints(*values: int) -> Node:
    return op.constant(np.array(values, np.int64))


def _float(value: float) -> Node:
    return op.constant(np.array([[[value]]], np.float32))
