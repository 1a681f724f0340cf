"""Stamps: what a file looked like when its bytes were checked last, so that it need not be read again at each start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def look(path: Path) -> dict[str, int]:
    """What changes when a file is truncated, replaced or written to. Raises `OSError` when it is not there."""
    state = path.stat()
    return {
        "size": state.st_size,
        "inode": state.st_ino,
        "modified_ns": state.st_mtime_ns,
        "changed_ns": state.st_ctime_ns,
    }


@dataclass(frozen=True, slots=True)
class Stamp:
    """A small file beside those that were checked; it holds their looks and their digests."""

    path: Path

    def holds(self, seen: Mapping[str, Any]) -> bool:
        """Whether the files look now as they did when they were checked."""
        try:
            return bool(json.loads(self.path.read_bytes()) == seen)
        except (FileNotFoundError, ValueError):
            return False

    def write(self, seen: Mapping[str, Any]) -> None:
        """They were checked; `seen` was looked at before that. In a folder that can only be read, nothing is kept."""
        with suppress(OSError):
            self.path.write_text(json.dumps(seen), encoding="utf-8")
