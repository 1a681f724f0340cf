"""Weights in groups of small integers: how far from the original they may be."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from beholder.language.quantize import Layout, Quantized, quantize

WIDE, NARROW = Layout(bits=8, group=128), Layout(bits=4, group=64)


def restored(quantized: Quantized, layout: Layout, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The weights that the integers and scales stand for; of two 4-bit values in a byte the first is the low one."""
    values = quantized.values.astype(np.int16)
    if layout.bits == 4:
        nibbles = np.stack([values & 0xF, values >> 4], axis=-1).reshape(-1)
        values = np.where(nibbles > 7, nibbles - 16, nibbles)
    grouped = values.reshape(shape[0], -1, layout.group) * quantized.scales.astype(np.float64)
    return np.asarray(grouped.reshape(shape))


def round_trip(rows: NDArray[np.float32], layout: Layout) -> NDArray[np.float64]:
    """Quantized and restored."""
    return restored(quantize(rows, layout), layout, rows.shape)


def noise(rows: int = 64, columns: int = 256) -> NDArray[np.float32]:
    """Weights as trained matrices have them: normal, each row with a size of its own."""
    draw = np.random.default_rng(5)
    return (draw.normal(0, 0.05, (rows, columns)) * draw.uniform(0.1, 3, (rows, 1))).astype(np.float32)


def test_eight_bits_are_within_half_a_step() -> None:
    """No weight is farther off than half a 127th of its group's largest, but for the rounding of the scale."""
    rows = noise()
    steps = np.abs(rows.reshape(64, -1, 128)).max(axis=-1, keepdims=True) / 127
    errors = np.abs(round_trip(rows, WIDE) - rows).reshape(64, -1, 128)
    assert (errors <= steps * 0.57).all()


def test_four_bits_beat_plain_rounding() -> None:
    """The scale is fitted: the error is smaller than with the largest weight at the grid's end, and under 11 %."""
    rows = noise()
    grouped = rows.reshape(64, -1, 64)
    steps = np.abs(grouped).max(axis=-1, keepdims=True) / 7
    plain = float(np.linalg.norm(np.rint(grouped / steps) * steps - grouped))
    fitted = float(np.linalg.norm(round_trip(rows, NARROW) - rows))
    assert fitted < 0.95 * plain
    assert fitted < 0.11 * float(np.linalg.norm(rows))


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["8 bits", "4 bits"])
def test_weights_on_the_grid_stay(layout: Layout) -> None:
    """What the integers can say exactly is kept exactly, the lowest and every other value of the grid included."""
    lowest, highest = (-127, 127) if layout.bits == 8 else (-8, 7)
    values = np.resize(np.arange(lowest, highest + 1), (4, 2 * 255)).astype(np.float32)[:, : 2 * layout.group]
    values[:, :: layout.group] = lowest
    rows = values * np.float32(0.25)
    assert np.array_equal(rows, round_trip(rows, layout))


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["8 bits", "4 bits"])
@pytest.mark.parametrize("size", [0.0, 1e-9, 3e-6])
def test_tiny_weights_become_nothing_worse_than_zero(layout: Layout, size: float) -> None:
    """A group of zeros, or too small for a float16 scale, neither warns nor grows."""
    rows = noise() * np.float32(size)
    assert float(np.abs(round_trip(rows, layout) - rows).max()) <= float(np.abs(rows).max())
