"""JPEG by its bytes (ITU-T T.81): frame header and end of image."""

from __future__ import annotations

import struct

from beholder.images.fault import ImageFault
from beholder.images.formats.header import Header, cut_short, damaged

_COLOURS = {1: "grey", 3: "colour", 4: "CMYK"}
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15 without DHT, JPG and DAC, which share their range."""
_JPEG_LS = 0xF7
_START_OF_SCAN = 0xDA
END_OF_IMAGE = b"\xff\xd9"

MAX_SCANS = 500
"""Scans that a file may hold. Progressive encoders write about ten; each takes a pass over the whole picture, so that a
small file of many thousands would keep a decoder busy for hours. libjpeg-turbo's own tests use this limit."""


def read_header(data: bytes) -> Header:
    """The frame header. Raises `ImageFault`, `struct.error` or `IndexError` when cut short."""
    marker, position = _frame(data)
    bits, height, width, components = struct.unpack_from(">BHHB", data, position + 4)
    if marker == _JPEG_LS or bits != 8:
        kind = "JPEG-LS" if marker == _JPEG_LS else f"JPEG with {bits} bits per channel"
        raise ImageFault("unsupported_image_media_type", f"the file is a {kind}; save it as an ordinary 8-bit JPEG")
    return Header("JPEG", (width, height), bits, _COLOURS.get(components, f"{components} channels"))


def check_complete(data: bytes) -> None:
    """An end marker comes after the frame header, what follows it does not matter; and the scans can be counted.

    Raises `ImageFault`.
    """
    _, position = _frame(data)
    if data.count(bytes((0xFF, _START_OF_SCAN))) > MAX_SCANS:
        raise damaged("JPEG", f"it holds more than {MAX_SCANS} scans")
    if data.rfind(END_OF_IMAGE) < position:
        raise cut_short("JPEG")


def tidy(data: bytes) -> bytes:
    """The file without the junk that stands between its segments up to the first scan; whole segments are kept."""
    kept, position = [data[:2]], 2
    while True:
        start = data.find(b"\xff", position)
        if start < 0 or start + 4 > len(data):
            return data
        marker = data[start + 1]
        if marker == _START_OF_SCAN:
            return b"".join((*kept, data[start:]))
        if marker == 0xFF:
            position = start + 1
        elif marker <= 0x01 or 0xD0 <= marker <= 0xD8:
            position = start + 2
        else:
            (length,) = struct.unpack_from(">H", data, start + 2)
            position = start + 2 + max(length, 2)
            kept.append(data[start:position])


def _frame(data: bytes) -> tuple[int, int]:
    """Marker and position of the frame header. Junk between segments is skipped, as all decoders do."""
    position = 2
    while True:
        position = data.find(b"\xff", position)
        if position < 0:
            raise cut_short("JPEG")
        marker = data[position + 1]
        if marker in _FRAME_MARKERS or marker == _JPEG_LS:
            return marker, position
        if marker in {_START_OF_SCAN, END_OF_IMAGE[1]}:
            raise damaged("JPEG", "it holds no frame header before its picture data")
        if marker == 0xFF:
            position += 1
        elif marker <= 0x01 or 0xD0 <= marker <= 0xD8:  # stuffing, TEM, RSTn, SOI: no length follows
            position += 2
        else:
            (length,) = struct.unpack_from(">H", data, position + 2)
            position += 2 + max(length, 2)
