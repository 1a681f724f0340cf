"""Bars: rectangles of a common breadth that stand on a common base, alone or stacked, upright or lying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final, Literal

from beholder.evidence import Box
from beholder.perception.charts.regions import Region
from beholder.perception.charts.scene import Colour, Scene, distance

Orientation = Literal["vertical", "horizontal"]

RECTANGULAR: Final = 0.8
SAME_BREADTH: Final = 0.12
JOINT: Final = 4
"""Segments of a stack are this many working pixels apart at most."""
SAME_SERIES: Final = 16


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """A bar in a frame where categories run along `c` and values grow along `v`, whatever its orientation.

    For upright bars `c` is x and `v` is -y; for lying ones `c` is y and `v` is x. All in working pixels.
    """

    c0: float
    c1: float
    v0: float
    v1: float
    colour: Colour
    box: Box

    @property
    def centre(self) -> float:
        """The middle across the bar, along the categories."""
        return (self.c0 + self.c1) / 2

    @property
    def length(self) -> float:
        """From end to end along the values."""
        return self.v1 - self.v0


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Bars end to end on one base, in the order of growing `v`; `grows_down` for a stack below its base."""

    bars: tuple[Bar, ...]
    base: float
    grows_down: bool = False

    @property
    def centre(self) -> float:
        """The middle across, along the categories."""
        return median(bar.centre for bar in self.bars)

    @property
    def c0(self) -> float:
        """The nearer side along the categories."""
        return min(bar.c0 for bar in self.bars)

    @property
    def c1(self) -> float:
        """The farther side along the categories."""
        return max(bar.c1 for bar in self.bars)

    @property
    def end(self) -> float:
        """Where the stack ends, away from its base."""
        return self.bars[0].v0 if self.grows_down else self.bars[-1].v1


@dataclass(frozen=True, slots=True, eq=False)
class BarSet:
    """All the bars of a chart; `bases` are the places along `v` that stacks stand on, most used first."""

    orientation: Orientation
    stacks: tuple[Stack, ...]
    bases: tuple[float, ...]

    @property
    def bars(self) -> tuple[Bar, ...]:
        """Every bar of every stack."""
        return tuple(bar for stack in self.stacks for bar in stack.bars)

    @property
    def is_stacked(self) -> bool:
        """Whether at least a third of the stacks have more than one bar."""
        return 3 * sum(len(stack.bars) > 1 for stack in self.stacks) >= len(self.stacks)

    @property
    def box(self) -> Box:
        """Around all bars, in working pixels."""
        boxes = [bar.box for bar in self.bars]
        return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def find_bars(scene: Scene, regions: Sequence[Region]) -> BarSet | None:
    """The larger of the sets of upright and lying bars, or None when fewer than two bars share a breadth and a base."""
    candidates = [
        region
        for region in regions
        if region.fill >= RECTANGULAR and _is_filled(region) and not _is_written(region, scene)
    ]
    sets = [_find(candidates, "vertical"), _find(candidates, "horizontal")]
    found = [one for one in sets if one is not None]
    return max(found, key=_evidence) if found else None


def _is_filled(region: Region) -> bool:
    """Whether it is more than an outline: rings and frames are no bars."""
    return region.pixels >= 0.55 * region.width * region.height


def _is_written(region: Region, scene: Scene) -> bool:
    """Whether a region is a letter, or the box that a word stands in."""
    left, top, right, bottom = region.box
    for text in scene.texts:
        if text.number is not None or len(text.text) < 3:
            continue
        a, b, c, d = text.box
        across, down = min(right, c) - max(left, a), min(bottom, d) - max(top, b)
        if across <= 0 or down <= 0:
            continue
        if across * down > 0.85 * (right - left) * (bottom - top) or across * down > 0.5 * max(
            (right - left) * (bottom - top), (c - a) * (d - b)
        ):
            return True
    return False


def _evidence(bars: BarSet) -> float:
    """Bars that stand on the common base, counted by area, so that a few large ones outweigh specks."""
    on_base = [stack for stack in bars.stacks if abs(stack.base - bars.bases[0]) <= 3]
    area = sum(bar.length * (bar.c1 - bar.c0) for stack in on_base for bar in stack.bars)
    ends = {round(stack.end / 4) for stack in on_base}
    return area * (1 + min(len(ends), 4)) * min(len(on_base), 6)


def _find(regions: Sequence[Region], orientation: Orientation) -> BarSet | None:
    bars = [_oriented(region, orientation) for region in regions]
    breadth = _common_breadth(bars)
    if breadth is None:
        return None
    slack = max(2.0, SAME_BREADTH * breadth)
    alike = [bar for bar in bars if abs(bar.c1 - bar.c0 - breadth) <= slack]
    columns = _columns(alike)
    base = _common_base(columns)
    if base is None:
        return None
    return _bar_set(orientation, columns, base)


def _oriented(region: Region, orientation: Orientation) -> Bar:
    left, top, right, bottom = region.box
    box = (float(left), float(top), float(right), float(bottom))
    if orientation == "vertical":
        return Bar(left, right, -bottom, -top, region.colour, box)
    return Bar(top, bottom, left, right, region.colour, box)


