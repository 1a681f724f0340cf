"""The front door: a job's image references become decoded images, off the event loop, in order, each source once."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from blake3 import blake3

from beholder.errors import ImageError
from beholder.images.addresses import Resolver, SystemResolver
from beholder.images.decode import decode, fit, ignore_decoder_warnings
from beholder.images.fault import ImageFault
from beholder.images.fetch import Fetcher
from beholder.images.formats.header import Header
from beholder.images.inspect import inspect
from beholder.images.plan import ImagePlan, foresee
from beholder.images.source import kind, read_data_uri, read_file
from beholder.settings import Settings
from beholder.types import Image, ImageRef, Job, Size

T = TypeVar("T")

LOW_EDGE = 768
"""Pixels of the longest edge with `detail: low`: a page's headings stay legible, and an OCR pass is short."""

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
        loaded = await self._map(job, self._decode)
        return job.with_images({ref.where: replace(image, where=ref.where, detail=ref.detail) for ref, image in loaded})

    async def plan(self, job: Job) -> tuple[ImagePlan, ...]:
        """What `load` would do to each image, in the order sent, by the headers alone. Raises `ImageError` as it does.

        Damage behind a header is found only by `load`.
        """
        planned = await self._map(job, self._foresee)
        return tuple(replace(plan, where=ref.where, detail=ref.detail) for ref, plan in planned)

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

    async def _map(self, job: Job, work: Callable[[ImageRef, Header, bytes, int], T]) -> list[tuple[ImageRef, T]]:
        """`work` on each reference of the job, in the order sent; equal sources are read once."""
        refs = tuple(job.image_refs())
        self._check_counts(refs)
        groups = _group_same(refs)
        tasks = [asyncio.create_task(self._read(group, work)) for group in groups]
        try:
            done = {ref.where: result for task in tasks for ref, result in await task}
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return [(ref, done[ref.where]) for ref in refs]

    async def _read(
        self, group: list[ImageRef], work: Callable[[ImageRef, Header, bytes, int], T]
    ) -> list[tuple[ImageRef, T]]:
        loop, ref = asyncio.get_running_loop(), group[0]
        try:
            data = await self._fetcher.fetch(ref.source) if kind(ref) == "url" else None
            return await loop.run_in_executor(self._executor, self._work, group, data, work)
        except ImageFault as fault:
            raise ImageError(fault.message, code=fault.code, where=ref.where) from fault

    def _work(
        self, group: list[ImageRef], data: bytes | None, work: Callable[[ImageRef, Header, bytes, int], T]
    ) -> list[tuple[ImageRef, T]]:
        """In a thread: `work` once for each size that the group's references ask for."""
        if data is None:
            read = read_file if kind(group[0]) == "path" else read_data_uri
            data = read(group[0].source, self._settings.max_image_bytes)
        header = inspect(data, self._settings.max_image_pixels)
        done: dict[Size, T] = {}
        results = []
        for ref in group:
            size = fit(header.size, self._edge(ref))
            if size not in done:
                done[size] = work(ref, header, data, self._edge(ref))
            results.append((ref, done[size]))
        return results

    def _edge(self, ref: ImageRef) -> int:
        most = self._settings.max_image_edge
        return min(most, LOW_EDGE) if ref.detail == "low" else most

    def _decode(self, ref: ImageRef, header: Header, data: bytes, edge: int) -> Image:
        decoded = decode(data, header, edge)
        return Image(
            digest=blake3(data).hexdigest(),
            format=header.format,
            original_size=decoded.original_size,
            pixels=decoded.pixels,
            where=ref.where,
            detail=ref.detail,
            report=(*decoded.report, *_detail_note(ref, header)),
        )

    def _foresee(self, ref: ImageRef, header: Header, data: bytes, edge: int) -> ImagePlan:
        plan = foresee(ref, header, data, edge)
        return replace(plan, report=(*plan.report, *_detail_note(ref, header)))


def _detail_note(ref: ImageRef, header: Header) -> tuple[str, ...]:
    if ref.detail == "low" and max(header.size) > LOW_EDGE:
        return (f"detail low: at most {LOW_EDGE} pixels on the longest edge",)
    return ()


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
