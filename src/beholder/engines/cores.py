"""The one owner of the cores: heavy work runs in its thread alone, and work that can share a pass shares it.

Two runtimes that share the cores slow each other tenfold, so everything heavy goes through one thread. Several pieces
of work may be under way, though: each yields a request where it needs a pass over the weights, and one pass then serves
all those that cost little beside others. Such passes take turns with the steps that take the cores for themselves, a
picture or a piece of a prompt; of these, all of an older piece of work come before those of a newer one.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from beholder.errors import Overloaded

T = TypeVar("T")

Work: TypeAlias = Generator[Any, Any, None]
"""Yields items, requests for a pass, whose results it is sent, and None where it can be interrupted."""


class Passes(Protocol):
    """What serves the requests of work under way; called in the thread."""

    def is_request(self, item: object) -> bool:
        """Whether what the work yields is a request, and not an item."""
        ...

    def is_shared(self, request: Any) -> bool:
        """Whether the request costs little beside others of its kind."""
        ...

    @property
    def has_room(self) -> bool:
        """Whether others than the oldest piece of work may go on, and another one begin."""
        ...

    def perform(self, requests: Sequence[Any]) -> Sequence[Any]:
        """The requests' results: one request, or several that are shared."""
        ...


SMOOTHING: Final = 0.3
"""Weight of the newest duration in the running mean that Retry-After is estimated from."""


class _Failure:
    def __init__(self, error: BaseException) -> None:
        self.error = error


class _Done:
    pass


class _Ticket:
    """One piece of work: the thread advances it, the event loop takes its items."""

    def __init__(self, make: Callable[[], Work], passes: Passes | None, *, counts: bool) -> None:
        self._make = make
        self._passes = passes
        self.counts = counts
        self._work: Work | None = None
        self._loop = asyncio.get_running_loop()
        self._items: asyncio.Queue[Any] = asyncio.Queue()
        self._abandoned = threading.Event()
        self._began = time.monotonic()
        self.request: Any = None
        self.is_over = False

    @property
    def seconds(self) -> float:
        """Since it was begun."""
        return time.monotonic() - self._began

    @property
    def is_abandoned(self) -> bool:
        """Whether nobody takes its items any more."""
        return self._abandoned.is_set()

    def advance(self, result: Any = None) -> None:
        """In the thread: make items until it asks for a pass, can be interrupted, or ends."""
        self.request = None
        try:
            self.request = self._next_request(result)
        except StopIteration:
            self._end(_Done())
        except BaseException as error:  # handed to whoever awaits the items, who raises it
            self.fail(error)

    def _next_request(self, result: Any) -> Any:
        if self._work is None:
            self._began = time.monotonic()
            self._work = self._make()
        while not self.is_abandoned:
            item = self._work.send(result)
            result = None
            if item is None or (self._passes is not None and self._passes.is_request(item)):
                return item
            self._put(item)
        self._work.close()
        raise StopIteration

    def fail(self, error: BaseException) -> None:
        """In the thread: end with an error, what the work holds given back."""
        if self._work is not None:
            self._work.close()
        self._end(_Failure(error))

    def drop(self) -> None:
        """Before its turn: nobody wants it, or the thread ends."""
        self._abandoned.set()
        self._end(_Done())

    async def items(self) -> AsyncGenerator[Any]:
        """On the event loop: the items as they come."""
        try:
            while not isinstance(item := await self._items.get(), _Done):
                if isinstance(item, _Failure):
                    raise item.error
                yield item
        finally:
            self._abandoned.set()

    def _end(self, end: _Failure | _Done) -> None:
        self.is_over = True
        self._put(end)

    def _put(self, item: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._items.put_nowait, item)


