"""The reading stage alone: our reader against rapidocr's defaults, from a picture's file to its text."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from beholder.bench.answer_task import Task
from beholder.bench.rivals import Reader
from beholder.images import Loader
from beholder.progress import Progress
from beholder.settings import Settings
from beholder.types import Image, ImageRef, Job, Turn, Where

if TYPE_CHECKING:
    from beholder.perception.text import TextReader


def measure(tasks: Sequence[Task], rival: Reader, settings: Settings, progress: Progress) -> dict[str, Any]:
    """The median paired ratio of seconds, and how far the two texts agree: F1 over words, ours against theirs."""
    from beholder.perception.text import TextReader  # noqa: PLC0415 - loads OpenCV and OpenVINO, half a second

    rows: list[dict[str, Any]] = []
    with asyncio.Runner() as runner, _Reading(TextReader(threads=settings.threads), settings, runner) as reading:
        reading.read(tasks[0].picture)
        rival.read(tasks[0].picture)
        for task in tasks:
            ours, seconds = reading.read(task.picture)
            theirs, their_seconds = rival.read(task.picture)
            row = {"seconds": seconds, "rapidocr_seconds": their_seconds, "ratio": seconds / their_seconds}
            row["agreement"] = agreement(ours, theirs)
            rows.append({"task": task.id, **{name: round(value, 4) for name, value in row.items()}})
            progress.advance(1)
    return {
        "ratio": round(median(row["ratio"] for row in rows), 4),
        "seconds": round(median(row["seconds"] for row in rows), 4),
        "rapidocr_seconds": round(median(row["rapidocr_seconds"] for row in rows), 4),
        "agreement": round(sum(row["agreement"] for row in rows) / len(rows), 4),
        "pictures": rows,
    }


def agreement(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """F1 over the words of two readings, 0 to 1; their order is left to the layout."""
    one, other = (Counter(" ".join(lines).split()) for lines in (ours, theirs))
    if not one and not other:
        return 1.0
    return 2 * (one & other).total() / (one.total() + other.total())


class _Reading:
    """Our reader with a loader that stays, as the server's does."""

    def __init__(self, reader: TextReader, settings: Settings, runner: asyncio.Runner) -> None:
        self._reader = reader
        self._loader = Loader(settings)
        self._runner = runner

    def __enter__(self) -> _Reading:
        return self

    def __exit__(self, *failure: object) -> None:
        self._runner.run(self._loader.close())

    def read(self, picture: bytes) -> tuple[list[str], float]:
        """The lines in a picture's file, and the seconds from its path to having them: decoding is part of it."""
        with tempfile.TemporaryDirectory(prefix="beholder-bench-") as folder:
            path = Path(folder) / "picture"
            path.write_bytes(picture)
            began = time.perf_counter()
            lines = [line.text for line in self._reader.read(self._runner.run(self._load(path)))]
            return lines, time.perf_counter() - began

    async def _load(self, path: Path) -> Image:
        where = Where(0, 0, "messages[0].content[0]")
        job = await self._loader.load(Job((Turn("user", (ImageRef(str(path), where, is_path=True),)),)))
        return next(job.images())
