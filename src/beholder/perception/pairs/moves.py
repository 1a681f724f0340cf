"""Moves: which changed regions are the same content at another place, and by how much each went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.perception.pairs.changes import Pixels, Rectangle, Region, tolerant_difference

Offset = tuple[int, int]
"""`(across, down)` in pixels: where content of the first picture stands in the second."""

EXPLAINED: Final = 0.92
"""Part of a region's pixels that a move must account for, in both directions."""

TOLERANCE: Final = 20
"""Levels out of 255 within which moved content counts as the same."""

MOST_OFFSETS: Final = 6
"""Moves that are tried at most, the likeliest first: each costs a comparison of the whole picture."""

MOST_SEARCHED: Final = 8
"""Regions whose content is looked for elsewhere at most, the heaviest first."""

AGREED: Final = 3
"""Texts that went by one offset from which on it is a move, though no changed region is explained by it alone."""

LEAST_CORRELATION: Final = 0.92
"""Normalised correlation at which content that was looked for counts as found."""


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """Content that went by `offset`: the weight of the change, and its box in the frame after and before."""

    offset: Offset
    weight: float
    box: Rectangle
    box_before: Rectangle


@dataclass(frozen=True, slots=True, eq=False)
class Remainder:
    """A region that moves leave: `kind` is added or removed where they explain one of the pictures, else empty."""

    region: Region
    kind: Literal["added", "removed", ""] = ""


def find_moves(
    first: Pixels, second: Pixels, regions: Sequence[Region], hints: Iterable[Offset]
) -> tuple[tuple[Move, ...], tuple[Remainder, ...]]:
    """The moves that explain regions, and what they leave of the regions.

    `hints` are offsets known otherwise, from text that stands elsewhere; others are found by looking for the content.
    """
    rest = tuple(Remainder(region) for region in regions)
    moves: list[Move] = []
    known = Counter(hints)
    agreed = {offset for offset, votes in known.items() if votes >= AGREED}
    for offset in _offsets(first, second, regions, known.copy()):
        move, rest = _tried(first, second, rest, offset, is_sure=offset in agreed)
        moves += [move] if move else []
    return tuple(moves), rest


def _tried(
    first: Pixels, second: Pixels, rest: tuple[Remainder, ...], offset: Offset, *, is_sure: bool
) -> tuple[Move | None, tuple[Remainder, ...]]:
    """The move by `offset`, if it explains a whole region, or parts where texts say so too, and what it leaves."""
    arrived = tolerant_difference(_shifted(first, offset), second) <= TOLERANCE
    departed = tolerant_difference(first, _shifted(second, (-offset[0], -offset[1]))) <= TOLERANCE
    mask = np.zeros(second.shape[:2], np.uint8)
    left: list[Remainder] = []
    weight = 0.0
    whole = 0
    for remainder in rest:
        region = remainder.region
        shares = _share(arrived, region), _share(departed, region)
        if not remainder.kind and max(shares) >= EXPLAINED:
            _paint(mask, region)
            weight += region.weight
            whole += min(shares) >= EXPLAINED
        if remainder.kind or max(shares) < EXPLAINED:
            left.append(remainder)
        elif min(shares) < EXPLAINED:
            unexplained, kind = (arrived, "added") if shares[0] < shares[1] else (departed, "removed")
            left.append(Remainder(_unexplained(region, ~unexplained), "added" if kind == "added" else "removed"))
    move = _move(mask, arrived, offset, weight) if whole or is_sure else None
    return (move, tuple(left)) if move else (None, rest)


def _share(explained: NDArray[np.bool_], region: Region) -> float:
    left, top, right, bottom = region.box
    return float(explained[top:bottom, left:right][region.mask].mean())


def _paint(mask: NDArray[np.uint8], region: Region) -> None:
    left, top, right, bottom = region.box
    mask[top:bottom, left:right][region.mask] = 255


