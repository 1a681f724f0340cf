"""Changed regions: where two aligned pictures differ by more than noise, compression and antialiasing explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Rectangle = tuple[int, int, int, int]
"""`(left, top, right, bottom)` in pixels of the frame at hand, right and bottom exclusive."""

FLOOR: Final = 7.0
"""Levels out of 255 that a noisy pair's threshold does not go below: 3 %, at the edge of what people see."""

CLEAN_FLOOR: Final = 3.0
"""The same for a pair without any noise, as two renderings of one mockup are: there every level was meant."""

NOISES: Final = 8.0
"""A change is over this many times the noise that was estimated for its surroundings."""

LOSSLESS: Final = 0.8
"""Part of the pixels that are exactly equal in a pair that was not encoded anew, shifted or resampled."""

PEAK: Final = 2.6
"""Somewhere in a region the difference must be this many times the threshold: weak specks are noise's tail."""

BLOCK: Final = 16
"""Edge in pixels of the blocks that noise is estimated from: two of JPEG's."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A changed region in the second picture's frame.

    `mask` `(bottom - top, right - left)` bool says which pixels of `box` changed; `weight` is the sum of their
    differences in levels.
    """

    box: Rectangle
    mask: NDArray[np.bool_]
    weight: float


def tolerant_difference(first: Pixels, second: Pixels, slack: int = 1) -> NDArray[np.uint8]:
    """`(height, width)`: how far each pixel lies outside what the other picture has within `slack` pixels around it.

    Slight shifts and other antialiasing stay within that range; the largest of the channels and of both directions.
    """
    result = _outside(first, second, _square(slack))
    return strongest(result)


def strongest(pixels: Pixels) -> NDArray[np.uint8]:
    """`(height, width)`: the largest of each pixel's three channels."""
    red, green, blue = cv2.split(pixels)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def ranges(pixels: Pixels, reach: int) -> NDArray[np.uint8]:
    """`(height, width)`: the strongest channel's range within `reach` pixels around each."""
    kernel = _square(reach)
    return strongest(np.asarray(cv2.subtract(cv2.dilate(pixels, kernel), cv2.erode(pixels, kernel)), np.uint8))


def changed_regions(first: Pixels, second: Pixels, valid: Pixels, slack: int = 1) -> tuple[Region, ...]:
    """The regions in which aligned `first` and `second`, `(height, width, 3)`, differ, where `valid` is not 0.

    `slack` is by how many pixels their contents may be off after the alignment.
    """
    smooth = [cv2.GaussianBlur(pixels, (3, 3), 0.8) for pixels in equally_sharp(first, second, valid)]
    is_lossy = float((strongest(np.asarray(cv2.absdiff(first, second))) == 0).mean()) < LOSSLESS
    measured = _lossy_difference if is_lossy else tolerant_difference
    difference = measured(smooth[0], smooth[1], slack).astype(np.float32)
    difference[valid == 0] = 0
    ratio = difference / _threshold(difference, smooth[0], smooth[1])
    return _regions(ratio, difference)


def equally_sharp(first: Pixels, second: Pixels, valid: Pixels) -> tuple[Pixels, Pixels]:
    """The pair with the sharper one blurred to the other's sharpness, so that resampling alone is no difference."""
    sharpness = [_sharpness(pixels, valid) for pixels in (first, second)]
    if min(sharpness) >= 0.93 * max(sharpness):
        return first, second
    sharper, target = (first, sharpness[1]) if sharpness[0] > sharpness[1] else (second, sharpness[0])
    for sigma in (0.4, 0.5, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2):
        blurred = np.asarray(cv2.GaussianBlur(sharper, (0, 0), sigma), np.uint8)
        if _sharpness(blurred, valid) <= target:
            break
    return (blurred, second) if sharper is first else (first, blurred)


def _sharpness(pixels: Pixels, valid: Pixels) -> float:
    """A high percentile of the Laplacian: what the crispest edges have. An edit moves it little, resampling much."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    crisp = np.abs(cv2.Laplacian(grey, cv2.CV_16S))[valid > 0]
    crisp = crisp[crisp > 8]
    return float(np.percentile(crisp, 90)) if crisp.size > 100 else 1.0


def _lossy_difference(first: Pixels, second: Pixels, slack: int) -> NDArray[np.uint8]:
    """As `tolerant_difference`, but lenient where encoders are: they keep colour at half the resolution or less."""
    planes = [cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)) for pixels in (first, second)]
    kernel = np.ones((9, 9), np.uint8)
    result = _outside(planes[0][0], planes[1][0], _square(slack))
    for one, other in zip(planes[0][1:], planes[1][1:], strict=True):
        blurred = [cv2.GaussianBlur(plane, (0, 0), 1.5) for plane in (one, other)]
        result = cv2.max(result, _outside(blurred[0], blurred[1], kernel))
    return np.asarray(result, np.uint8)


def _square(reach: int) -> NDArray[np.uint8]:
    return np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)


def _outside(first: NDArray[Any], second: NDArray[Any], kernel: NDArray[np.uint8]) -> NDArray[Any]:
    """How far each value of either lies outside the other's range within `kernel`, in both directions."""
    result: NDArray[Any] | None = None
    for one, other in ((first, second), (second, first)):
        above = cv2.subtract(one, cv2.dilate(other, kernel))
        below = cv2.subtract(cv2.erode(other, kernel), one)
        outside = cv2.max(above, below)
        result = outside if result is None else cv2.max(result, outside)
    return np.asarray(result)


