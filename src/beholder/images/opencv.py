"""The pixels of PNG and WebP, by OpenCV, for the forms in which they equal Pillow's and come sooner."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.images.formats.header import Header
from beholder.images.formats.png import pixel_chunks

Planes = tuple[NDArray[np.uint8], NDArray[np.uint8] | None]
"""Colour `(height, width)` or `(height, width, 3)` as RGB, and alpha `(height, width)`, None for an opaque picture."""


def read(data: bytes, header: Header) -> Planes | None:
    """The pixels as stored: not turned, not converted. None for the forms, and the faults, that are left to Pillow."""
    if header.bits > 8 or header.size[0] < 1 or header.format not in {"PNG", "WebP"}:
        return None
    encoded: bytes | None = data
    if header.format == "PNG":
        if header.colour == "grey with alpha" or (header.colour == "grey" and header.bits < 8):
            return None
        encoded = pixel_chunks(data)
    if encoded is None:
        return None
    return _decode(encoded, header)


def _decode(data: bytes, header: Header) -> Planes | None:
    has_alpha = header.colour == "colour with alpha"
    mode = cv2.IMREAD_COLOR_RGB
    if has_alpha:
        mode = cv2.IMREAD_UNCHANGED
    elif header.colour == "grey":
        mode = cv2.IMREAD_GRAYSCALE
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), mode | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    if pixels is None or pixels.shape[1::-1] != header.size or pixels.dtype != np.uint8:
        return None
    return _separate(pixels) if has_alpha else (pixels, None)


def _separate(pixels: NDArray[np.uint8]) -> Planes | None:
    if pixels.ndim != 3:
        return None
    if pixels.shape[2] == 3:
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), None
    alpha = cv2.extractChannel(pixels, 3)
    return cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB), None if alpha.min() == 255 else alpha
