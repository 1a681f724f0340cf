"""`beholder plan`: what a question would take, without running a model."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator

from beholder import engines
from beholder.api.plan import Plan, PlannedImage, make_plan
from beholder.api.to_job import to_job
from beholder.api.wire import ChatRequest
from beholder.cli.ask import build_request
from beholder.cli.parser import read_settings
from beholder.images import Loader
from beholder.settings import Settings


def run(arguments: argparse.Namespace) -> int:
    """Print the plan; 1 if the question would not fit. What is wrong is raised."""
    plan = asyncio.run(_plan(build_request(arguments), read_settings(arguments)))
    for source, image in zip(arguments.images, plan.images, strict=True):
        print("\n".join(_about_image(source, image)))
    print("\n".join(_about_request(plan)))
    return 1 if plan.context.fits is False else 0


async def _plan(request: ChatRequest, settings: Settings) -> Plan:
    engine, loader = engines.create(settings), Loader(settings)
    try:
        job = to_job(request, engine.capabilities, local_files=True)
        counter = engine if isinstance(engine, engines.CountsText) else None
        return await make_plan(job, await loader.plan(job), counter, engine.model, settings.context_tokens)
    finally:
        await loader.close()
        await engine.close()


def _about_image(source: str, image: PlannedImage) -> Iterator[str]:
    yield f"{source[:100]}: {image.file_bytes:,} bytes, {image.tokens:,} tokens"
    for line in image.report:
        yield f"  {line}"


def _about_request(plan: Plan) -> Iterator[str]:
    tokens, context, cost = plan.tokens, plan.context, plan.cost
    if tokens.text is None or context.left is None:
        yield f"tokens: {tokens.images:,} for images; this engine shows no tokenizer to count the text"
        return
    answer = "" if tokens.completion is None else f" + {tokens.completion:,} at most for the answer"
    yield f"tokens: {tokens.text:,} for text (exact) + {tokens.images:,} for images (xAI's formula){answer}"
    fits = f"fits, {context.left:,} left" if context.fits else f"does not fit, {-context.left:,} too many"
    yield f"context: {tokens.total:,} of {context.window:,}: {fits}; images take what is read in them"
    output = (
        "" if cost.xai_output_usd_at_most is None else f", and ${cost.xai_output_usd_at_most:.4f} at most to answer"
    )
    yield f"cost: nothing here; at xAI's prices ${cost.xai_input_usd:.4f} to ask{output}"
