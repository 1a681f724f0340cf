"""Beholder itself as a contestant: the real server in a process of its own, asked over HTTP."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import IO, Any, Final

import httpx2

from beholder.bench.answer_client import Reply, ask
from beholder.bench.answer_measure import Measured, Messages
from beholder.bench.answer_task import Task
from beholder.errors import NotReady

NAME: Final = "beholder"
READY: Final = re.compile(r"Beholder is ready at (http://\S+)")
STOPPING_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer measured, and the text that its model was given."""

    measured: Measured
    messages: Messages


class Server:
    """`beholder serve` as a process. `start_seconds` is the time from its start to its ready line."""

    name = NAME

    def __init__(self, flags: Sequence[str] = ()) -> None:
        command = [sys.executable, "-m", "beholder", "serve", *flags, "--port", "0"]
        began = time.perf_counter()
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.client = httpx2.Client(trust_env=False)
        self.base_url = self._wait_until_ready()
        self.start_seconds = time.perf_counter() - began

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The one process."""
        return (self._process.pid,)

    def reply(self, task: Task, *, system: str | None = None) -> Reply:
        """The streamed answer; `system` is a message of ours before the question."""
        return ask(self.client, self.base_url, to_body(task, system=system))

    def ask(self, task: Task) -> Answered:
        """Answer, and be measured."""
        reply = self.reply(task)
        return Answered(to_measured(task, reply), reply.extension.get("prompt") or [])

    def close(self) -> None:
        """End the process."""
        self.client.close()
        self._process.terminate()
        try:
            self._process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_until_ready(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if match := READY.search(line):
                threading.Thread(target=_drain, args=(self._process.stdout,), daemon=True).start()
                return match[1]
        raise NotReady(f"the server ended with status {self._process.wait()}; `beholder serve` says why")


def to_body(task: Task, *, system: str | None = None) -> dict[str, Any]:
    """The chat request of a task, picture included, with `x_beholder` asked for."""
    content = [
        {"type": "image_url", "image_url": {"url": task.data_uri}},
        {"type": "text", "text": task.prompt},
    ]
    before = [] if system is None else [{"role": "system", "content": system}]
    body = {
        "model": "grok-2-vision-latest",
        "messages": [*before, {"role": "user", "content": content}],
        "temperature": 0,
        "max_tokens": task.max_tokens,
        "evidence": True,
    }
    if task.schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": task.schema},
        }
    return body


def to_measured(task: Task, reply: Reply) -> Measured:
    """What `x_beholder.work` tells of an answer; what it does not tell stays None."""
    work = reply.extension.get("work") or {}
    passes = work.get("passes")
    return Measured(
        contestant=NAME,
        task=task.id,
        kind=task.kind,
        text=reply.text,
        first=reply.first,
        wall=reply.wall,
        prompt_tokens=work.get("prompt_tokens"),
        tokens=work.get("completion_tokens", reply.usage.get("completion_tokens")),
        forced=work.get("forced_tokens"),
        copied=work.get("copied_tokens"),
        passes=None if passes is None else passes - work.get("prompt_passes", 0),
    )


def _drain(stream: IO[str]) -> None:
    """A full pipe would stop the server."""
    with closing(stream):
        for _ in stream:
            pass
