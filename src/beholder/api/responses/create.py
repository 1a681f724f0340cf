"""`POST /v1/responses`."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
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
from beholder.api.keys import owner
from beholder.api.names import GROK_ID
from beholder.api.options import temperature
from beholder.api.responses import replies
from beholder.api.responses.items import check_items, to_kept
from beholder.api.responses.store import Row
from beholder.api.responses.stream import ResponseWriter
from beholder.api.responses.to_job import to_job
from beholder.api.responses.wire import Item, ResponsesRequest
from beholder.api.sse import frame, send_events
from beholder.api.wire import TextFormat
from beholder.errors import InvalidRequest, NotFound
from beholder.types import Event, Job

DECODER = msgspec.json.Decoder(ResponsesRequest)
ITEM_DECODER = msgspec.json.Decoder(Item)


@dataclass(frozen=True, slots=True)
class Order:
    """A request, understood. `blank` is the response before its first word, `sent` what is to be kept of the input."""

    job: Job
    blank: replies.Response
    owner: str
    sent: Sequence[Item]
    is_streamed: bool
    has_evidence: bool
    has_grounding: bool


class Responses(Answering[Order]):
    """The endpoint."""

    async def _read(self, scope: Scope, receive: Receive, hold: Hold) -> Order:
        limit = self._service.settings.max_body_bytes
        request = await read_json(Headers(scope=scope), receive, DECODER, limit=limit, hold=hold)
        model = self._service.answered_name(request.model or GROK_ID)
        self._check_store(request)
        sent = await self._resolve(owner(scope), check_items(request.input))
        earlier = await self._earlier(owner(scope), request.previous_response_id, hold)
        return Order(
            job=replace(to_job(request, earlier, sent, self._service.engine.capabilities), owner=owner(scope)),
            blank=_blank(request, model, store=self._service.kept.is_on and request.store is not False),
            owner=owner(scope),
            sent=sent,
            is_streamed=bool(request.stream),
            has_evidence=bool(request.evidence),
            has_grounding=bool(request.grounding),
        )

    def _check_store(self, request: ResponsesRequest) -> None:
        for name in ("store", "previous_response_id"):
            if getattr(request, name) and not self._service.kept.is_on:
                raise InvalidRequest(
                    f"{name} is not possible: this server keeps no responses (setting responses_kept); send the whole "
                    "conversation as input",
                    param=name,
                    code="unsupported_parameter",
                )

    async def _resolve(self, owner: str, items: list[Item]) -> list[Item]:
        """The items with each reference replaced by what it refers to. Raises `NotFound`."""
        references = [item.id or "" for item in items if item.type == "item_reference"]
        if not references:
            return items
        found = await self._service.kept.items(owner, references) if self._service.kept.is_on else {}
        for index, item in enumerate(items):
            if item.type == "item_reference" and item.id not in found:
                raise NotFound(
                    f"input[{index}]: there is no item {item.id!r}, or it is no longer kept", param=f"input[{index}].id"
                )
        return [ITEM_DECODER.decode(found[item.id or ""]) if item.type == "item_reference" else item for item in items]

    async def _earlier(self, owner: str, previous: str | None, hold: Hold) -> list[Item]:
        if previous is None:
            return []
        found = await self._service.kept.history(owner, previous, self._service.settings.max_body_bytes)
        hold.add(sum(map(len, found)))
        return await asyncio.to_thread(lambda: [ITEM_DECODER.decode(each) for each in found])

    async def _answer(self, order: Order, hold: Hold, scope: Scope, receive: Receive, send: Send) -> None:
        loading = self._service.loader.load(order.job)
        # From here on the loader alone holds the data URIs, and lets each go once it is decoded; unless they are kept.
        order = replace(order, job=Job(turns=()), sent=order.sent if order.blank.store else ())
        job = await loading
        writer = ResponseWriter(
            order.blank,
            list(job.images()),
            has_evidence=order.has_evidence,
            has_grounding=order.has_grounding,
        )
        await self._keep_input(order)
        order = replace(order, job=job, sent=())
        hold.release()
        async with aclosing(self._told(order, writer)) as events:
            if order.is_streamed:
                await send_events(send, _frames(events), to_fault=lambda error: _to_frame(writer.fail(error)))
            else:
                *_, last = [event async for event in events]
                assert isinstance(last, replies.Completed | replies.Incomplete)
                current(scope).usage = writer.usage
                body = msgspec.json.encode(last.response)
                await Response(body, media_type="application/json")(scope, receive, send)
        current(scope).usage = writer.usage

    async def _keep_input(self, order: Order) -> None:
        if order.blank.store:
            items = await asyncio.to_thread(lambda: _rows(to_kept(order.sent)))
            await self._service.kept.begin(order.owner, order.blank.id, order.blank.previous_response_id, items)

    async def _told(self, order: Order, writer: ResponseWriter) -> AsyncGenerator[replies.Event, None]:
        kept, is_kept = self._service.kept, False
        # The seam promises `aclose`, which only generators have in the type system.
        stream = cast("AsyncGenerator[Event, None]", self._service.engine.stream(order.job))
        try:
            async with aclosing(stream) as events:
                async for event in events:
                    for told in writer.write(event):
                        yield told
            last = writer.close()
            if order.blank.store:
                # Before the last event goes out: a client may go on from it at once.
                whole = last.response
                await kept.finish(whole.id, msgspec.json.encode(whole), _rows(whole.output))
                is_kept = True
            yield last
        finally:
            if order.blank.store and not is_kept:
                # Shielded: the client may go away, which cancels this, while the row is deleted.
                await asyncio.shield(kept.discard(order.blank.id))


def _blank(request: ResponsesRequest, model: str, *, store: bool) -> replies.Response:
    return replies.Response(
        id=f"resp_{uuid.uuid4().hex}",
        created_at=int(time.time()),
        model=model,
        store=store,
        instructions=request.instructions,
        max_output_tokens=request.max_output_tokens,
        parallel_tool_calls=request.parallel_tool_calls is not False,
        previous_response_id=request.previous_response_id,
        temperature=temperature(request.temperature),
        text=replies.TextReply((request.text and request.text.format) or TextFormat()),
        tool_choice=request.tool_choice or "auto",
        tools=request.tools or [],
        top_logprobs=request.top_logprobs or 0,
        top_p=request.top_p or 1.0,
        frequency_penalty=request.frequency_penalty or 0.0,
        presence_penalty=request.presence_penalty or 0.0,
        metadata=request.metadata or {},
    )


def _rows(items: Sequence[Item | replies.OutputItem]) -> list[Row]:
    return [(item.id or "", msgspec.json.encode(item)) for item in items]


async def _frames(events: AsyncIterator[replies.Event]) -> AsyncIterator[bytes]:
    async for event in events:
        yield _to_frame(event)


def _to_frame(event: replies.Event) -> bytes:
    return frame(msgspec.json.encode(event), str(event.__struct_config__.tag))
