"""The same picture as another file, so that what was kept about the first file is of no use for the second."""

from __future__ import annotations

import zlib
from typing import Final

PNG_HEAD_BYTES: Final = 33
"""Signature (8) and the header chunk (4 length, 4 type, 13 data, 4 checksum): PNG specification, 5.2 and 11.2.1."""


def retouched(picture: bytes, comment: str) -> bytes:
    """`picture`, a JPEG or PNG file, with a comment in its metadata; the pixels are the same, the digest is not."""
    data = comment.encode("ascii")
    if picture.startswith(b"\x89PNG"):
        chunk = b"tEXtComment\x00" + data
        framed = (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        return picture[:PNG_HEAD_BYTES] + framed + picture[PNG_HEAD_BYTES:]
    return picture[:2] + b"\xff\xfe" + (len(data) + 2).to_bytes(2, "big") + data + picture[2:]
