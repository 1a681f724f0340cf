"""Weights in the layout that a CPU decodes fastest: symmetric integers with one scale for a group of columns.

Decoding one token reads every weight once, so bytes per weight set the speed. GGUF's own 4-bit layout (groups of 32
with scale and offset) is slower in OpenVINO's CPU plugin than symmetric groups of 64; docs/decisions/ has the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

CLIP_RATIOS: Final = (-8.0, -7.5, -7.0, 7.4)
"""Where the group's largest value falls on the 4-bit grid, whose range is -8 to 7; each is tried, the best kept."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How one matrix is stored: `bits` is 4, 8 or 16 (float16, no groups); `group` is columns per scale."""

    bits: int
    group: int = 128


@dataclass(frozen=True, slots=True)
class Quantized:
    """`values` is int8 `(rows, groups, group)`, or for 4 bits packed uint8, low nibble first; `scales` is float16
    `(rows, groups, 1)`."""

    values: NDArray[np.int8] | NDArray[np.uint8]
    scales: NDArray[np.float16]


def quantize(rows: NDArray[np.float32], layout: Layout) -> Quantized:
    """Quantize `(rows, columns)` float32; columns must be a multiple of the layout's group."""
    grouped = rows.reshape(rows.shape[0], -1, layout.group)
    if layout.bits == 8:
        return _int8(grouped)
    return _int4(grouped)


def _int8(grouped: NDArray[np.float32]) -> Quantized:
    largest = np.abs(grouped).max(axis=-1, keepdims=True)
    scales = (largest / 127).astype(np.float16)
    # Zeros, and weights too small for a float16 scale, become zeros.
    scales[scales == 0] = 1
    values = np.clip(np.rint(grouped / scales.astype(np.float32)), -127, 127).astype(np.int8)
    return Quantized(values, scales)


def _int4(grouped: NDArray[np.float32]) -> Quantized:
    """Least squares over a few clipping ratios: for each, round, refit the scale, and keep the smallest error."""
    at = np.abs(grouped).argmax(axis=-1)[..., None]
    peak = np.take_along_axis(grouped, at, axis=-1)
    best: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None = None
    for ratio in CLIP_RATIOS:
        scale = np.where(peak == 0, 1, peak / np.float32(ratio))
        values = np.clip(np.rint(grouped / scale), -8, 7)
        dot = np.einsum("rgc,rgc->rg", values, grouped)[..., None]
        square = np.einsum("rgc,rgc->rg", values, values)[..., None]
        scale = np.where(square > 0, dot / np.maximum(square, 1e-12), scale)
        # ||g - s v||² = ||g||² - dot²/square once s is refitted, so the largest gain is the smallest error.
        gain = dot * dot / np.maximum(square, 1e-12)
        if best is None:
            best = values, scale, gain
        else:
            better = gain > best[2]
            best = (
                np.where(better, values, best[0]),
                np.where(better, scale, best[1]),
                np.where(better, gain, best[2]),
            )
    assert best is not None
    nibbles = (best[0].astype(np.int8) & 0xF).astype(np.uint8).reshape(-1)
    return Quantized(nibbles[0::2] | (nibbles[1::2] << 4), best[1].astype(np.float16))
