"""A second question about the same picture: what was seen and read for the first need not be seen and read again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from statistics import median
from typing import Any, Final

from beholder.bench.answer_retouch import retouched
from beholder.bench.answer_server import Server
from beholder.bench.answer_task import Task
from beholder.progress import Progress

QUESTIONS: Final = ("What kind of document is this? Answer in one sentence.", "Who issued it? Answer in one sentence.")


def measure(server: Server, tasks: Iterable[Task], progress: Progress) -> dict[str, Any]:
    """Seconds to the first byte of the first and of the second answer about each picture, and their ratio."""
    rows: list[dict[str, float | int | None]] = []
    for task in tasks:
        # A file that the server has not met, so that the first question finds nothing.
        fresh = replace(task, kind="short", schema=None, picture=retouched(task.picture, "second question"))
        first, second = (server.reply(replace(fresh, prompt=question)) for question in QUESTIONS)
        cached = (second.extension.get("work") or {}).get("cached_tokens")
        rows.append({"first": round(first.first, 4), "second": round(second.first, 4), "cached_tokens": cached})
        progress.advance(1)
    ratios = [row["second"] / row["first"] for row in rows if row["first"] and row["second"]]
    return {"ratio": round(median(ratios), 4) if ratios else None, "pictures": rows}
