"""What the demos of perception's modules share: a picture from a file, loaded as a request's would be."""

from __future__ import annotations

import asyncio

from beholder.images import Loader
from beholder.settings import Settings
from beholder.types import Image, ImageRef, Job, Turn, Where


def load_picture(path: str) -> Image:
    """The picture in a file. Raises `ImageError` as a request's loading does."""
    return asyncio.run(_load(path))


async def _load(path: str) -> Image:
    loader = Loader(Settings.load())
    try:
        reference = ImageRef(path, Where(0, 0, path), is_path=True)
        job = await loader.load(Job(turns=(Turn("user", (reference,)),)))
        return next(job.images())
    finally:
        await loader.close()
