"""`GET /healthz`, whether the process lives, and `GET /readyz`, whether it can answer questions."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from beholder.api.service import Service


class Health:
    """The two endpoints; they need no key."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def live(self, request: Request) -> Response:
        """200 from the first moment on."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """200 once the model is loaded. Raises `NotReady` before, and what went wrong if it could not be loaded."""
        self._service.require_ready()
        return JSONResponse(
            {"status": "ready", "engine": self._service.engine.name, "model": self._service.engine.model}
        )
