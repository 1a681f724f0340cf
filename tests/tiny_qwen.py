"""A tiny Qwen2 model with random weights: written as a real GGUF file, and computed once more in plain NumPy."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize, quantize
from numpy.typing import NDArray

from beholder.language.conversion import ConvertedModel, convert
from beholder.progress import Silent

WIDTH, HEADS, KEY_HEADS, INNER, LAYERS, CONTEXT = 128, 4, 2, 256, 2, 1024
HEAD_SIZE: Final = WIDTH // HEADS
ROTARY_BASE: Final = 10_000.0
EPSILON: Final = 1e-6
CONTROL: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MERGES: Final = (
    ("t", "h"), ("th", "e"), ("i", "n"), ("a", "n"), ("e", "r"), ("Ġ", "the"), ("Ġ", "a"), ("Ġ", "Ġ"), ("o", "t"),
    ("ot", "a"), ("t", "ota"), ("tota", "l"), ("Ġ", "total"), ('"', ":"), ('"', ","), ("{", '"'), ('"', "}"),
    (",", '"'), ("Ã", "¤"),
)  # fmt: skip
"""Tokens of more than one byte; the last is one letter, ä, of two bytes."""

Array = NDArray[np.float64]


def byte_characters() -> list[str]:
    """The character that stands for each byte in a byte-level vocabulary (GPT-2, encoder.py, bytes_to_unicode)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte if byte in printable else 256 + others.index(byte)) for byte in range(256)]


def vocabulary() -> list[str]:
    """Every token: the bytes, the merged ones, the control tokens."""
    return [*byte_characters(), *(left + right for left, right in MERGES), *CONTROL]


def random_tensors(seed: int = 1, *, has_head: bool = True) -> dict[str, NDArray[np.float32]]:
    """Weights under their names in a GGUF file; without a head, the embeddings serve as one."""
    draw = np.random.default_rng(seed)
    tensors = {name: draw.normal(0, shape[-1] ** -0.5, shape) for name, shape in _matrices(has_head)}
    tensors |= {name: draw.normal(mean, 0.1, size) for name, size, mean in _vectors()}
    return {name: values.astype(np.float32) for name, values in tensors.items()}


def _matrices(has_head: bool) -> Iterator[tuple[str, tuple[int, int]]]:
    yield "token_embd.weight", (len(vocabulary()), WIDTH)
    if has_head:
        yield "output.weight", (len(vocabulary()), WIDTH)
    for layer in range(LAYERS):
        for name, shape in {
            "attn_q": (WIDTH, WIDTH),
            "attn_k": (KEY_HEADS * HEAD_SIZE, WIDTH),
            "attn_v": (KEY_HEADS * HEAD_SIZE, WIDTH),
            "attn_output": (WIDTH, WIDTH),
            "ffn_gate": (INNER, WIDTH),
            "ffn_up": (INNER, WIDTH),
            "ffn_down": (WIDTH, INNER),
        }.items():
            yield f"blk.{layer}.{name}.weight", shape


def _vectors() -> Iterator[tuple[str, int, float]]:
    """Name, size and mean of each vector; biases around 0, norms around 1."""
    yield "output_norm.weight", WIDTH, 1.0
    for layer in range(LAYERS):
        yield f"blk.{layer}.attn_norm.weight", WIDTH, 1.0
        yield f"blk.{layer}.ffn_norm.weight", WIDTH, 1.0
        yield f"blk.{layer}.attn_q.bias", WIDTH, 0.0
        yield f"blk.{layer}.attn_k.bias", KEY_HEADS * HEAD_SIZE, 0.0
        yield f"blk.{layer}.attn_v.bias", KEY_HEADS * HEAD_SIZE, 0.0


