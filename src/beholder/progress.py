"""Progress of long steps, told to a person: a bar on a terminal, a line every tenth elsewhere, or nothing.

Layer rule: this module imports nothing of Beholder.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Protocol, TextIO, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, ProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

Unit: TypeAlias = Literal["bytes", "steps"]

TENTHS = 10
"""Lines that a finished step of known size prints where there is no terminal."""


class Progress(Protocol):
    """Where a long step reports. One step at a time: `start`, `advance` as often as wished, `finish`."""

    def start(self, label: str, total: int | None, unit: Unit = "bytes") -> None:
        """Begin a step. `total` is in `unit`s; None means that nobody knows how long it takes."""
        ...

    def advance(self, amount: int) -> None:
        """`amount` more units are done."""
        ...

    def finish(self) -> None:
        """The step is over, whether it was completed or given up."""
        ...


@contextmanager
def step(progress: Progress, label: str, total: int | None, unit: Unit = "bytes") -> Iterator[None]:
    """A step that is finished however the block ends: `with step(progress, "Hashing", size): ...`."""
    progress.start(label, total, unit)
    try:
        yield
    finally:
        progress.finish()


class Silent:
    """Says nothing."""

    def start(self, label: str, total: int | None, unit: Unit = "bytes") -> None:
        """Nothing to say."""

    def advance(self, amount: int) -> None:
        """Nothing to say."""

    def finish(self) -> None:
        """Nothing to say."""


class TerminalBar:
    """A bar that redraws itself; for terminals only."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream)
        self._bars: Bars | None = None

    def start(self, label: str, total: int | None, unit: Unit = "bytes") -> None:
        """Draw an empty bar."""
        counter: ProgressColumn = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
        columns = [TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()]
        self._bars = Bars(*columns, *([counter] if total is not None else []), console=self._console)
        self._bars.add_task(label, total=total)
        self._bars.start()

    def advance(self, amount: int) -> None:
        """Fill the bar further."""
        if self._bars is not None:
            self._bars.advance(self._bars.task_ids[0], amount)

    def finish(self) -> None:
        """Leave the bar as it stands."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None


class Lines:
    """A plain line at the start and at every tenth; for log files and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._label = ""
        self._total: int | None = None
        self._done = 0
        self._began = 0.0

    def start(self, label: str, total: int | None, unit: Unit = "bytes") -> None:
        """Name the step."""
        self._label, self._total, self._done, self._began = label, total, 0, time.monotonic()
        self._say("...")

    def advance(self, amount: int) -> None:
        """Say so when another tenth is done."""
        before, self._done = self._done, self._done + amount
        if not self._total:
            return
        tenth = self._done * TENTHS // self._total
        if tenth > before * TENTHS // self._total:
            self._say(f"{tenth * 100 // TENTHS} % after {time.monotonic() - self._began:.1f} s")

    def finish(self) -> None:
        """A step of unknown size says how long it took; the others have said 100 % if they got there."""
        if self._total is None:
            self._say(f"over after {time.monotonic() - self._began:.1f} s")

    def _say(self, text: str) -> None:
        print(f"{self._label}: {text}", file=self._stream, flush=True)


def for_stream(stream: TextIO | None = None) -> Progress:
    """The progress that suits `stream` (standard error when not given): a bar on a terminal, lines elsewhere."""
    stream = stream or sys.stderr
    return TerminalBar(stream) if stream.isatty() else Lines(stream)
