"""The server's own application without a network: the same way as `beholder serve`, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2

from beholder import engines
from beholder.api import create_app
from beholder.images import Loader
from beholder.settings import Settings


@asynccontextmanager
async def in_process(settings: Settings, seconds: float) -> AsyncGenerator[tuple[httpx2.AsyncClient, str]]:
    """A client of the engine that `settings` names, ready to be asked, and the model's name.

    An answer may take `seconds`. Raises `WeightsError`."""
    settings = replace(settings, api_key=())
    started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    engine = engines.create(settings)
    app = create_app(
        settings,
        engine,
        Loader(settings),
        on_ready=lambda: started.set_result(None),
        on_failure=started.set_exception,
    )
    async with app.router.lifespan_context(app):
        await started
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://in-process/v1/", timeout=seconds) as client:
            yield client, engine.model
