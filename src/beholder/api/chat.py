"""`POST /v1/chat/completions`."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import cast

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from beholder.api.answering import Answering
from beholder.api.body import Hold, read_json
from beholder.api.exchange import current
from beholder.api.fold import Fold
from beholder.api.keys import owner
from beholder.api.replies import Chunk
from beholder.api.sse import frame, send_events
from beholder.api.stream import ChunkWriter, ReplyStyle
from beholder.api.to_job import to_job
from beholder.api.wire import ChatRequest
from beholder.errors import BeholderError
from beholder.types import Event, Job, ToolOutput

DECODER = msgspec.json.Decoder(ChatRequest)
DONE = frame(b"[DONE]")


@dataclass(frozen=True, slots=True)
class Order:
    """A request, understood: what to ask the engine, and how to tell its answer."""

    job: Job
    style: ReplyStyle
    is_streamed: bool


class ChatCompletions(Answering[Order]):
    """The endpoint."""

    async def _read(self, scope: Scope, receive: Receive, hold: Hold) -> Order:
        limit = self._service.settings.max_body_bytes
        request = await read_json(Headers(scope=scope), receive, DECODER, limit=limit, hold=hold)
        model = self._service.answered_name(request.model)
        job = replace(to_job(request, self._service.engine.capabilities), owner=owner(scope))
        is_streamed = bool(request.stream)
        includes_usage = request.stream_options is not None and bool(request.stream_options.include_usage)
        style = ReplyStyle(
            id=f"chatcmpl-{uuid.uuid4().hex}",
            created=int(time.time()),
            model=model,
            fingerprint=self._service.fingerprint,
            choices=request.n or 1,
            has_usage=includes_usage or not is_streamed,
            has_evidence=bool(request.evidence),
            has_grounding=bool(request.grounding),
            may_call=isinstance(job.output, ToolOutput),
            is_legacy=bool(request.functions) and not request.tools,
        )
        return Order(job, style, is_streamed)

    async def _answer(self, order: Order, hold: Hold, scope: Scope, receive: Receive, send: Send) -> None:
        loading = self._service.loader.load(order.job)
        # From here on the loader alone holds the data URIs, and lets each go once it is decoded.
        order = replace(order, job=Job(turns=()))
        order = replace(order, job=await loading)
        hold.release()
        writer = ChunkWriter(order.style, list(order.job.images()))
        async with aclosing(self._chunks(order.job, writer)) as chunks:
            if order.is_streamed:
                await send_events(send, _frames(chunks), to_fault=self._to_fault, end=DONE)
            else:
                fold = Fold()
                async for chunk in chunks:
                    fold.add(chunk)
                body = msgspec.json.encode(fold.completion())
                current(scope).usage = writer.usage
                await Response(body, media_type="application/json")(scope, receive, send)
        current(scope).usage = writer.usage

    async def _chunks(self, job: Job, writer: ChunkWriter) -> AsyncGenerator[Chunk, None]:
        for index in range(writer.style.choices):
            async with aclosing(self._events(job, index)) as events:
                async for event in events:
                    for chunk in writer.write(event):
                        yield chunk
        for chunk in writer.close():
            yield chunk

    def _to_fault(self, error: BeholderError) -> bytes:
        return frame(self._service.errors.to_body(error))

    def _events(self, job: Job, index: int) -> AsyncGenerator[Event, None]:
        """The events of one choice; each has its own seed, or all would be the same."""
        seed = job.sampling.seed
        if seed is not None and index:
            job = replace(job, sampling=replace(job.sampling, seed=seed + index))
        # The seam promises `aclose`, which only generators have in the type system.
        return cast("AsyncGenerator[Event, None]", self._service.engine.stream(job))


async def _frames(chunks: AsyncIterator[Chunk]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        yield frame(msgspec.json.encode(chunk))
