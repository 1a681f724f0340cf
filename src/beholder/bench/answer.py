"""`bench answer`: Beholder and its rivals on the same work, alternating, in one run on this machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from beholder.bench import answer_crowd, answer_reading, answer_second
from beholder.bench.answer_drawn import INVOICE_SCHEMA, critiques, drawn, invoice, receipt
from beholder.bench.answer_measure import Measured, Messages
from beholder.bench.answer_processes import Others, Peak, resident_bytes
from beholder.bench.answer_score import score
from beholder.bench.answer_server import Server
from beholder.bench.answer_summary import summarize
from beholder.bench.answer_task import RECEIPT_SCHEMA, Task, labelled, limited
from beholder.bench.rivals import Rivals, open_rivals
from beholder.bench.rivals_environment import RivalsEnvironment
from beholder.errors import InvalidRequest
from beholder.progress import Progress, step
from beholder.settings import Settings
from beholder.weights import QWEN, ensure

KINDS: Final = ("structured", "short", "free")
PARTS: Final = (*KINDS, "second", "reading", "crowd", "start")
SECOND_PICTURES: Final = 5
WARM_UP: Final = (RECEIPT_SCHEMA, INVOICE_SCHEMA, None)
"""A schema met for the first time is compiled; nobody's first answer shall pay for that."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. `parts` are names of `PARTS`, `rivals` of `rivals.NEEDS`; `limit` is tasks of each kind."""

    parts: frozenset[str]
    rivals: tuple[str, ...]
    environment: RivalsEnvironment
    data: Path | None = None
    limit: int | None = None

    def tasks(self) -> list[Task]:
        """The work: what is drawn here, or labelled sets with the longer drawn invoice and the critiques."""
        tasks = drawn() if self.data is None else [*labelled(self.data), invoice(11), *critiques()]
        return limited(tasks, self.limit)


@dataclass(slots=True)
class Run:
    """One run: the server, the rivals, and what was measured so far. `say` gets each answer as it comes."""

    plan: Plan
    settings: Settings
    progress: Progress
    say: Callable[[dict[str, Any]], None]
    answers: list[Measured] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """Do it all; the figures."""
        tasks = self.plan.tasks()
        threads = self.settings.threads or os.cpu_count() or 1
        with ExitStack() as stack:
            server, memory = self._start_server(stack)
            rivals = stack.enter_context(closing(self._open_rivals(threads)))
            with Peak(server.process_ids) as peak, Others() as others:
                peaks = self._compare([task for task in tasks if task.kind in self.plan.parts], server, rivals)
                stages = self._stages(tasks, server, rivals)
            return {
                **summarize(self.answers),
                **stages,
                "memory": {**memory, "peak_bytes": peak.bytes, "rivals_peak_bytes": peaks},
                "missing": rivals.missing,
                "machine": {
                    "processor": _processor(),
                    "threads": threads,
                    "others": others.share,
                    "system": platform.platform(),
                },
            }

    def _start_server(self, stack: ExitStack) -> tuple[Server, dict[str, Any]]:
        flags = _flags(self.settings)
        if "start" in self.plan.parts:
            # The first start may convert the weights; what counts is every start after it.
            with closing(Server(flags)):
                pass
        server = stack.enter_context(closing(Server(flags)))
        memory = {"idle_bytes": resident_bytes(server.process_ids), "start_seconds": round(server.start_seconds, 3)}
        return server, memory

    def _open_rivals(self, threads: int) -> Rivals:
        if not self.plan.rivals:
            return Rivals()
        weights = Path(self.settings.model) if self.settings.model else ensure(QWEN, self.settings, self.progress)
        with step(self.progress, "Starting the rivals", None, "steps"):
            return open_rivals(self.plan.rivals, self.plan.environment, weights, threads)

    def _compare(self, tasks: Sequence[Task], server: Server, rivals: Rivals) -> dict[str, int | None]:
        """Each task to everybody in turn; Beholder first, whose prompt the others get. Returns the rivals' memory."""
        self._warm_up(tasks, server, rivals)
        peaks = {rival.name: Peak(rival.process_ids) for rival in rivals.present}
        with ExitStack() as stack, step(self.progress, "Asking", len(tasks) * (1 + len(peaks)), "steps"):
            for peak in peaks.values():
                stack.enter_context(peak)
            for index, task in enumerate(tasks):
                answered = server.ask(task)
                self._note(task, answered.measured)
                messages = self._messages(answered.messages, rivals)
                # Whoever comes right after Beholder changes from task to task.
                turn = index % max(len(rivals.present), 1)
                for rival in [*rivals.present[turn:], *rivals.present[:turn]]:
                    self._note(task, rival.ask(task, messages))
        return {name: peak.bytes for name, peak in peaks.items()}

    def _warm_up(self, tasks: Sequence[Task], server: Server, rivals: Rivals) -> None:
        wanted = [task.schema for task in tasks]
        for schema in WARM_UP:
            if schema in wanted:
                drawing = receipt(99, 1)
                task = Task("warm-up", "warm-up", drawing.picture, drawing.prompt, schema)
                messages = self._messages(server.ask(task).messages, rivals)
                for rival in rivals.present:
                    rival.ask(task, messages)

    def _messages(self, messages: Messages, rivals: Rivals) -> Messages:
        if rivals.present and not messages:
            raise InvalidRequest("the engine does not tell its prompt, so nobody else can be given the same one")
        return messages

    def _note(self, task: Task, measured: Measured) -> None:
        judged = measured.with_score(score(task, measured.text))
        self.answers.append(judged)
        self.say({"answer": judged.to_json()})
        self.progress.advance(1)

    def _stages(self, tasks: Sequence[Task], server: Server, rivals: Rivals) -> dict[str, Any]:
        """What is measured besides the comparison, as far as it is wanted and possible."""
        parts, pages = self.plan.parts, [task for task in tasks if task.kind == "structured"]
        found: dict[str, Any] = {}
        if "second" in parts:
            pictures = pages[:SECOND_PICTURES]
            with step(self.progress, "Asking twice", len(pictures), "steps"):
                found["second_question"] = answer_second.measure(server, pictures, self.progress)
        if "crowd" in parts:
            crowds = {name: [task for task in tasks if task.kind == kind] for name, kind in answer_crowd.WORK.items()}
            with step(self.progress, "Asking at once", answer_crowd.STEPS * len(crowds), "steps"):
                found |= {name: answer_crowd.measure(server, work, self.progress) for name, work in crowds.items()}
        if "reading" in parts and rivals.reader is None:
            rivals.missing["reading"] = "it is compared with rapidocr's defaults, which come with the rival naive"
        elif "reading" in parts and rivals.reader is not None:
            pictures = [task for task in tasks if task.kind != "free"]
            with step(self.progress, "Reading", len(pictures), "steps"):
                found["ocr_stage"] = answer_reading.measure(pictures, rivals.reader, self.settings, self.progress)
        return found


def _flags(settings: Settings) -> list[str]:
    """The settings that make a difference here, as the server's flags."""
    names = ("engine", "model", "cache_dir", "threads")
    given = {name: getattr(settings, name) for name in names}
    return [flag for name, value in given.items() if value for flag in (f"--{name.replace('_', '-')}", str(value))]


def _processor() -> str:
    """The processor's name as Linux tells it, elsewhere its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
