"""`POST /v1/images/plan`: what a chat request would take, told without running a model."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from beholder.api.body import read_json
from beholder.api.service import Service
from beholder.api.to_job import to_job
from beholder.api.usage import image_tokens
from beholder.api.wire import ChatRequest
from beholder.engines.base import CountsText
from beholder.evidence import Size
from beholder.images import ImagePlan
from beholder.types import Detail, Job

XAI_INPUT_USD = 2.0
XAI_OUTPUT_USD = 10.0
"""Dollars per million tokens, text and images alike (docs.x.ai/docs/models, grok-2-vision)."""

NOTES = (
    "tokens.text is exact: it is counted by the served model's tokenizer, our instructions and role marks included",
    "tokens.images is xAI's documented formula, which usage reports; what the images take of the window depends on "
    "what is read in them, so context.fits is an estimate when there are images",
    "file headers alone were read: damage behind them is found only when the question is asked",
)


class PlannedImage(Struct, frozen=True, kw_only=True):
    """One image: sizes are width and height in pixels, before and after; `report` is what would be done."""

    param: str
    place: str
    format: str
    file_bytes: int
    original_size: Size
    size: Size
    detail: Detail
    report: tuple[str, ...]
    tokens: int


class TokenPlan(Struct, frozen=True, kw_only=True):
    """`text` is exact, and null where the engine shows no tokenizer; `completion` is the most that was asked for."""

    text: int | None
    images: int
    prompt: int | None
    completion: int | None
    total: int | None


class ContextPlan(Struct, frozen=True, kw_only=True):
    """The window and what would be left of it; null where the text could not be counted."""

    window: int
    fits: bool | None
    left: int | None


class CostPlan(Struct, frozen=True, kw_only=True):
    """Dollars here, and at xAI's prices for the same counts."""

    usd: float = 0.0
    xai_input_usd: float | None
    xai_output_usd_at_most: float | None


class Plan(Struct, frozen=True, kw_only=True):
    """The whole answer."""

    object: Literal["images.plan"] = "images.plan"
    model: str
    images: list[PlannedImage]
    tokens: TokenPlan
    context: ContextPlan
    cost: CostPlan
    notes: tuple[str, ...] = NOTES


DECODER = msgspec.json.Decoder(ChatRequest)


class PlanImages:
    """The endpoint."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def answer(self, request: Request) -> Response:
        """The plan; what a chat request would be refused for by its form or its images is refused here too."""
        self._service.require_ready()
        limit = self._service.settings.max_body_bytes
        with self._service.budget.hold() as hold:
            asked = await read_json(request.headers, request.receive, DECODER, limit=limit, hold=hold)
            model = self._service.answered_name(asked.model)
            job = to_job(asked, self._service.engine.capabilities)
            images = await self._service.loader.plan(job)
            plan = await make_plan(job, images, self._service.counter, model, self._service.settings.context_tokens)
        return Response(msgspec.json.encode(plan), media_type="application/json")


async def make_plan(
    job: Job, images: tuple[ImagePlan, ...], counter: CountsText | None, model: str, window: int
) -> Plan:
    """The plan for `job`, whose images would become `images`."""
    planned = [_planned(image) for image in images]
    text = None if counter is None else await counter.count_text(job)
    seen, completion = sum(image.tokens for image in planned), job.sampling.max_tokens
    prompt = None if text is None else text + seen
    left = None if prompt is None else window - prompt - (completion or 0)
    return Plan(
        model=model,
        images=planned,
        tokens=TokenPlan(
            text=text,
            images=seen,
            prompt=prompt,
            completion=completion,
            total=None if prompt is None else prompt + (completion or 0),
        ),
        # An answer of no given length needs room for one token at least.
        context=ContextPlan(window=window, fits=None if left is None else left >= (0 if completion else 1), left=left),
        cost=CostPlan(
            xai_input_usd=None if prompt is None else _dollars(prompt, XAI_INPUT_USD),
            xai_output_usd_at_most=None if completion is None else _dollars(completion, XAI_OUTPUT_USD),
        ),
    )


def _planned(image: ImagePlan) -> PlannedImage:
    return PlannedImage(
        param=image.where.param,
        place=str(image.where),
        format=image.format,
        file_bytes=image.file_bytes,
        original_size=image.original_size,
        size=image.size,
        detail=image.detail,
        report=image.report,
        tokens=image_tokens(image.original_size, image.detail),
    )


def _dollars(tokens: int, per_million: float) -> float:
    return round(tokens * per_million / 1_000_000, 6)
