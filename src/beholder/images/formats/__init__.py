"""The four supported formats, each read by its bytes: which one, what its header says, whether the file is whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from beholder.images.formats import gif, jpeg, png, webp
from beholder.images.formats.header import Format, Header


@dataclass(frozen=True, slots=True)
class Reader:
    """How one format is read. Both functions raise `ImageFault`, or `struct.error` and `IndexError` at a sudden end."""

    format: Format
    read_header: Callable[[bytes], Header]
    check_complete: Callable[[bytes], None]


_READERS = {
    b"\x89PNG": Reader("PNG", png.read_header, png.check_complete),
    b"\xff\xd8\xff": Reader("JPEG", jpeg.read_header, jpeg.check_complete),
    b"GIF8": Reader("GIF", gif.read_header, gif.check_complete),
}
_WEBP = Reader("WebP", webp.read_header, webp.check_complete)


def reader(data: bytes) -> Reader | None:
    """The reader for this file, or None for a format that is not supported."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _WEBP
    return next((known for magic, known in _READERS.items() if data.startswith(magic)), None)