class Cores:
    """A bounded queue of work before one thread. `at_once` pieces may be under way together."""

    def __init__(self, queue_size: int, *, at_once: int = 1) -> None:
        self._queue_size = queue_size
        self._at_once = at_once
        self._passes: Passes | None = None
        self._waiting: deque[_Ticket] = deque()
        self._active: list[_Ticket] = []
        self._changed = threading.Condition()
        self._is_closed = False
        self._mean_seconds = 1.0
        self._thread = threading.Thread(target=self._run, name="cores", daemon=True)
        self._thread.start()

    def share(self, passes: Passes) -> None:
        """`passes` serves the requests of work that comes from now on."""
        self._passes = passes

    def stream(self, make: Callable[[], Work]) -> AsyncGenerator[Any]:
        """The items of the generator that `make` returns, made in the thread when its turn comes.

        Closing the returned iterator abandons the work: before its turn at once, within it at its next item, request
        or None. Raises `Overloaded` at once when `at_once` pieces are being worked on and `queue_size` pieces wait.
        """
        with self._changed:
            waiting = sum(ticket.counts for ticket in (*self._waiting, *self._active)) - self._at_once
        if waiting >= self._queue_size:
            wait = max(1, round(self._mean_seconds * (waiting + self._at_once) / self._at_once))
            raise Overloaded(
                f"{waiting} requests are waiting for the model already; come back in {wait} s", retry_after=wait
            )
        return self._items(self._admit(make, counts=True))

    async def run(self, work: Callable[[], T]) -> T:
        """One result, made in the thread when its turn comes; it is not counted against the queue."""

        def make() -> Work:
            yield (work(),)

        results: list[tuple[T]] = [item async for item in self._items(self._admit(make, counts=False))]
        return results[0][0]

    def close(self) -> None:
        """Wait for the work under way and end the thread; work that waits is dropped."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()

    def _admit(self, make: Callable[[], Work], *, counts: bool) -> _Ticket:
        ticket = _Ticket(make, self._passes, counts=counts)
        with self._changed:
            self._waiting.append(ticket)
            self._changed.notify()
        return ticket

    async def _items(self, ticket: _Ticket) -> AsyncGenerator[Any]:
        items = ticket.items()
        try:
            async for item in items:
                yield item
        finally:
            await items.aclose()
            with self._changed:
                if ticket in self._waiting:
                    self._waiting.remove(ticket)

    def _run(self) -> None:
        shared_last = False
        while self._take():
            for ticket in self._active:
                if ticket.is_abandoned:
                    ticket.advance()
            here = [ticket for ticket in self._among() if not ticket.is_over]
            shared = [ticket for ticket in here if self._is_shared(ticket)]
            alone = [ticket for ticket in here if ticket not in shared]
            # Oldest first: what is asked for first is answered first, and two prompts do not wait for each other.
            chosen = alone[:1] if alone and (shared_last or not shared) else shared
            shared_last = chosen is shared
            self._serve(chosen)
            self._sweep()

    def _take(self) -> bool:
        """Begin one more piece if there is room, waiting for one where nothing is under way; False at the end."""
        with self._changed:
            while not self._active and not self._waiting and not self._is_closed:
                self._changed.wait()
            if self._is_closed:
                while self._waiting:
                    self._waiting.popleft().drop()
                return bool(self._active)
            if self._waiting and len(self._active) < self._at_once and self._may_begin():
                self._active.append(self._waiting.popleft())
        return True

    def _may_begin(self) -> bool:
        """Whether everything under way shares its passes: a step of its own comes before those of a newer piece."""
        return len(self._among()) == len(self._active) and all(map(self._is_shared, self._active))

    def _among(self) -> list[_Ticket]:
        """The pieces that may go on."""
        has_room = self._passes is None or self._passes.has_room
        return self._active if has_room else self._active[:1]

    def _is_shared(self, ticket: _Ticket) -> bool:
        return ticket.request is not None and self._passes is not None and self._passes.is_shared(ticket.request)

    def _serve(self, tickets: list[_Ticket]) -> None:
        """One step: a pass for those that ask for one, or what a single one does until it asks."""
        asking = [ticket for ticket in tickets if ticket.request is not None]
        if not asking or self._passes is None:
            for ticket in tickets:
                ticket.advance()
            return
        try:
            results = self._passes.perform([ticket.request for ticket in asking])
        except Exception as error:
            for ticket in asking:
                ticket.fail(error)
            return
        for ticket, result in zip(asking, results, strict=True):
            ticket.advance(result)

    def _sweep(self) -> None:
        over = [ticket for ticket in self._active if ticket.is_over]
        with self._changed:
            self._active = [ticket for ticket in self._active if not ticket.is_over]
        for ticket in over:
            self._mean_seconds += SMOOTHING * (ticket.seconds - self._mean_seconds)
