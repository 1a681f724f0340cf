"""What was seen in pictures, kept for the next question about the same ones: in memory, and on disk if asked for.

    <evidence_cache_dir>/<first two digits>/<digest of the key>.json

A file is the BLAKE3 of what follows, a line break, and the evidence as JSON. It appears by one rename; one that is cut
short or changed is taken for missing and removed. Memory and disk are each bounded in bytes, and forget first what was
asked for least recently.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from blake3 import blake3

from beholder.evidence import Evidence, Size
from beholder.settings import Settings
from beholder.types import Image, Job

logger = logging.getLogger("beholder.engines")

SPARE: Final = 0.9
"""The share of its bound that the disk is brought down to: a folder is not listed anew for every file."""

DECODER: Final = msgspec.json.Decoder(Evidence)


@dataclass(frozen=True, slots=True)
class EvidenceKey:
    """Everything that changes what is seen. `owner` keeps apart who asks, `aspects` says what was looked for.

    `version` is that of the eyes: weights, libraries and code (`perception.fingerprint`).
    """

    owner: str
    image_digest: str
    original_size: Size
    size: Size
    aspects: tuple[str, ...]
    version: str

    @classmethod
    def of(cls, job: Job, image: Image, aspects: tuple[str, ...], version: str) -> EvidenceKey:
        """The key for an image of a job; the order of the aspects does not matter."""
        return cls(job.owner, image.digest, image.original_size, image.size, tuple(sorted(set(aspects))), version)

    @property
    def name(self) -> str:
        """A digest of the key, which tells nothing of it."""
        return blake3(msgspec.json.encode(astuple(self))).hexdigest()


class EvidenceCache:
    """Evidence by its key. What comes out equals what was put in. Thread safe."""

    def __init__(self, settings: Settings) -> None:
        self._memory = _Memory(settings.evidence_cache_bytes)
        folder = settings.evidence_cache_dir
        self._disk = _Disk(Path(folder).expanduser(), settings.evidence_disk_bytes) if folder else None

    def get(self, key: EvidenceKey) -> Evidence | None:
        """The evidence, or None if it is not there any more."""
        name = key.name
        found = self._memory.get(name)
        if found is None and self._disk is not None and (found := self._disk.get(name)) is not None:
            self._memory.put(name, found)
        return None if found is None else DECODER.decode(found)

    def put(self, key: EvidenceKey, evidence: Evidence) -> None:
        """Keep `evidence`, unless it alone is larger than the bound."""
        encoded = msgspec.json.encode(evidence, enc_hook=_plain)
        self._memory.put(key.name, encoded)
        if self._disk is not None:
            self._disk.put(key.name, encoded)

    def get_or_see(self, key: EvidenceKey, see: Callable[[], Evidence]) -> Evidence:
        """The evidence kept, or else what `see` finds, which is kept."""
        found = self.get(key)
        if found is None:
            found = see()
            self.put(key, found)
        return found


class _Memory:
    """Encoded evidence, which takes a fifth of the room of the objects and whose size is known."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, name: str) -> bytes | None:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def put(self, name: str, encoded: bytes) -> None:
        with self._lock:
            self._bytes += len(encoded) - len(self._kept.pop(name, b""))
            self._kept[name] = encoded
            while self._bytes > self._limit:
                self._bytes -= len(self._kept.popitem(last=False)[1])


class _Disk:
    """Files in a folder. A disk that cannot be read or written is told once in the log, and done without."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._bytes: int | None = None
        self._is_broken = False

    def get(self, name: str) -> bytes | None:
        path = self._path(name)
        try:
            digest, _, encoded = path.read_bytes().partition(b"\n")
            if digest == _digest(encoded) and _is_evidence(encoded):
                os.utime(path)
                return encoded
            logger.warning("removed %s: it is not what was written", path)
            path.unlink(missing_ok=True)
        except FileNotFoundError:
            pass
        except OSError as error:
            self._tell(error)
        return None

    def put(self, name: str, encoded: bytes) -> None:
        content = _digest(encoded) + b"\n" + encoded
        if len(content) > self._limit:
            return
        try:
            with self._lock:
                self._write(self._path(name), content)
                self._make_room()
        except OSError as error:
            self._tell(error)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}.json"

    def _write(self, path: Path, content: bytes) -> None:
        # What was read in pictures is their senders' own.
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}.partial")
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        if self._bytes is not None:
            self._bytes += len(content)

    def _make_room(self) -> None:
        """Remove the files used least recently, others' too if they share the folder, once there are too many bytes."""
        if self._bytes is not None and self._bytes <= self._limit:
            return
        files = sorted(self._files())
        total = sum(size for _, size, _ in files)
        if total > self._limit:
            for _, size, path in files:
                if total <= self._limit * SPARE:
                    break
                path.unlink(missing_ok=True)
                total -= size
        self._bytes = total

    def _files(self) -> Iterator[tuple[int, int, Path]]:
        """When each file was used last, its bytes and its path; what a killed process left behind is among them."""
        for path in self._folder.glob("??/*"):
            with suppress(FileNotFoundError):
                state = path.stat()
                yield state.st_mtime_ns, state.st_size, path

    def _tell(self, error: OSError) -> None:
        if not self._is_broken:
            logger.warning("the evidence cache in %s cannot be used: %s", self._folder, error)
        self._is_broken = True


def _digest(encoded: bytes) -> bytes:
    return blake3(encoded).hexdigest().encode()


def _is_evidence(encoded: bytes) -> bool:
    """Whether it reads as evidence: a file of an older form has another version in its key, so this is a safeguard."""
    try:
        DECODER.decode(encoded)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True


def _plain(value: Any) -> Any:
    """numpy's numbers and texts as Python's own."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"evidence cannot hold a {type(value).__name__}")
