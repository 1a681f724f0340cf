"""Memory and processor time of other processes and their children, from Linux's /proc; elsewhere not measured."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

INTERVAL: Final = 0.2
"""Seconds between two looks at a process under load."""

PROC: Final = Path("/proc")


def resident_bytes(process_ids: Sequence[int]) -> int | None:
    """Bytes of memory that the processes and their children hold now; None where the system does not tell."""
    sizes = [_resident(each) for each in _families(process_ids)]
    known = [size for size in sizes if size is not None]
    return sum(known) if known else None


def _families(process_ids: Sequence[int]) -> set[int]:
    """The processes and all that they started, as far as they still run."""
    found: set[int] = set()
    waiting = list(process_ids)
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += _children(each)
    return found


def _children(process_id: int) -> Iterator[int]:
    for file in (PROC / str(process_id) / "task").glob("*/children"):
        try:
            yield from map(int, file.read_text(encoding="ascii").split())
        except OSError:  # the thread ended in the meantime
            continue


def _resident(process_id: int) -> int | None:
    try:
        status = (PROC / str(process_id) / "status").read_text(encoding="ascii")
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return None


class Others:
    """The part of the processor time that went to others while the block ran, 0 to 1: `with Others() as others`.

    This process and all that it started are not others; what it started and is over counts as others'. `share` is None
    where the system does not tell.
    """

    def __init__(self) -> None:
        self._before = (0.0, 0.0, 0.0)
        self.share: float | None = None

    def __enter__(self) -> Others:
        self._before = self._ticks()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        total, busy, own = (after - before for before, after in zip(self._before, self._ticks(), strict=True))
        if total > 0:
            self.share = round(max(busy - own, 0.0) / total, 4)

    def _ticks(self) -> tuple[float, float, float]:
        """Clock ticks since the system's start: altogether, not idle, ours; proc(5)."""
        try:
            every = [int(field) for field in (PROC / "stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]]
        except (OSError, ValueError):
            return 0.0, 0.0, 0.0
        idle = every[3] + every[4]
        return float(sum(every)), float(sum(every) - idle), sum(map(_ticks_of, _families([os.getpid()])))


def _ticks_of(process_id: int) -> float:
    try:
        text = (PROC / str(process_id) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return float(int(fields[11]) + int(fields[12]))


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