def _common_breadth(bars: Sequence[Bar]) -> float | None:
    """The breadth shared by the largest total length of bars (length, so that specks of equal size do not win)."""
    best, best_weight = None, 0.0
    for breadth in {bar.c1 - bar.c0 for bar in bars if bar.c1 - bar.c0 >= 3}:
        slack = max(1.5, SAME_BREADTH * breadth)
        alike = [bar for bar in bars if abs(bar.c1 - bar.c0 - breadth) <= slack]
        weight = sum(min(bar.length, 40 * breadth) for bar in alike) * breadth**0.5
        if len(alike) >= 2 and weight > best_weight:
            best, best_weight = breadth, weight
    return best


def _columns(bars: Sequence[Bar]) -> list[list[Bar]]:
    """Bars grouped by where they stand along the categories, each group in the order of growing `v`."""
    columns: list[list[Bar]] = []
    for bar in sorted(bars, key=lambda bar: bar.centre):
        if columns and abs(bar.centre - median(b.centre for b in columns[-1])) <= 0.3 * (bar.c1 - bar.c0) + 1:
            columns[-1].append(bar)
        else:
            columns.append([bar])
    return [_whole(sorted(column, key=lambda bar: bar.v0)) for column in columns]


def _whole(column: Sequence[Bar]) -> list[Bar]:
    """Pieces of one colour end to end as one bar: grid lines and letters cut through bars."""
    whole = [column[0]]
    for bar in column[1:]:
        last = whole[-1]
        if same_colour(bar.colour, last.colour) and bar.v0 - last.v1 <= JOINT and _is_flush(bar, last):
            whole[-1] = _joined(last, bar)
        else:
            whole.append(bar)
    return whole


def _is_flush(one: Bar, other: Bar) -> bool:
    return abs(one.c0 - other.c0) <= 2 and abs(one.c1 - other.c1) <= 2


def _joined(one: Bar, other: Bar) -> Bar:
    a, b = one.box, other.box
    box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
    v0, v1 = min(one.v0, other.v0), max(one.v1, other.v1)
    return Bar(min(one.c0, other.c0), max(one.c1, other.c1), v0, v1, one.colour, box)


def _runs(column: Sequence[Bar]) -> list[list[Bar]]:
    """The column's bars in runs of touching ones."""
    runs = [[column[0]]]
    for below, above in pairwise(column):
        if above.v0 - below.v1 <= JOINT:
            runs[-1].append(above)
        else:
            runs.append([above])
    return runs


def _common_base(columns: Sequence[Sequence[Bar]]) -> float | None:
    """The place that most runs begin or end at, weighted towards beginnings."""
    starts = [run[0].v0 for column in columns for run in _runs(column)]
    ends = [run[-1].v1 for column in columns for run in _runs(column)]
    joints = [below.v1 for column in columns for run in _runs(column) for below, _ in pairwise(run)]
    best, best_count = None, 0.0
    for place in {*starts, *joints}:
        near_starts = sum(abs(place - start) <= 2 for start in starts)
        count = near_starts + 0.9 * sum(abs(place - end) <= 2 for end in ends)
        count += 0.6 * sum(abs(place - joint) <= 2 for joint in joints)
        if count > best_count:
            best, best_count = place, count
    return best if best_count >= 2 else None


def _bar_set(orientation: Orientation, columns: Sequence[Sequence[Bar]], base: float) -> BarSet | None:
    runs = [run for column in columns for run in _runs(column)]
    bases = _bases(runs, base)
    stacks = [stack for run in runs for stack in _stacks(run, bases)]
    if len([bar for stack in stacks for bar in stack.bars]) < 2:
        return None
    return BarSet(orientation, tuple(stacks), bases)


def _bases(runs: Sequence[Sequence[Bar]], base: float) -> tuple[float, ...]:
    """The common base, and other places that at least two fifths of as many runs begin at (panels side by side)."""
    starts = [run[0].v0 for run in runs if not run[0].v0 - 3 <= base <= run[-1].v1 + 3]
    starts += [run[0].v0 for run in runs if abs(run[0].v0 - base) <= 3]
    least = max(2.0, 0.4 * sum(abs(base - start) <= 3 for start in starts))
    bases = [base]
    for start in sorted(starts):
        if sum(abs(start - other) <= 2 for other in starts) >= least and all(abs(start - b) > 6 for b in bases):
            bases.append(start)
    return tuple(bases)


def _stacks(run: Sequence[Bar], bases: Sequence[float]) -> list[Stack]:
    """The run as a stack from the base it begins at, or two where it crosses one; none where it stands on no base."""
    for base in bases:
        above = [bar for bar in run if bar.v0 >= base - 3]
        below = [bar for bar in run if bar.v1 <= base + 3 and bar not in above]
        if len(above) + len(below) < len(run):
            continue
        stacks = []
        if above and abs(above[0].v0 - base) <= JOINT:
            stacks.append(Stack(tuple(above), base))
        if below and abs(below[-1].v1 - base) <= JOINT:
            stacks.append(Stack(tuple(below), base, grows_down=True))
        if stacks:
            return stacks
    return []


def same_colour(one: Colour, other: Colour) -> bool:
    """Whether two marks belong to one series."""
    return distance(one, other) <= SAME_SERIES
