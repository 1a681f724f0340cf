"""`GET /v1/language-models` and `GET /v1/language-models/{id}`: xAI's description of the models."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from beholder import __version__
from beholder.api.names import CREATED, GROK_ID, GROK_NAMES
from beholder.api.service import Service


class LanguageModel(Struct, kw_only=True):
    """One model; the names and the units are xAI's. Prices are in US cents per 100 million tokens, and are nothing."""

    id: str
    fingerprint: str
    created: int = CREATED
    object: str = "model"
    owned_by: str = "beholder"
    version: str = __version__
    input_modalities: tuple[str, ...] = ("text", "image")
    output_modalities: tuple[str, ...] = ("text",)
    prompt_text_token_price: int = 0
    cached_prompt_text_token_price: int = 0
    prompt_image_token_price: int = 0
    completion_text_token_price: int = 0
    search_price: int = 0
    aliases: list[str]


class LanguageModelList(Struct):
    """All models."""

    models: list[LanguageModel]


class LanguageModels:
    """The two endpoints."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def list_all(self, request: Request) -> Response:
        """The drop-in name, and the model that the engine serves."""
        names = dict.fromkeys((GROK_ID, self._service.engine.model))
        return _answer(LanguageModelList([self._describe(name) for name in names]))

    async def retrieve(self, request: Request) -> Response:
        """The model with this name or alias. Raises `NotFound`."""
        return _answer(self._describe(self._service.answered_name(request.path_params["name"])))

    def _describe(self, name: str) -> LanguageModel:
        aliases = GROK_NAMES if name == GROK_ID else (self._service.engine.name,)
        return LanguageModel(
            id=name, fingerprint=self._service.fingerprint, aliases=[alias for alias in aliases if alias != name]
        )


def _answer(body: Struct) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
