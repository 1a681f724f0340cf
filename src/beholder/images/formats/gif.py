"""GIF by its bytes (GIF89a specification): canvas, first frame, whether there is a second one."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from beholder.evidence import Size
from beholder.images.formats.header import Header, cut_short, damaged

_IMAGE, _EXTENSION, _TRAILER = b",", b"!", b";"


@dataclass(frozen=True, slots=True)
class _Walk:
    size: Size
    bits: int
    frames: int
    is_first_whole: bool


def read_header(data: bytes) -> Header:
    """The canvas, stretched over a first frame that is larger. Raises `ImageFault`, `struct.error`, `IndexError`."""
    if data[:6] not in {b"GIF87a", b"GIF89a"}:
        raise damaged("GIF", "its version is neither 87a nor 89a")
    walk = _walk(data)
    if walk.frames == 0:
        raise damaged("GIF", "it holds no picture")
    return Header("GIF", walk.size, walk.bits, "palette", walk.frames)


def check_complete(data: bytes) -> None:
    """The first frame's data end before the file does; a missing trailer is harmless. Raises `ImageFault`."""
    if not _walk(data).is_first_whole:
        raise cut_short("GIF")


def _walk(data: bytes) -> _Walk:
    """Step over the blocks as far as the second frame; bytes that begin no block are skipped, as decoders do."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    bits = (flags & 7) + 1
    position = 13 + _table_length(flags)
    frames = 0
    is_first_whole = False
    while position < len(data) and frames < 2:
        block = data[position : position + 1]
        if block == _TRAILER:
            break
        if block == _EXTENSION:
            position = _skip(data, position + 2)
        elif block == _IMAGE:
            frames += 1
            if frames == 1:
                left, top, frame_width, frame_height, flags = struct.unpack_from("<HHHHB", data, position + 1)
                width, height = max(width, left + frame_width), max(height, top + frame_height)
                # After the descriptor: its colour table, then one byte of code size, then the data.
                position = _skip(data, position + 11 + _table_length(flags))
                is_first_whole = position <= len(data)
        else:
            position += 1
    return _Walk((width, height), bits, frames, is_first_whole)


def _table_length(flags: int) -> int:
    """Bytes of the colour table that `flags` announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip(data: bytes, position: int) -> int:
    """The position after a chain of sub-blocks; beyond the end of the data when the chain is not closed."""
    while position < len(data):
        length = data[position]
        position += 1 + length
        if length == 0:
            return position
    return len(data) + 1
