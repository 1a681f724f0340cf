"""Lines and areas: pixels of one ink traced from left to right, a place for each column of the plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.perception.charts.scene import Colour, Scene, distance, quantized, saturation

INK: Final = 42
"""Grid lines differ from the ground by less than this in every channel; series by more."""
MOST_SERIES: Final = 14
THICK: Final = 14
"""Strokes are thinner than this many working pixels; what is thicker is an area."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A line over the plot: for column `left + i`, `top[i]` and `bottom[i]` bound the ink (NaN where there is none).

    `covered` is the part of the columns between the first and the last that hold ink.
    """

    colour: Colour
    left: int
    top: NDArray[np.float64]
    bottom: NDArray[np.float64]
    covered: float

    @property
    def thickness(self) -> float:
        """The usual height of the ink in a column."""
        return float(np.nanmedian(self.bottom - self.top))

    @property
    def is_area(self) -> bool:
        """Whether it is filled, not drawn."""
        return self.thickness > THICK

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last column with ink, in working pixels."""
        inked = np.flatnonzero(~np.isnan(self.top))
        return self.left + int(inked[0]), self.left + int(inked[-1])

    def middle(self, x: float, slack: float = 4) -> float | None:
        """The line's y at a column, None `slack` off its ends; peaks and valleys are taken at their tip."""
        first, last = self.ends
        if not first - slack <= x <= last + slack:
            return None
        column = round(min(max(x, first), last)) - self.left
        inked = np.flatnonzero(~np.isnan(self.top))
        centres = (self.top + self.bottom) / 2
        here = float(np.interp(column, inked, centres[inked]))
        if np.isnan(self.top[column]):
            return here
        half = self.thin / 2
        before, after = (float(np.interp(column + step, inked, centres[inked])) for step in (-4, 4))
        at = inked[np.abs(inked - column) <= 1]
        if before > here + 1 and after > here + 1:
            return float(np.nanmin(self.top[at])) + half
        if before < here - 1 and after < here - 1:
            return float(np.nanmax(self.bottom[at])) - half
        return here

    @property
    def thin(self) -> float:
        """The line's own thickness, free of slopes and markers."""
        return float(np.nanquantile(self.bottom - self.top, 0.2))

    def bounds(self, x: float, slack: float = 4) -> tuple[float, float] | None:
        """An area's upper and lower edge at a column, None `slack` off its ends."""
        first, last = self.ends
        if not first - slack <= x <= last + slack:
            return None
        column = min(max(round(x), first + 1), last - 1) - self.left
        inked = np.flatnonzero(~np.isnan(self.top))
        return float(np.interp(column, inked, self.top[inked])), float(np.interp(column, inked, self.bottom[inked]))


def find_traces(scene: Scene, plot: tuple[int, int, int, int]) -> tuple[Trace, ...]:
    """The lines and areas within `plot` (`left, top, right, bottom` in working pixels), strongest ink first."""
    left, top, right, bottom = plot
    pixels = scene.pixels[top:bottom, left:right]
    if pixels.shape[0] < 20 or pixels.shape[1] < 20:
        return ()
    ground = _ground(pixels, scene.background)
    offset = pixels.astype(np.int16) - np.array(ground, np.int16)
    inked = (np.abs(offset).max(axis=2) > INK) & ~scene.text_mask[top:bottom, left:right]
    colours = _inks(pixels, inked, ground)
    if not colours:
        return ()
    labels = _nearest_ink(offset, inked, colours, ground)
    _fill_under_texts(scene, labels, left, top)
    masks = _without_edges([labels == index for index in range(len(colours))], colours, ground)
    traces = [_trace(mask, colour, left, top) for mask, colour in zip(masks, colours, strict=True)]
    return tuple(trace for trace in traces if trace is not None)


