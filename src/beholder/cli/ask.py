"""`beholder ask`: one question, in this process, the way the server answers it."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast

import msgspec.structs

from beholder import engines
from beholder.api.errors import from_validation
from beholder.api.to_job import to_job
from beholder.api.wire import ChatRequest
from beholder.cli.parser import read_settings
from beholder.cli.show import check_target, show
from beholder.engines.base import Engine
from beholder.errors import InvalidRequest
from beholder.images import Loader
from beholder.settings import Settings
from beholder.types import Event, Grounding, Job, TextDelta


def run(arguments: argparse.Namespace) -> int:
    """Print the answer's text; what is wrong is raised."""
    request = build_request(arguments)
    target = Path(arguments.show) if arguments.show else None
    if target is not None:
        check_target(target)
        request = msgspec.structs.replace(request, grounding=True)
    asyncio.run(_ask(request, read_settings(arguments), target, is_streamed=arguments.stream))
    return 0


def build_request(arguments: argparse.Namespace) -> ChatRequest:
    """The chat request that a client of the server would send. Raises `InvalidRequest`."""
    parts = [
        {"type": "image_url", "image_url": {"url": image, "detail": arguments.detail}} for image in arguments.images
    ]
    body: dict[str, Any] = {
        "model": "",
        "messages": [{"role": "user", "content": [*parts, {"type": "text", "text": arguments.question}]}],
        "temperature": arguments.temperature,
        "max_tokens": arguments.max_tokens,
        "seed": arguments.seed,
        "response_format": _response_format(arguments),
    }
    try:
        return msgspec.convert(body, ChatRequest)
    except msgspec.ValidationError as error:
        raise from_validation(error) from None


def _response_format(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.schema is not None:
        return {"type": "json_schema", "json_schema": {"name": "answer", "schema": _read_schema(arguments.schema)}}
    return {"type": "json_object" if arguments.json else "text"}


def _read_schema(path: str) -> Any:
    try:
        schema = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise InvalidRequest(f"cannot read the schema {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise InvalidRequest(f"the schema {path} is not JSON: {error}") from None
    if not isinstance(schema, dict | bool):
        raise InvalidRequest(f"the schema {path} must be a JSON object, or true or false")
    return schema


async def _ask(request: ChatRequest, settings: Settings, target: Path | None, *, is_streamed: bool) -> None:
    engine, loader = engines.create(settings), Loader(settings)
    try:
        # The images first: a wrong path is told at once, not after the model is loaded.
        job = await loader.load(to_job(request, engine.capabilities, local_files=True))
        await engine.start()
        places = await _print_answer(engine, job, is_streamed=is_streamed)
        if target is not None:
            await asyncio.to_thread(show, list(job.images()), places, target)
    finally:
        await loader.close()
        await engine.close()


async def _print_answer(engine: Engine, job: Job, *, is_streamed: bool) -> list[Grounding]:
    """Print the answer; returns the places of its values, where the job asks for them."""
    texts: list[str] = []
    places: list[Grounding] = []
    # The seam promises `aclose`, which only generators have in the type system.
    async with aclosing(cast("AsyncGenerator[Event, None]", engine.stream(job))) as events:
        async for event in events:
            if isinstance(event, TextDelta) and is_streamed:
                print(event.text, end="", flush=True)
            elif isinstance(event, TextDelta):
                texts.append(event.text)
            elif isinstance(event, Grounding):
                places.append(event)
    print("".join(texts))
    return places
