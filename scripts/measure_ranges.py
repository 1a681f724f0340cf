"""Measure the ranges in `src/beholder/perception/recogniser_ranges.py`, on lines that are drawn here, and print them.

    .venv/bin/python scripts/measure_ranges.py > src/beholder/perception/recogniser_ranges.py

Each line is seen as it is drawn and once more spoilt: blurred, noisy, inverted or faint, and half of these as a JPEG of
low quality.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from beholder.bench.answer_drawn import drawn
from beholder.perception.detection import TextDetector
from beholder.perception.eight_bit import measured
from beholder.perception.ocr_models import RECOGNISER, digest, normalised
from beholder.perception.recognition import best_only, crop_line, padded
from beholder.perception.text import detector_scale

LINES: Final = 14
"""Of each picture, about."""
PERCENTILE: Final = 99.995

HEAD: Final = '''\
"""The range of what flows into each 1x1 convolution of the recogniser, for `eight_bit.py`.

Written by `scripts/measure_ranges.py`.
"""

from __future__ import annotations

from typing import Final
'''


def lines() -> Iterator[NDArray[np.uint8]]:
    """Lines of drawn receipts, invoices, charts and dashboards, `(1, 48, width, 3)`, as the recogniser sees them."""
    detector = TextDetector(threads=0)
    chance = np.random.default_rng(5)
    for task in drawn():
        pixels = np.asarray(Image.open(io.BytesIO(task.picture)).convert("RGB"))
        quads = detector.detect(pixels, detector_scale(pixels, "auto"))
        for quad in quads[:: max(1, len(quads) // LINES)]:
            line = padded(crop_line(pixels, quad))
            yield line
            yield spoilt(line[0], chance)[None]


def spoilt(line: NDArray[np.uint8], chance: np.random.Generator) -> NDArray[np.uint8]:
    """`line` `(height, width, 3)` as a bad scan shows it."""
    values = line.astype(np.float32)
    match chance.integers(4):
        case 0:
            values = cv2.GaussianBlur(values, (0, 0), chance.uniform(0.6, 1.6)).astype(np.float32)
        case 1:
            values += chance.normal(0, chance.uniform(4, 22), values.shape)
        case 2:
            values = 255 - values
        case _:
            values = values * chance.uniform(0.4, 0.9) + chance.uniform(0, 70)
    pixels = np.clip(values, 0, 255).astype(np.uint8)
    if chance.random() < 0.5:
        _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(25, 70))])
        return np.asarray(Image.open(io.BytesIO(encoded.tobytes())).convert("RGB"))[:, :, ::-1].copy()
    return pixels


def main() -> None:
    """Print the module."""
    ranges = measured(best_only(normalised(RECOGNISER)), list(lines()), PERCENTILE)
    entries = [f'    "{name}": ({low:.4g}, {high:.4g}),\n' for name, (low, high) in ranges.items()]
    sys.stdout.write(f'{HEAD}\nMEASURED_ON: Final = "{digest(RECOGNISER)}"\n"""BLAKE3 of the model."""\n\n')
    sys.stdout.write(f"RANGES: Final = {{\n{''.join(entries)}}}\n")


if __name__ == "__main__":
    main()
