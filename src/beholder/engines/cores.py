"""The one owner of the cores: heavy work runs here, one piece at a time, in the order it came.

Two runtimes that share the cores slow each other tenfold, so everything heavy goes through one thread.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from beholder.errors import Overloaded

T = TypeVar("T")

SMOOTHING: Final = 0.3
"""Weight of the newest duration in the running mean that Retry-After is estimated from."""


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException


class _Done:
    pass


class _Ticket(Generic[T]):
    """One piece of work: the thread puts its items, the event loop takes them."""

    def __init__(self, make: Callable[[], Generator[T | None]]) -> None:
        self._make = make
        self._loop = asyncio.get_running_loop()
        self._items: asyncio.Queue[T | _Failure | _Done] = asyncio.Queue()
        self._abandoned = threading.Event()

    def run(self) -> None:
        """In the thread: make the items until they end or nobody wants them. None items are chances to stop."""
        end: _Failure | _Done = _Done()
        try:
            if not self._abandoned.is_set():
                self._make_all()
        except BaseException as error:  # handed to whoever awaits the items, who raises it
            end = _Failure(error)
        self._put(end)

    def _make_all(self) -> None:
        with closing(self._make()) as items:
            for item in items:
                if self._abandoned.is_set():
                    return
                if item is not None:
                    self._put(item)

    def _put(self, item: T | _Failure | _Done) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._items.put_nowait, item)

    async def items(self) -> AsyncGenerator[T]:
        """On the event loop: the items as they come."""
        try:
            while not isinstance(item := await self._items.get(), _Done):
                if isinstance(item, _Failure):
                    raise item.error
                yield item
        finally:
            self._abandoned.set()


class Cores:
    """A bounded queue of work before one thread."""

    def __init__(self, queue_size: int) -> None:
        self._queue_size = queue_size
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cores")
        self._pending: set[Future[None]] = set()
        self._mean_seconds = 1.0

    def stream(self, make: Callable[[], Generator[T | None]]) -> AsyncGenerator[T]:
        """The items of the generator that `make` returns, made in the thread when its turn comes.

        Closing the returned iterator abandons the work: before its turn at once, within it at its next item or None.
        Raises `Overloaded` at once when one piece is being worked on and `queue_size` pieces wait.
        """
        if len(self._pending) > self._queue_size:
            wait = max(1, round(self._mean_seconds * len(self._pending)))
            raise Overloaded(
                f"{len(self._pending) - 1} requests are waiting for the model already; come back in {wait} s",
                retry_after=wait,
            )
        ticket = _Ticket(make)
        future = self._thread.submit(self._timed, ticket.run)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return self._items(ticket, future)

    async def run(self, work: Callable[[], T]) -> T:
        """One result, made in the thread when its turn comes; it is not counted against the queue."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Wait for the work under way and end the thread; work that waits is dropped."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def _items(self, ticket: _Ticket[T], future: Future[None]) -> AsyncGenerator[T]:
        items = ticket.items()
        try:
            async for item in items:
                yield item
        finally:
            await items.aclose()
            future.cancel()

    def _timed(self, work: Callable[[], None]) -> None:
        began = time.monotonic()
        work()
        self._mean_seconds += SMOOTHING * (time.monotonic() - began - self._mean_seconds)
