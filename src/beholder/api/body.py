"""Reading a request's JSON body: media type, size limits, a budget over all requests, decoding off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from starlette.datastructures import Headers
from starlette.types import Receive

from beholder.api.disconnect import ClientGone
from beholder.api.errors import from_validation
from beholder.errors import BodyTooLarge, InvalidRequest, Overloaded, UnsupportedMediaType

T = TypeVar("T")

DECODE_IN_PLACE_BYTES = 2 * 1024 * 1024
"""Bodies up to this size are decoded on the event loop, a picture's in half a millisecond: a thread would hold Python's
lock for that time, and with it the loop."""

RETRY_SECONDS = 5


class Hold:
    """The bytes that one request counts for; `release` may be called early and more than once."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._bytes = 0

    @property
    def decoding(self) -> asyncio.Lock:
        """See `Budget.decoding`."""
        return self._budget.decoding

    def add(self, count: int) -> None:
        """Count `count` more bytes. Raises `Overloaded` if all requests together would be over the budget."""
        others = self._budget.used - self._bytes
        if others and self._budget.used + count > self._budget.limit:
            raise Overloaded("too many large requests at once; try again soon", retry_after=RETRY_SECONDS)
        self._bytes += count
        self._budget.used += count

    def release(self) -> None:
        """Give the bytes back."""
        self._budget.used -= self._bytes
        self._bytes = 0


class Budget:
    """Bytes of all request bodies held at once; a request alone always fits."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self.decoding = asyncio.Lock()
        """Held while a large body is decoded: for that time it is there twice, as bytes and as text."""

    @contextmanager
    def hold(self) -> Iterator[Hold]:
        """A hold that is released at the latest on leaving."""
        hold = Hold(self)
        try:
            yield hold
        finally:
            hold.release()


async def read_json(
    headers: Headers, receive: Receive, decoder: msgspec.json.Decoder[T], *, limit: int, hold: Hold
) -> T:
    """The body, at most `limit` bytes, as the decoder's type.

    Raises `UnsupportedMediaType`, `BodyTooLarge`, `Overloaded`, `InvalidRequest`, and `ClientGone` if the client left.
    """
    body = await _read(receive, _checked_length(headers, limit), limit, hold)
    if not body:
        raise InvalidRequest("the body is empty; expected a JSON object", code="empty_body")
    try:
        if len(body) <= DECODE_IN_PLACE_BYTES:
            return decoder.decode(body)
        async with hold.decoding:
            return await asyncio.to_thread(decoder.decode, body)
    except msgspec.ValidationError as error:
        raise from_validation(error) from None
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"the body is not JSON: {error}", code="invalid_json") from None
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the body holds text that is not UTF-8: {error.reason}", code="invalid_json") from None
    except RecursionError:
        raise InvalidRequest("the body is nested too deep", code="invalid_json") from None


def _checked_length(headers: Headers, limit: int) -> int:
    """Bytes that the body will have as the client says; 0 where it does not."""
    media_type = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaType(f"Content-Type must be application/json, got {media_type!r}")
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise UnsupportedMediaType(f"Content-Encoding {encoding!r} is not supported; send the body as it is")
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        return 0
    if int(length) > limit:
        raise _too_large(limit, f"{int(length):,}")
    return int(length)


async def _read(receive: Receive, length: int, limit: int, hold: Hold) -> bytearray:
    body, size = bytearray(), 0
    has_more = True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece = message.get("body", b"")
        end = size + len(piece)
        if end > limit:
            raise _too_large(limit, "more")
        if end > len(body):
            # Twice as much as came at most, so that nobody has memory for a body that he never sends.
            room = max(end, min(length, 2 * end))
            hold.add(room - len(body))
            body.extend(bytes(room - len(body)))
        body[size:end] = piece
        size = end
        has_more = message.get("more_body", False)
    del body[size:]
    return body


def _too_large(limit: int, got: str) -> BodyTooLarge:
    return BodyTooLarge(f"the body may be {limit:,} bytes (setting max_body_bytes), got {got}; send smaller images")
