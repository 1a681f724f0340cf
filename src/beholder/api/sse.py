"""Server-sent events: frames on the wire, and what becomes of a fault after the first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from starlette.types import Send

from beholder.api.errors import to_error
from beholder.errors import BeholderError

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    # nginx holds back event streams unless told not to.
    (b"x-accel-buffering", b"no"),
]


async def send_events(
    send: Send, frames: AsyncIterator[bytes], *, to_fault: Callable[[BeholderError], bytes], end: bytes = b""
) -> None:
    """Send `frames`, made by `frame`, and then `end`.

    What is raised before the first frame passes through, for a plain HTTP error; after it, a fault is sent as the
    frame that `to_fault` makes of it, which ends the stream.
    """
    first = await anext(frames)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    try:
        await _send(send, first)
        async for each in frames:
            await _send(send, each)
        if end:
            await _send(send, end)
    except Exception as exception:  # the edge of the process: `to_error` logs what is unexpected
        await _send(send, to_fault(to_error(exception)))
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def frame(data: bytes, event: str | None = None) -> bytes:
    """One event on the wire; `event` is its name, where the protocol names its events."""
    return (b"" if event is None else b"event: " + event.encode() + b"\n") + b"data: " + data + b"\n\n"


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
