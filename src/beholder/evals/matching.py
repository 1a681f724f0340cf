"""One to one: as many pairs as possible, each side used once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

L = TypeVar("L")
R = TypeVar("R")


def match(left: Sequence[L], right: Sequence[R], fits: Callable[[L, R], bool]) -> dict[int, int]:
    """The largest matching, as places in `right` by places in `left` (augmenting paths, Kuhn 1955)."""
    edges = [[place for place, other in enumerate(right) if fits(one, other)] for one in left]
    taken: dict[int, int] = {}
    for start in range(len(left)):
        _augment(edges, taken, start)
    return {one: other for other, one in taken.items()}


def _augment(edges: Sequence[Sequence[int]], taken: dict[int, int], start: int) -> None:
    """Give `start` a place, moving others along a path found breadth first, if there is one."""
    came_from: dict[int, int] = {}
    queue = [start]
    for one in queue:
        for place in edges[one]:
            if place in came_from:
                continue
            came_from[place] = one
            if place not in taken:
                _flip(came_from, taken, place, start)
                return
            queue.append(taken[place])


def _flip(came_from: dict[int, int], taken: dict[int, int], place: int, start: int) -> None:
    held = {one: where for where, one in taken.items()}
    while True:
        one = came_from[place]
        before = held.get(one)
        taken[place] = one
        if one == start or before is None:
            return
        place = before
