"""`GET /v1/api-key`: what is known of the key that the request came with."""

from __future__ import annotations

import time
import uuid

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from beholder.api.keys import owner, sent_key

SHOWN = 2
"""Letters shown of a key's either end, as xAI shows them; of a short key none."""


class ApiKey(Struct, kw_only=True):
    """The key, its middle hidden; the names are xAI's. Ids follow from the key, times are of the server's start."""

    redacted_api_key: str
    user_id: str
    name: str
    create_time: str
    modify_time: str
    modified_by: str
    team_id: str
    acls: tuple[str, ...] = ("api-key:model:*", "api-key:endpoint:*")
    api_key_id: str
    team_blocked: bool = False
    api_key_blocked: bool = False
    api_key_disabled: bool = False


class ApiKeys:
    """The endpoint."""

    def __init__(self) -> None:
        self._started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    async def show(self, request: Request) -> Response:
        """The request's own key, or that none is needed."""
        key = sent_key(request.scope)
        identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"beholder:{owner(request.scope)}"))
        body = ApiKey(
            redacted_api_key=_redacted(key or ""),
            user_id=identity,
            name="no key is needed" if key is None else "a key of this server",
            create_time=self._started,
            modify_time=self._started,
            modified_by=identity,
            team_id=identity,
            api_key_id=identity,
        )
        return Response(msgspec.json.encode(body), media_type="application/json")


def _redacted(key: str) -> str:
    return f"{key[:SHOWN]}***{key[-SHOWN:]}" if len(key) >= 4 * SHOWN else "***"
