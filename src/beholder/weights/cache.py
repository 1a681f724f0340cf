"""The cache of assembled weights: one folder a digest, and in it only files whose bytes were checked.

    <cache>/weights/<first 16 digits of the SHA-256>/
        <file_name>                   put there whole by one rename
        <file_name>.verified          what the file looked like when it was hashed last (the stamp)
        <file_name>.lock              held by the process that builds the file
        <file_name>.<pid>.partial     a build under way, or one that was killed; the next build removes it
        hub/                          a download under way; the next one resumes it

A file is trusted when its bytes have the pinned SHA-256. Hashing 1.1 GB takes a second from memory and ten from a slow
disk, at every start; so a file is hashed again only when it differs from its stamp in size, inode, modification time
or change time. That catches a file that was truncated, replaced or written to. It does not catch a disk that decays
under an unchanged file: `beholder weights verify` hashes always. Who may write in this folder may forge a stamp, but
the cache belongs to the user, who could as well change the program.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_dir

from beholder.errors import WeightsError
from beholder.progress import Progress, step
from beholder.settings import Settings
from beholder.weights.catalogue import WeightsFile
from beholder.weights.digest import digest_file
from beholder.weights.stamp import Stamp, look

ELSEWHERE = "Set BEHOLDER_CACHE_DIR to a folder that can be written and has room"
PATIENCE = 0.5
"""Seconds to wait for another process before telling the user that we wait."""


def cache_dir(settings: Settings) -> Path:
    """The folder for assembled and converted weights: the setting, or the user's cache folder. It may not exist yet."""
    return Path(settings.cache_dir or user_cache_dir("beholder", appauthor=False)).expanduser()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The place of one weights file in the cache."""

    file: WeightsFile
    folder: Path

    @classmethod
    def of(cls, file: WeightsFile, settings: Settings) -> Shelf:
        """The file's place under these settings."""
        return cls(file, cache_dir(settings) / "weights" / file.sha256[:16])

    @property
    def path(self) -> Path:
        """Where the file lies once it is there."""
        return self.folder / self.file.file_name

    @property
    def download_folder(self) -> Path:
        """Where the hub's client keeps a download under way."""
        return self.folder / "hub"

    def is_verified(self, progress: Progress, *, rehash: bool = False) -> bool:
        """Whether the file is here with the pinned digest; `rehash` ignores the stamp.

        Raises `WeightsError` when a file is here and cannot be read.
        """
        try:
            if not rehash and self._stamp.holds(self._look()):
                return True
            # Too short or too long needs no hash.
            return self.path.stat().st_size == self.file.size and self._verify(progress)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise WeightsError(f"Cannot read {self.path}: {error.strerror or error}. {ELSEWHERE}.") from error

    @contextmanager
    def building(self, progress: Progress) -> Iterator[None]:
        """Be the only process that builds this file; translates what the disk refuses.

        Raises `WeightsError` when the folder cannot be made or written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._locked(progress):
                self._remove_leftovers()
                yield
        except OSError as error:
            raise WeightsError(
                f"Cannot write {self.path} ({self.file.size:,} bytes): {error.strerror or error}. {ELSEWHERE}."
            ) from error

    @contextmanager
    def new_file(self) -> Iterator[Path]:
        """A path to write to. It becomes the verified file when the block ends well, and is removed otherwise.

        The caller writes and checks every byte; to be used within `building`. Raises `WeightsError` when the disk has
        too little room to begin with.
        """
        self._check_room()
        partial = self.folder / f"{self.file.file_name}.{os.getpid()}.partial"
        try:
            yield partial
            self.path.unlink(missing_ok=True)
            partial.replace(self.path)
            self._stamp.write(self._look())
        finally:
            partial.unlink(missing_ok=True)

    def _verify(self, progress: Progress) -> bool:
        before = self._look()
        if digest_file(self.path, progress) != self.file.sha256:
            return False
        self._stamp.write(before)
        return True

    @property
    def _stamp(self) -> Stamp:
        return Stamp(self.folder / f"{self.file.file_name}.verified")

    def _look(self) -> dict[str, int | str]:
        return {"sha256": self.file.sha256, **look(self.path)}

    def _check_room(self) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < self.file.size:
            raise WeightsError(
                f"{self.file.file_name} needs {self.file.size:,} bytes in {self.folder}, {free:,} are free. "
                f"{ELSEWHERE}."
            )

    def _remove_leftovers(self) -> None:
        for leftover in self.folder.glob(f"{self.file.file_name}.*.partial"):
            leftover.unlink(missing_ok=True)

    @contextmanager
    def _locked(self, progress: Progress) -> Iterator[None]:
        lock = FileLock(self.folder / f"{self.file.file_name}.lock")
        try:
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            with step(progress, f"Waiting for another process that prepares {self.file.file_name}", None):
                lock.acquire()
        try:
            yield
        finally:
            lock.release()
