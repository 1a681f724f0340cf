"""What is there of each file in the catalogue, for `beholder weights`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from beholder.errors import WeightsError
from beholder.progress import Progress, Silent, step
from beholder.settings import Settings
from beholder.weights.arrival import own_file
from beholder.weights.cache import Shelf
from beholder.weights.catalogue import CATALOGUE, WeightsFile
from beholder.weights.digest import digest_chunks, digest_file
from beholder.weights.packages import find_parts, read_parts, wrong_parts

WeightsState: TypeAlias = Literal["verified", "in packages", "missing", "wrong", "own file"]
"""`verified`: in the cache with the pinned digest. `in packages`: all pieces are installed, not assembled yet.
`own file`: the user gave another one, which is not pinned."""

FETCH = "Run: beholder weights fetch"


@dataclass(frozen=True, slots=True)
class WeightsStatus:
    """One file of the catalogue as it stands. `size` is in bytes; `digest` is the SHA-256 where the bytes were read.

    `advice` says what is wrong and what to run; empty when nothing is.
    """

    name: str
    size: int
    licence: str
    state: WeightsState
    path: Path | None = None
    digest: str | None = None
    advice: str = ""


def status(
    settings: Settings,
    *,
    rehash: bool = False,
    progress: Progress | None = None,
    catalogue: tuple[WeightsFile, ...] = CATALOGUE,
) -> list[WeightsStatus]:
    """How each file stands. Changes nothing but the stamps.

    `rehash` reads every byte anew, those of the data packages included; without it a file that did not change since
    it was hashed last is not hashed again.
    """
    progress = progress or Silent()
    return [_status(file, settings, rehash, progress) for file in catalogue]


def _status(file: WeightsFile, settings: Settings, rehash: bool, progress: Progress) -> WeightsStatus:
    try:
        own = own_file(file, settings)
        if own is not None:
            digest = digest_file(own, progress)
            return WeightsStatus(str(own), own.stat().st_size, "not known", "own file", own, digest)
        return _cached(file, Shelf.of(file, settings), rehash, progress) or _packaged(file, rehash, progress)
    except WeightsError as error:
        return WeightsStatus(file.name, file.size, file.licence, "wrong", advice=error.message)


def _cached(file: WeightsFile, shelf: Shelf, rehash: bool, progress: Progress) -> WeightsStatus | None:
    if shelf.is_verified(progress, rehash=rehash):
        return WeightsStatus(file.name, file.size, file.licence, "verified", shelf.path, file.sha256)
    if not shelf.path.exists():
        return None
    size, digest = shelf.path.stat().st_size, digest_file(shelf.path, progress)
    advice = (
        f"{shelf.path} is not the pinned file: expected SHA-256 {file.sha256} and {file.size:,} bytes, "
        f"found {digest} and {size:,} bytes. {FETCH}"
    )
    return WeightsStatus(file.name, size, file.licence, "wrong", shelf.path, digest, advice)


def _packaged(file: WeightsFile, rehash: bool, progress: Progress) -> WeightsStatus:
    parts = find_parts(file)
    if not parts:
        return WeightsStatus(file.name, file.size, file.licence, "missing", advice=FETCH)
    digest = None
    if rehash:
        with step(progress, f"Verifying the parts of {file.file_name}", file.size):
            digest = digest_chunks(read_parts(file, parts), progress)
        if digest != file.sha256:
            raise wrong_parts(file, parts, digest)
    return WeightsStatus(file.name, file.size, file.licence, "in packages", parts[0].parent, digest)
