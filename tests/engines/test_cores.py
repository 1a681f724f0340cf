"""The one owner of the cores: order, the full queue, giving up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Generator, Sequence
from dataclasses import dataclass
from functools import partial

import pytest

from beholder.engines.cores import Cores
from beholder.errors import InvalidRequest, Overloaded


@pytest.fixture
async def cores() -> AsyncIterator[Cores]:
    """A queue for two."""
    owner = Cores(2)
    yield owner
    await asyncio.to_thread(owner.close)


class Work:
    """Work that says what it does and waits to be let on."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.may_go_on = threading.Event()
        self.ended = threading.Event()

    def make(self) -> Generator[int | None]:
        """1, then nothing until it is let on, then 2."""
        try:
            self.began.set()
            yield 1
            while not self.may_go_on.wait(0.005):
                yield None
            yield 2
        finally:
            self.ended.set()


async def collected(items: AsyncIterator[int]) -> list[int]:
    """All items."""
    return [item async for item in items]


async def test_items_come_as_they_are_made(cores: Cores) -> None:
    """The first before the work is done; None is never seen."""
    work = Work()
    items = cores.stream(work.make)
    assert 1 == await anext(items)
    assert not work.ended.is_set()
    work.may_go_on.set()
    assert [2] == await collected(items)
    assert work.ended.is_set()


async def test_work_is_done_in_the_order_it_came(cores: Cores) -> None:
    """One piece at a time."""
    order: list[int] = []

    def note(number: int) -> Generator[int]:
        order.append(number)
        yield number
        order.append(-number)

    first = Work()
    blocked = asyncio.create_task(collected(cores.stream(first.make)))
    await asyncio.to_thread(first.began.wait, 5)
    rest = [asyncio.create_task(collected(cores.stream(partial(note, number)))) for number in (1, 2)]
    await asyncio.sleep(0.05)
    assert [] == order
    first.may_go_on.set()
    assert [[1, 2], [1], [2]] == await asyncio.gather(blocked, *rest)
    assert [1, -1, 2, -2] == order


async def test_a_full_queue_is_told(cores: Cores) -> None:
    """One is worked on and two wait: the next is refused at once, with a time to come back, until one is done."""
    works = [Work() for _ in range(3)]
    tasks = [asyncio.create_task(collected(cores.stream(work.make))) for work in works]
    await asyncio.to_thread(works[0].began.wait, 5)
    with pytest.raises(Overloaded, match="2 requests are waiting") as caught:
        await collected(cores.stream(Work().make))
    assert 503 == caught.value.status
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 1
    for work in works:
        work.may_go_on.set()
    assert [[1, 2]] * 3 == await asyncio.gather(*tasks)
    late = Work()
    late.may_go_on.set()
    assert [1, 2] == await collected(cores.stream(late.make))


async def test_who_goes_away_frees_the_cores(cores: Cores) -> None:
    """Work that nobody awaits any more ends at its next item or None, and the next begins."""
    first, second = Work(), Work()
    items = cores.stream(first.make)
    assert 1 == await anext(items)
    await items.aclose()
    second.may_go_on.set()
    assert [1, 2] == await asyncio.wait_for(collected(cores.stream(second.make)), 5)
    assert first.ended.is_set()
    assert not first.may_go_on.is_set()


async def test_who_goes_away_before_the_turn_frees_the_place(cores: Cores) -> None:
    """Work that never began never begins, and does not count against the queue."""
    first, never = Work(), Work()
    working = asyncio.create_task(collected(cores.stream(first.make)))
    await asyncio.to_thread(first.began.wait, 5)
    for _ in range(10):
        waiting = asyncio.create_task(collected(cores.stream(never.make)))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    first.may_go_on.set()
    assert [1, 2] == await working
    assert not never.began.is_set()


async def test_faults_reach_who_asked(cores: Cores) -> None:
    """What the work raises is raised where its items are awaited, and the cores go on."""

    def fail() -> Generator[int]:
        yield 1
        raise InvalidRequest("it cannot be done")

    items = cores.stream(fail)
    assert 1 == await anext(items)
    with pytest.raises(InvalidRequest, match="it cannot be done"):
        await anext(items)
    assert 7 == await cores.run(lambda: 7)


@dataclass(frozen=True)
class Asked:
    """A request for a pass."""

    number: int


async def test_work_under_way_together_shares_passes() -> None:
    """What asks for a pass waits for one that serves all; what is put off comes again; items keep their order."""
    served: list[list[int]] = []
    all_here = threading.Event()

    def perform(requests: Sequence[Asked]) -> list[int | None]:
        all_here.wait(5)
        served.append([request.number for request in requests])
        return [request.number * 10 if place < 2 else None for place, request in enumerate(requests)]

    def work(number: int) -> Generator[int | Asked, int]:
        for step in range(5):
            result = yield Asked(number)
            yield result + step

    owner = Cores(0, at_once=3, kind=Asked, perform=perform)
    try:
        streams = [owner.stream(partial(work, number)) for number in (1, 2, 3)]
        all_here.set()
        results = await asyncio.gather(*map(collected, streams))
    finally:
        await asyncio.to_thread(owner.close)
    assert [[number * 10 + step for step in range(5)] for number in (1, 2, 3)] == results
    assert max(map(len, served)) == 3
    assert 15 == sum(min(2, len(each)) for each in served)


async def test_a_pass_that_fails_is_told_to_all_who_waited() -> None:
    """And the thread goes on to other work."""

    def perform(_requests: Sequence[Asked]) -> list[int | None]:
        raise InvalidRequest("no pass today", param=None)

    def work() -> Generator[int | Asked, int]:
        yield Asked(1)

    owner = Cores(2, kind=Asked, perform=perform)
    try:
        for _ in range(2):
            with pytest.raises(InvalidRequest, match="no pass today"):
                await collected(owner.stream(work))
        assert 7 == await owner.run(lambda: 7)
    finally:
        await asyncio.to_thread(owner.close)
