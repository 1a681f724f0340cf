"""SHA-256 of streams and files, with progress."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from beholder.progress import Progress, step

CHUNK = 4 * 1024 * 1024
"""Bytes a read: large enough that Python's share of the work is lost in the hash's."""


def chunks(source: BinaryIO) -> Iterator[bytes]:
    """The bytes of an open file, `CHUNK` at a time."""
    while chunk := source.read(CHUNK):
        yield chunk


def digest_chunks(pieces: Iterable[bytes], progress: Progress) -> str:
    """SHA-256 in hexadecimal of the pieces in order; `progress` advances by bytes."""
    sha256 = hashlib.sha256()
    for piece in pieces:
        sha256.update(piece)
        progress.advance(len(piece))
    return sha256.hexdigest()


def digest_file(path: Path, progress: Progress) -> str:
    """SHA-256 in hexadecimal of a file. Raises `OSError` when it cannot be read."""
    with path.open("rb") as source, step(progress, f"Verifying {path.name}", path.stat().st_size):
        return digest_chunks(chunks(source), progress)
