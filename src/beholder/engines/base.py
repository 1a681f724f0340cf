"""The seam between the edge and whatever answers. An engine sees no HTTP.

Writing one takes twenty lines: give it a `name`, say what it can do, and yield events. `engines/echo.py` is the
smallest real one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from beholder.evidence import SafetyReport
from beholder.types import Event, Job

Token: TypeAlias = tuple[int, str, bytes]
"""A token's id, its text (with U+FFFD where it is a part of a character) and its bytes."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can be asked for; the edge refuses the rest with a 400 that names the field."""

    json: bool = False
    tools: bool = False
    logprobs: bool = False
    penalties: bool = False
    logit_bias: bool = False
    grounding: bool = False
    verbatim: bool = False


class Engine(Protocol):
    """Answers jobs whose images are loaded. Created and closed by the server; used from one event loop."""

    name: str
    """The engine's own name, `builtin`."""
    model: str
    """The model it serves, `qwen2.5-coder-1.5b-instruct`."""
    capabilities: Capabilities

    @property
    def is_ready(self) -> bool:
        """Whether `start` has finished."""
        ...

    async def start(self) -> None:
        """Load what is needed. Raises `WeightsError`. Must not block the event loop."""
        ...

    async def count(self, job: Job) -> int:
        """The prompt's true token count, images included. Raises what `stream` raises before `Started`."""
        ...

    def stream(self, job: Job) -> AsyncIterator[Event]:
        """Answer: `Started`, then deltas, then `Usage`, then `Finish`.

        Closing the iterator (`aclose`) stops the work soon. Raises `ContextLengthExceeded`, `UnsupportedSchema` or
        `Overloaded` before `Started`; after it only faults of the machine.
        """
        ...

    async def close(self) -> None:
        """Release everything; no stream is open any more."""
        ...


@runtime_checkable
class CountsText(Protocol):
    """What an engine may offer besides: its tokenizer. Neither method runs a model or waits for one."""

    async def tokenize(self, text: str) -> list[Token]:
        """The tokens of a plain text."""
        ...

    async def count_text(self, job: Job) -> int:
        """The prompt's tokens without those that stand for the images, which need not be loaded."""
        ...


@runtime_checkable
class Moderates(Protocol):
    """What an engine may offer besides: judging pictures. Only `nsfw` and its policies are scored, and no text."""

    policies: tuple[str, ...]
    """Things that a request may ask to be flagged, `firearms`."""

    async def moderate(self, job: Job) -> tuple[SafetyReport, ...]:
        """A report for each image, in the order sent. Raises `WeightsError`, `NotReady` and `Overloaded`."""
        ...
