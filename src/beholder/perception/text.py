"""Reading: pixels to lines of text with words, each with its box in original pixels (PP-OCRv6 on OpenVINO)."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from itertools import islice
from statistics import fmean
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Box, TextLine, Word
from beholder.perception.detection import Quad, TextDetector
from beholder.perception.recognition import Reading, TextRecogniser, sides
from beholder.perception.text_size import letter_heights
from beholder.perception.words import part_of, pieces
from beholder.types import Detail, Image

METHOD: Final = "ocr:pp-ocrv6-small"
LEAST_CONFIDENCE: Final = 0.5
"""Lines that the recogniser is less sure of are left out; rapidocr's own default."""

DETECTOR_HEIGHT: Final = 20.0
"""Pixels that a line's box should be high in the detector's input: from 18 on it finds what it finds at full size."""
SMALL_TO_LINE: Final = 1.6
"""The smallest lines' boxes over the small letters' height: seldom less than this on screens, charts and scans."""
USUAL_TO_LINE: Final = 1.8
"""The smallest lines' boxes over the usual letters' height, usually."""
LARGEST_SCALE: Final = 2.0
DETECTOR_PIXELS: Final[dict[Detail, int]] = {"low": 600_000, "auto": 4_000_000, "high": 16_000_000}
"""Pixels of the detector's input at most, by the detail asked for."""
WITHOUT_LETTERS: Final = 1_000_000
"""Pixels of the detector's input where no letters were measured: a photograph."""

UPRIGHT, DOWNWARDS, UPSIDE_DOWN, UPWARDS = range(4)
"""Quarter turns from the picture's corners to the text's: the corner of the box at which the text begins."""
TALL: Final = 1.5
"""A box so many times as high as wide may hold text that runs up or down; rapidocr's own value."""
ONE_LETTER: Final = 2.5
"""A box that is not so much higher than wide may as well be an upright digit."""
LONE_CONFIDENCE: Final = 0.75
"""What a single character needs if it is no digit, since icons read as one."""
DOUBTFUL_PAGE: Final = 0.8
"""A page that is read with less confidence is tried upside down."""
LINES_TRIED: Final = 8


class TextReader:
    """The text detector and recogniser, loaded from rapidocr's wheel. Not thread safe."""

    def __init__(self, *, threads: int = 0) -> None:
        cores = threads or os.cpu_count() or 1
        self._detector = TextDetector(threads=cores)
        self._recogniser = TextRecogniser(threads=cores)

    def read(self, image: Image) -> tuple[TextLine, ...]:
        """The lines of text in `image`, from top to bottom, with their words in the order read."""
        quads = self._detector.detect(image.pixels, detector_scale(image.pixels, image.detail))
        lines = self._best(image.pixels, [(quad, turns_of(quad)) for quad in quads])
        if _is_doubtful(lines):
            lines = self._turned_over(image.pixels, lines)
        found = (_line(quad, reading, image) for quad, reading in lines)
        return tuple(sorted((line for line in found if _is_text(line)), key=lambda line: (line.box[1], line.box[0])))

    def _best(
        self, pixels: NDArray[np.uint8], boxes: Sequence[tuple[Quad, Sequence[int]]]
    ) -> list[tuple[Quad, Reading]]:
        """Each box, its first corner where the text begins, with the surest of its readings in the turns given."""
        turned = [np.roll(quad, -turn, axis=0) for quad, turns in boxes for turn in turns]
        readings = self._recogniser.read(pixels, turned)
        tried = iter(zip(turned, readings, strict=True))
        return [max(islice(tried, len(turns)), key=lambda pair: pair[1].confidence) for _, turns in boxes]

    def _turned_over(self, pixels: NDArray[np.uint8], lines: list[tuple[Quad, Reading]]) -> list[tuple[Quad, Reading]]:
        """The lines of a page that stands on its head; `lines` as they are if it does not."""
        longest = sorted(lines, key=lambda line: sides(line[0])[0], reverse=True)[:LINES_TRIED]
        over = self._best(pixels, [(quad, (UPSIDE_DOWN,)) for quad, _ in longest])
        if _mean_confidence(over) <= _mean_confidence(longest) + 0.1:
            return lines
        return self._best(pixels, [(quad, (UPSIDE_DOWN,)) for quad, _ in lines])


def turns_of(quad: Quad) -> tuple[int, ...]:
    """The turns in which a box's text may stand."""
    across, down = sides(quad)
    if down < TALL * across:
        return (UPRIGHT,)
    return (DOWNWARDS, UPWARDS) if down > ONE_LETTER * across else (UPRIGHT, DOWNWARDS, UPWARDS)


def _mean_confidence(lines: Sequence[tuple[Quad, Reading]]) -> float:
    return fmean(reading.confidence for _, reading in lines)


def _is_doubtful(lines: Sequence[tuple[Quad, Reading]]) -> bool:
    """Whether lines long enough to be words were read badly on the whole."""
    long = [line for line in lines if sides(line[0])[0] > 2 * sides(line[0])[1]]
    return len(long) > 2 and _mean_confidence(long) < DOUBTFUL_PAGE


def _is_text(line: TextLine) -> bool:
    is_mark = len(line.text) == 1 and not line.text.isdigit()
    least = LONE_CONFIDENCE if is_mark else LEAST_CONFIDENCE
    return bool(line.text) and line.confidence >= least


def _line(quad: Quad, reading: Reading, image: Image) -> TextLine:
    words = tuple(
        Word(text, _box(part_of(quad, begin, end), image), confidence)
        for text, begin, end, confidence in pieces(reading)
    )
    return TextLine(" ".join(word.text for word in words), _box(quad, image), reading.confidence, METHOD, words)


def detector_scale(pixels: NDArray[np.uint8], detail: Detail) -> float:
    """The factor that brings the writing in `pixels` to the height that the detector needs, within its budget."""
    area = int(pixels.shape[0]) * int(pixels.shape[1])
    small, usual = letter_heights(pixels)
    budget = DETECTOR_PIXELS[detail] if small else min(WITHOUT_LETTERS, DETECTOR_PIXELS[detail])
    largest = min(LARGEST_SCALE, math.sqrt(budget / area))
    if not small:
        return min(largest, 1.0)
    shrinks, grows = DETECTOR_HEIGHT / (SMALL_TO_LINE * small), DETECTOR_HEIGHT / (USUAL_TO_LINE * usual)
    return min(largest, shrinks if shrinks < 1 else max(grows, 1.0))


def _box(quad: Quad, image: Image) -> Box:
    """The upright box around four corners `(4, 2)` in delivered pixels, in original pixels."""
    (across, down), (width, height) = image.scale, image.original_size
    left, top = quad.min(axis=0)
    right, bottom = quad.max(axis=0)
    return (
        float(np.clip(left * across, 0, width)),
        float(np.clip(top * down, 0, height)),
        float(np.clip(right * across, 0, width)),
        float(np.clip(bottom * down, 0, height)),
    )
