"""The application: routes, middleware, and the engine's life from start to close."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from beholder.api.api_key import ApiKeys
from beholder.api.chat import ChatCompletions
from beholder.api.exchange import Exchanges, RouterErrors
from beholder.api.health import Health
from beholder.api.keys import KeyCheck
from beholder.api.language_models import LanguageModels
from beholder.api.models import Models
from beholder.api.moderations import Moderations
from beholder.api.openapi import openapi
from beholder.api.plan import PlanImages
from beholder.api.responses.create import Responses
from beholder.api.responses.kept import KeptResponses
from beholder.api.service import Loader, Service
from beholder.api.tokenize_text import TokenizeText
from beholder.engines.base import Engine
from beholder.settings import Settings


def create_app(
    settings: Settings,
    engine: Engine,
    loader: Loader,
    *,
    on_ready: Callable[[], None] = lambda: None,
    on_failure: Callable[[Exception], None] = lambda _exception: None,
) -> Starlette:
    """The ASGI app; it starts `engine` in the background when the server starts, and closes both at its end.

    `on_ready` is called once the engine is ready; `on_failure` with what its start raised, usually `WeightsError`.
    """
    service = Service(settings, engine, loader, on_ready, on_failure)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        starting = asyncio.create_task(service.start())
        try:
            yield
        finally:
            await service.close(starting)

    app = Starlette(
        routes=_routes(service),
        middleware=[Middleware(Exchanges, errors=service.errors), Middleware(KeyCheck, keys=settings.api_key)],
        exception_handlers={HTTPException: RouterErrors(service.errors).answer},
        lifespan=lifespan,
    )
    # A redirect would make clients send a large body twice; a wrong address is told instead.
    app.router.redirect_slashes = False
    return app


def _routes(service: Service) -> list[Route]:
    health, models, kept = Health(service), Models(service), KeptResponses(service)
    language_models = LanguageModels(service)
    return [
        Route("/healthz", health.live),
        Route("/readyz", health.ready),
        Route("/openapi.json", openapi),
        Route("/v1/models", models.list_all),
        Route("/v1/models/{name:path}", models.retrieve),
        Route("/v1/language-models", language_models.list_all),
        Route("/v1/language-models/{name:path}", language_models.retrieve),
        Route("/v1/api-key", ApiKeys().show),
        Route("/v1/tokenize-text", TokenizeText(service).answer, methods=["POST"]),
        Route("/v1/chat/completions", ChatCompletions(service), methods=["POST"]),
        Route("/v1/moderations", Moderations(service), methods=["POST"]),
        Route("/v1/images/plan", PlanImages(service).answer, methods=["POST"]),
        Route("/v1/responses", Responses(service), methods=["POST"]),
        Route("/v1/responses/{response_id}", kept.one, methods=["GET", "DELETE"]),
        Route("/v1/responses/{response_id}/input_items", kept.input_items),
        Route("/v1/responses/{response_id}/cancel", kept.cancel, methods=["POST"]),
    ]
