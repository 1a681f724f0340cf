"""The picture at working size: pixels, background, and its text with numbers and ink, in working pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Box, TextLine
from beholder.perception.charts.numbers import Number, parse_number

WORKING_PIXELS: Final = 900_000
"""Larger pictures are shrunk to about this many pixels: marks stay several pixels wide, time stays bounded."""

FAR_APART: Final = 0.85
"""Words of one label are closer than this part of the line's height."""

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A line, or part of one, in working pixels. `ink` is the colour of its strokes, sRGB."""

    text: str
    box: Box
    number: Number | None
    ink: Colour
    confidence: float

    @property
    def middle(self) -> tuple[float, float]:
        """The centre, `(x, y)`."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def height(self) -> float:
        """From top to bottom in working pixels."""
        return self.box[3] - self.box[1]

    @property
    def width(self) -> float:
        """From left to right in working pixels."""
        return self.box[2] - self.box[0]


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture made ready: `pixels` is `(height, width, 3)` uint8 at working size.

    `to_original` are the factors from working to original pixels, horizontally and vertically.
    """

    pixels: NDArray[np.uint8]
    texts: tuple[Text, ...]
    to_original: tuple[float, float]

    @property
    def width(self) -> int:
        """In working pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """In working pixels."""
        return int(self.pixels.shape[0])

    @cached_property
    def background(self) -> Colour:
        """The commonest colour along the picture's edges."""
        edge = max(2, round(0.03 * min(self.width, self.height)))
        sides = (self.pixels[:edge], self.pixels[-edge:], self.pixels[:, :edge], self.pixels[:, -edge:])
        frame = np.concatenate([side.reshape(-1, 3) for side in sides])
        codes = quantized(frame)
        code = int(np.bincount(codes, minlength=32768).argmax())
        return mean_colour(frame[codes == code])

    @cached_property
    def text_mask(self) -> NDArray[np.bool_]:
        """`(height, width)`: true where text stands."""
        mask = np.zeros(self.pixels.shape[:2], bool)
        for text in self.texts:
            left, top, right, bottom = (round(edge) for edge in text.box)
            mask[max(top, 0) : bottom, max(left, 0) : right] = True
        return mask

    def original(self, box: Box) -> Box:
        """A box in working pixels as one in original pixels."""
        across, down = self.to_original
        return box[0] * across, box[1] * down, box[2] * across, box[3] * down


def set_scene(pixels: NDArray[np.uint8], lines: Sequence[TextLine], scale: tuple[float, float]) -> Scene:
    """The scene of a picture.

    `pixels` is `(height, width, 3)` sRGB as delivered, `lines` are in original pixels, `scale` holds the factors from
    delivered to original pixels.
    """
    height, width = pixels.shape[:2]
    factor = min(1.0, (WORKING_PIXELS / (height * width)) ** 0.5)
    if factor < 1:
        size = max(round(width * factor), 1), max(round(height * factor), 1)
        small = np.asarray(cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA), np.uint8)
    else:
        small = pixels
    to_original = scale[0] * width / small.shape[1], scale[1] * height / small.shape[0]
    texts = tuple(
        _text(piece, box, line, small, to_original)
        for line in lines
        for piece, box in _pieces(line, small, to_original)
    )
    return Scene(small, texts, to_original)


def quantized(pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Five bits a channel in one number from 0 to 32767."""
    high = (pixels >> 3).astype(np.int32)
    return np.asarray((high[..., 0] << 10) | (high[..., 1] << 5) | high[..., 2])


def largest_channel(values: NDArray[Any]) -> NDArray[Any]:
    """The largest of each pixel's three channels: several times as fast as `max(axis=2)`."""
    return np.asarray(np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2]))


def smallest_channel(values: NDArray[Any]) -> NDArray[Any]:
    """The smallest of each pixel's three channels."""
    return np.asarray(np.minimum(np.minimum(values[..., 0], values[..., 1]), values[..., 2]))


def mean_colour(pixels: NDArray[np.uint8]) -> Colour:
    """The mean of `(n, 3)` pixels."""
    red, green, blue = (round(float(channel)) for channel in pixels.reshape(-1, 3).mean(axis=0))
    return red, green, blue


