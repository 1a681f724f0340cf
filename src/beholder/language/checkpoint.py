"""Reading a GGUF file: its metadata, its tokenizer and its tensors, dequantized in pieces of rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize
from numpy.typing import NDArray

from beholder.errors import WeightsError

ROWS_AT_ONCE: Final = 512
"""Rows dequantized in one piece: 512 x 1,536 float32 are 3 MB, which stays in a core's cache."""


class Checkpoint:
    """A GGUF file, memory mapped. Raises `WeightsError` when the file cannot be read as GGUF."""

    def __init__(self, path: Path) -> None:
        try:
            self._reader = GGUFReader(path)
        except (OSError, ValueError, IndexError) as error:
            raise WeightsError(f"{path} is not a readable GGUF file: {error}") from error
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        self.path = path
        self.architecture: str = self.metadata("general.architecture")

    def metadata(self, key: str, default: Any = None) -> Any:
        """The metadata value at `key`; raises `WeightsError` when it is absent and has no default."""
        field = self._reader.get_field(key)
        if field is None:
            if default is None:
                raise WeightsError(f"{self.path.name} has no metadata {key!r}; is it a complete GGUF model?")
            return default
        return field.contents()

    def parameter(self, key: str, default: Any = None) -> Any:
        """The architecture's own metadata, `qwen2.block_count` for `block_count`."""
        return self.metadata(f"{self.architecture}.{key}", default)

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape as NumPy has it: `(rows, columns)` for a matrix."""
        return tuple(int(size) for size in reversed(self._tensors[name].shape))

    def pieces(self, name: str) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """`(first row, rows as float32)` pieces of a matrix, in order."""
        tensor = self._tensors[name]
        for start in range(0, tensor.data.shape[0], ROWS_AT_ONCE):
            piece = dequantize(tensor.data[start : start + ROWS_AT_ONCE], tensor.tensor_type)
            yield start, piece.astype(np.float32, copy=False)

    def vector(self, name: str) -> NDArray[np.float32]:
        """A one-dimensional tensor as float32."""
        tensor = self._tensors[name]
        values: NDArray[np.float32] = dequantize(tensor.data, tensor.tensor_type).astype(np.float32, copy=False)
        return values.reshape(-1)

    @property
    def weight_bytes(self) -> int:
        """Bytes of all matrices, the work that converting them is measured by."""
        return sum(int(tensor.n_bytes) for tensor in self._tensors.values() if len(tensor.shape) > 1)

    def bytes_of(self, name: str) -> int:
        """Bytes of one tensor as stored."""
        return int(self._tensors[name].n_bytes)

    def bits_per_weight(self, name: str) -> float:
        """Bits that the file spends on one weight of a tensor, scales included: 4.5 for Q4_K, 6.56 for Q6_K."""
        tensor = self._tensors[name]
        return 8 * int(tensor.n_bytes) / int(tensor.n_elements)