def _unexplained(region: Region, unexplained: NDArray[np.bool_]) -> Region:
    """The part of a region that a move does not explain, its weight by its part of the pixels."""
    left, top, right, bottom = region.box
    mask = region.mask & unexplained[top:bottom, left:right]
    x, y, wide, high = cv2.boundingRect(mask.astype(np.uint8))
    box = (left + x, top + y, left + x + wide, top + y + high)
    return Region(box, mask[y : y + high, x : x + wide], region.weight * float(mask.sum() / region.mask.sum()))


def _offsets(first: Pixels, second: Pixels, regions: Sequence[Region], votes: Counter[Offset]) -> list[Offset]:
    """The offsets to try: the most voted for first, near duplicates once."""
    heaviest = sorted(regions, key=lambda region: -region.weight)[:MOST_SEARCHED]
    for region in heaviest:
        offset = _searched(first, second, region)
        if offset is not None:
            votes[offset] += 1
    chosen: list[Offset] = []
    for offset, _ in votes.most_common():
        if all(max(abs(offset[0] - other[0]), abs(offset[1] - other[1])) > 1 for other in chosen):
            chosen.append(offset)
    return [offset for offset in chosen if max(map(abs, offset)) >= 2][:MOST_OFFSETS]


def _searched(first: Pixels, second: Pixels, region: Region) -> Offset | None:
    """Where the first picture's content of a region stands in the second, if clearly anywhere else."""
    height, width = second.shape[:2]
    left, top, right, bottom = region.box
    left, top, right, bottom = max(0, left - 3), max(0, top - 3), min(width, right + 3), min(height, bottom + 3)
    if (right - left) * (bottom - top) > 0.25 * height * width or min(right - left, bottom - top) < 8:
        return None
    template = cv2.cvtColor(first[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    if template.std() < 6:
        return None
    factor = min(1.0, 700 / max(height, width))
    grey = cv2.cvtColor(second, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    sought = cv2.resize(template, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    if min(sought.shape) < 5:
        return None
    _, best, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(small, sought, cv2.TM_CCOEFF_NORMED))
    if best < LEAST_CORRELATION - 0.12:
        return None
    return _precise(grey, template, (round(x / factor), round(y / factor)), (left, top), margin=round(2 / factor) + 1)


def _precise(
    grey: NDArray[np.uint8], template: NDArray[np.uint8], near: tuple[int, int], place: tuple[int, int], margin: int
) -> Offset | None:
    """The exact place within `margin` pixels of `near`, as an offset from `place`; None where the content differs."""
    x, y = max(0, near[0] - margin), max(0, near[1] - margin)
    high, wide = template.shape
    window = grey[y : y + high + 2 * margin, x : x + wide + 2 * margin]
    if window.shape[0] < high or window.shape[1] < wide:
        return None
    _, best, _, (across, down) = cv2.minMaxLoc(cv2.matchTemplate(window, template, cv2.TM_CCOEFF_NORMED))
    return (x + across - place[0], y + down - place[1]) if best >= LEAST_CORRELATION else None


def _shifted(pixels: Pixels, offset: Offset) -> Pixels:
    height, width = pixels.shape[:2]
    matrix = np.array([[1, 0, offset[0]], [0, 1, offset[1]]], np.float32)
    return np.asarray(
        cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


def _move(mask: NDArray[np.uint8], explained: NDArray[np.bool_], offset: Offset, weight: float) -> Move | None:
    """The move of the content under `mask`, changed pixels; None where nothing of it arrived anywhere."""
    arrived = mask & _shifted_mask(mask, offset) & np.where(explained, 255, 0).astype(np.uint8)
    if not arrived.any():
        return None
    left, top, wide, high = cv2.boundingRect(arrived)
    box = (left, top, left + wide, top + high)
    before = (left - offset[0], top - offset[1], left + wide - offset[0], top + high - offset[1])
    return Move(offset, weight, box, before)


def _shifted_mask(mask: NDArray[np.uint8], offset: Offset) -> NDArray[np.uint8]:
    height, width = mask.shape
    matrix = np.array([[1, 0, offset[0]], [0, 1, offset[1]]], np.float32)
    # Outlines of overlapping places cancel here and there; a pixel of slack keeps thin strokes.
    grown = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.warpAffine(grown, matrix, (width, height), flags=cv2.INTER_NEAREST), np.uint8)
