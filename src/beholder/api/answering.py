"""What the endpoints that answer have in common: read while it is in budget, answer while the client listens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from starlette.types import Receive, Scope, Send

from beholder.api.body import Hold
from beholder.api.disconnect import run_until_disconnect
from beholder.api.service import Service

Order = TypeVar("Order")
"""A request, understood: what to ask the engine, and how to tell its answer."""


class Answering(ABC, Generic[Order]):
    """An endpoint as an ASGI app, since it watches for the client's disconnect itself."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever is wrong with it is raised."""
        self._service.require_ready()
        with self._service.budget.hold() as hold:
            # No name here keeps the order, so that its data URIs can go once the images are decoded.
            answer = self._answer(await self._read(scope, receive, hold), hold, scope, receive, send)
            await run_until_disconnect(receive, answer)

    @abstractmethod
    async def _read(self, scope: Scope, receive: Receive, hold: Hold) -> Order:
        """The request; raises what is wrong with it."""

    @abstractmethod
    async def _answer(self, order: Order, hold: Hold, scope: Scope, receive: Receive, send: Send) -> None:
        """Load the images, let `hold` go, ask the engine and send what it says."""
