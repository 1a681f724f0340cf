"""Reading a PyTorch checkpoint of tensors without PyTorch, and without running what a pickle could ask for."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from beholder.errors import WeightsError

State: TypeAlias = dict[str, NDArray[Any]]
"""Tensors by name."""

MAGIC: Final = 0x1950A86A20F9469CFC6C
"""The first value of the file format before PyTorch 1.6: torch/serialization.py, `MAGIC_NUMBER`."""

STORAGES: Final = {"FloatStorage": "<f4", "LongStorage": "<i8"}
"""PyTorch's storage classes as NumPy types, as far as the pinned files use them."""


class _Tensor(NamedTuple):
    """A view into a storage: offset and strides count elements."""

    storage: tuple[str, str]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Reader(pickle.Unpickler):
    """Lets nothing run but our own function and a dictionary's constructor."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in STORAGES:
            return name
        known: dict[tuple[str, str], Callable[..., Any]] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _view,
        }
        try:
            return known[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a file of tensors") from None

    def persistent_load(self, pid: Any) -> tuple[str, str]:
        _, kind, key, *_ = pid
        return str(kind), str(key)


def read_state(path: Path) -> State:
    """The tensors of a checkpoint in PyTorch's format before version 1.6, as read-only arrays in C order.

    Raises `WeightsError` for another format and for a pickle that asks for anything but tensors.
    """
    with path.open("rb") as source:
        try:
            if _Reader(source).load() != MAGIC:
                raise pickle.UnpicklingError("it does not begin with PyTorch's magic number")
            _Reader(source).load()  # the format's version
            _Reader(source).load()  # the sizes of integers on the machine that wrote it
            tensors: dict[str, _Tensor] = _Reader(source).load()
            keys: list[str] = _Reader(source).load()
            storages = _read_storages(source, keys, dict(tensor.storage[::-1] for tensor in tensors.values()))
        except (pickle.UnpicklingError, EOFError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise WeightsError(f"{path} is no PyTorch checkpoint that can be read: {error}") from error
    return {name: _contiguous(storages[tensor.storage[1]], tensor) for name, tensor in tensors.items()}


def _view(storage: tuple[str, str], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


def _read_storages(source: BinaryIO, keys: list[str], kinds: dict[str, str]) -> dict[str, NDArray[Any]]:
    """Each storage: its number of elements in eight bytes, then the elements."""
    storages = {}
    for key in keys:
        kind = np.dtype(STORAGES[kinds[key]])
        count = int.from_bytes(source.read(8), "little")
        storages[key] = np.frombuffer(source.read(count * kind.itemsize), kind, count)
    return storages


def _contiguous(storage: NDArray[Any], tensor: _Tensor) -> NDArray[Any]:
    reach = tensor.offset + sum((size - 1) * step for size, step in zip(tensor.shape, tensor.strides, strict=True))
    if not 0 <= reach < storage.size:
        raise WeightsError(f"a tensor of the checkpoint reaches to element {reach} of a storage of {storage.size}")
    strides = [step * storage.itemsize for step in tensor.strides]
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, strides))
