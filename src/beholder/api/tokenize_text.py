"""`POST /v1/tokenize-text`: a text's tokens, as the served model counts them."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from beholder.api.body import read_json
from beholder.api.names import GROK_ID
from beholder.api.service import Service
from beholder.errors import InvalidRequest


class TokenizeRequest(Struct, frozen=True, kw_only=True):
    """The body."""

    text: str
    model: str | None = None
    user: str | None = None


class TokenReply(Struct, frozen=True):
    """One token; `token_bytes` are its UTF-8 bytes, which may be a part of a character."""

    token_id: int
    string_token: str
    token_bytes: list[int]


class TokenizeReply(Struct, frozen=True):
    """All tokens, in order."""

    token_ids: list[TokenReply]


DECODER = msgspec.json.Decoder(TokenizeRequest)


class TokenizeText:
    """The endpoint."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def answer(self, request: Request) -> Response:
        """The tokens. Raises `InvalidRequest` where the engine has no tokenizer to offer."""
        self._service.require_ready()
        counter = self._service.counter
        if counter is None:
            raise InvalidRequest("the engine that is running shows no tokenizer", code="unsupported_parameter")
        limit = self._service.settings.max_body_bytes
        with self._service.budget.hold() as hold:
            asked = await read_json(request.headers, request.receive, DECODER, limit=limit, hold=hold)
            self._service.answered_name(asked.model or GROK_ID)
            tokens = await counter.tokenize(asked.text)
        reply = TokenizeReply([TokenReply(token, text, list(raw)) for token, text, raw in tokens])
        return Response(msgspec.json.encode(reply), media_type="application/json")