def _fill_under_texts(scene: Scene, labels: NDArray[np.int8], left: int, top: int) -> None:
    """Where an area lies above and below a text, in one column, it lies behind the text too."""
    height, width = labels.shape
    for text in scene.texts:
        a, b, c, d = (round(edge) for edge in text.box)
        x0, x1, y0, y1 = max(a - left, 0), min(c - left, width), b - top - 1, d - top
        if x1 <= x0 or y0 < 0 or y1 >= height or y1 - y0 < 3:
            continue
        above, below = labels[y0, x0:x1], labels[y1, x0:x1]
        same = (above == below) & (above >= 0)
        labels[y0:y1, x0:x1][:, same] = above[same]


def _without_edges(masks: list[NDArray[np.bool_]], colours: list[Colour], ground: Colour) -> list[NDArray[np.bool_]]:
    """Inks of one hue that run along each other are one stroke and its edges: the weaker is given to the stronger."""
    directions = np.subtract(np.array(colours), np.array(ground)).astype(float)
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    sizes = [int(mask.sum()) for mask in masks]
    order = sorted(range(len(masks)), key=lambda index: -sizes[index])
    kept: list[int] = []
    for index in order:
        for other in kept:
            if float(directions[index] @ directions[other]) < 0.93 or not sizes[index]:
                continue
            near = cv2.dilate(masks[other].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
            if (masks[index] & near).sum() > 0.7 * sizes[index]:
                masks[other] |= masks[index]
                masks[index] = np.zeros_like(masks[index])
                break
        else:
            kept.append(index)
    return masks


def _ground(pixels: NDArray[np.uint8], page: Colour) -> Colour:
    """The page's own colour where enough of the plot shows it, or else the plot's commonest."""
    if (np.abs(pixels.astype(np.int16) - np.array(page)).max(axis=2) <= 12).mean() > 0.12:
        return page
    codes = quantized(pixels)
    code = int(np.bincount(codes.ravel(), minlength=32768).argmax())
    red, green, blue = (round(float(channel)) for channel in pixels[codes == code].mean(axis=0))
    return red, green, blue


def _inks(pixels: NDArray[np.uint8], inked: NDArray[np.bool_], ground: Colour) -> list[Colour]:
    """The colours drawn with: common ones that are no mixture of the ground with another."""
    drawn = pixels[inked]
    if drawn.shape[0] < 20:
        return []
    codes = quantized(drawn)
    counts = np.bincount(codes, minlength=32768)
    means = np.stack([np.bincount(codes, drawn[:, c], 32768) / np.maximum(counts, 1) for c in range(3)], axis=1)
    strength = np.abs(means - np.array(ground)).max(axis=1)
    least = max(10, 0.04 * pixels.shape[1])
    kept: list[tuple[Colour, int]] = []
    for code in np.argsort(counts * strength)[::-1][:200]:
        if counts[code] < least or len(kept) >= MOST_SERIES:
            continue
        colour = (round(means[code, 0]), round(means[code, 1]), round(means[code, 2]))
        if not any(_is_mixture(colour, int(counts[code]), other, count, ground) for other, count in kept):
            kept.append((colour, int(counts[code])))
    return [colour for colour, _ in kept]


def _is_mixture(colour: Colour, count: int, other: Colour, other_count: int, ground: Colour) -> bool:
    """Whether `colour` is `other`, or thinned by the ground at the edge of a stroke."""
    if distance(colour, other) <= 30:
        return True
    full, drawn = np.subtract(other, ground).astype(float), np.subtract(colour, ground).astype(float)
    part = float(drawn @ full) / float(full @ full)
    misfit = float(np.linalg.norm(drawn - part * full))
    return misfit < 0.16 * float(np.linalg.norm(full)) + 6 and 0 < part < 1.3 and count < 0.7 * other_count


def _nearest_ink(
    offset: NDArray[np.int16], inked: NDArray[np.bool_], colours: list[Colour], ground: Colour
) -> NDArray[np.int8]:
    """Each inked pixel's colour, pale edges of strokes included; -1 elsewhere."""
    labels = np.full(inked.shape, -1, np.int8)
    drawn = offset[inked].astype(np.float32)
    full = np.subtract(np.array(colours), np.array(ground)).astype(np.float32)
    lengths = np.linalg.norm(full, axis=1)
    along = drawn @ (full / lengths[:, None]).T
    aside = np.sqrt(np.maximum((drawn**2).sum(axis=1)[:, None] - along**2, 0))
    part = along / lengths
    misfit = aside + 0.25 * np.abs(along - lengths)
    misfit[(part < 0.4) | (part > 1.25) | (aside > 0.3 * lengths + 6)] = 1e6
    best = misfit.argmin(axis=1)
    labels[inked] = np.where(misfit[np.arange(len(best)), best] < 1e6, best, -1)
    return labels


def _trace(mask: NDArray[np.bool_], colour: Colour, left: int, top: int) -> Trace | None:
    height, width = mask.shape
    if saturation(colour) < 40:
        mask = _without_rules(mask)
    if mask.sum() < 0.15 * width:
        return None
    first, last = _run_edges(mask)
    above, below = _trimmed(*_follow(first, last, width, height))
    inked = np.flatnonzero(~np.isnan(above))
    if inked.size < 0.25 * width:
        return None
    reach = inked[-1] - inked[0] + 1
    covered = inked.size / reach
    if reach < 0.3 * width or covered < 0.45:
        return None
    return Trace(colour, left, above + top, below + top, covered)


def _trimmed(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """An area without the thin ends where its trace runs on along the axis."""
    thickness = bottom - top
    inked = np.flatnonzero(~np.isnan(thickness))
    thick = np.flatnonzero(np.nan_to_num(thickness) > 4)
    if inked.size == 0 or thick.size == 0 or float(np.nanmedian(thickness[thick[0] : thick[-1] + 1])) <= THICK:
        return top, bottom
    top, bottom = top.copy(), bottom.copy()
    for outside in (slice(None, int(thick[0])), slice(int(thick[-1]) + 1, None)):
        top[outside], bottom[outside] = np.nan, np.nan
    return top, bottom


def _without_rules(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without straight thin lines across or down the plot: axes and grid lines are grey too."""
    height, width = mask.shape
    drawn = mask.astype(np.uint8)
    across = cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones((1, max(width // 3, 3)), np.uint8))
    down = cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones((max(height // 3, 3), 1), np.uint8))
    is_thin_across = cv2.morphologyEx(across, cv2.MORPH_OPEN, np.ones((5, 1), np.uint8)) == 0
    is_thin_down = cv2.morphologyEx(down, cv2.MORPH_OPEN, np.ones((1, 5), np.uint8)) == 0
    rules = ((across > 0) & is_thin_across) | ((down > 0) & is_thin_down)
    return np.asarray(mask & ~rules)


def _run_edges(mask: NDArray[np.bool_]) -> tuple[list[list[int]], list[list[int]]]:
    """For each column, where its runs of ink begin and end (exclusive)."""
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1]), np.int8)
    padded[1:-1] = mask
    change = np.diff(padded, axis=0).T
    starts: list[list[int]] = [[] for _ in range(mask.shape[1])]
    ends: list[list[int]] = [[] for _ in range(mask.shape[1])]
    for column, row in zip(*np.nonzero(change == 1), strict=True):
        starts[column].append(int(row))
    for column, row in zip(*np.nonzero(change == -1), strict=True):
        ends[column].append(int(row))
    return starts, ends


def _follow(
    starts: list[list[int]], ends: list[list[int]], width: int, height: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One run for each column: the one that goes on from the columns before, larger ones first where all is open."""
    top, bottom = np.full(width, np.nan), np.full(width, np.nan)
    last: tuple[int, float, float] | None = None
    for column in range(width):
        runs = list(zip(starts[column], ends[column], strict=True))
        if not runs:
            continue
        if last is None:
            begin, end = max(runs, key=lambda run: run[1] - run[0])
        else:
            since, upper, lower = column - last[0], last[1], last[2]
            begin, end = min(runs, key=lambda run: (max(run[0] - lower, upper - run[1], 2), run[0] - run[1]))
            if max(begin - lower, upper - end, 0) > 4 + min(2.5 * since, 0.3 * height):
                continue
        top[column], bottom[column] = begin, end
        last = column, float(begin), float(end)
    return top, bottom
