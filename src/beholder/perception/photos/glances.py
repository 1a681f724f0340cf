"""Looking at a picture more than once: whole, and at overlapping squares of it, so that small things count too."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from beholder.evidence import Box
from beholder.perception.photos.classifier import EDGE, Classifier
from beholder.types import Image

LEVELS: Final = (2, 3)
"""Squares with this many, half overlapping, along the longer edge; measured in the decision record on photos."""

MOST_ALONG: Final = 6
"""Squares along one edge, however long and narrow the picture is."""


@dataclass(frozen=True, slots=True, eq=False)
class Glances:
    """What the classifier says of each look. `boxes` are in original pixels, the first is the whole picture.

    `probabilities` is `(looks, 1000)` float32.
    """

    boxes: tuple[Box, ...]
    probabilities: NDArray[np.float32]

    def strongest(self, classes: tuple[int, ...]) -> tuple[float, int]:
        """The highest probability that a look gives to these classes together, and which look it is."""
        together = self.probabilities[:, list(classes)].sum(axis=1)
        look = int(together.argmax())
        return min(1.0, float(together[look])), look


def glance(classifier: Classifier, image: Image) -> Glances:
    """Classify the whole picture, squeezed into a square, and the squares of each of `LEVELS`."""
    windows = [(0.0, 0.0, float(image.size[0]), float(image.size[1]))]
    for level in LEVELS:
        windows += _squares(*image.size, level)
    picture = Pillow.fromarray(image.pixels)
    looks = [
        np.asarray(picture.resize((EDGE, EDGE), Pillow.Resampling.BICUBIC, box=window, reducing_gap=2.0))
        for window in windows
    ]
    across, down = image.scale
    boxes = tuple((x0 * across, y0 * down, x1 * across, y1 * down) for x0, y0, x1, y1 in windows)
    return Glances(boxes, classifier.probabilities(np.stack(looks)))


def _squares(width: int, height: int, level: int) -> Iterator[Box]:
    side = min(width, height, max(width, height) * 2 / (level + 1))
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield left, top, left + side, top + side


def _starts(length: int, side: float) -> list[float]:
    # Less a little, since a third of a length three times may be more than the length.
    count = min(MOST_ALONG, math.ceil(2 * (length - side) / side - 1e-6) + 1)
    return [(length - side) * place / max(1, count - 1) for place in range(count)]
