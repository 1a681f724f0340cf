"""The judgement of a picture by its header alone: format, animation, size. No pixel is decoded here."""

from __future__ import annotations

import struct

from beholder.images.fault import ImageFault, empty_file
from beholder.images.formats import foreign, reader
from beholder.images.formats.header import Header, cut_short, damaged

SUPPORTED = "PNG, JPEG, WebP and non-animated GIF"


def inspect(data: bytes, max_pixels: int) -> Header:
    """The header of a supported, still picture of at most `max_pixels` (width × height).

    The declared type of a source plays no part. Raises `ImageFault`.
    """
    if not data:
        raise empty_file()
    known = reader(data)
    if known is None:
        name = foreign.describe(data)
        raise ImageFault(
            "unsupported_image_media_type",
            f"the file is {name}, and the supported formats are {SUPPORTED}; {foreign.advice(name)}",
        )
    try:
        header = known.read_header(data)
    except (struct.error, IndexError) as error:
        raise cut_short(known.format) from error
    _check(header, max_pixels)
    return header


def _check(header: Header, max_pixels: int) -> None:
    width, height = header.size
    if not width or not height:
        raise damaged(header.format, f"its header says {width} × {height} pixels")
    if header.frames > 1:
        raise ImageFault(
            "unsupported_image_media_type",
            f"the {header.format} file is animated, and the supported formats are {SUPPORTED}; send one of its frames "
            "as a still picture",
        )
    if width * height > max_pixels:
        raise ImageFault(
            "image_too_large",
            f"the picture has {width} × {height} = {width * height:,} pixels, and the limit is {max_pixels:,}; "
            "send a smaller one",
        )
