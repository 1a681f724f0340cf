"""A run: every row asked, scored, kept and summed up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from beholder.errors import BeholderError, InvalidRequest
from beholder.evals.answer import Answer
from beholder.evals.asking import Endpoint
from beholder.evals.box_reader import BoxReader
from beholder.evals.registry import TASKS
from beholder.evals.results import Results
from beholder.evals.rows import LabelledSet, Row
from beholder.evals.task import Parts, Scored
from beholder.progress import Progress, step


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row with its answer and what that is worth."""

    row: Row
    answer: Answer
    parts: Parts


def known_rows(labelled: LabelledSet, limit: int | None) -> list[Row]:
    """The first `limit` rows whose kind is known. Raises `InvalidRequest` if there is none."""
    rows = [row for row in labelled.rows if row.task in TASKS][:limit]
    if not rows:
        kinds = sorted({row.task for row in labelled.rows})
        raise InvalidRequest(f"{labelled.folder} has no row of a known task; it has {kinds}, known are {list(TASKS)}")
    return rows


def questions(rows: Sequence[Row]) -> list[Row]:
    """The rows, and the questions that their labels give besides."""
    return [*rows, *(more for row in rows for more in TASKS[row.task].expand(row))]


def score(row: Row, answer: Answer) -> Parts:
    """What the answer is worth. Raises `InvalidRequest` if the row's labels are not what its task needs."""
    try:
        return TASKS[row.task].score(row, answer)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise InvalidRequest(f"row {row.id}: its labels are not those of {row.task}: {error!r}") from error


@dataclass(slots=True)
class Run:
    """Asks what `results` does not have yet, `concurrency` questions at a time."""

    endpoint: Endpoint
    results: Results
    progress: Progress
    concurrency: int = 1
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    reader: BoxReader = field(default_factory=BoxReader)

    async def ask(self, rows: Sequence[Row]) -> list[Outcome]:
        """All rows' outcomes, in their order."""
        left = iter([row for row in rows if not self._recall(row)])
        with step(self.progress, "Asking", len(rows), "steps"):
            self.progress.advance(len(self.outcomes))
            await self._share(left)
        return [self.outcomes[row.id] for row in rows]

    async def _share(self, left: Iterator[Row]) -> None:
        """Let `concurrency` workers take what is left. The first fault stops them all and is raised as it is."""
        faults: list[Exception] = []
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.concurrency):
                    group.create_task(self._work(left))
        except* BeholderError as gathered:
            faults = list(gathered.exceptions)
        if faults:
            raise faults[0]

    def _recall(self, row: Row) -> bool:
        answer = self.results.find(row)
        if answer is not None:
            self.outcomes[row.id] = Outcome(row, answer, score(row, answer))
        return answer is not None

    async def _work(self, left: Iterator[Row]) -> None:
        for row in left:
            task = TASKS[row.task]
            answer = await self.endpoint.answer(row, task.ask(row))
            if task.checks_boxes and answer.grounding is not None:
                boxes = await asyncio.to_thread(self.reader.read, row.images, answer.grounding)
                answer = replace(answer, grounding=boxes)
            outcome = Outcome(row, answer, score(row, answer))
            self.outcomes[row.id] = outcome
            self.results.add(row, answer, outcome.parts)
            self.progress.advance(1)


def summarise(name: str, rows: int, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """`set`, `n`, `score` with the name of its metric, the failures and the time, then every metric by name."""
    kinds = {outcome.row.task for outcome in outcomes}
    tasks = [task for task in TASKS.values() if task.name in kinds]
    metrics: dict[str, float | None] = {}
    for task in tasks:
        scored: list[Scored] = [(each.row, each.parts) for each in outcomes if each.row.task == task.name]
        metrics |= task.summarise(scored)
    return {
        "set": name,
        "n": rows,
        "score": _rounded(metrics[tasks[0].main]) or 0.0,
        "metric": tasks[0].main,
        "errors": sum(outcome.answer.error is not None for outcome in outcomes),
        "seconds": round(median(outcome.answer.seconds for outcome in outcomes), 2),
        **{metric: _rounded(value) for metric, value in metrics.items()},
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def to_table(summary: Mapping[str, Any]) -> str:
    """The summary in two columns; "not measured" where nothing was there to measure."""
    width = max(map(len, summary))
    return "\n".join(f"{name:<{width}}  {_shown(value)}" for name, value in summary.items())


def _shown(value: object) -> str:
    if value is None:
        return "not measured"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
