"""API keys: who may ask."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from beholder.errors import SettingsError, Unauthorized
from beholder.settings import Settings

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/openapi.json"})
"""Answered without a key: a supervisor needs none, and the document is the same for every server."""


class KeyCheck:
    """Middleware: if there are keys, every request must carry one as a bearer token, but for `OPEN_PATHS`."""

    def __init__(self, app: ASGIApp, keys: Iterable[str]) -> None:
        self._app = app
        self._keys = tuple(key.encode() for key in keys)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or raise `Unauthorized`."""
        if scope["type"] == "http" and self._keys and scope["path"] not in OPEN_PATHS:
            scope["beholder.key"] = self._check(Headers(scope=scope).get("authorization"))
        await self._app(scope, receive, send)

    def _check(self, authorization: str | None) -> str:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthorized(
                "an API key is needed: send the header Authorization: Bearer YOUR_KEY", code="missing_api_key"
            )
        # ASGI headers are Latin-1. Every key is compared, in constant time, so that timing tells nothing.
        sent = token.strip(" \t").encode("latin-1")
        matches = [hmac.compare_digest(sent, key) for key in self._keys]
        if not any(matches):
            raise Unauthorized("incorrect API key; the server's operator sets keys with --api-key or BEHOLDER_API_KEY")
        return sent.decode("utf-8", errors="replace")


def sent_key(scope: Scope) -> str | None:
    """The right key that the request came with; None where no keys are set."""
    key: str | None = scope.get("beholder.key")
    return key


def owner(scope: Scope) -> str:
    """Who asks: a digest of the key, the same for each request with it; empty where no keys are set."""
    key = sent_key(scope)
    return "" if key is None else hashlib.sha256(f"beholder owner {key}".encode()).hexdigest()


def require_key_beyond_loopback(settings: Settings, address: str) -> None:
    """Raise `SettingsError` if `address`, an IP the server is bound to, is open to others and no key is set."""
    is_loopback = ipaddress.ip_address(address.partition("%")[0]).is_loopback
    if not (settings.api_key or settings.allow_no_key or is_loopback):
        raise SettingsError(
            f"refusing to listen on {settings.host} without an API key, since others could reach it: set --api-key, "
            "or listen on 127.0.0.1, or allow it with --allow-no-key"
        )
