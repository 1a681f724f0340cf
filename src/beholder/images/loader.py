"""The front door: a job's image references become decoded images, off the event loop, in order, each source once."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from blake3 import blake3

from beholder.errors import ImageError
from beholder.images.addresses import Resolver, SystemResolver
from beholder.images.decode import decode, ignore_decoder_warnings
from beholder.images.fault import ImageFault
from beholder.images.fetch import Fetcher
from beholder.images.inspect import inspect
from beholder.images.source import kind, read_data_uri, read_file
from beholder.settings import Settings
from beholder.types import Image, ImageRef, Job

MAX_WORKERS = 2
"""Pictures decoded at one time: each may hold hundreds of megabytes, and the cores belong to the model."""


class Loader:
    """Loads the images of jobs; one for the whole server, used from one event loop. Call `close` at the end."""

    def __init__(self, settings: Settings, *, resolver: Resolver | None = None) -> None:
        ignore_decoder_warnings()
        self._settings = settings
        self._resolver = resolver or SystemResolver()
        self._fetcher = Fetcher(settings, self._resolver)
        self._executor = ThreadPoolExecutor(min(MAX_WORKERS, os.cpu_count() or 1), thread_name_prefix="beholder-images")

    async def load(self, job: Job) -> Job:
        """The job with each `ImageRef` replaced by its `Image`.

        Raises `ImageError` for the first fault in the order of the request, however the loads overlap. Cancelling
        stops the downloads and drops what is not yet being decoded.
        """
        refs = tuple(job.image_refs())
        self._check_counts(refs)
        groups = _group_same(refs)
        tasks = [asyncio.create_task(self._load(group[0])) for group in groups]
        try:
            images = [await task for task in tasks]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return job.with_images(
            {
                ref.where: replace(image, where=ref.where, detail=ref.detail)
                for group, image in zip(groups, images, strict=True)
                for ref in group
            }
        )

    async def close(self) -> None:
        """Close connections and threads; waits for the pictures being decoded right now."""
        await self._fetcher.close()
        await self._resolver.close()
        await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)

    def _check_counts(self, refs: Iterable[ImageRef]) -> None:
        limit = self._settings.max_images
        counts: Counter[int] = Counter()
        for ref in refs:
            counts[ref.where.message] += 1
            if counts[ref.where.message] > limit:
                raise ImageError(
                    f"a message may carry at most {limit} images, and this one carries more; send fewer, or spread "
                    "them over several messages",
                    code="too_many_images",
                    where=ref.where,
                )

    async def _load(self, ref: ImageRef) -> Image:
        loop = asyncio.get_running_loop()
        try:
            if kind(ref) == "url":
                data = await self._fetcher.fetch(ref.source)
                return await loop.run_in_executor(self._executor, self._decode, ref, data)
            return await loop.run_in_executor(self._executor, self._read_and_decode, ref)
        except ImageFault as fault:
            raise ImageError(fault.message, code=fault.code, where=ref.where) from fault

    def _read_and_decode(self, ref: ImageRef) -> Image:
        read = read_file if kind(ref) == "path" else read_data_uri
        return self._decode(ref, read(ref.source, self._settings.max_image_bytes))

    def _decode(self, ref: ImageRef, data: bytes) -> Image:
        header = inspect(data, self._settings.max_image_pixels)
        decoded = decode(data, header, self._settings.max_image_edge)
        return Image(
            digest=blake3(data).hexdigest(),
            format=header.format,
            original_size=decoded.original_size,
            pixels=decoded.pixels,
            where=ref.where,
            detail=ref.detail,
            report=decoded.report,
        )


def _group_same(refs: Iterable[ImageRef]) -> list[list[ImageRef]]:
    """References to the same source together, in order of first appearance.

    Sources are compared, not hashed: a comparison stops at the first difference, a hash reads all of the 28 MB.
    """
    candidates: dict[tuple[bool, int, str], list[list[ImageRef]]] = {}
    groups: list[list[ImageRef]] = []
    for ref in refs:
        alike = candidates.setdefault((ref.is_path, len(ref.source), ref.source[:64]), [])
        for group in alike:
            if group[0].source == ref.source:
                group.append(ref)
                break
        else:
            group = [ref]
            alike.append(group)
            groups.append(group)
    return groups
