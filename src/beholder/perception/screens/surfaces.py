"""Surfaces and marks: the flat rectangles of a drawn screen, and what is drawn on them that is not text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Rectangle = tuple[int, int, int, int]
"""`(left, top, right, bottom)` in working pixels, right and bottom exclusive."""

RECTANGULAR: Final = 0.86
"""Part of its box that a surface fills, holes included: rounded corners cost a few percent, a circle 21."""

LEAST_SIDE: Final = 9
"""Working pixels of the shorter side of the smallest surface that is told from noise."""

LEAST_EDGE: Final = 4
"""Levels out of 255 between neighbours that make an edge in a clean picture: a white card on #fafafa has 5."""

CORNER: Final = 12
"""Working pixels around a large surface's corners that are not looked at for marks: their rounding is no drawing."""

LOSSY_EDGE: Final = 8
"""The same where the picture shows the noise of an encoder."""


@dataclass(frozen=True, slots=True)
class Surface:
    """A flat rectangle: its box and colour, and how much of the box it fills, 0 to 1."""

    box: Rectangle
    colour: tuple[int, int, int]
    fill: float


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A screen taken apart in working pixels. `edges` is where neighbours differ; `marks` are boxes of drawn things."""

    surfaces: tuple[Surface, ...]
    marks: tuple[Rectangle, ...]
    rules: tuple[Rectangle, ...]
    edges: Mask


def take_apart(pixels: Pixels, texts: Sequence[Rectangle]) -> Drawn:
    """The surfaces of `pixels` `(height, width, 3)`, and the marks and rules beside `texts`, the boxes of its text."""
    edges = find_edges(pixels)
    surfaces = _surfaces(pixels, edges)
    rules = _rules(edges, texts)
    return Drawn(surfaces, _marks(edges, surfaces, texts, rules), rules, edges)


def find_edges(pixels: Pixels) -> Mask:
    """Where a pixel's right or lower neighbour differs clearly, in any channel."""
    kernel = np.ones((2, 2), np.uint8)
    ranges = cv2.subtract(cv2.dilate(pixels, kernel), cv2.erode(pixels, kernel))
    channels = cv2.split(ranges)
    step = cv2.max(cv2.max(channels[0], channels[1]), channels[2])
    # The edges of a clean drawing are clear; encoders leave a fringe of a few levels around each.
    is_clean = float(((step > 0) & (step < LEAST_EDGE)).mean()) < 0.5 * float((step >= LOSSY_EDGE).mean())
    return np.asarray(step >= (LEAST_EDGE if is_clean else LOSSY_EDGE), np.bool_)


def _surfaces(pixels: Pixels, edges: Mask) -> tuple[Surface, ...]:
    flat = (~edges).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(flat, connectivity=4)
    height, width = edges.shape
    found: list[Surface] = []
    for label in range(1, count):
        left, top, wide, high, area = (int(value) for value in statistics[label])
        is_large_enough = min(wide, high) >= LEAST_SIDE and area >= 0.12 * wide * high
        if not is_large_enough or wide * high > 0.98 * width * height:
            continue
        window = (slice(top, top + high), slice(left, left + wide))
        mask = (labels[window] == label).astype(np.uint8)
        fill = _filled(mask) / (wide * high)
        if fill >= 0.7:
            colour = np.median(pixels[window][mask > 0], axis=0)
            red, green, blue = (int(channel) for channel in colour)
            found.append(Surface((left, top, left + wide, top + high), (red, green, blue), fill))
    return tuple(found)


def _filled(mask: NDArray[np.uint8]) -> float:
    """Pixels of a component with its holes."""
    contours, _ = cv2.findContours(np.pad(mask, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), np.uint8)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    return float(filled.sum())


def _rules(edges: Mask, texts: Sequence[Rectangle]) -> tuple[Rectangle, ...]:
    """Thin horizontal lines of some length: underlines and separators."""
    width = edges.shape[1]
    free = edges.astype(np.uint8)
    for left, top, right, bottom in texts:
        free[top:bottom, left:right] = 0
    length = max(40, width // 6)
    runs = cv2.morphologyEx(free, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    count, _, statistics, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    boxes = [tuple(int(value) for value in statistics[label][:4]) for label in range(1, count)]
    return tuple((x, y, x + wide, y + high) for x, y, wide, high in boxes if high <= 6)


def _marks(
    edges: Mask, surfaces: Sequence[Surface], texts: Sequence[Rectangle], rules: Sequence[Rectangle]
) -> tuple[Rectangle, ...]:
    """Boxes of drawn things: edges that belong neither to text, nor to a rule, nor to a large surface's border."""
    height, width = edges.shape
    free = edges.astype(np.uint8)
    for surface in surfaces:
        left, top, right, bottom = surface.box
        if surface.fill >= RECTANGULAR and max(right - left, bottom - top) > 0.1 * max(width, height):
            _clear_border(free, surface.box)
    for left, top, right, bottom in rules:
        free[max(0, top - 1) : bottom + 1, left:right] = 0
    for left, top, right, bottom in texts:
        free[max(0, top - 1) : bottom + 1, max(0, left - 2) : right + 2] = 0
    reach = max(2, round(max(width, height) / 400))
    joined = cv2.morphologyEx(free, cv2.MORPH_CLOSE, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found: list[Rectangle] = []
    for label in range(1, count):
        left, top, wide, high, _area = (int(value) for value in statistics[label])
        if min(wide, high) < 5 or max(wide, high) < LEAST_SIDE or wide * high > 0.9 * width * height:
            continue
        inside: NDArray[Any] = free[top : top + high, left : left + wide]
        if inside[labels[top : top + high, left : left + wide] == label].sum() >= 12:
            found.append((left, top, left + wide, top + high))
    return tuple(found)


def _clear_border(free: NDArray[np.uint8], box: Rectangle, thickness: int = 4) -> None:
    left, top, right, bottom = box
    for x in (left, right):
        for y in (top, bottom):
            free[max(0, y - CORNER) : y + CORNER, max(0, x - CORNER) : x + CORNER] = 0
    rows = slice(max(0, top - thickness), bottom + thickness)
    columns = slice(max(0, left - thickness), right + thickness)
    free[rows, max(0, left - thickness) : left + 2] = 0
    free[rows, max(0, right - 2) : right + thickness] = 0
    free[max(0, top - thickness) : top + 2, columns] = 0
    free[max(0, bottom - 2) : bottom + thickness, columns] = 0
