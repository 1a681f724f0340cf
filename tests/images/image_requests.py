"""Requests for the tests: jobs that carry images, a loader that is closed, and what comes of them."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from beholder.errors import ImageError
from beholder.images import Loader
from beholder.images.addresses import Resolver
from beholder.settings import Settings
from beholder.types import Image, ImageRef, Job, Turn, Where


def data_uri(data: bytes, declared: str = "image/png") -> str:
    """The bytes as clients send them."""
    return f"data:{declared};base64,{base64.b64encode(data).decode()}"


def reference(source: str, message: int = 0, part: int = 0, **options: Any) -> ImageRef:
    """An image of a request, with the path that the HTTP edge gives it."""
    where = Where(message, part, f"messages[{message}].content[{part}].image_url.url")
    return ImageRef(source, where, **options)


def job(*messages: list[str]) -> Job:
    """A job of user messages, each a list of image sources."""
    turns = [
        Turn("user", tuple(reference(source, number, part) for part, source in enumerate(sources)))
        for number, sources in enumerate(messages)
    ]
    return Job(tuple(turns))


@asynccontextmanager
async def loading(resolver: Resolver | None = None, **settings: Any) -> AsyncIterator[Loader]:
    """A loader with these settings, closed at the end."""
    loader = Loader(Settings(**settings), resolver=resolver)
    try:
        yield loader
    finally:
        await loader.close()


async def load(source: str | bytes, resolver: Resolver | None = None, **settings: Any) -> Image:
    """The one image, loaded; bytes are sent as a data URI."""
    text = data_uri(source) if isinstance(source, bytes) else source
    async with loading(resolver, **settings) as loader:
        loaded = await loader.load(job([text]))
    (image,) = loaded.images()
    return image


async def refusal(source: str | bytes, resolver: Resolver | None = None, **settings: Any) -> ImageError:
    """The error that the one image gives; that it names its place is checked here for all tests."""
    with pytest.raises(ImageError) as caught:
        await load(source, resolver, **settings)
    error = caught.value
    assert error.status == 400
    assert error.param == "messages[0].content[0].image_url.url"
    assert error.message.startswith("message 1, part 1: ")
    return error
