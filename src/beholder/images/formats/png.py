"""PNG by its bytes (W3C PNG, third edition): header, animation chunks, checksums, end."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from beholder.images.formats.header import Header, cut_short, damaged

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = {0: "grey", 2: "colour", 3: "palette", 4: "grey with alpha", 6: "colour with alpha"}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column and row of each interlacing pass, and its steps (W3C PNG, 8.1)."""

PIECE_BYTES = 1024 * 1024
"""Bytes inflated at a time: they are only counted."""

_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}


def read_header(data: bytes) -> Header:
    """IHDR, and acTL where it makes the file an animation. Raises `ImageFault`, `struct.error` when cut short."""
    if not data.startswith(SIGNATURE):
        raise damaged("PNG", "its first eight bytes were changed, as by a transfer in text mode")
    length, kind, width, height, bits, colour = struct.unpack_from(">I4sIIBB", data, 8)
    if kind != b"IHDR" or length != 13:
        raise damaged("PNG", "it does not begin with a header chunk (IHDR)")
    if bits not in _DEPTHS.get(colour, ()):
        raise damaged("PNG", f"its header names colour type {colour} with {bits} bits, which does not exist")
    frames = 1
    for kind, start, _ in _chunks(data):
        if kind == b"acTL":
            (frames,) = struct.unpack_from(">I", data, start)
        if kind in {b"IDAT", b"IEND"}:
            break
    return Header("PNG", (width, height), bits, _COLOURS[colour], min(max(frames, 1), 2))


def check_complete(data: bytes) -> None:
    """Every critical chunk up to IEND is there, all but the pixels' with the right checksum. Raises `ImageFault`.

    libpng checks the pixels' when it decodes them; for a decoder that does not there is `check_pixel_data`.
    """
    needs_palette = data[25] == 3
    for kind, start, length in _chunks(data):
        is_critical = not kind[0] & 0x20
        if is_critical and kind != b"IDAT":
            _check_sum(data, start, length)
        if kind == b"PLTE":
            needs_palette = False
        if kind == b"IDAT" and needs_palette:
            raise damaged("PNG", "its pixels are palette indices, and it brings no palette")
        if kind == b"IEND":
            return
    raise cut_short("PNG")


def check_pixel_data(data: bytes) -> None:
    """The compressed data are undamaged, and hold every row that the header announces.

    For decoders that look at no checksum and take the end of the compressed data for the end of the picture. Raises
    `ImageFault` and `zlib.error`.
    """
    inflater = zlib.decompressobj()
    missing = _pixel_bytes(data)
    view = memoryview(data)
    for kind, start, length in _chunks(data):
        if kind != b"IDAT":
            continue
        _check_sum(data, start, length)
        compressed: bytes | memoryview = view[start : start + length]
        while compressed and missing > 0 and not inflater.eof:
            missing -= len(inflater.decompress(compressed, PIECE_BYTES))
            compressed = inflater.unconsumed_tail
    missing -= len(inflater.flush())
    if missing > 0:
        raise cut_short("PNG")


def _check_sum(data: bytes, start: int, length: int) -> None:
    """The chunk's last four bytes are its checksum (W3C PNG, 5.3). Raises `ImageFault`."""
    (expected,) = struct.unpack_from(">I", data, start + length)
    if zlib.crc32(memoryview(data)[start - 4 : start + length]) != expected:
        raise damaged("PNG", "a checksum does not match")


def _pixel_bytes(data: bytes) -> int:
    """Bytes of the rows with their filter types, of all passes of an interlaced picture."""
    width, height, bits, colour, _, _, interlace = struct.unpack_from(">IIBBBBB", data, 16)
    passes = _ADAM7 if interlace else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = (width - left + across - 1) // across, (height - top + down - 1) // down
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits * _CHANNELS[colour] + 7) // 8)
    return total


def pixel_chunks(data: bytes) -> bytes | None:
    """The file without its metadata: header, palette, pixels, end. None where metadata change what is seen.

    That is a colour key or a palette's transparency (tRNS), and EXIF or XMP behind the pixels, which only a reader of
    the whole file finds.
    """
    view = memoryview(data)
    kept: list[bytes | memoryview] = [SIGNATURE]
    has_pixels = False
    for kind, start, length in _chunks(data):
        if kind == b"tRNS" or (has_pixels and kind in {b"eXIf", b"iTXt"}):
            return None
        has_pixels = has_pixels or kind == b"IDAT"
        if kind in {b"IHDR", b"PLTE", b"IDAT", b"IEND"}:
            kept.append(view[start - 8 : start + length + 4])
        if kind == b"IEND":
            break
    # The file as it is need not be copied.
    return data if sum(map(len, kept)) == len(data) else b"".join(kept)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start of the content and length of each whole chunk; the last may end the file early."""
    position = len(SIGNATURE)
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        if position + 12 + length > len(data):
            return
        yield kind, position + 8, length
        position += 12 + length
