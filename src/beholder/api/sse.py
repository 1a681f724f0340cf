"""Server-sent events: chunks as bytes on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
from starlette.types import Send

from beholder.api.errors import to_body, to_error
from beholder.api.replies import Chunk

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    # nginx holds back event streams unless told not to.
    (b"x-accel-buffering", b"no"),
]


async def send_events(send: Send, chunks: AsyncIterator[Chunk]) -> None:
    """Send `chunks` and the closing `[DONE]`.

    What is raised before the first chunk passes through, for a plain HTTP error; after it, a fault is sent as an
    event `{"error": …}` that ends the stream.
    """
    first = await anext(chunks)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    try:
        await _send_event(send, msgspec.json.encode(first))
        async for chunk in chunks:
            await _send_event(send, msgspec.json.encode(chunk))
        await _send_event(send, b"[DONE]")
    except Exception as exception:  # the edge of the process: `to_error` logs what is unexpected
        await _send_event(send, to_body(to_error(exception)))
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_event(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": b"data: " + data + b"\n\n", "more_body": True})
