"""Axes: tick labels that stand in line and whose numbers follow their places, fitted to a scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from statistics import median
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from beholder.perception.charts.scene import Scene, Text

Direction = Literal["vertical", "horizontal"]
Kind = Literal["linear", "log", "power", "piecewise"]

POWERS: Final = (0.2, 0.25, 0.3, 1 / 3, 0.4, 0.5, 0.6, 0.7, 2.0, 3.0)
FEWEST_TICKS: Final = 3
"""Two points lie on every line: only the third says that it is a scale."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale along x or y: `ticks` are `(position in working pixels, value)`, by position.

    Linear, log and power axes follow `slope * position + intercept` (of the value, of its decimal logarithm, or of its
    `power`); a piecewise axis, whose ticks follow no law, is read between neighbouring ticks.
    """

    direction: Direction
    kind: Kind
    slope: float
    intercept: float
    ticks: tuple[tuple[float, float], ...]
    labels: tuple[Text, ...]
    unit: str = ""
    multiplier: float = 1.0
    currency: str = ""
    power: float = 1.0

    def value(self, position: float) -> float:
        """The value at a position in working pixels."""
        if self.kind == "linear":
            return self.slope * position + self.intercept
        if self.kind == "log":
            return float(10.0 ** min(self.slope * position + self.intercept, 300.0))
        if self.kind == "power":
            root = self.slope * position + self.intercept
            return float(max(root, 0.0) ** (1 / self.power))
        places, values = zip(*self.ticks, strict=True)
        return float(np.interp(position, places, values))

    def position(self, value: float) -> float | None:
        """Where a value stands, None where it has no place (zero on a log axis)."""
        if self.kind == "linear":
            return (value - self.intercept) / self.slope
        if self.kind == "log":
            return (math.log10(value) - self.intercept) / self.slope if value > 0 else None
        if self.kind == "power":
            return (value**self.power - self.intercept) / self.slope if value >= 0 else None
        ordered = sorted((v, p) for p, v in self.ticks)
        return float(np.interp(value, [v for v, _ in ordered], [p for _, p in ordered]))

    @property
    def span(self) -> tuple[float, float]:
        """The first and last tick's positions."""
        return self.ticks[0][0], self.ticks[-1][0]

    @property
    def across(self) -> float:
        """Where the labels' middles stand in the other direction."""
        other = 0 if self.direction == "vertical" else 1
        return median(label.middle[other] for label in self.labels)

    @property
    def is_reversed(self) -> bool:
        """Whether values grow downwards or to the left."""
        rising = self.ticks[-1][1] > self.ticks[0][1]
        return rising if self.direction == "vertical" else not rising

    @property
    def worth(self) -> float:
        """The value of half a pixel: how finely the axis can be read (in the middle, on a log axis)."""
        middle = sum(self.span) / 2
        return abs(self.value(middle + 0.5) - self.value(middle)) or 1e-9

    def shifted(self, by: float) -> Axis:
        """The same scale with every tick `by` pixels further."""
        ticks = tuple((place + by, value) for place, value in self.ticks)
        return replace(self, intercept=self.intercept - self.slope * by, ticks=ticks)


def find_axes(scene: Scene) -> tuple[Axis, ...]:
    """Every scale found, the longest first; no label belongs to two."""
    numbers = [text for text in scene.texts if text.number is not None and text.number.unit.count(" ") < 2]
    found = [*_along(numbers, "vertical"), *_along(numbers, "horizontal")]
    found.sort(key=lambda axis: (-len(axis.ticks), -abs(axis.span[1] - axis.span[0])))
    kept: list[Axis] = []
    for axis in found:
        if not any(label in other.labels for other in kept for label in axis.labels):
            kept.append(_on_gridlines(scene, axis))
    return tuple(kept)


def _along(numbers: Sequence[Text], direction: Direction) -> list[Axis]:
    """Axes from each set of numbers that share an edge or their middle in the other direction."""
    axes: list[Axis] = []
    for line in _in_line(numbers, direction):
        axis = _fit(line, direction)
        if axis is not None:
            axes.append(axis)
    return axes


def _in_line(numbers: Sequence[Text], direction: Direction) -> Iterable[list[Text]]:
    low, high = (0, 2) if direction == "vertical" else (1, 3)
    seen: set[frozenset[int]] = set()
    for part in (1.0, 0.0, 0.5):

        def key(text: Text, part: float = part) -> float:
            return text.box[low] + part * (text.box[high] - text.box[low])

        ordered = sorted(numbers, key=key)
        for index, first in enumerate(ordered):
            tolerance = 0.45 * first.height if direction == "vertical" else 0.35 * first.height
            group = [other for other in ordered[index:] if key(other) - key(first) <= tolerance]
            names = frozenset(id(text) for text in group)
            if len(group) >= FEWEST_TICKS and names not in seen:
                seen.add(names)
                yield group


