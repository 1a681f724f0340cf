"""What the judges of a design share: the screen as seen, weighed findings, and how places and texts are spoken of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Box, Element, Finding, TextLine

Weighed = tuple[float, Finding]
"""A finding and how much it matters; only the order means anything, within one severity."""

PHONE_WIDTH: Final = 393.0
"""CSS pixels across a phone held upright: the commonest class of devices has 360 to 430."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A screen: `pixels` `(height, width, 3)` as delivered, `scale` to original pixels, in which the boxes are.

    `density` is how many original pixels one CSS pixel is taken to have.
    """

    pixels: NDArray[np.uint8]
    lines: tuple[TextLine, ...]
    elements: tuple[Element, ...]
    scale: tuple[float, float]
    density: float

    @property
    def width(self) -> float:
        """Original pixels across."""
        return float(self.pixels.shape[1] * self.scale[0])

    @property
    def height(self) -> float:
        """Original pixels down."""
        return float(self.pixels.shape[0] * self.scale[1])

    def crop(self, box: Box) -> NDArray[np.uint8]:
        """The delivered pixels of a box in original pixels."""
        left, right = (round(box[side] / self.scale[0]) for side in (0, 2))
        top, bottom = (round(box[side] / self.scale[1]) for side in (1, 3))
        return self.pixels[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]


def assumed_density(width: float, height: float) -> float:
    """Original pixels in a CSS pixel: by the width for a phone's upright screen, else 1, or 2 from 2,800 across.

    A picture does not say it; findings that rest on it must.
    """
    if height > 1.4 * width:
        return max(1.0, width / PHONE_WIDTH)
    return 2.0 if width >= 2800 else 1.0


def listed(texts: Sequence[str], most: int = 3) -> str:
    """Texts in quotation marks, the first few, and how many more there are."""
    quoted = [f'"{_short(text)}"' for text in dict.fromkeys(texts)]
    more = len(quoted) - most
    return ", ".join(quoted[:most]) + (f" and {more} more" if more > 0 else "")


def named(element: Element) -> str:
    """An element by kind and text: `button "Save"`, or by its place if it has none."""
    if element.text:
        return f'{element.kind} "{_short(element.text)}"'
    return f"{element.kind} at ({round(element.box[0])}, {round(element.box[1])})"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39].rstrip() + "…"
