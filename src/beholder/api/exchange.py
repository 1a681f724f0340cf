"""What surrounds every request: its id, its headers, its errors and its one log line."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beholder.api.disconnect import ClientGone
from beholder.api.errors import ErrorStyle, to_error
from beholder.api.replies import Usage
from beholder.errors import BeholderError, MethodNotAllowed, NotFound, Overloaded

logger = logging.getLogger("beholder.access")

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the request being served, for log lines."""

CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
CLIENT_CLOSED_REQUEST = 499
"""The status that is logged, never sent, when the client went away (nginx's number for it)."""

RETRY_SECONDS = 5


@dataclass(slots=True)
class Exchange:
    """One request and its answer, for the log line."""

    id: str
    method: str
    path: str
    started: float = field(default_factory=time.perf_counter)
    status: int = 0
    usage: Usage | None = None
    error: str | None = None

    @classmethod
    def begin(cls, scope: Scope) -> Exchange:
        """The exchange of a request that just came in; a well-formed `x-request-id` of the client's is kept."""
        own = Headers(scope=scope).get("x-request-id", "")
        identity = own if CLIENT_ID.fullmatch(own) else f"req_{uuid.uuid4().hex}"
        return cls(identity, scope["method"], quote(scope["path"]))

    @property
    def milliseconds(self) -> int:
        """Time since the request came in."""
        return round((time.perf_counter() - self.started) * 1000)

    @property
    def is_answered(self) -> bool:
        """Whether the response's head was sent."""
        return self.status != 0

    def log(self) -> None:
        """The one line."""
        fields: dict[str, str | int] = {
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "ms": self.milliseconds,
        }
        text = f"{self.method} {self.path} {self.status} {fields['ms']} ms"
        if self.error is not None:
            fields["error"] = self.error
            text += f" {self.error}"
        if self.usage is not None:
            fields |= {"prompt_tokens": self.usage.prompt_tokens, "completion_tokens": self.usage.completion_tokens}
            text += f" {self.usage.prompt_tokens}+{self.usage.completion_tokens} tokens"
        logger.log(logging.WARNING if self.status >= 500 else logging.INFO, text, extra={"fields": fields})


def current(scope: Scope) -> Exchange:
    """The exchange that `scope` belongs to."""
    exchange = scope["beholder.exchange"]
    assert isinstance(exchange, Exchange)
    return exchange


class Exchanges:
    """Middleware, the outermost: no request leaves without an id, an answer and a log line."""

    def __init__(self, app: ASGIApp, errors: ErrorStyle) -> None:
        self._app = app
        self._errors = errors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = scope["beholder.exchange"] = Exchange.begin(scope)
        token = request_id.set(exchange.id)
        try:
            await self._answer(exchange, scope, receive, _with_headers(exchange, send))
        finally:
            exchange.log()
            request_id.reset(token)

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientGone:
            exchange.status = CLIENT_CLOSED_REQUEST
        except asyncio.CancelledError:
            # Only the server's own stop cancels a request's task, which nobody else awaits.
            await self._tell(Overloaded("the server is stopping", retry_after=RETRY_SECONDS), scope, receive, send)
        except Exception as exception:  # the edge of the process: `to_error` logs what is unexpected
            await self._tell(exception, scope, receive, send)

    async def _tell(self, exception: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        if not current(scope).is_answered:
            error = to_error(exception)
            current(scope).error = error.code
            # Its frames refer to the request's pictures and to itself: they would stay until the collector runs.
            exception.__traceback__ = None
            await self._errors.to_response(error)(scope, receive, send)
        elif not isinstance(exception, BeholderError):
            raise exception


class RouterErrors:
    """The answers to what Starlette's router raises: an address that does not exist, or one with another method."""

    def __init__(self, errors: ErrorStyle) -> None:
        self._errors = errors

    async def answer(self, request: Request, exception: Exception) -> Response:
        """A 404 or a 405."""
        assert isinstance(exception, HTTPException)
        headers = exception.headers or {}
        error: BeholderError = NotFound(f"there is nothing at {request.url.path}; the API is under /v1")
        if exception.status_code == 405:
            allowed = headers.get("Allow", "")
            error = MethodNotAllowed(f"{request.method} is not possible at {request.url.path}; it takes {allowed}")
        current(request.scope).error = error.code
        response = self._errors.to_response(error)
        response.headers.update(headers)
        return response


def _with_headers(exchange: Exchange, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            headers = MutableHeaders(raw=[*message.get("headers", ())])
            headers["x-request-id"] = exchange.id
            headers["openai-processing-ms"] = str(exchange.milliseconds)
            message = {**message, "headers": headers.raw}
        await send(message)

    return send_with_headers