def _fit(labels: Sequence[Text], direction: Direction) -> Axis | None:
    """The scale that most labels agree on, if at least three and most of them do."""
    place = 1 if direction == "vertical" else 0
    points = sorted(((text.middle[place], text) for text in labels), key=lambda pair: pair[0])
    best: Axis | None = None
    for kind in ("linear", "log"):
        axis = _agreed(points, direction, kind)
        if axis is not None and (best is None or len(axis.ticks) > len(best.ticks)):
            best = axis
    return best or _stepwise(points, direction)


def _transformed(text: Text, kind: Kind) -> float | None:
    assert text.number is not None
    value = text.number.value
    if kind == "linear":
        return value
    return math.log10(value) if value > 0 else None


def _agreed(points: Sequence[tuple[float, Text]], direction: Direction, kind: Kind) -> Axis | None:
    usable = [(place, value, text) for place, text in points if (value := _transformed(text, kind)) is not None]
    best: list[tuple[float, float, Text]] = []
    for (p0, v0, _), (p1, v1, _) in combinations(usable, 2):
        if abs(p1 - p0) < 8 or v0 == v1:
            continue
        slope = (v1 - v0) / (p1 - p0)
        near = [one for one in usable if abs((one[1] - v0) / slope - (one[0] - p0)) <= _slack(one[2], direction)]
        if len({value for _, value, _ in near}) > len({value for _, value, _ in best}):
            best = near
    if len({value for _, value, _ in best}) < FEWEST_TICKS or len(best) < 0.6 * len(usable):
        return None
    places, values = [place for place, _, _ in best], [value for _, value, _ in best]
    if kind == "linear" and not _is_even(values):
        return None
    if max(places) - min(places) < 3 * median(text.height for _, _, text in best):
        return None
    if kind == "log" and not _is_log(values):
        return None
    slope, intercept = (float(x) for x in np.polyfit(places, values, 1))
    return _axis(direction, kind, slope, intercept, [(place, text) for place, _, text in best])


def _is_even(values: Sequence[float]) -> bool:
    """Whether values are whole steps apart, by a step of few digits: ticks are, amounts in a list are not."""
    ordered = sorted(set(values))
    steps = [b - a for a, b in pairwise(ordered)]
    least = min(steps)
    if any(abs(step / least - round(step / least)) > 0.03 or step > 12 * least for step in steps):
        return False
    digits = f"{least:.3g}"
    return math.isclose(float(digits), least, rel_tol=2e-3)


def _slack(text: Text, direction: Direction) -> float:
    """How far a label's middle may be from its tick: boxes are loose by a part of the letters' height."""
    return max(1.5, (0.22 if direction == "vertical" else 0.3) * text.height)


def _is_log(exponents: Sequence[float]) -> bool:
    """Whether ticks span over a decade, and are powers of ten or the round numbers between them."""
    if max(exponents) - min(exponents) < 1.2:
        return False
    mantissas = [10 ** (exponent % 1) for exponent in exponents]
    are_round = all(min(abs(m - r) for r in (1, 2, 3, 4, 5, 6, 8, 10)) < 0.02 for m in mantissas)
    powers = sum(min(abs(m - 1), abs(m - 10)) < 0.02 for m in mantissas)
    return are_round and powers >= min(3, 0.6 * len(exponents))


def _stepwise(points: Sequence[tuple[float, Text]], direction: Direction) -> Axis | None:
    """At least five labels that rise or fall without a law, evenly spaced either in pixels or in value."""
    if len(points) < 5:
        return None
    gaps = [b - a for (a, _), (b, _) in pairwise(points)]
    values = [text.number.value for _, text in points if text.number is not None]
    steps = [b - a for a, b in pairwise(values)]
    is_monotonic = all(step > 0 for step in steps) or all(step < 0 for step in steps)
    is_even_drawn = max(gaps) - min(gaps) <= 0.12 * median(gaps) and 0 in values
    is_even_counted = max(steps) - min(steps) <= 1e-6 * abs(steps[0]) and min(gaps) > 6
    if not is_monotonic or not (is_even_drawn or is_even_counted):
        return None
    if is_even_counted and min(values) >= 0:
        axis = _powered(points, values, direction)
        if axis is not None:
            return axis
    return _axis(direction, "piecewise", 0.0, 0.0, list(points))


