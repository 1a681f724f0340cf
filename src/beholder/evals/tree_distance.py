"""The edit distance of two ordered trees (Zhang and Shasha 1989), with a cost of 1 for a deletion and an insertion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar


class Tree(Protocol):
    """An ordered tree."""

    @property
    def children(self) -> Sequence[Tree]:
        """From left to right."""
        ...


T = TypeVar("T", bound=Tree)


class _Ordered(Generic[T]):
    """A tree's nodes in postorder, with the place of each one's leftmost leaf, and the roots of the subproblems."""

    def __init__(self, root: T) -> None:
        self.nodes: list[T] = []
        self.leftmost: list[int] = []
        self._walk(root)
        last = {leaf: place for place, leaf in enumerate(self.leftmost)}
        self.roots = sorted(last.values())

    def _walk(self, node: T) -> int:
        leaves = [self._walk(child) for child in node.children]  # type: ignore[arg-type] # children are of their kind
        leaf = leaves[0] if leaves else len(self.nodes)
        self.nodes.append(node)
        self.leftmost.append(leaf)
        return leaf


def tree_distance(one: T, other: T, rename: Callable[[T, T], float]) -> float:
    """The least cost of turning `one` into `other`; `rename` is the cost of making one node another, 0 to 1."""
    return _Distances(_Ordered(one), _Ordered(other), rename).whole()


class _Distances(Generic[T]):
    """The distances of all pairs of subtrees, by their roots' places in postorder."""

    def __init__(self, left: _Ordered[T], right: _Ordered[T], rename: Callable[[T, T], float]) -> None:
        self._left, self._right = left, right
        self._costs = [[rename(a, b) for b in right.nodes] for a in left.nodes]
        self._trees = [[0.0] * len(right.nodes) for _ in left.nodes]

    def whole(self) -> float:
        """The distance of the trees themselves."""
        for i in self._left.roots:
            for j in self._right.roots:
                self._fill(i, j)
        return self._trees[-1][-1]

    def _fill(self, i: int, j: int) -> None:
        """The distances of the subtrees that share their leftmost leaf with `i` and with `j`, by way of forests."""
        first, second = self._left.leftmost[i], self._right.leftmost[j]
        forests = [[float(count) for count in range(j - second + 2)]]
        for a in range(first, i + 1):
            forests.append(self._row(a, self._left.leftmost[a] - first, forests, (second, j)))

    def _row(self, a: int, before: int, forests: list[list[float]], span: tuple[int, int]) -> list[float]:
        """Forests that end with the left node `a` against all that end within `span` of the right."""
        second, last = span
        above, start, trees, costs = forests[-1], forests[before], self._trees[a], self._costs[a]
        leftmost = self._right.leftmost
        row = [above[0] + 1]
        for column, b in enumerate(range(second, last + 1)):
            least = min(above[column + 1], row[column]) + 1
            if before == 0 and leftmost[b] == second:
                least = trees[b] = min(least, above[column] + costs[b])
            else:
                least = min(least, start[leftmost[b] - second] + trees[b])
            row.append(least)
        return row
