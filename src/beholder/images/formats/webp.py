"""WebP by its bytes (RFC 9649): canvas, alpha, animation, length."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from beholder.images.formats.header import Header, cut_short, damaged

_ANIMATION, _ALPHA = 0x02, 0x10


def read_header(data: bytes) -> Header:
    """The first chunk, and for the extended form the frames. Raises `ImageFault`, `struct.error`, `IndexError`."""
    kind = data[12:16]
    if kind == b"VP8 ":
        if data[23:26] != b"\x9d\x01\x2a":
            raise damaged("WebP", "its first frame does not begin with a start code")
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("WebP", (width & 0x3FFF, height & 0x3FFF), 8, "colour")
    if kind == b"VP8L":
        signature, bits = struct.unpack_from("<BI", data, 20)
        if signature != 0x2F:
            raise damaged("WebP", "its lossless data do not begin with their signature")
        colour = "colour with alpha" if bits >> 28 & 1 else "colour"
        return Header("WebP", ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1), 8, colour)
    if kind == b"VP8X":
        return _read_extended(data)
    raise damaged("WebP", "it does not begin with a picture chunk (VP8, VP8L or VP8X)")


def check_complete(data: bytes) -> None:
    """The file is as long as it says. Raises `ImageFault`."""
    (length,) = struct.unpack_from("<I", data, 4)
    if 8 + length > len(data):
        raise cut_short("WebP")


def _read_extended(data: bytes) -> Header:
    flags = data[20]
    width = int.from_bytes(data[24:27], "little") + 1
    height = int.from_bytes(data[27:30], "little") + 1
    if len(data) < 30:
        raise cut_short("WebP")
    frames = sum(kind == b"ANMF" for kind in _chunk_kinds(data)) if flags & _ANIMATION else 1
    colour = "colour with alpha" if flags & _ALPHA else "colour"
    return Header("WebP", (width, height), 8, colour, min(max(frames, 1), 2))


def _chunk_kinds(data: bytes) -> Iterator[bytes]:
    position = 12
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        yield kind
        position += 8 + length + (length & 1)
