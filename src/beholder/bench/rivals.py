"""Who else answers: llama.cpp's server, OpenVINO GenAI, and the naive whole. See `answer_measure.Rival`."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import httpx2

from beholder.bench.answer_client import Reply, ask
from beholder.bench.answer_measure import Measured, Messages, Rival
from beholder.bench.answer_task import Task
from beholder.bench.rivals_environment import RivalsEnvironment
from beholder.bench.rivals_worker import Worker

CONTEXT_TOKENS: Final = 8192
"""Each rival's window: the longest page of this work and its answer take half of it."""

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "llamacpp": ("xllamacpp",),
    "openvino": ("openvino_genai",),
    "naive": ("xllamacpp", "rapidocr", "onnxruntime"),
}
"""The rivals by name, and what each imports."""


class LlamaCpp:
    """llama.cpp's server with its JSON-schema mode. Each contestant has a slot, so that none warms another's cache."""

    name = "llamacpp"
    slot = 0

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._client = httpx2.Client(trust_env=False)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The server."""
        return (self._worker.process_id,)

    def ask(self, task: Task, messages: Messages) -> Measured:
        """Answer, and be measured."""
        return _measured(self.name, task, self.reply(task, messages, self.slot))

    def reply(self, task: Task, messages: Messages, slot: int) -> Reply:
        """The streamed answer from one slot."""
        body: dict[str, Any] = {
            "messages": list(messages),
            "temperature": 0,
            "max_tokens": task.max_tokens,
            "id_slot": slot,
            "timings_per_token": False,
        }
        if task.schema is not None:
            schema = {"name": "answer", "strict": True, "schema": task.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return ask(self._client, self._worker.greeting["url"], body)

    def close(self) -> None:
        """End the server."""
        self._client.close()
        self._worker.close()


def _measured(name: str, task: Task, reply: Reply) -> Measured:
    tokens = reply.usage.get("completion_tokens")
    return Measured(
        contestant=name,
        task=task.id,
        kind=task.kind,
        text=reply.text,
        first=reply.first,
        wall=reply.wall,
        prompt_tokens=reply.usage.get("prompt_tokens"),
        tokens=tokens,
        passes=tokens,
    )


class Reader:
    """rapidocr with its defaults, on onnxruntime."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._folder = tempfile.TemporaryDirectory(prefix="beholder-bench-")

    @property
    def process_id(self) -> int:
        """The reader's process."""
        return self._worker.process_id

    def read(self, picture: bytes) -> tuple[list[str], float]:
        """The lines of text in a picture's file, and the seconds from handing over its path to having them."""
        path = Path(self._folder.name) / "picture"
        path.write_bytes(picture)
        began = time.perf_counter()
        self._worker.tell(str(path))
        lines: list[str] = self._worker.hear()["lines"]
        return lines, time.perf_counter() - began

    def close(self) -> None:
        """End the process."""
        self._worker.close()
        self._folder.cleanup()


class Naive:
    """What one builds in an hour: rapidocr's lines, one under the other, to llama.cpp's server."""

    name = "naive"
    slot = 1

    def __init__(self, reader: Reader, llama: LlamaCpp) -> None:
        self._reader = reader
        self._llama = llama

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The reader and the server."""
        return (self._reader.process_id, *self._llama.process_ids)

    def ask(self, task: Task, messages: Messages) -> Measured:
        """Answer, and be measured: the instructions are the others', the text of the picture is its own."""
        lines, seen = self._reader.read(task.picture)
        page = "\n".join(["<image 1>", *lines, "</image>", task.prompt])
        told = [*(dict(turn) for turn in messages if turn["role"] == "system"), {"role": "user", "content": page}]
        answer = _measured(self.name, task, self._llama.reply(task, told, self.slot))
        return replace(answer, first=answer.first + seen, wall=answer.wall + seen, seen=seen)

    def close(self) -> None:
        """Nothing of its own: the reader and the server are closed by their owner."""


class OpenVino:
    """OpenVINO GenAI with structured output, with or without its prompt lookup decoding."""

    def __init__(self, name: str, worker: Worker) -> None:
        self.name = name
        self._worker = worker

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The pipeline's process."""
        return (self._worker.process_id,)

    def ask(self, task: Task, messages: Messages) -> Measured:
        """Answer, and be measured."""
        request = {"messages": list(messages), "schema": task.schema, "max_tokens": task.max_tokens}
        began = time.perf_counter()
        self._worker.tell(json.dumps(request))
        first: float | None = None
        while "text" not in (said := self._worker.hear()):
            first = first or time.perf_counter() - began
        wall = time.perf_counter() - began
        counts = {key: said[key] for key in ("prompt_tokens", "tokens", "passes")}
        return Measured(self.name, task.id, task.kind, said["text"], first or wall, wall, **counts)

    def close(self) -> None:
        """End the process."""
        self._worker.close()


@dataclass(slots=True)
class Rivals:
    """Those that are there, and for each that is not, what to do about it."""

    present: list[Rival] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    reader: Reader | None = None
    _closing: list[Callable[[], None]] = field(default_factory=list)

    def close(self) -> None:
        """End all their processes."""
        while self._closing:
            self._closing.pop()()

    def add(self, rival: Rival) -> None:
        """One more, closed with the others."""
        self.present.append(rival)
        self._closing.append(rival.close)

    def add_reader(self, environment: RivalsEnvironment) -> Reader:
        """The reader, started once."""
        if self.reader is None:
            self.reader = Reader(Worker(environment, "rapidocr", "rivals_rapidocr.py"))
            self._closing.append(self.reader.close)
        return self.reader


def open_rivals(wanted: Iterable[str], environment: RivalsEnvironment, weights: Path, threads: int) -> Rivals:
    """Start the rivals named in `wanted`, keys of `NEEDS`, on the same weights and `threads` threads."""
    rivals = Rivals()
    names = list(wanted)
    for name in names:
        if lacking := environment.missing(NEEDS[name]):
            rivals.missing[name] = f"{', '.join(lacking)} not installed in {environment.folder}; {environment.advice}"
    names = [name for name in names if name not in rivals.missing]
    try:
        _start(rivals, names, environment, weights, threads)
    except BaseException:
        rivals.close()
        raise
    return rivals


def _start(rivals: Rivals, names: list[str], environment: RivalsEnvironment, weights: Path, threads: int) -> None:
    model, cores = str(weights.resolve()), str(threads)
    llama: LlamaCpp | None = None
    if {"llamacpp", "naive"} & set(names):
        slots = "2" if "naive" in names else "1"
        llama = LlamaCpp(
            Worker(environment, "llamacpp", "rivals_llamacpp.py", model, cores, str(CONTEXT_TOKENS), slots)
        )
        rivals.add(llama)
    if llama is not None and "naive" in names:
        rivals.add(Naive(rivals.add_reader(environment), llama))
    if "openvino" in names:
        folder = str(environment.folder / "openvino-model")
        for name, lookup in (("openvino", "0"), ("openvino_lookup", "1")):
            rivals.add(OpenVino(name, Worker(environment, name, "rivals_openvino.py", folder, model, cores, lookup)))
