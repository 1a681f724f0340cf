"""The one owner of the cores: order, the full queue, giving up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Generator, Sequence
from dataclasses import dataclass, field
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
    is_shared: bool = True


@dataclass
class Passes:
    """Ten times each number; notes who shared a pass."""

    has_room: bool = True
    served: list[list[int]] = field(default_factory=list)
    all_here: threading.Event = field(default_factory=threading.Event)
    fault: Exception | None = None

    def is_request(self, item: object) -> bool:
        """Whether it is asked for."""
        return isinstance(item, Asked)

    def is_shared(self, request: Asked) -> bool:
        """As it says."""
        return request.is_shared

    def perform(self, requests: Sequence[Asked]) -> list[int]:
        """The pass."""
        self.all_here.wait(5)
        if self.fault is not None:
            raise self.fault
        self.served.append([request.number for request in requests])
        return [request.number * 10 for request in requests]


@pytest.fixture
async def shared() -> AsyncIterator[tuple[Cores, Passes]]:
    """Room for three under way together."""
    owner, passes = Cores(0, at_once=3), Passes()
    owner.share(passes)
    yield owner, passes
    await asyncio.to_thread(owner.close)


def asking(number: int, steps: int = 5, *, own: int = 0) -> Generator[int | Asked | None, int]:
    """Reads, asks for `own` passes of its own, then for some that it shares."""
    yield None
    for step in range(own + steps):
        result = yield Asked(number, is_shared=step >= own)
        yield result + step


async def test_work_under_way_together_shares_passes(shared: tuple[Cores, Passes]) -> None:
    """What asks for a pass waits for one that serves all; items keep their order."""
    owner, passes = shared
    streams = [owner.stream(partial(asking, number)) for number in (1, 2, 3)]
    passes.all_here.set()
    results = await asyncio.gather(*map(collected, streams))
    assert [[number * 10 + step for step in range(5)] for number in (1, 2, 3)] == results
    assert [1, 2, 3] in passes.served
    assert 15 == sum(map(len, passes.served)) > len(passes.served)


async def test_passes_of_their_own_come_in_order(shared: tuple[Cores, Passes]) -> None:
    """A newer piece of work begins when the older has had its own; meanwhile the others' shared ones take turns."""
    owner, passes = shared
    streams = [owner.stream(partial(asking, number, 20, own=3)) for number in (1, 2, 3)]
    passes.all_here.set()
    await asyncio.gather(*map(collected, streams))
    firsts = [passes.served.index([number]) for number in (1, 2, 3)]
    assert sorted(firsts) == firsts
    second = passes.served[firsts[1] : firsts[2]]
    assert [[2], [1], [2], [1], [2]] == second[:5]
    assert [1, 2] in second


async def test_without_room_the_oldest_goes_on_alone(shared: tuple[Cores, Passes]) -> None:
    """Nobody else's passes, and nobody else begins, until there is room."""
    owner, passes = shared
    passes.has_room = False
    streams = [owner.stream(partial(asking, number)) for number in (1, 2)]
    passes.all_here.set()
    await asyncio.gather(*map(collected, streams))
    assert [[1]] * 5 + [[2]] * 5 == passes.served


async def test_who_goes_away_frees_the_shared_cores(shared: tuple[Cores, Passes]) -> None:
    """Among work that shares passes as well: the rest goes on without it."""
    owner, passes = shared
    passes.all_here.set()
    gone, stays = owner.stream(partial(asking, 1, 10_000)), owner.stream(partial(asking, 2, 50))
    assert 10 == await anext(gone)
    await gone.aclose()
    assert 50 == len(await asyncio.wait_for(collected(stays), 5))
    assert sum(1 in each for each in passes.served) < 10_000


async def test_a_pass_that_fails_is_told_to_all_who_waited(shared: tuple[Cores, Passes]) -> None:
    """Their work is closed in the thread, which goes on to other work."""
    owner, passes = shared
    passes.fault = InvalidRequest("no pass today", param=None)
    passes.all_here.set()
    closed_in: list[str] = []

    def work() -> Generator[Asked, int]:
        try:
            yield Asked(1)
        finally:
            closed_in.append(threading.current_thread().name)

    for _ in range(2):
        with pytest.raises(InvalidRequest, match="no pass today"):
            await collected(owner.stream(work))
    assert 7 == await owner.run(lambda: 7)
    assert ["cores"] * 2 == closed_in
