"""How large the writing in a picture is, measured cheaply, so that the detector sees it at the size it needs."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

CONTRAST: Final = 40
"""Grey levels by which ink differs from its surroundings."""
SURROUNDINGS: Final = 41
"""Side in pixels of the square that ink is compared with."""
SHORTEST: Final = 5
TALLEST: Final = 120
"""Heights in pixels of what may be a letter."""
SMALL_PRINT: Final = 10
"""Per cent of the letters that may be smaller than the small print's."""
LETTERS_LOOKED_AT: Final = 2000


def letter_heights(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Heights in pixels of the small print's and of the usual letters in `pixels` `(height, width, 3)` RGB; or zeros.

    Letters are connected marks, darker or lighter than their surroundings, with a mark of like height beside them.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    around = cv2.blur(grey, (SURROUNDINGS, SURROUNDINGS))
    heights = [_chained_heights(cv2.subtract(*pair) > CONTRAST) for pair in ((around, grey), (grey, around))]
    found = np.concatenate(heights)
    if not found.size:
        return 0.0, 0.0
    small, usual = np.percentile(found, (SMALL_PRINT, 50))
    return float(small), float(usual)


def _chained_heights(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Heights of the marks in `mask` that could be letters of a word."""
    _, _, marks, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    _, _, width, height, area = marks[1:].T
    filled = area / np.maximum(width * height, 1)
    fits = (height >= SHORTEST) & (height <= TALLEST) & (width <= 2.5 * height) & (width >= 0.15 * height)
    letters = marks[1:][fits & (filled > 0.15) & (filled < 0.95)][:LETTERS_LOOKED_AT].astype(np.float64)
    if not len(letters):
        return np.empty(0)
    left, top, width, height, _ = letters.T
    middle = top + height / 2
    gap = left[None, :] - (left + width)[:, None]
    beside = (gap > -1) & (gap < 1.2 * height[:, None])
    beside &= np.abs(middle[None, :] - middle[:, None]) < 0.4 * height[:, None]
    beside &= (height[None, :] > 0.6 * height[:, None]) & (height[None, :] < 1.7 * height[:, None])
    chained: NDArray[np.float64] = height[beside.any(axis=0) | beside.any(axis=1)]
    return chained
