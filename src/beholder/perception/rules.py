"""Drawn straight lines: the rulings of tables, the boxes of forms and the lines to write on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Box
from beholder.types import Image

CONTRAST: Final = 24
"""Grey levels by which a rule differs from the paper around it."""
SURROUNDINGS: Final = 25
SHORTEST: Final = 28
"""Pixels of a rule at least; letters have no straight strokes so long at reading sizes."""
THICKEST: Final = 8
"""Pixels across a rule at most; more is a filled area."""
BRIDGED: Final = 9
"""Pixels of a gap that scanning or dotting left in a rule."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Boxes of straight lines in original pixels."""

    horizontal: tuple[Box, ...] = ()
    vertical: tuple[Box, ...] = ()


NO_RULES: Final = Rules()


def find_rules(image: Image) -> Rules:
    """The horizontal and vertical rules of a picture: dark on a light page, light on a dark one."""
    grey = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY)
    around = cv2.blur(grey, (SURROUNDINGS, SURROUNDINGS))
    is_dark = float(np.median(grey)) < 128
    ink = ((cv2.subtract(grey, around) if is_dark else cv2.subtract(around, grey)) > CONTRAST).astype(np.uint8)
    horizontal, vertical = _runs(ink), _runs(np.ascontiguousarray(ink.T))
    return Rules(
        tuple(_scaled((left, top, right, bottom), image) for left, top, right, bottom in horizontal),
        tuple(_scaled((top, left, bottom, right), image) for left, top, right, bottom in vertical),
    )


def _runs(ink: NDArray[np.uint8]) -> list[Box]:
    """Boxes of long thin horizontal marks. A slight slant breaks a rule into steps, which closing downwards joins."""
    opened = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, SHORTEST), np.uint8))
    joined = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((3, BRIDGED), np.uint8))
    _, _, marks, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    return [
        (float(left), float(top), float(left + width), float(top + height))
        for left, top, width, height, area in marks[1:].tolist()
        if area / width <= THICKEST and width >= 5 * height
    ]


def _scaled(box: Box, image: Image) -> Box:
    across, down = image.scale
    return box[0] * across, box[1] * down, box[2] * across, box[3] * down
