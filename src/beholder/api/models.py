"""`GET /v1/models` and `GET /v1/models/{id}`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from beholder.api.names import CREATED, accepted_names, answered_name
from beholder.api.service import Service


def _describe(name: str) -> dict[str, str | int]:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "beholder"}


class Models:
    """The two endpoints."""

    def __init__(self, service: Service) -> None:
        self._engine = service.engine

    async def list_all(self, request: Request) -> Response:
        """Every name that a request may use."""
        return JSONResponse({"object": "list", "data": [_describe(name) for name in accepted_names(self._engine)]})

    async def retrieve(self, request: Request) -> Response:
        """One of them. Raises `NotFound`."""
        name = request.path_params["name"]
        answered_name(name, self._engine)
        return JSONResponse(_describe(name))
