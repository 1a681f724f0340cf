"""Resizing: antialiased Lanczos, as Pillow computes it, with SIMD."""

from __future__ import annotations

from math import ceil

import numpy as np
from cykooz_resizer import CropBox, FilterType, ImageData, PixelType, ResizeAlg, ResizeOptions, Resizer
from numpy.typing import NDArray

from beholder.evidence import Size

SUPPORT = 3
"""Pixels of the smaller picture that the kernel (Lanczos, a = 3) reaches to each side."""

BAND_ROWS = 128
"""Rows that are made at a time. The resizer copies what it is given: a band stays in the cache, a whole picture of the
largest size would be half a gigabyte more. Of 16 to 4,096 rows, 128 was the fastest."""

_KERNEL = ResizeAlg.convolution(FilterType.lanczos3)
_PIXEL_TYPES = {2: PixelType.U8, 3: PixelType.U8x3}


def resize(pixels: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """`pixels`, `(height, width)` or `(height, width, 3)` uint8, at `size`; the same array when it has that size.

    Equals Pillow's `Image.Resampling.LANCZOS` but for a level or two of rounding (above 70 dB). Like Pillow, it makes
    rows narrower first and fewer second: overshoot at sharp edges is clipped in between, so the order can be seen.
    """
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    resizer = Resizer()
    resized = np.empty((size[1], size[0], *pixels.shape[2:]), np.uint8)
    scale = height / size[1]
    reach = SUPPORT * max(scale, 1.0) + 1
    for top in range(0, size[1], BAND_ROWS):
        bottom = min(size[1], top + BAND_ROWS)
        first, last = max(0, int(top * scale - reach)), min(height, ceil(bottom * scale + reach))
        narrow = _convolve(resizer, pixels[first:last], CropBox(0, 0, width, last - first), (size[0], last - first))
        # The band's own rows; those around them give the kernel its neighbours. Rounding may reach beyond by a hair.
        start = top * scale - first
        box = CropBox(0, start, size[0], min((bottom - top) * scale, last - first - start))
        resized[top:bottom] = _convolve(resizer, narrow, box, (size[0], bottom - top))
    return resized


def _convolve(resizer: Resizer, source: NDArray[np.uint8], box: CropBox, size: Size) -> NDArray[np.uint8]:
    """The part `box` of `source` at `size`, in one pass when only one edge changes."""
    kind = _PIXEL_TYPES[source.ndim]
    given = ImageData(source.shape[1], source.shape[0], kind, source.tobytes())
    made = ImageData(*size, kind)
    resizer.resize(given, made, ResizeOptions(resize_alg=_KERNEL, crop_box=box))
    return np.frombuffer(made.get_buffer(), np.uint8).reshape(size[1], size[0], *source.shape[2:])
