"""Pies and rings: a disc of several colours, cut into slices by what is met on the way round."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.perception.charts.regions import Palette
from beholder.perception.charts.scene import Colour, Scene, distance

ROUND: Final = 0.86
"""A disc fills at least this part of the circle around it."""
STEPS: Final = 1440
"""Samples on the way round: a quarter of a degree each."""
THINNEST: Final = 4
"""Slices are at least this many samples (one degree) wide; less is a separator or its blur."""
SMALLEST_RADIUS: Final = 22


@dataclass(frozen=True, slots=True)
class Slice:
    """A sector from angle `start` to `end`, in turns clockwise from the top; `end` may pass 1."""

    colour: Colour
    start: float
    end: float

    @property
    def share(self) -> float:
        """The part of the whole, 0 to 1."""
        return self.end - self.start

    @property
    def middle(self) -> float:
        """The angle in its middle, in turns."""
        return (self.start + self.end) / 2 % 1


@dataclass(frozen=True, slots=True)
class Pie:
    """A disc or ring around `centre` in working pixels; `hole` is 0 for a full disc."""

    centre: tuple[float, float]
    radius: float
    hole: float
    slices: tuple[Slice, ...]


def find_pies(scene: Scene, palette: Palette) -> tuple[Pie, ...]:
    """The discs of at least two slices, largest first."""
    grounds = [index for index, c in enumerate(palette.colours) if distance(c, scene.background) <= 12]
    solid = (~np.isin(palette.labels, [-1, *grounds])).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, kernel)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    pies: list[Pie] = []
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:8]:
        circle = _circle(contour)
        if circle is not None:
            pie = _cut(scene, palette, *circle, set(grounds))
            if len(pie.slices) >= 2:
                pies.append(pie)
    return tuple(pies)


def _circle(contour: NDArray[np.int32]) -> tuple[tuple[float, float], float] | None:
    _, _, width, height = cv2.boundingRect(contour)
    if min(width, height) < 2 * SMALLEST_RADIUS or not 0.93 < width / height < 1.07:
        return None
    hull = cv2.convexHull(contour)
    (x, y), radius = cv2.minEnclosingCircle(hull)
    if cv2.contourArea(hull) < ROUND * math.pi * radius**2 or cv2.contourArea(contour) < 0.75 * math.pi * radius**2:
        return None
    return (float(x), float(y)), float(min(radius, (width + height) / 4))


def _cut(scene: Scene, palette: Palette, centre: tuple[float, float], radius: float, grounds: set[int]) -> Pie:
    turns = (np.arange(STEPS) + 0.5) / STEPS * 2 * math.pi
    radii = np.linspace(0.05, 0.97, 40) * radius
    columns = np.clip(np.round(centre[0] + np.outer(np.sin(turns), radii)).astype(int), 0, scene.width - 1)
    rows = np.clip(np.round(centre[1] - np.outer(np.cos(turns), radii)).astype(int), 0, scene.height - 1)
    labels = palette.labels[rows, columns].astype(int)
    written = scene.text_mask[rows, columns]
    is_ground = np.isin(labels, [*grounds])
    # A ring's hole is ground all the way round, but for what is written in it.
    empty = (is_ground | written).mean(axis=0) > 0.9
    hole_steps = int(np.argmin(empty)) if not empty.all() else 0
    hole = float(radii[hole_steps]) if hole_steps > 3 else 0.0
    inside = radii > max(hole + 0.12 * (radius - hole), 0.4 * radius if not hole else 0.0)
    seen = _votes(labels[:, inside], written[:, inside], len(palette.colours))
    slices = _slices(seen, palette, grounds)
    return Pie(centre, radius, hole, slices)


def _votes(labels: NDArray[np.int_], written: NDArray[np.bool_], colours: int) -> NDArray[np.int_]:
    """For each angle the colour met most along the radius, letters left out; -1 where none is met."""
    counts = np.zeros((labels.shape[0], colours), int)
    angles = np.broadcast_to(np.arange(labels.shape[0])[:, None], labels.shape)
    valid = (labels >= 0) & ~written
    np.add.at(counts, (angles[valid], labels[valid]), 1)
    return np.where(counts.max(axis=1) > 0, counts.argmax(axis=1), -1)


def _slices(seen: NDArray[np.int_], palette: Palette, grounds: set[int]) -> tuple[Slice, ...]:
    """Runs of one colour around the circle; thin ones are given half to each neighbour."""
    runs = _runs(seen)
    wide = [run for run in runs if run[2] - run[1] >= THINNEST and run[0] >= 0]
    merged: list[tuple[int, int, int]] = []
    for label, start, end in wide:
        if merged and merged[-1][0] == label and not _is_cut(seen, merged[-1][2], start, grounds):
            merged[-1] = (label, merged[-1][1], end)
        else:
            merged.append((label, start, end))
    if (
        len(merged) > 2
        and merged[0][0] == merged[-1][0]
        and not _is_cut(seen, merged[-1][2], merged[0][1] + STEPS, grounds)
    ):
        label, start, _ = merged.pop()
        merged[0] = (label, start - STEPS, merged[0][2])
    if len(merged) < 2:
        return ()
    edges = [
        (merged[index - 1][2] - (STEPS if index == 0 else 0) + start) / 2 for index, (_, start, _) in enumerate(merged)
    ]
    ends = [*edges[1:], edges[0] + STEPS]
    return tuple(
        Slice(palette.colours[label], start / STEPS, end / STEPS)
        for (label, _, _), start, end in zip(merged, edges, ends, strict=True)
    )


def _runs(seen: NDArray[np.int_]) -> list[tuple[int, int, int]]:
    """`(label, start, end)` of each run, beginning at a change of colour where there is one."""
    changes = np.flatnonzero(np.diff(seen)) + 1
    edges = [0, *(int(change) for change in changes), len(seen)]
    return [(int(seen[start]), start, end) for start, end in pairwise(edges) if end > start]


def _is_cut(seen: NDArray[np.int_], end: int, start: int, grounds: set[int]) -> bool:
    """Whether ground shows between two runs of one colour: a separator, not a letter."""
    between = [int(seen[index % STEPS]) for index in range(end, start)]
    return any(label in grounds for label in between)
