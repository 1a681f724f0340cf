"""What the endpoints share: the engine, the images' loader, the settings, and whether they are ready."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from beholder import __version__
from beholder.api.body import Budget
from beholder.api.errors import ErrorStyle
from beholder.api.names import answered_name
from beholder.api.responses.store import FILE_NAME, ResponseStore
from beholder.engines.base import CountsText, Engine
from beholder.errors import NotReady
from beholder.images import ImagePlan
from beholder.settings import Settings
from beholder.types import Job
from beholder.weights import cache_dir

RETRY_SECONDS = 5


class Loader(Protocol):
    """Turns references into images; `beholder.images.Loader` is the one."""

    async def start(self) -> None:
        """Get ready, so that the first image need not wait."""
        ...

    async def load(self, job: Job) -> Job:
        """The job with every image decoded. Raises `ImageError` and `Overloaded`."""
        ...

    async def plan(self, job: Job) -> tuple[ImagePlan, ...]:
        """What `load` would do to each image. Raises `ImageError`."""
        ...

    async def close(self) -> None:
        """Release everything."""
        ...


@dataclass(slots=True)
class Service:
    """The engine and its surroundings, from the server's start to its end.

    `on_ready` is called once the engine is ready, `on_failure` with what its start raised.
    """

    settings: Settings
    engine: Engine
    loader: Loader
    on_ready: Callable[[], None] = lambda: None
    on_failure: Callable[[Exception], None] = lambda _exception: None
    budget: Budget = field(init=False)
    kept: ResponseStore = field(init=False)
    errors: ErrorStyle = field(init=False)
    failure: Exception | None = None

    def __post_init__(self) -> None:
        self.budget = Budget(self.settings.max_total_body_bytes)
        self.errors = ErrorStyle(is_xai=self.settings.xai_errors)
        self.kept = ResponseStore(cache_dir(self.settings) / FILE_NAME, self.settings.responses_kept)

    @property
    def fingerprint(self) -> str:
        """Changes with the version and the model: answers with the same one can be compared."""
        return "fp_" + hashlib.sha256(f"{__version__} {self.engine.model}".encode()).hexdigest()[:10]

    @property
    def counter(self) -> CountsText | None:
        """The engine's tokenizer, if it shows one."""
        return self.engine if isinstance(self.engine, CountsText) else None

    def answered_name(self, name: str) -> str:
        """The `model` of the answer to a request for `name`. Raises `NotFound`."""
        return answered_name(name, self.engine, any_model=self.settings.any_model)

    async def start(self) -> None:
        """Start the engine and the loader; run it as a task, so that health checks are answered meanwhile."""
        try:
            await asyncio.gather(self.engine.start(), self.loader.start())
        except Exception as exception:  # the edge of the process: `on_failure` reports it
            self.failure = exception
            self.on_failure(exception)
        else:
            self.on_ready()

    def require_ready(self) -> None:
        """Raise `NotReady` while the model loads, and what its start raised if it failed."""
        if self.failure is not None:
            raise self.failure.with_traceback(None)
        if not self.engine.is_ready:
            raise NotReady("the model is still loading; /readyz tells when it is ready", retry_after=RETRY_SECONDS)

    async def close(self, starting: asyncio.Task[None]) -> None:
        """Stop; `starting` is the task that runs `start`."""
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await self.loader.close()
        await self.kept.close()
        await self.engine.close()