def _threshold(difference: NDArray[np.float32], first: Pixels, second: Pixels) -> NDArray[np.float32]:
    """What noise explains at each pixel: a level for flat places and a slope for lively ones, from most blocks."""
    activity = cv2.blur(cv2.min(ranges(first, 2), ranges(second, 2)), (9, 9)).astype(np.float32)
    height, width = difference.shape
    size = (max(1, width // BLOCK), max(1, height // BLOCK))
    means = cv2.resize(difference, size, interpolation=cv2.INTER_AREA).ravel()
    lively = cv2.resize(activity, size, interpolation=cv2.INTER_AREA).ravel()
    flat = means[lively < 8]
    level = float(np.median(flat)) if flat.size > 8 else 0.0
    busy = lively >= 8
    slope = _typical(means[busy] / lively[busy]) if busy.sum() > 8 else 0.0
    floor = CLEAN_FLOOR if level == slope == 0 and (difference == 0).mean() > 0.5 and lively.mean() < 12 else FLOOR
    return np.asarray(floor + NOISES * (level + slope * activity), np.float32)


def _typical(ratios: NDArray[np.float32]) -> float:
    """An upper quartile, for noise is uneven, but not far from the median, for a quarter may have been edited."""
    middle, upper = (float(value) for value in np.percentile(ratios, (50, 80)))
    return min(upper, 4 * middle)


def _regions(ratio: NDArray[np.float32], difference: NDArray[np.float32]) -> tuple[Region, ...]:
    height, width = ratio.shape
    reach = max(3, round(max(height, width) / 160))
    changed = (ratio > 1).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    joined = cv2.morphologyEx(changed, cv2.MORPH_CLOSE, kernel, borderValue=0)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    least = max(12, 2e-5 * height * width)
    found: list[Region] = []
    for label in range(1, count):
        left, top, wide, high, _area = (int(value) for value in statistics[label])
        window = (slice(top, top + high), slice(left, left + wide))
        mask = (labels[window] == label) & (changed[window] > 0)
        if mask.sum() < least or ratio[window][mask].max() < PEAK:
            continue
        weight = float(difference[window][mask].sum())
        found.append(Region((left, top, left + wide, top + high), mask, weight))
    return tuple(found)


def joined_box(boxes: Sequence[Rectangle]) -> Rectangle:
    """The smallest box around all."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def joined(regions: Sequence[Region], boxes: Sequence[tuple[float, float, float, float]]) -> tuple[Region, ...]:
    """The regions, those that lie in one of `boxes` (a line of text) together made one."""
    groups = list(range(len(regions)))
    for box in boxes:
        inside = [number for number, region in enumerate(regions) if _is_within(region.box, box)]
        for number in inside[1:]:
            one, other = groups[inside[0]], groups[number]
            groups = [one if group == other else group for group in groups]
    together: dict[int, list[Region]] = {}
    for group, region in zip(groups, regions, strict=True):
        together.setdefault(group, []).append(region)
    return tuple(_merged(members) for members in together.values())


def _is_within(region: Rectangle, box: tuple[float, float, float, float]) -> bool:
    """Whether most of a region, or most of the box's height and some of its width, is shared."""
    wide = min(region[2], box[2]) - max(region[0], box[0])
    high = min(region[3], box[3]) - max(region[1], box[1])
    if wide <= 0 or high <= 0:
        return False
    return wide * high > 0.5 * (region[2] - region[0]) * (region[3] - region[1])


def _merged(regions: Sequence[Region]) -> Region:
    if len(regions) == 1:
        return regions[0]
    box = joined_box([region.box for region in regions])
    mask = np.zeros((box[3] - box[1], box[2] - box[0]), np.bool_)
    for region in regions:
        left, top, right, bottom = region.box
        mask[top - box[1] : bottom - box[1], left - box[0] : right - box[0]] |= region.mask
    return Region(box, mask, sum(region.weight for region in regions))
