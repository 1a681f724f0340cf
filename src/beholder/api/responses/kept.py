"""`GET` and `DELETE /v1/responses/{id}`, and `GET /v1/responses/{id}/input_items`."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct
from starlette.requests import Request
from starlette.responses import Response

from beholder.api.keys import owner
from beholder.api.responses.store import Row, unknown_response
from beholder.api.service import Service
from beholder.errors import InvalidRequest

MOST_ITEMS = 100
"""Items in one answer at most, and 20 when not said (openai-python, `types/responses/input_item_list_params.py`)."""


class ItemList(Struct, kw_only=True):
    """A page of items."""

    object: str = "list"
    data: list[Raw]
    first_id: str | None
    last_id: str | None
    has_more: bool


class Deleted(Struct, kw_only=True):
    """A response that is gone."""

    id: str
    object: str = "response"
    deleted: bool = True


class KeptResponses:
    """The endpoints; each sees only what was kept under the request's own key."""

    def __init__(self, service: Service) -> None:
        self._store = service.kept

    async def one(self, request: Request) -> Response:
        """GET tells the response, DELETE forgets it. Raises `NotFound`."""
        identity = self._identity(request)
        if request.method == "DELETE":
            await self._store.delete(owner(request.scope), identity)
            return Response(msgspec.json.encode(Deleted(id=identity)), media_type="application/json")
        if request.query_params.get("stream", "false").lower() not in ("false", "0", ""):
            raise InvalidRequest(
                "a kept response cannot be streamed again; leave stream out",
                param="stream",
                code="unsupported_parameter",
            )
        body = await self._store.body(owner(request.scope), identity)
        return Response(body, media_type="application/json")

    async def input_items(self, request: Request) -> Response:
        """A page of the response's own input. Raises `NotFound`, and `InvalidRequest` for a wrong page."""
        rows = await self._store.input_items(owner(request.scope), self._identity(request))
        body = msgspec.json.encode(_page(rows, request))
        return Response(body, media_type="application/json")

    async def cancel(self, request: Request) -> Response:
        """Always refused: there are no background responses. Raises `NotFound` or `InvalidRequest`."""
        await self._store.body(owner(request.scope), self._identity(request))
        raise InvalidRequest("only background responses can be cancelled, and this one is done", code="invalid_value")

    def _identity(self, request: Request) -> str:
        identity: str = request.path_params["response_id"]
        if not self._store.is_on:
            raise unknown_response(identity)
        return identity


def _page(rows: list[Row], request: Request) -> ItemList:
    query = request.query_params
    order, limit, after = query.get("order", "desc"), query.get("limit", "20"), query.get("after")
    if order not in ("asc", "desc"):
        raise InvalidRequest(f"order: expected asc or desc, got {order!r}", param="order", code="invalid_value")
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= MOST_ITEMS):
        raise InvalidRequest(f"limit: expected 1 to {MOST_ITEMS}, got {limit!r}", param="limit", code="invalid_value")
    rows = rows if order == "asc" else rows[::-1]
    names = [name for name, _ in rows]
    if after is not None and after not in names:
        raise InvalidRequest(f"after: there is no item {after!r}", param="after", code="invalid_value")
    rest = rows if after is None else rows[names.index(after) + 1 :]
    page = rest[: int(limit)]
    return ItemList(
        data=[Raw(body) for _, body in page],
        first_id=page[0][0] if page else None,
        last_id=page[-1][0] if page else None,
        has_more=len(rest) > len(page),
    )
