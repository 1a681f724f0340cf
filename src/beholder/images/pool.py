"""Decoding in worker processes: tasks go out, pixels come back, and what a worker did not survive is told."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from beholder.images.budget import DecodingRoom
from beholder.images.channel import (
    ANSWERS,
    MAX_ANSWER_BYTES,
    Answer,
    Broken,
    Delivered,
    Fault,
    Planned,
    Task,
    map_memory,
    read_pixels,
    receive,
    send,
    shared_memory,
    write_memory,
)
from beholder.images.decode import Decoded, fit, written
from beholder.images.fault import ImageFault
from beholder.images.formats.header import Header
from beholder.images.nursery import Nursery, Worker, shared_nursery
from beholder.images.plan import Foreseen
from beholder.settings import Settings

logger = logging.getLogger("beholder.images")

A = TypeVar("A", bound=Answer)

GRACE_SECONDS: Final = 5.0
"""How much longer than its time limit a worker may live that nobody kills, since the server itself died."""

PIXELS_AT_ONCE: Final = 40_000_000
"""Pixels in the files being decoded together. A decoder takes up to 16 bytes for each; one file alone may be larger."""


class WorkerPool:
    """Decodes in worker processes, as many as are asked for at once; see `Decoder`. Thread safe."""

    def __init__(self, settings: Settings, nursery: Nursery | None = None) -> None:
        self._seconds = settings.image_timeout
        self._memory_bytes = settings.image_worker_bytes
        self._nursery = nursery or shared_nursery()
        self._room = DecodingRoom(PIXELS_AT_ONCE)
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._is_closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the workers alive, the busy ones first."""
        with self._lock:
            return tuple(worker.pid for worker in (*self._busy, *self._idle))

    def start(self) -> None:
        """Have one worker wait; the others come when they are needed."""
        self._give_back(self._take())

    def decode(self, data: bytes, header: Header, max_edge: int) -> Decoded:
        """The picture; the pixels of a large one in memory that was shared with the worker. Raises `ImageFault`."""
        width, height = fit(header.size, max_edge)
        count = width * height * 3
        with self._room.entered(header.size[0] * header.size[1]):
            task = Task(header, max_edge, len(data), count, self._seconds + GRACE_SECONDS)
            delivered, pixels = self._work(task, data, Delivered)
        width, height = delivered.size
        if width * height * 3 != count:
            raise self._broken(header, f"it delivered {written(delivered.size)} pixels, {count:,} bytes expected")
        pixels.setflags(write=False)
        return Decoded(pixels.reshape(height, width, 3), delivered.original_size, delivered.report)

    def foresee(self, data: bytes, header: Header, max_edge: int) -> Foreseen:
        """What `decode` would do. Raises `ImageFault`."""
        task = Task(header, max_edge, len(data), 0, self._seconds + GRACE_SECONDS)
        planned, _ = self._work(task, data, Planned)
        return Foreseen(planned.original_size, planned.size, planned.report)

    def close(self) -> None:
        """End all workers, the busy ones too."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
            for worker in self._busy:
                # Whoever waits for its answer reads the end instead, and ends it.
                with suppress(OSError):
                    worker.channel.shutdown(2)
        for worker in idle:
            self._nursery.end(worker)

    def _work(self, task: Task, data: bytes, expected: type[A]) -> tuple[A, NDArray[np.uint8]]:
        """The answer, and the task's pixels `(pixel_bytes,)`."""
        worker = self._take()
        try:
            ask = self._ask if task.fits_desk else self._ask_with_memory
            answer, pixels = ask(worker, task, data)
        except BaseException as error:
            how = self._end(worker)
            if isinstance(error, TimeoutError):
                raise self._late(task.header) from error
            if isinstance(error, OSError | EOFError | ValueError):
                raise self._broken(task.header, f"the worker ended: {how}") from error
            raise
        self._give_back(worker)
        match answer:
            case Fault():
                raise ImageFault(answer.code, answer.message)
            case Broken():
                raise self._broken(task.header, answer.error)
        if not isinstance(answer, expected):
            raise self._broken(task.header, f"the worker answered {type(answer).__name__}")
        return answer, pixels

    def _ask(self, worker: Worker, task: Task, data: bytes) -> tuple[Answer, NDArray[np.uint8]]:
        """Raises `TimeoutError`, and `OSError`, `EOFError` or `ValueError` when the worker died or went mad."""
        write_memory(worker.desk, data)
        answer = self._answer(worker, task)
        return answer, read_pixels(worker.desk, task.pixel_bytes)

    def _ask_with_memory(self, worker: Worker, task: Task, data: bytes) -> tuple[Answer, NDArray[np.uint8]]:
        """As `_ask` does, for what does not fit the desk."""
        with _memory(len(data), "file") as file, _memory(task.pixel_bytes, "pixels") as pixels:
            write_memory(file, data)
            answer = self._answer(worker, task, file, pixels)
            mapped = map_memory(pixels, task.pixel_bytes) if task.pixel_bytes else b""
            return answer, np.frombuffer(mapped, np.uint8)

    def _answer(self, worker: Worker, task: Task, *descriptors: int) -> Answer:
        deadline = time.monotonic() + self._seconds
        worker.channel.settimeout(self._seconds)
        send(worker.channel, task, descriptors)
        message, _ = receive(worker.channel, MAX_ANSWER_BYTES, deadline=deadline)
        try:
            return ANSWERS.decode(message)
        except msgspec.DecodeError as error:
            raise ValueError("the worker's answer is none") from error

    def _take(self) -> Worker:
        """A worker: one that waits and lives, or a new one."""
        while (worker := self._next_idle()) is not None:
            if worker.is_alive:
                return worker
            logger.warning("a decoding worker that had nothing to do ended: %s", self._end(worker))
        worker = self._nursery.fork(self._memory_bytes)
        with self._lock:
            self._busy.add(worker)
        return worker

    def _next_idle(self) -> Worker | None:
        with self._lock:
            if not self._idle:
                return None
            worker = self._idle.pop()
            self._busy.add(worker)
            return worker

    def _give_back(self, worker: Worker) -> None:
        with self._lock:
            self._busy.discard(worker)
            if not self._is_closed:
                self._idle.append(worker)
                return
        self._nursery.end(worker)

    def _end(self, worker: Worker) -> str:
        with self._lock:
            self._busy.discard(worker)
        return self._nursery.end(worker)

    def _late(self, header: Header) -> ImageFault:
        logger.warning("a decoding worker was killed after %g s on a %s", self._seconds, _described(header))
        return ImageFault(
            "image_parse_error",
            f"decoding it takes longer than {self._seconds:g} seconds (setting image_timeout); send a smaller one",
        )

    def _broken(self, header: Header, how: str) -> ImageFault:
        if not self._is_closed:
            logger.warning("decoding failed on a %s: %s", _described(header), how)
        return ImageFault(
            "image_parse_error",
            f"the {header.format} decoder failed on the file, which is damaged or of a rare kind; save it again with "
            "another program",
        )


@contextmanager
def _memory(size: int, content: str) -> Iterator[int]:
    descriptor = shared_memory(size, content)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _described(header: Header) -> str:
    return f"{header.format} of {written(header.size)} pixels, {header.bits}-bit {header.colour}"