def distance(one: Colour, other: Colour) -> int:
    """The largest difference of a channel."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def saturation(colour: Colour) -> int:
    """How far a colour is from grey, 0 to 255."""
    return max(colour) - min(colour)


def _pieces(line: TextLine, pixels: NDArray[np.uint8], to_original: tuple[float, float]) -> list[tuple[str, Box]]:
    """A line cut where words stand far apart: labels of neighbouring marks are often read as one line."""
    whole = [(line.text, line.box)]
    height, width = line.box[3] - line.box[1], line.box[2] - line.box[0]
    if len(line.text.split()) < 2 or width < 2.2 * height or parse_number(line.text) is not None:
        return whole
    words = [(word.text, word.box) for word in sorted(line.words, key=lambda word: word.box[0])]
    words = words or _words_by_ink(line, pixels, to_original)
    if len(words) < 2:
        return whole
    are_numbers = all(parse_number(text) is not None or len(text) <= 1 for text, _ in words)
    groups = [[words[0]]]
    for word in words[1:]:
        gap = word[1][0] - groups[-1][-1][1][2]
        if gap > (0.3 if are_numbers else FAR_APART) * height:
            groups.append([word])
        else:
            groups[-1].append(word)
    if len(groups) == 1:
        return whole
    return [(" ".join(text for text, _ in group), _union([box for _, box in group])) for group in groups]


def _words_by_ink(line: TextLine, pixels: NDArray[np.uint8], to_original: tuple[float, float]) -> list[tuple[str, Box]]:
    """The line's words with boxes from the gaps in its ink; empty where ink and words do not tally.

    A solid square is a legend's swatch, not a word.
    """
    across, down = to_original
    left, top, right, bottom = line.box[0] / across, line.box[1] / down, line.box[2] / across, line.box[3] / down
    crop = pixels[max(int(top), 0) : int(bottom) + 1, max(int(left), 0) : int(right) + 1].astype(np.int16)
    if crop.shape[0] < 4 or crop.shape[1] < 8:
        return []
    ground = np.median(crop.reshape(-1, 3), axis=0)
    ink = np.abs(crop - ground).max(axis=2) > 60
    tokens = line.text.split()
    height = crop.shape[0]
    for gap in (0.28, 0.22, 0.34, 0.17, 0.42, 0.5):
        runs = _runs(ink.any(axis=0), max(2, round(gap * height)))
        if len(runs) > len(tokens):
            runs = [run for run in runs if not _is_swatch(ink[:, run[0] : run[1]])]
        if len(runs) == len(tokens):
            edge = max(int(left), 0)
            return [
                (token, ((edge + start) * across, line.box[1], (edge + end) * across, line.box[3]))
                for token, (start, end) in zip(tokens, runs, strict=True)
            ]
    return []


def _runs(inked: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    """Stretches of inked columns, those less than `gap` apart as one."""
    columns = np.flatnonzero(inked)
    if columns.size == 0:
        return []
    breaks = np.flatnonzero(np.diff(columns) > gap)
    starts = [int(columns[0]), *(int(columns[index + 1]) for index in breaks)]
    ends = [*(int(columns[index]) + 1 for index in breaks), int(columns[-1]) + 1]
    return list(zip(starts, ends, strict=True))


def _is_swatch(ink: NDArray[np.bool_]) -> bool:
    rows = np.flatnonzero(ink.any(axis=1))
    if rows.size < 3:
        return False
    part = ink[rows[0] : rows[-1] + 1]
    return bool(part.mean() > 0.7 and 0.5 <= part.shape[1] / part.shape[0] <= 2)


def _union(boxes: Sequence[Box]) -> Box:
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _text(piece: str, box: Box, line: TextLine, pixels: NDArray[np.uint8], to_original: tuple[float, float]) -> Text:
    across, down = to_original
    small = box[0] / across, box[1] / down, box[2] / across, box[3] / down
    return Text(piece, small, parse_number(piece), _ink(pixels, small), line.confidence)


def _ink(pixels: NDArray[np.uint8], box: Box) -> Colour:
    """The colour furthest from the commonest one in the box: the middle of the strongest tenth."""
    left, top, right, bottom = (round(edge) for edge in box)
    crop = pixels[max(top, 0) : max(bottom, 1), max(left, 0) : max(right, 1)].reshape(-1, 3)
    if crop.size == 0:
        return 0, 0, 0
    ground = np.median(crop, axis=0)
    strength = np.abs(crop - ground).sum(axis=1)
    strongest = crop[strength >= np.quantile(strength, 0.93)]
    red, green, blue = (int(channel) for channel in np.median(strongest, axis=0))
    return red, green, blue
