"""The echo engine: no model, the same answer every time. For protocol tests and the edge's benchmark, nothing else.

It counts words as tokens, and a JSON document or a tool call as one word.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from beholder.engines.base import Capabilities, Token
from beholder.engines.echo_json import minimal_instance
from beholder.errors import ContextLengthExceeded
from beholder.types import (
    Event,
    Finish,
    FinishReason,
    Job,
    JsonOutput,
    Started,
    TextDelta,
    TextPart,
    Tool,
    ToolCallDelta,
    ToolOutput,
    Usage,
)

WORD = re.compile(r"\s*\S+\s*$|\s*\S+|\s+$")
"""A word with the space before it; the last one also with the space after it."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """The events between `Started` and `Usage`, the tokens they are worth, and why they end."""

    events: tuple[Event, ...]
    tokens: int
    reason: FinishReason = "stop"


class EchoEngine:
    """Says what it was told and how large the images were. `delay` is the seconds before each event of the answer."""

    name = "echo"
    model = "echo"
    capabilities = Capabilities(json=True, tools=True)

    def __init__(self, delay: float = 0.0, context_tokens: int = 32_768) -> None:
        self._delay = delay
        self._context_tokens = context_tokens
        self._is_ready = False

    @property
    def is_ready(self) -> bool:
        """Whether `start` has been called."""
        return self._is_ready

    async def start(self) -> None:
        """Nothing to load."""
        self._is_ready = True

    async def count(self, job: Job) -> int:
        """The words of the prompt. Raises `ContextLengthExceeded` if they do not leave room for an answer."""
        words = await self.count_text(job)
        if words >= self._context_tokens:
            raise ContextLengthExceeded(
                f"the context window is {self._context_tokens:,} tokens, the messages are {words:,}; shorten them",
                param="messages",
            )
        return words

    async def count_text(self, job: Job) -> int:
        """The words of the prompt."""
        return sum(len(text.split()) for text in _texts(job))

    async def tokenize(self, text: str) -> list[Token]:
        """The words with the space before them; the ids are their places."""
        return [(index, word, word.encode()) for index, word in enumerate(WORD.findall(text))]

    async def stream(self, job: Job) -> AsyncGenerator[Event, None]:
        """The answer: one word an event, or the smallest JSON that conforms, or one call of the first tool."""
        prompt_tokens = await self.count(job)
        answer = _answer(job, self._context_tokens - prompt_tokens)
        yield Started()
        for event in answer.events:
            await asyncio.sleep(self._delay)
            yield event
        yield Usage(prompt_tokens, answer.tokens, passes=answer.tokens)
        yield Finish(answer.reason)

    async def close(self) -> None:
        """Nothing to release."""


def _answer(job: Job, room: int) -> _Answer:
    output = job.output
    if isinstance(output, ToolOutput):
        if output.required:
            return _Answer(tuple(_call(output.tools[0], job)), 1, "tool_calls")
        output = output.otherwise
    if isinstance(output, JsonOutput):
        value = {"echo": _last_text(job)} if output.schema is None else minimal_instance(output.schema, output.param)
        return _Answer((TextDelta(_dump(value)),), 1)
    return _say(job, min(room, job.sampling.max_tokens or room))


def _say(job: Job, most: int) -> _Answer:
    words = WORD.findall(_until_stop(_reply(job), job.sampling.stop))
    events = tuple(TextDelta(word) for word in words[:most])
    return _Answer(events, len(events), "length" if len(words) > most else "stop")


def _reply(job: Job) -> str:
    sizes = ", ".join(f"{width}x{height}" for width, height in (image.original_size for image in job.images()))
    return f"You said: {_last_text(job)}" + (f"; images: {sizes}" if sizes else "")


def _until_stop(text: str, stops: tuple[str, ...]) -> str:
    places = [text.index(stop) for stop in stops if stop in text]
    return text[: min(places)] if places else text


def _call(tool: Tool, job: Job) -> Iterator[Event]:
    identity = hashlib.sha256(_last_text(job).encode()).hexdigest()[:24]
    yield ToolCallDelta(0, id=f"call_{identity}", name=tool.name)
    yield ToolCallDelta(0, _dump(minimal_instance(tool.parameters, tool.param)))


def _texts(job: Job) -> Iterator[str]:
    return (part.text for turn in job.turns for part in turn.parts if isinstance(part, TextPart))


def _last_text(job: Job) -> str:
    *_, last = ("", *_texts(job))
    return last


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
