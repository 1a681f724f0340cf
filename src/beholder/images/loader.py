"""The front door: a job's image references become decoded images, off the event loop, in order, each source once."""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeAlias, TypeVar

from blake3 import blake3

from beholder.errors import ImageError
from beholder.evidence import Size
from beholder.images.addresses import Resolver, SystemResolver
from beholder.images.budget import PixelBudget, RequestPixels
from beholder.images.decode import fit
from beholder.images.decoder import Decoder
from beholder.images.fault import ImageFault
from beholder.images.fetch import Fetcher
from beholder.images.formats.header import Header
from beholder.images.in_process import InProcessDecoder
from beholder.images.inspect import inspect
from beholder.images.nursery import is_possible
from beholder.images.plan import ImagePlan
from beholder.images.pool import WorkerPool
from beholder.images.source import kind, read_data_uri, read_file
from beholder.settings import Settings
from beholder.types import Image, ImageRef, Job

T = TypeVar("T")

LOW_EDGE = 768
"""Pixels of the longest edge with `detail: low`: a page's headings stay legible, and an OCR pass is short."""

MAX_WORKERS = 2
"""Pictures decoded at one time: each may hold hundreds of megabytes, and the cores belong to the model."""

Work: TypeAlias = Callable[[ImageRef, Header, bytes, int], T]
"""What is done with a file: its reference, header and bytes, and the longest edge wanted."""


class Loader:
    """Loads the images of jobs; one for the whole server, used from one event loop. Call `close` at the end."""

    def __init__(self, settings: Settings, *, resolver: Resolver | None = None, decoder: Decoder | None = None) -> None:
        """`decoder` is worker processes where there can be any, unless another one is given."""
        self._settings = settings
        self._resolver = resolver or SystemResolver()
        self._fetcher = Fetcher(settings, self._resolver)
        self._decoder = decoder or (WorkerPool(settings) if is_possible() else InProcessDecoder())
        self._executor = ThreadPoolExecutor(min(MAX_WORKERS, os.cpu_count() or 1), thread_name_prefix="beholder-images")
        self._pixels = PixelBudget(settings.max_total_pixel_bytes)
        # What was fetched is held until it is decoded, as a body is: it may take as much memory as all bodies.
        self._downloads = asyncio.Semaphore(max(1, settings.max_total_body_bytes // settings.max_image_bytes))

    @property
    def pixel_bytes(self) -> int:
        """Bytes of the decoded pictures that somebody still holds."""
        return self._pixels.used

    async def start(self) -> None:
        """Get ready, so that the first image need not wait. May be left out."""
        await asyncio.to_thread(self._decoder.start)

    async def load(self, job: Job) -> Job:
        """The job with each `ImageRef` replaced by its `Image`.

        Raises `ImageError` for the first fault in the order of the request, however the loads overlap, and
        `Overloaded` when all decoded pictures together would be over their budget. Cancelling stops the downloads and
        drops what is not yet being decoded. A data URI is let go once it is decoded, if nobody else holds `job`.
        """
        bare = _without_sources(job)
        refs = list(job.image_refs())
        del job
        loaded = await self._map(refs, partial(self._decode, RequestPixels(self._pixels)))
        return bare.with_images(
            {ref.where: replace(image, where=ref.where, detail=ref.detail) for ref, image in loaded}
        )

    async def plan(self, job: Job) -> tuple[ImagePlan, ...]:
        """What `load` would do to each image, in the order sent, by the headers alone. Raises `ImageError` as it does.

        Damage behind a header is found only by `load`.
        """
        planned = await self._map(list(job.image_refs()), self._foresee)
        return tuple(replace(plan, where=ref.where, detail=ref.detail) for ref, plan in planned)

    async def close(self) -> None:
        """Close connections, workers and threads; what is being decoded is given up."""
        await self._fetcher.close()
        await self._resolver.close()
        await asyncio.to_thread(self._decoder.close)
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

    async def _map(self, refs: list[ImageRef], work: Work[T]) -> list[tuple[ImageRef, T]]:
        """`work` on each reference, in the order sent; equal sources are read once. Takes what is in `refs`.

        The references that come back have no source.
        """
        self._check_counts(refs)
        groups = _group_same(refs)
        refs.clear()
        tasks = [asyncio.create_task(self._read(group, work)) for group in groups]
        try:
            done = [result for task in tasks for result in await task]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return sorted(done, key=lambda each: (each[0].where.message, each[0].where.part))

    async def _read(self, group: list[ImageRef], work: Work[T]) -> list[tuple[ImageRef, T]]:
        where = group[0].where
        try:
            if kind(group[0]) != "url":
                return await self._in_thread(group, None, work)
            async with self._downloads:
                return await self._in_thread(group, await self._fetcher.fetch(group[0].source), work)
        except ImageFault as fault:
            raise ImageError(fault.message, code=fault.code, where=where) from fault

    async def _in_thread(self, group: list[ImageRef], data: bytes | None, work: Work[T]) -> list[tuple[ImageRef, T]]:
        # The context carries the request's id to the log.
        call = partial(contextvars.copy_context().run, self._work, group, data, work)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    def _work(self, group: list[ImageRef], data: bytes | None, work: Work[T]) -> list[tuple[ImageRef, T]]:
        """In a thread: `work` once for each size that the group's references ask for. Empties the group."""
        if data is None:
            read = read_file if kind(group[0]) == "path" else read_data_uri
            data = read(group[0].source, self._settings.max_image_bytes)
        refs = [replace(ref, source="") for ref in group]
        # Whoever still waits holds this list: the text of a data URI, 28 MB, goes before its pixels come.
        group.clear()
        header = inspect(data, self._settings.max_image_pixels)
        done: dict[Size, T] = {}
        results = []
        for ref in refs:
            size = fit(header.size, self._edge(ref))
            if size not in done:
                done[size] = work(ref, header, data, self._edge(ref))
            results.append((ref, done[size]))
        return results

    def _edge(self, ref: ImageRef) -> int:
        most = self._settings.max_image_edge
        return min(most, LOW_EDGE) if ref.detail == "low" else most

    def _decode(self, share: RequestPixels, ref: ImageRef, header: Header, data: bytes, edge: int) -> Image:
        digest = blake3(data).hexdigest()
        width, height = fit(header.size, edge)
        with share.reserved(width * height * 3):
            decoded = self._decoder.decode(data, header, edge)
            share.attach(decoded.pixels, width * height * 3)
        return Image(
            digest=digest,
            format=header.format,
            original_size=decoded.original_size,
            pixels=decoded.pixels,
            where=ref.where,
            detail=ref.detail,
            report=(*decoded.report, *_detail_note(ref, header)),
        )

    def _foresee(self, ref: ImageRef, header: Header, data: bytes, edge: int) -> ImagePlan:
        foreseen = self._decoder.foresee(data, header, edge)
        return ImagePlan(
            where=ref.where,
            format=header.format,
            file_bytes=len(data),
            original_size=foreseen.original_size,
            size=foreseen.size,
            detail=ref.detail,
            report=(*foreseen.report, *_detail_note(ref, header)),
        )


def _without_sources(job: Job) -> Job:
    bare = {ref.where: replace(ref, source="") for ref in job.image_refs()}
    turns = tuple(
        replace(turn, parts=tuple(bare[part.where] if isinstance(part, ImageRef) else part for part in turn.parts))
        for turn in job.turns
    )
    return replace(job, turns=turns)


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
