"""Resident memory of other processes, from Linux's /proc; elsewhere it is not measured."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

INTERVAL: Final = 0.1
"""Seconds between two looks at a process under load."""


def resident_bytes(process_ids: Sequence[int]) -> int | None:
    """Bytes of memory that the processes hold now, together; None where the system does not tell."""
    sizes = [_resident(each) for each in process_ids]
    known = [size for size in sizes if size is not None]
    return sum(known) if known else None


def _resident(process_id: int) -> int | None:
    try:
        status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return None


class Peak:
    """The most memory that processes held while the block ran: `with Peak(ids) as peak: ...; peak.bytes`."""

    def __init__(self, process_ids: Sequence[int]) -> None:
        self._process_ids = process_ids
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.bytes: int | None = None

    def __enter__(self) -> Peak:
        self._look()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._is_over.wait(INTERVAL):
            self._look()

    def _look(self) -> None:
        now = resident_bytes(self._process_ids)
        if now is not None:
            self.bytes = max(now, self.bytes or 0)
