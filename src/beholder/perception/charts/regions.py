"""Solid regions of one colour: the pixels that bars, slices and areas are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.perception.charts.scene import Colour, Scene, distance, largest_channel, quantized

MOST_COLOURS: Final = 40
SAME_COLOUR: Final = 16
"""Pixels within this of a palette colour, in every channel, belong to it."""
NEAR_GROUND: Final = 22
"""Colours this near to the background are tints of it, not marks."""
FAR: Final = 30
FLAT: Final = 16
"""A pixel is inside a solid region when its 3 x 3 neighbourhood differs by no more than this in any channel."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A connected region: `box` is `(left, top, right, bottom)` in working pixels, right and bottom exclusive.

    `fill` is the part of the box inside its outline (letters printed on it do not count as holes); `pixels` counts the
    pixels of the colour itself.
    """

    box: tuple[int, int, int, int]
    colour: Colour
    fill: float
    pixels: int
    contour: NDArray[np.int32]

    @property
    def width(self) -> int:
        """In working pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        """In working pixels."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """The picture's solid colours, the commonest first; `labels` is each pixel's index, -1 where none is near."""

    colours: tuple[Colour, ...]
    labels: NDArray[np.int8]


def find_palette(scene: Scene) -> Palette:
    """The colours of flat places, and each pixel's nearest of them."""
    pixels = scene.pixels
    kernel = np.ones((3, 3), np.uint8)
    gradient = largest_channel(cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, kernel))
    codes = quantized(pixels)
    flat = gradient <= FLAT
    flat_codes, flat_pixels = codes[flat], pixels[flat]
    counts = np.bincount(flat_codes, minlength=32768)
    means = [np.bincount(flat_codes, flat_pixels[:, channel], 32768) / np.maximum(counts, 1) for channel in range(3)]
    least = max(12, int(0.00005 * codes.size))
    colours: list[Colour] = []
    for code in np.argsort(counts)[::-1][:400]:
        if counts[code] < least or len(colours) >= MOST_COLOURS:
            break
        colour = (round(means[0][code]), round(means[1][code]), round(means[2][code]))
        if all(distance(colour, other) > SAME_COLOUR for other in colours):
            colours.append(colour)
    labels = _nearest(pixels, colours)
    _fill_under_texts(scene, labels, [index for index, c in enumerate(colours) if distance(c, scene.background) > FAR])
    return Palette(tuple(colours), labels)


def _fill_under_texts(scene: Scene, labels: NDArray[np.int8], marks: list[int]) -> None:
    """Where a column of a text's box is one mark's colour above and below the letters, make it that throughout."""
    is_mark = np.zeros(256, bool)
    is_mark[marks] = True
    for text in scene.texts:
        left, top, right, bottom = (round(edge) for edge in text.box)
        part = labels[max(top, 0) : bottom, max(left, 0) : right]
        if part.shape[0] < 6 or part.shape[1] < 3:
            continue
        for inset in range(part.shape[0] // 3):
            inner = part[inset : part.shape[0] - inset]
            columns = (inner[0] == inner[-1]) & is_mark[inner[0].astype(np.uint8)]
            inner[:, columns] = inner[0, columns]


def _nearest(pixels: NDArray[np.uint8], colours: list[Colour]) -> NDArray[np.int8]:
    """By a table over the 5-bit codes, which is exact to 4 levels: far within `SAME_COLOUR`."""
    codes = np.arange(32768)
    centres = np.stack([(codes >> 10) * 8 + 4, ((codes >> 5) & 31) * 8 + 4, (codes & 31) * 8 + 4], axis=1)
    nearest = np.full(32768, -1, np.int8)
    closest = np.full(32768, SAME_COLOUR + 4)
    for index, colour in enumerate(colours):
        away = np.abs(centres - np.array(colour)).max(axis=1)
        better = away < closest
        nearest[better], closest[better] = index, away[better]
    return np.asarray(nearest[quantized(pixels)])


def find_regions(scene: Scene, palette: Palette) -> tuple[Region, ...]:
    """Every solid region that is not background, largest first."""
    least = max(6, int(0.00001 * scene.width * scene.height))
    regions: list[Region] = []
    solid = _solid(palette.labels)
    for index, colour in enumerate(palette.colours):
        if distance(colour, scene.background) <= NEAR_GROUND:
            continue
        mask = (solid == index).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            region = _region(contour, colour, mask)
            if region is not None and region.pixels >= least:
                regions.append(region)
    regions.sort(key=lambda region: -region.pixels)
    return tuple(regions)


def _solid(labels: NDArray[np.int8]) -> NDArray[np.int8]:
    """Without the pixels that are in no 2 x 2 square of one colour: blurred edges pass through other colours."""
    square = (labels[:-1, :-1] == labels[1:, :-1]) & (labels[:-1, 1:] == labels[1:, 1:])
    square &= labels[:-1, :-1] == labels[1:, 1:]
    kept = np.zeros(labels.shape, bool)
    for rows, columns in ((slice(None, -1), slice(None, -1)), (slice(1, None), slice(None, -1))):
        kept[rows, columns] |= square
        kept[rows, slice(1, None)] |= square
    return np.where(kept, labels, np.int8(-1)).astype(np.int8)


def _region(contour: NDArray[np.int32], colour: Colour, mask: NDArray[np.uint8]) -> Region | None:
    left, top, width, height = cv2.boundingRect(contour)
    if width * height < 6 or width < 2 or height < 1:
        return None
    # contourArea runs through pixel centres: the outer half pixels are added back.
    inside = cv2.contourArea(contour) + cv2.arcLength(contour, True) / 2 + 1
    pixels = int(mask[top : top + height, left : left + width].sum())
    fill = min(1.0, inside / (width * height))
    return Region((left, top, left + width, top + height), colour, fill, pixels, contour)