def _powered(points: Sequence[tuple[float, Text]], values: Sequence[float], direction: Direction) -> Axis | None:
    """The scale on which some power of the value runs evenly, where every label agrees."""
    places = np.array([place for place, _ in points])
    best: tuple[float, float, float, float] | None = None
    for power in POWERS:
        roots = np.array(values) ** power
        slope, intercept = (float(x) for x in np.polyfit(places, roots, 1))
        misfit = float(np.abs((roots - intercept) / slope - places).max())
        if best is None or misfit < best[0]:
            best = misfit, power, slope, intercept
    if best is None or best[0] > _slack(points[0][1], direction):
        return None
    return replace(_axis(direction, "power", best[2], best[3], list(points)), power=best[1])


def axis_from_base(scene: Scene, direction: Direction, base: float, limit: float) -> Axis | None:
    """The scale of two or more labels before `limit` that proves itself by running through 0 at the marks' `base`.

    For charts with too few labels to make an axis of their own; `base` and `limit` are in working pixels.
    """
    along, across = (1, 0) if direction == "vertical" else (0, 1)
    numbers = [text for text in scene.texts if text.number is not None and text.number.value != 0]
    if direction == "vertical":
        numbers = [text for text in numbers if text.box[2] <= limit and text.middle[along] < base]
    else:
        numbers = [text for text in numbers if text.box[1] >= limit and text.middle[along] > base]
    best: list[Text] = []
    for first in numbers:
        assert first.number is not None
        rate = first.number.value / (first.middle[along] - base)
        near = [
            text
            for text in numbers
            if text.number is not None
            and abs(text.number.value / rate - (text.middle[along] - base)) <= _slack(text, direction)
            and abs(text.middle[across] - first.middle[across]) <= max(text.width, first.width)
        ]
        best = max(best, near, key=lambda texts: len({text.text for text in texts}))
    if len({text.number.value for text in best if text.number is not None}) < 2:
        return None
    points = sorted(((text.middle[along], text) for text in best), key=lambda point: point[0])
    places = [place - base for place, _ in points]
    values = [text.number.value for _, text in points if text.number is not None]
    slope = sum(p * v for p, v in zip(places, values, strict=True)) / sum(p * p for p in places)
    return _axis(direction, "linear", slope, -slope * base, points)


def _axis(
    direction: Direction, kind: Kind, slope: float, intercept: float, points: Sequence[tuple[float, Text]]
) -> Axis:
    labels = tuple(text for _, text in points)
    numbers = [text.number for text in labels if text.number is not None]
    ticks = tuple((place, number.value) for (place, _), number in zip(points, numbers, strict=True))
    units = [number.unit for number in numbers if number.value != 0]
    unit = max(set(units), key=units.count) if units else ""
    common = [number for number in numbers if number.unit == unit and number.value != 0]
    multiplier = common[0].multiplier if common else 1.0
    currency = next((number.currency for number in numbers if number.currency), "")
    return Axis(direction, kind, slope, intercept, ticks, labels, unit, multiplier, currency)


def _on_gridlines(scene: Scene, axis: Axis) -> Axis:
    """Shifted so that ticks stand on their grid lines, where labels are printed beside the lines, not level with them.

    Only when grid lines run at one distance from nearly every tick.
    """
    if axis.direction == "horizontal":
        return axis
    rows = gridlines(scene)
    if len(rows) < 2:
        return axis
    spacing = min(b - a for a, b in pairwise(place for place, _ in axis.ticks))
    near = [float(rows[np.abs(rows - place).argmin()] - place) for place, _ in axis.ticks]
    shift = median(near)
    agreeing = [delta for delta in near if abs(delta - shift) <= 1.5]
    if len(agreeing) < max(3, 0.6 * len(near)) or abs(shift) > 0.45 * spacing:
        return axis
    return axis.shifted(float(np.mean(agreeing)))


def gridlines(scene: Scene) -> NDArray[np.float64]:
    """The rows, in working pixels, where a thin line runs over much of the width."""
    grey = scene.pixels.astype(np.int16).sum(axis=2)
    found: list[int] = []
    for reach in (1, 2):
        above, line, below = grey[: -2 * reach], grey[reach:-reach], grey[2 * reach :]
        is_line = ((above - line > 9) & (below - line > 9)) | ((line - above > 9) & (line - below > 9))
        found.extend(int(row) + reach for row in np.flatnonzero(is_line.mean(axis=1) > 0.35))
    rows = sorted(set(found))
    groups: list[list[int]] = []
    for row in rows:
        if groups and row - groups[-1][-1] <= 2:
            groups[-1].append(row)
        else:
            groups.append([row])
    return np.array([np.mean(group) + 0.5 for group in groups])
