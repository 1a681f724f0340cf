"""Several clients at once: throughput against one client's, the order of first bytes, memory under load."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations
from typing import Any, Final

import httpx2

from beholder.bench.answer_client import Reply, ask
from beholder.bench.answer_processes import Peak
from beholder.bench.answer_retouch import retouched
from beholder.bench.answer_score import score
from beholder.bench.answer_server import Server, to_body
from beholder.bench.answer_task import Task
from beholder.progress import Progress

CLIENTS: Final = 8
WORK: Final = {"concurrency": "structured", "concurrency_free": "free"}
"""The kinds of work that are asked by several clients at once, by their names in the report."""

STEPS: Final = 3 * CLIENTS
"""Questions that `measure` asks."""

GAP: Final = 0.05
"""Seconds between two arrivals, so that there is an order that can be kept."""


def measure(server: Server, tasks: Sequence[Task], progress: Progress) -> dict[str, Any]:
    """The same work asked by one client, one after another, and by as many clients at once.

    What these were answered is asked once more afterwards, each question alone: `same_answers` counts those that did
    not depend on what was answered beside them.
    """
    work = [tasks[index % len(tasks)] for index in range(CLIENTS)]
    began = time.perf_counter()
    alone = [_ask(server, task, f"alone {index}", 0.0, progress) for index, task in enumerate(work)]
    alone_seconds = time.perf_counter() - began
    with Peak(server.process_ids) as peak:
        began = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            asked = [
                pool.submit(_ask, server, task, f"together {index}", index * GAP, progress)
                for index, task in enumerate(work)
            ]
            together = [each.result() for each in asked]
        together_seconds = time.perf_counter() - began
    again = [_ask(server, task, f"together {index}", 0.0, progress) for index, task in enumerate(work)]
    firsts = [index * GAP + reply.first for index, reply in enumerate(together)]
    return {
        "clients": CLIENTS,
        "throughput_ratio": round(alone_seconds / together_seconds, 4),
        "alone_seconds": round(alone_seconds, 3),
        "together_seconds": round(together_seconds, 3),
        "in_order": round(in_order(firsts), 4),
        "first_seconds": [round(reply.first, 3) for reply in together],
        "wall_seconds": [round(reply.wall, 3) for reply in together],
        "longest_wait": round(max(firsts) / together_seconds, 4),
        "same_answers": sum(one.text == other.text for one, other in zip(together, again, strict=True)),
        "accuracy": {"alone": _accuracy(work, alone), "together": _accuracy(work, together)},
        "peak_bytes": peak.bytes,
    }


def in_order(moments: Sequence[float]) -> float:
    """The part of all pairs that came in the order in which they were asked, 0 to 1."""
    pairs = list(combinations(moments, 2))
    return sum(before <= after for before, after in pairs) / len(pairs) if pairs else 1.0


def _ask(server: Server, task: Task, label: str, delay: float, progress: Progress) -> Reply:
    """One client's question: a file and a conversation that the server has not met."""
    time.sleep(delay)
    fresh = replace(task, picture=retouched(task.picture, label))
    with httpx2.Client(trust_env=False) as client:
        reply = ask(client, server.base_url, to_body(fresh, system=f"This is case {label}."))
    progress.advance(1)
    return reply


def _accuracy(tasks: Sequence[Task], replies: Sequence[Reply]) -> float | None:
    scores = [score(task, reply.text) for task, reply in zip(tasks, replies, strict=True)]
    known = [each for each in scores if each is not None]
    return round(sum(known) / len(known), 4) if known else None
