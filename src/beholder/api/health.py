"""`GET /healthz`, whether the process lives, and `GET /readyz`, whether it can answer questions."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from beholder.api.service import Service


class Live(Struct):
    """The process lives."""

    status: str = "ok"


class Ready(Struct, kw_only=True):
    """Questions are answered."""

    status: str = "ready"
    engine: str
    model: str


class Health:
    """The two endpoints; they need no key."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def live(self, request: Request) -> Response:
        """200 from the first moment on."""
        return _answer(Live())

    async def ready(self, request: Request) -> Response:
        """200 once the model is loaded. Raises `NotReady` before, and what went wrong if it could not be loaded."""
        self._service.require_ready()
        return _answer(Ready(engine=self._service.engine.name, model=self._service.engine.model))


def _answer(body: Struct) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
