"""Controls with a state: check boxes, radio buttons and switches by their shape, and whether they are on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.perception.screens.surfaces import Mask, Pixels, Rectangle

DIFFERENT: Final = 24
"""Levels out of 255 by which a control's pixels differ from its ground."""

SIDE: Final = 32
"""Pixels of the square that a check box or radio button is brought to before its parts are looked at."""


@dataclass(frozen=True, slots=True)
class Control:
    """A control: kind, whether it is on, and how surely it is one, 0 to 1."""

    kind: Literal["checkbox", "switch"]
    is_on: bool
    confidence: float
    is_round: bool = False
    """A radio button."""


def recognise(pixels: Pixels, box: Rectangle) -> Control | None:
    """The control that a mark's `box` holds, or None; `pixels` is the whole screen `(height, width, 3)`."""
    drawn = _drawn(pixels, box)
    if drawn.sum() < 20:
        return None
    x, y, wide, high = cv2.boundingRect(drawn.astype(np.uint8))
    if min(high, wide) < 7:
        return None
    tight = drawn[y : y + high, x : x + wide]
    crop = pixels[box[1] + y : box[1] + y + high, box[0] + x : box[0] + x + wide]
    if 0.85 <= wide / high <= 1.18:
        return _box_or_radio(tight, crop)
    if 1.35 <= wide / high <= 2.7:
        return _switch(tight, crop)
    return None


def _drawn(pixels: Pixels, box: Rectangle) -> Mask:
    """The pixels of a box that differ from what stands around it."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    outer = pixels[max(0, top - 2) : min(height, bottom + 2), max(0, left - 2) : min(width, right + 2)]
    border = np.concatenate([outer[0], outer[-1], outer[:, 0], outer[:, -1]])
    ground = np.median(border, axis=0)
    difference = np.abs(pixels[top:bottom, left:right].astype(np.float32) - ground).max(axis=2)
    return np.asarray(difference > DIFFERENT, np.bool_)


def _box_or_radio(drawn: Mask, crop: Pixels) -> Control | None:
    square = cv2.resize(drawn.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    radius = np.hypot(row - (SIDE - 1) / 2, column - (SIDE - 1) / 2) / (SIDE / 2)
    ring, gap, core = (
        float(square[mask].mean())
        for mask in ((radius > 0.88) & (radius < 0.97), (radius > 0.66) & (radius < 0.74), radius < 0.4)
    )
    corners = float(np.mean([square[:3, :3], square[:3, -3:], square[-3:, :3], square[-3:, -3:]]))
    if ring > 0.6 and gap < 0.15 and corners < 0.2 and (core > 0.7 or core < 0.05):
        return Control("checkbox", core > 0.7, 0.8, is_round=True)
    sides = [
        float(side.max(axis=axis).mean())
        for side, axis in ((square[:4], 0), (square[-4:], 0), (square[:, :4], 1), (square[:, -4:], 1))
    ]
    if min(sides) < 0.85 or corners < 0.2:
        return None
    inner = square[7:-7, 7:-7]
    if float(inner.mean()) < 0.04:
        return Control("checkbox", False, 0.7)
    return Control("checkbox", True, 0.7) if _is_ticked(crop) else None


def _is_ticked(crop: Pixels) -> bool:
    """Whether a filled square carries a tick: two colours, the second a stroke down and up to the right."""
    grey = cv2.resize(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    inner = grey[4:-4, 4:-4]
    level, _ = cv2.threshold(inner, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    stroke = inner > level
    if stroke.mean() > 0.5:
        stroke = ~stroke
    if not 0.08 <= stroke.mean() <= 0.4 or float(inner.max()) - float(inner.min()) < 60:
        return False
    # A tick is slanted: none of its columns is filled as that of an upright letter's stem is.
    if stroke.sum(axis=0).max() > 0.6 * stroke.shape[0]:
        return False
    rows = np.arange(stroke.shape[0])[:, None]
    filled = stroke.any(axis=0)
    if filled.sum() < 10:
        return False
    heights = (rows * stroke).sum(axis=0)[filled] / stroke.sum(axis=0)[filled]
    lowest = int(heights.argmax()) / heights.size
    # The left arm is short and falls, the right arm is long and rises above the left one's beginning.
    return bool(0.2 <= lowest <= 0.6 and heights[-1] < heights[0] - 1 and heights.max() > heights[0] + 1.5)


def _switch(drawn: Mask, crop: Pixels) -> Control | None:
    """A track with a round knob at one end: at the right it is on."""
    high, wide = drawn.shape
    contours, _ = cv2.findContours(np.pad(drawn, 1).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros((high + 2, wide + 2), np.uint8)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    body = filled[1:-1, 1:-1]
    if body.mean() < 0.5 or body[high // 2].mean() < 0.9:
        return None
    knob = _knob(body, crop)
    if knob is None:
        return None
    position = knob / wide
    if 0.36 < position < 0.64:
        return None
    return Control("switch", position > 0.5, 0.75)


def _knob(body: NDArray[np.uint8], crop: Pixels) -> float | None:
    """The horizontal middle of the knob: thicker than the track, or of another colour in a track as thick as it."""
    high, wide = body.shape
    thickness = body.sum(axis=0).astype(np.float32)
    halves = thickness[: wide // 2], thickness[::-1][: wide // 2]
    thinner = min(halves, key=lambda half: float(half.max()))
    track = float(np.median(thinner[round(0.3 * thinner.size) :]))
    thick = np.flatnonzero(thickness > 1.15 * track)
    is_at_one_end = thick.size > 0 and (thick[0] <= 0.18 * wide) != (thick[-1] >= 0.82 * wide - 1)
    is_round = thick.size > 0 and 0.45 * high <= thick[-1] - thick[0] <= 1.25 * high
    if is_at_one_end and is_round and 0.3 * high <= track:
        return float(thick.mean())
    middle = crop[high // 3 : high - high // 3].astype(np.float32).mean(axis=0)
    ends_of_track = middle[round(wide * 0.28)], middle[round(wide * 0.72)]
    left_to_right = np.abs(ends_of_track[0] - ends_of_track[1]).max()
    if left_to_right < 40 or wide < 1.5 * high or not _is_pill(body):
        return None
    brighter = 0 if ends_of_track[0].sum() > ends_of_track[1].sum() else 1
    return float(wide * (0.28 if brighter == 0 else 0.72))


def _is_pill(body: NDArray[np.uint8]) -> bool:
    """Whether a shape's ends are round: its corners empty, its middle full."""
    high, wide = body.shape
    corner = max(2, round(high * 0.13))
    corners = [body[:corner, :corner], body[:corner, -corner:], body[-corner:, :corner], body[-corner:, -corner:]]
    return (
        float(np.mean([part.mean() for part in corners])) < 0.35
        and float(body[:, high // 2 : wide - high // 2].mean()) > 0.9
    )