def write_gguf(
    path: Path,
    tensors: Mapping[str, NDArray[np.float32]],
    kind: GGMLQuantizationType = GGMLQuantizationType.Q8_0,
    *,
    architecture: str = "qwen2",
    pre_tokenizer: str = "qwen2",
    context: int = CONTEXT,
) -> None:
    """Write the model as its publisher would: matrices quantized as `kind`, vectors as float32."""
    writer = GGUFWriter(path, architecture)
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_freq_base(ROTARY_BASE)
    _write_tokenizer(writer, pre_tokenizer)
    for name, values in tensors.items():
        if values.ndim == 1:
            writer.add_tensor(name, values)
        else:
            writer.add_tensor(name, quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@cache
def tiny_model(context: int = CONTEXT) -> ConvertedModel:
    """The tiny model, converted the way the real one is; made once for each window, deleted when the tests end."""
    folder = Path(tempfile.mkdtemp(prefix="beholder-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_gguf(folder / "tiny.gguf", random_tensors(), context=context)
    return convert(folder / "tiny.gguf", "ab" * 32, folder / "models", Silent())


def _write_tokenizer(writer: GGUFWriter, pre_tokenizer: str) -> None:
    tokens = vocabulary()
    normal, control = 1, 3  # gguf.TokenType
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre_tokenizer)
    writer.add_token_list(tokens)
    writer.add_token_types([control if token in CONTROL else normal for token in tokens])
    writer.add_token_merges([f"{left} {right}" for left, right in MERGES])
    writer.add_eos_token_id(tokens.index("<|im_end|>"))


def as_stored(tensors: Mapping[str, NDArray[np.float32]], kind: GGMLQuantizationType) -> dict[str, Array]:
    """The weights as whoever reads the file gets them: quantized and dequantized."""
    return {
        name: (values if values.ndim == 1 else dequantize(quantize(values, kind), kind)).astype(np.float64)
        for name, values in tensors.items()
    }


@dataclass(frozen=True)
class Reference:
    """The Qwen2 decoder as its paper has it, in float64, without cache, chunks or masks."""

    tensors: Mapping[str, Array]

    def logits(self, tokens: Sequence[int]) -> Array:
        """`(tokens, vocabulary)`: the logits after each token."""
        hidden = self.tensors["token_embd.weight"][list(tokens)]
        for layer in range(LAYERS):
            prefix = f"blk.{layer}."
            hidden = hidden + self._attention(self._norm(hidden, prefix + "attn_norm"), prefix)
            hidden = hidden + self._feed_forward(self._norm(hidden, prefix + "ffn_norm"), prefix)
        head = self.tensors.get("output.weight", self.tensors["token_embd.weight"])
        return np.asarray(self._norm(hidden, "output_norm") @ head.T)

    def _norm(self, hidden: Array, name: str) -> Array:
        scale = 1 / np.sqrt((hidden**2).mean(axis=-1, keepdims=True) + EPSILON)
        return np.asarray(hidden * scale * self.tensors[name + ".weight"])

    def _linear(self, hidden: Array, name: str) -> Array:
        return np.asarray(hidden @ self.tensors[name + ".weight"].T + self.tensors.get(name + ".bias", 0.0))

    def _feed_forward(self, hidden: Array, prefix: str) -> Array:
        gate = self._linear(hidden, prefix + "ffn_gate")
        return self._linear(gate / (1 + np.exp(-gate)) * self._linear(hidden, prefix + "ffn_up"), prefix + "ffn_down")

    def _attention(self, hidden: Array, prefix: str) -> Array:
        count = len(hidden)
        query = _rotated(self._linear(hidden, prefix + "attn_q").reshape(count, HEADS, HEAD_SIZE))
        key = _rotated(self._linear(hidden, prefix + "attn_k").reshape(count, KEY_HEADS, HEAD_SIZE))
        value = self._linear(hidden, prefix + "attn_v").reshape(count, KEY_HEADS, HEAD_SIZE)
        mixed = np.empty((count, HEADS, HEAD_SIZE))
        for head in range(HEADS):
            shared = head * KEY_HEADS // HEADS
            scores = query[:, head] @ key[:, shared].T / np.sqrt(HEAD_SIZE)
            scores = np.where(np.tri(count, dtype=bool), scores, -np.inf)
            weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
            mixed[:, head] = weights / weights.sum(axis=-1, keepdims=True) @ value[:, shared]
        return self._linear(mixed.reshape(count, WIDTH), prefix + "attn_output")


def _rotated(heads: Array) -> Array:
    """Rotary embedding of `(tokens, heads, size)`: the halves are the two coordinates."""
    half = HEAD_SIZE // 2
    angles = np.outer(np.arange(len(heads)), ROTARY_BASE ** (-np.arange(half) / half))[:, None, :]
    first, second = heads[..., :half], heads[..., half:]
    turned: list[Any] = [
        first * np.cos(angles) - second * np.sin(angles),
        second * np.cos(angles) + first * np.sin(angles),
    ]
    return np.concatenate(turned, axis=-1)


def relative_error(expected: NDArray[Any], actual: NDArray[Any]) -> float:
    """Length of the difference over the length of what was expected."""
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))
