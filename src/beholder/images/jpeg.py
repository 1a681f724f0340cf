"""The pixels of a JPEG, by libjpeg-turbo: strictly, and at a fraction of the size where less is wanted."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from beholder.evidence import Size
from beholder.images.formats.header import Header, damaged
from beholder.images.formats.jpeg import END_OF_IMAGE, tidy

SHRINK_GAP: Final = 1.75
"""How much larger than the delivered size the fraction that is decoded must be. The inverse cosine transform cuts
frequencies more bluntly than the kernel of the final resize, which hides it from about this gap on: on a detailed
photo, against Pillow in full, 42 dB at 1.3, 47 dB at 1.5, 50 dB at 2, 52 dB at 2.6."""

FRACTIONS: Final = (8, 4, 2)
"""Divisors for which libjpeg-turbo has SIMD code."""

_COLOURS = {"grey": "GRAY", "colour": "RGB", "CMYK": "CMYK"}

HARMLESS: Final = re.compile(
    r"Invalid SOS parameters for sequential JPEG"  # some encoders leave the fields of progressive files unset
    r"|Warning: unknown JFIF revision number"
    r"|Unknown Adobe color transform code"
)
"""Remarks of libjpeg (jerror.h) about files whose picture is whole. Each other says that a part is lost, but for:"""

STRAY: Final = re.compile(r"Corrupt JPEG data: (\d+) extraneous bytes before marker")

STRAY_BYTES: Final = 8
"""Stray bytes before a marker that whole pictures have: web cameras pad their data to 2, 4 or 8 bytes. Of 400 files
with a flipped bit, those that left any left 12 or more."""

PADDING: Final = b"\x00\xff"
"""What else may stand before the end of the image, in any number: drones and scanners fill up with it."""


def read(data: bytes, header: Header, delivered: Size) -> NDArray[np.uint8] | None:
    """`(height, width)` or `(height, width, 3)` uint8 of a grey or colour JPEG, as stored: not turned, not converted.

    The size is the stored one, or a fraction of it when `delivered` is much smaller. None for what libjpeg-turbo's
    simple interface does not decode (CMYK to colour, odd subsampling). Raises `ImageFault` where a part of the picture
    is lost.
    """
    if header.colour not in _COLOURS:
        return None
    width, height = (-(-edge // _fraction(header.size, delivered)) for edge in header.size)
    if header.colour == "CMYK":
        # Only to see that it is whole: the conversion knows ink and profiles, and is Pillow's and Little CMS's.
        width, height = (-(-edge // FRACTIONS[0]) for edge in header.size)
    pixels = _decode(data, _COLOURS[header.colour], width, height)
    if pixels is None or header.colour == "CMYK":
        return None
    if pixels.shape[1::-1] != (width, height):
        raise damaged("JPEG", "it holds two different sizes")
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def _fraction(size: Size, delivered: Size) -> int:
    for fraction in FRACTIONS:
        if all(wanted * SHRINK_GAP <= edge / fraction for edge, wanted in zip(size, delivered, strict=True)):
            return fraction
    return 1


def _decode(data: bytes, colour: str, width: int, height: int) -> NDArray[np.uint8] | None:
    """The smallest decoding of at least this size; None for what is not supported. Raises `ImageFault`."""

    def attempt(file: bytes, strict: bool) -> NDArray[np.uint8]:
        pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(
            file, colour, min_width=width, min_height=height, min_factor=1, strict=strict
        )
        return pixels

    try:
        return attempt(data, strict=True)
    except (ValueError, KeyError):
        tidied = tidy(data)
    try:
        return attempt(tidied, strict=True)
    except (ValueError, KeyError) as error:
        remark = str(error)
    try:
        pixels = attempt(tidied, strict=False)
    except (ValueError, KeyError):
        return None  # not a remark: it cannot be decoded here at all
    if not _is_harmless(remark, tidied):
        raise damaged("JPEG", "a part of its picture data is lost")
    return pixels


def _is_harmless(remark: str, data: bytes) -> bool:
    """Whether libjpeg's first remark, which the library gives as text alone, leaves the picture whole."""
    stray = STRAY.search(remark)
    if stray is None:
        return HARMLESS.search(remark) is not None
    count, end = int(stray[1]), data.rfind(END_OF_IMAGE)
    return count <= STRAY_BYTES or not data[max(0, end - count) : end].strip(PADDING)
