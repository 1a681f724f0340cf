"""What a picture looks like as a whole: its main colours, its brightness, its contrast, how sharp it is."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Label
from beholder.perception.colours import colour_name, hexadecimal
from beholder.types import Image

COLOUR_METHOD: Final = "colour:share"
LEAST_SHARE: Final = 0.08
"""Of the picture, for a colour to be named."""

MOST_COLOURS: Final = 5
COLOUR_EDGE: Final = 48
"""Pixels of the reduced picture that colours are counted in."""

SHARPNESS_EDGE: Final = 512
"""Pixels of the longest edge at which sharpness is measured, so that it does not depend on the picture's size."""

HALF_SHARP: Final = 100.0
"""Variance of the Laplacian at which a picture counts as half sharp (Pech-Pacheco et al., 2000, for the measure)."""


def appearance(image: Image) -> tuple[Label, ...]:
    """`colour <name> <hex>` with its share of the picture, the largest first, then brightness, contrast, sharpness.

    Each score is from 0 to 1: brightness is the mean luma, contrast twice its standard deviation.
    """
    small = cv2.resize(image.pixels, (COLOUR_EDGE, COLOUR_EDGE), interpolation=cv2.INTER_AREA)
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float64) / 255
    return (
        *_colours(small.reshape(-1, 3)),
        Label("brightness", float(luma.mean()), "luma:mean"),
        Label("contrast", min(1.0, 2 * float(luma.std())), "luma:deviation"),
        Label("sharpness", _sharpness(image.pixels), "laplacian:variance"),
    )


def _colours(pixels: NDArray[np.uint8]) -> list[Label]:
    by_name: dict[str, list[NDArray[np.uint8]]] = {}
    for pixel in pixels:
        by_name.setdefault(colour_name(pixel.tolist()), []).append(pixel)
    ranked = sorted(by_name.items(), key=lambda each: len(each[1]), reverse=True)
    return [
        Label(f"colour {name} {hexadecimal(np.mean(found, axis=0))}", len(found) / len(pixels), COLOUR_METHOD)
        for name, found in ranked[:MOST_COLOURS]
        if len(found) >= LEAST_SHARE * len(pixels)
    ]


def _sharpness(pixels: NDArray[np.uint8]) -> float:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    factor = min(1.0, SHARPNESS_EDGE / max(grey.shape))
    if factor < 1:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    variance = float(cv2.Laplacian(grey, cv2.CV_64F).var())
    return variance / (variance + HALF_SHARP)
