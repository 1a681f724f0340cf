"""Names of series: by the swatch beside a text, by the ink of the text, or by the heading above the marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Box
from beholder.perception.charts.scene import Colour, Scene, Text, distance, saturation

SWATCH_PART: Final = 0.05
"""The part of the window beside a text that a swatch fills at least: a line with a marker fills little."""
NEAR: Final = 34


def by_swatch(scene: Scene, colours: Sequence[Colour], texts: Iterable[Text], marks: Sequence[Box]) -> dict[int, Text]:
    """For each colour (by its index) the text with a swatch of that colour at its left."""
    best: dict[int, tuple[float, Text]] = {}
    for text in texts:
        swatch = _swatch(scene, colours, text, marks)
        if swatch is not None:
            index, part = swatch
            if index not in best or part > best[index][0]:
                best[index] = part, text
    found = {index: text for index, (_, text) in best.items()}
    words = [text for text in found.values() if text.number is None or text.number.is_year]
    if 2 * len(words) >= len(found):
        return {index: text for index, text in found.items() if text in words}
    return found if _are_apart(list(found.values())) else {}


def _are_apart(texts: Sequence[Text]) -> bool:
    """Whether numbers stand in one row or column, as a legend's do and values do not."""
    lefts, tops = [text.box[0] for text in texts], [text.middle[1] for text in texts]
    slack = 0.4 * texts[0].height if texts else 0.0
    return len(texts) > 1 and (max(lefts) - min(lefts) <= slack or max(tops) - min(tops) <= slack)


def _swatch(scene: Scene, colours: Sequence[Colour], text: Text, marks: Sequence[Box]) -> tuple[int, float] | None:
    left, top, _, bottom = text.box
    line = text.height if text.height < 2.2 * _usual_height(scene) else _usual_height(scene)
    window = (left - 2.4 * line, top + 0.1 * line, left - 0.02 * line, bottom - 0.1 * line)
    if any(_overlap(window, mark) > 0 and not _is_inside(mark, window) for mark in marks):
        return None
    x0, y0, x1, y1 = max(int(window[0]), 0), max(int(window[1]), 0), int(window[2]) + 1, int(window[3]) + 1
    window_pixels = scene.pixels[y0:y1, x0:x1].astype(np.int16)
    if window_pixels.size < 36:
        return None
    run = _last_run(np.abs(window_pixels - np.array(_ground(window_pixels))).max(axis=2) > 24, 0.25 * line)
    if run is None:
        return _swatch_read_along(scene, colours, text)
    found = _judge(window_pixels[:, run[0] : run[1]], window_pixels, colours)
    return found or _swatch_read_along(scene, colours, text)


def _judge(swatch: NDArray[np.int16], around: NDArray[np.int16], colours: Sequence[Colour]) -> tuple[int, float] | None:
    """The colour that a swatch mostly has, and the part of it that it fills."""
    crop = swatch.reshape(-1, 3)
    away = np.stack([np.abs(crop - np.array(colour)).max(axis=1) for colour in colours])
    nearest = away.argmin(axis=0)
    parts = [float(((nearest == index) & (away[index] <= NEAR)).mean()) for index in range(len(colours))]
    index = int(np.argmax(parts))
    inked = float((np.abs(crop - np.array(_ground(around))).max(axis=1) > NEAR).mean())
    if parts[index] < SWATCH_PART or parts[index] < 0.45 * inked:
        return None
    return index, parts[index]


def _swatch_read_along(scene: Scene, colours: Sequence[Colour], text: Text) -> tuple[int, float] | None:
    """A swatch within the text's own box, as its first stretch of ink: a bar or a line, which no letter is."""
    left, top, right, bottom = (max(int(edge), 0) for edge in text.box)
    crop = scene.pixels[top:bottom, left : min(right, left + 3 * (bottom - top))].astype(np.int16)
    if crop.size < 36:
        return None
    ink = np.abs(crop - np.array(_ground(crop))).max(axis=2) > 40
    columns = np.flatnonzero(ink.any(axis=0))
    breaks = np.flatnonzero(np.diff(columns) > max(2, 0.2 * (bottom - top)))
    if columns.size == 0 or breaks.size == 0:
        return None
    start, end = int(columns[0]), int(columns[breaks[0]]) + 1
    is_line = bool((ink[:, start:end].mean(axis=1) > 0.9).any()) and end - start >= 0.7 * (bottom - top)
    return _judge(crop[:, start:end], crop, colours) if is_line else None


def _ground(pixels: NDArray[np.int16]) -> NDArray[np.float64]:
    return np.asarray(np.median(pixels.reshape(-1, 3), axis=0))


def _last_run(ink: NDArray[np.bool_], gap: float) -> tuple[int, int] | None:
    """The rightmost stretch of inked columns, as `(start, end)`: what stands directly before a text."""
    columns = np.flatnonzero(ink.any(axis=0))
    if columns.size == 0:
        return None
    breaks = np.flatnonzero(np.diff(columns) > max(gap, 1))
    start = columns[breaks[-1] + 1] if breaks.size else columns[0]
    return int(start), int(columns[-1]) + 1


def _usual_height(scene: Scene) -> float:
    return float(np.median([text.height for text in scene.texts])) if scene.texts else 12.0


def by_ink(scene: Scene, colours: Sequence[Colour], texts: Iterable[Text]) -> dict[int, list[Text]]:
    """For each colour the texts written in it; thin letters are paler than their ink, which is allowed for.

    A text whose ink is the page's usual one says nothing, so the usual ink names no series.
    """
    found: dict[int, list[Text]] = {}
    inks = [text.ink for text in scene.texts if text.number is None]
    for text in texts:
        shared = sum(distance(ink, text.ink) < 40 for ink in inks)
        if saturation(text.ink) < 28 or shared > max(2, 0.4 * len(inks)) or not re.search(r"[^\W\d]{2}", text.text):
            continue
        fits = [_ink_misfit(text.ink, colour, scene.background) for colour in colours]
        index = int(np.argmin(fits)) if fits else -1
        if index >= 0 and fits[index] < 0.22:
            found.setdefault(index, []).append(text)
    return found


def _ink_misfit(ink: Colour, colour: Colour, ground: Colour) -> float:
    """How far the ink lies from the mixtures of ground and colour, as a part of their contrast, 0 for none."""
    full = np.array(colour, float) - ground
    drawn = np.array(ink, float) - ground
    contrast = float(np.linalg.norm(full))
    if contrast < 30:
        return 1.0
    part = float(drawn @ full) / contrast**2
    if not 0.5 <= part <= 1.35:
        return 1.0
    return float(np.linalg.norm(drawn - min(part, 1.0) * full)) / contrast + 0.1 * abs(1 - part)


def colours_of(colours: Iterable[Colour], near: int = 16) -> list[Colour]:
    """The distinct colours, in order of first appearance."""
    kept: list[Colour] = []
    for colour in colours:
        if all(distance(colour, other) > near for other in kept):
            kept.append(colour)
    return kept


def index_of(colour: Colour, colours: Sequence[Colour]) -> int:
    """The nearest colour's index."""
    return min(range(len(colours)), key=lambda index: distance(colour, colours[index]))


def _overlap(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(across, 0.0) * max(down, 0.0)


def _is_inside(inner: Box, outer: Box, slack: float = 3) -> bool:
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )
