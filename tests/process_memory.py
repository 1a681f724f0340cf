"""Memory of a process and all that it started, as Linux counts it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

GONE = (FileNotFoundError, ProcessLookupError)


def descendants(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    with suppress(*GONE):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += descendants(int(child))
    return found


def memory_bytes(pid: int) -> int:
    """Bytes of memory of the process tree: proportional shares of what is mapped, and all memory without a name.

    Memory without a name counts whole and once, whether somebody has touched it or not.
    """
    total, unnamed = 0, {}
    for each in descendants(pid):
        with suppress(*GONE):
            fields = dict(line.split(":") for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()[1:])
            total += sum(int(fields[name].split()[0]) * 1024 for name in ("Pss_Anon", "Pss_File"))
            for descriptor in Path(f"/proc/{each}/fd").iterdir():
                with suppress(*GONE):
                    if str(descriptor.readlink()).startswith("/memfd:"):
                        state = descriptor.stat()
                        unnamed[state.st_ino] = state.st_blocks * 512
    return total + sum(unnamed.values())


@dataclass
class Peak:
    """The most that was seen, and what it was before."""

    idle: int
    highest: int = 0

    @property
    def above_idle(self) -> int:
        """Bytes that came on top."""
        return self.highest - self.idle


@contextmanager
def sampling(pid: int, seconds: float = 0.01) -> Iterator[Peak]:
    """Samples the memory of a process tree while the block runs."""
    peak, is_over = Peak(memory_bytes(pid)), threading.Event()

    def sample() -> None:
        while not is_over.is_set():
            peak.highest = max(peak.highest, memory_bytes(pid))
            time.sleep(seconds)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()
