"""Tick labels that the reader missed: a lone digit, most of all the zero at an axis's end, is easily passed over.

Where a scale's next tick is due and ink like that of its labels stands there, its label is what the scale says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np

from beholder.evidence import Box
from beholder.perception.charts.axes import Axis
from beholder.perception.charts.numbers import parse_number
from beholder.perception.charts.scene import Scene, Text

INK: Final = 60
"""Levels, in any channel, by which letters differ from their ground at least."""

LINE: Final = 0.85
"""Part of a row that is inked where a rule runs through it."""

ALIKE: Final = 0.25
"""Part of their height by which digits of one axis differ at most, and by which they stand off their line."""

MOST_ADDED: Final = 2
"""Labels added at each end at most: more that were not read are no labels."""

UNSURE: Final = 0.5
"""Confidence of a label that was not read."""


def with_unread_ticks(scene: Scene, axis: Axis, others: Sequence[Axis]) -> Axis:
    """The axis with the labels before its first and after its last that stand there and were not read."""
    if axis.kind != "linear" or axis.unit not in {"", "%"} or axis.multiplier != 1.0 or axis.currency:
        return axis
    grown = axis
    known = [ink for label in axis.labels if (ink := _ink(scene, label.box)) is not None]
    if len(known) < len(axis.labels):
        return axis
    taken = [text for text in scene.texts if text not in axis.labels]
    taken += [label for other in others if other is not axis for label in other.labels]
    for is_first in (True, False):
        for place, value in _due(axis, is_first=is_first):
            label = _label(scene, axis, known, place, value)
            if label is None or any(_overlap(label.box, text.box) for text in taken):
                break
            grown = _with(grown, (place, value), label, is_first=is_first)
    return grown


@dataclass(frozen=True, slots=True)
class Ink:
    """Where letters stand in a label's box, in working pixels."""

    box: Box

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.box[3] - self.box[1]

    @property
    def width(self) -> float:
        """From left to right."""
        return self.box[2] - self.box[0]


def _due(axis: Axis, *, is_first: bool) -> Iterator[tuple[float, float]]:
    """Where the next ticks at one end are due, and their values."""
    step = min((b - a for (_, a), (_, b) in pairwise(axis.ticks)), key=abs)
    away = -step if is_first else step
    last = axis.ticks[0 if is_first else -1][1]
    for number in range(1, MOST_ADDED + 1):
        value = round(last + away * number, 12) + 0.0
        place = axis.position(value)
        if place is not None:
            yield place, value


def _label(scene: Scene, axis: Axis, known: Sequence[Ink], place: float, value: float) -> Text | None:
    """The label at a place, if ink like that of the known ones stands there."""
    along, low, high = (1, 1, 3) if axis.direction == "vertical" else (0, 0, 2)
    boxes = [label.box for label in axis.labels]
    reach = max(box[high] - box[low] for box in boxes) / 2
    frame = [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]
    frame[low], frame[high] = place - reach, place + reach
    ink = _ink(scene, (frame[0], frame[1], frame[2], frame[3]))
    if ink is None:
        return None
    tall = median(one.height for one in known)
    middle = (ink.box[low] + ink.box[high]) / 2
    offset = median((one.box[low] + one.box[high]) / 2 - tick for one, (tick, _) in zip(known, axis.ticks, strict=True))
    slack = ALIKE * tall * (1 if along else 2)
    is_alike = abs(ink.height - tall) <= ALIKE * tall and ink.width <= 1.2 * max(one.width for one in known)
    is_alike &= ink.width >= 0.2 * tall and abs(middle - place - offset) <= slack
    if not is_alike or not _is_aligned(axis, ink, known, slack):
        return None
    decimals = max(label.number.decimals for label in axis.labels if label.number is not None)
    text = f"{value:.{decimals}f}" + ("%" if all("%" in label.text for label in axis.labels) else "")
    return Text(text, ink.box, parse_number(text), axis.labels[0].ink, UNSURE)


def _is_aligned(axis: Axis, ink: Ink, known: Sequence[Ink], slack: float) -> bool:
    """Whether the ink begins, ends or has its middle where all known labels have it, across the axis."""
    low, high = (0, 2) if axis.direction == "vertical" else (1, 3)
    for part in (0.0, 0.5, 1.0):
        edges = [one.box[low] + part * (one.box[high] - one.box[low]) for one in known]
        edge = ink.box[low] + part * (ink.box[high] - ink.box[low])
        if max(edges) - min(edges) <= slack and min(edges) - slack <= edge <= max(edges) + slack:
            return True
    return False


def _ink(scene: Scene, box: Box) -> Ink | None:
    """The letters in a box, without rules through its whole breadth; None where there are none or they are cut off."""
    left, top, right, bottom = max(round(box[0]), 0), max(round(box[1]), 0), round(box[2]), round(box[3])
    crop = scene.pixels[top:bottom, left:right].astype(np.int16)
    if crop.shape[0] < 4 or crop.shape[1] < 3:
        return None
    ground = np.array(scene.background, np.int16)
    inked = np.abs(crop - ground).max(axis=2) > INK
    inked[inked.mean(axis=1) > LINE] = False
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not rows.size:
        return None
    return Ink((left + float(columns[0]), top + float(rows[0]), left + columns[-1] + 1.0, top + rows[-1] + 1.0))


def _overlap(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _with(axis: Axis, tick: tuple[float, float], label: Text, *, is_first: bool) -> Axis:
    if is_first:
        return replace(axis, ticks=(tick, *axis.ticks), labels=(label, *axis.labels))
    return replace(axis, ticks=(*axis.ticks, tick), labels=(*axis.labels, label))
