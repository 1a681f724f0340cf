"""Engines for the edge's tests: real implementations of the seam that follow a script."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Sequence

from beholder.engines.base import Capabilities
from beholder.types import Event, Finish, Job, Started, TextDelta, Usage

EVERYTHING = Capabilities(
    json=True, tools=True, logprobs=True, penalties=True, logit_bias=True, grounding=True, verbatim=True
)

SHORT: tuple[Event, ...] = (Started(), TextDelta("yes"), Usage(7, 1), Finish("stop"))


class ScriptedEngine:
    """Sends `script` for every job; an exception in it is raised at its place. It keeps the jobs it was given."""

    name = "scripted"
    model = "scripted-model"

    def __init__(self, script: Sequence[Event | Exception] = SHORT, capabilities: Capabilities = EVERYTHING) -> None:
        self.capabilities = capabilities
        self.jobs: list[Job] = []
        self.is_closed = False
        self._script = script
        self._is_ready = False

    @property
    def is_ready(self) -> bool:
        """Whether it was started."""
        return self._is_ready

    async def start(self) -> None:
        """Nothing to load."""
        self._is_ready = True

    async def count(self, job: Job) -> int:
        """Every prompt has seven tokens."""
        return 7

    async def stream(self, job: Job) -> AsyncGenerator[Event, None]:
        """The script."""
        self.jobs.append(job)
        for event in self._script:
            if isinstance(event, Exception):
                raise event
            yield event

    async def close(self) -> None:
        """Remember it."""
        self.is_closed = True


class EndlessEngine(ScriptedEngine):
    """Thinks for ever, before its first event or after; `is_working` until its stream is closed."""

    def __init__(self, *, is_silent: bool) -> None:
        super().__init__()
        self.is_working = False
        self._is_silent = is_silent

    async def stream(self, job: Job) -> AsyncGenerator[Event, None]:
        """Words without end, or nothing without end."""
        self.jobs.append(job)
        self.is_working = True
        try:
            if self._is_silent:
                await asyncio.Event().wait()
            yield Started()
            while True:
                yield TextDelta("word ")
                await asyncio.sleep(0.005)
        finally:
            self.is_working = False


class SlowStartEngine(ScriptedEngine):
    """Is ready only after `release` is set; with `fault`, its start then fails with it."""

    def __init__(self, fault: Exception | None = None) -> None:
        super().__init__()
        self.release = threading.Event()
        self._fault = fault

    async def start(self) -> None:
        """Wait for the test."""
        await asyncio.to_thread(self.release.wait)
        if self._fault is not None:
            raise self._fault
        await super().start()
