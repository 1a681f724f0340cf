"""`GET /v1/models` and `GET /v1/models/{id}`."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from beholder.api.names import CREATED, accepted_names
from beholder.api.service import Service


class Model(Struct):
    """One name of a model."""

    id: str
    object: str = "model"
    created: int = CREATED
    owned_by: str = "beholder"


class ModelList(Struct, kw_only=True):
    """All names."""

    object: str = "list"
    data: list[Model]


class Models:
    """The two endpoints."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def list_all(self, request: Request) -> Response:
        """Every name that a request may use."""
        return _answer(ModelList(data=[Model(name) for name in accepted_names(self._service.engine)]))

    async def retrieve(self, request: Request) -> Response:
        """One of them. Raises `NotFound`."""
        name = request.path_params["name"]
        self._service.answered_name(name)
        return _answer(Model(name))


def _answer(body: Struct) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
