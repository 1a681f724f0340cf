"""Kinds of change: what became of a changed region, measured from its text, its colours and its outlines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.perception.colours import colour_name, spoken
from beholder.perception.pairs.changes import Pixels, Rectangle, Region

OUTLINE_RATIO: Final = 1.7
"""How much stronger the outline of a region must be in the picture that has a thing there than in the other."""

SAME_SHAPE: Final = 0.55
"""Correlation of the gradients above which both pictures show the same shape, so that only its colour changed."""

VERY_SAME_SHAPE: Final = 0.8
"""The same, where the outline grew weaker or stronger: a button that became paler is not a button that went."""

FAINTEST: Final = 6
"""Levels out of 255 of the strongest channel from which a change of colour is told as one."""

FLAT: Final = 3
"""Levels out of 255 that half the pixels of a surface of one colour differ from it at most."""

LONGEST_QUOTE: Final = 60
"""Letters of a text that a description quotes at most."""


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A line of text in the frame at hand."""

    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Both pictures and their texts in one frame."""

    first: Pixels
    second: Pixels
    first_texts: tuple[PlacedText, ...]
    second_texts: tuple[PlacedText, ...]


def judged(scene: Scene, region: Region) -> tuple[str, str]:
    """The kind of change in a region and what changed in words, without the place."""
    before, after = texts_in(scene.first_texts, region.box), texts_in(scene.second_texts, region.box)
    if before or after:
        told = _judged_text(scene, region, before, after)
        if told is not None:
            return told
    return _judged_pixels(scene, region)


def texts_in(texts: Sequence[PlacedText], box: Rectangle) -> tuple[PlacedText, ...]:
    """The lines of which at least a tenth is in the box and that are not mostly beside it vertically, in order."""
    return tuple(text for text in texts if _overlap(text.box, box) >= 0.1 and _beside(text.box, box) >= 0.5)


def quoted(texts: Sequence[PlacedText] | str) -> str:
    """The texts in quotation marks, cut if long."""
    whole = texts if isinstance(texts, str) else " / ".join(text.text for text in texts)
    return f'"{whole if len(whole) <= LONGEST_QUOTE else whole[: LONGEST_QUOTE - 1] + "…"}"'


def _judged_text(
    scene: Scene, region: Region, before: Sequence[PlacedText], after: Sequence[PlacedText]
) -> tuple[str, str] | None:
    gone, new = _unmatched(before, after)
    if gone and new:
        return "text", f"text changed: {quoted(gone)} → {quoted(new)}"
    if new and not before:
        return "added", f"added: {quoted(new)}"
    if gone and not after:
        return "removed", f"removed: {quoted(gone)}"
    if new or gone:
        verb = "added" if new else "removed"
        return "text", f"text {verb}: {quoted(new or gone)}"
    sizes = _grown(before, after)
    if sizes is not None:
        return "changed", f"text size of {quoted(after)} changed: {sizes[0]:.0f} → {sizes[1]:.0f} px high"
    kind, words = _judged_pixels(scene, region)
    return kind, f"{words}, at {quoted(after or before)}"


def _unmatched(before: Sequence[PlacedText], after: Sequence[PlacedText]) -> tuple[list[PlacedText], list[PlacedText]]:
    """The lines of each side that the other does not have."""
    gone, new = list(before), []
    for text in after:
        twin = next((other for other in gone if _plain(other.text) == _plain(text.text)), None)
        if twin is None:
            new.append(text)
        else:
            gone.remove(twin)
    return gone, new


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()


def _grown(before: Sequence[PlacedText], after: Sequence[PlacedText]) -> tuple[float, float] | None:
    """Heights of the first text whose size clearly changed, width and height agreeing in it."""
    for text in after:
        twin = next((other for other in before if _plain(other.text) == _plain(text.text)), None)
        if twin is None:
            continue
        ratios = [(text.box[a + 2] - text.box[a]) / max(1e-6, twin.box[a + 2] - twin.box[a]) for a in (0, 1)]
        if min(ratios) > 1.1 or max(ratios) < 0.9:
            return twin.box[3] - twin.box[1], text.box[3] - text.box[1]
    return None


def _judged_pixels(scene: Scene, region: Region) -> tuple[str, str]:
    (old, is_old_flat), (new, is_new_flat) = _colours(scene, region)
    before, after = _named(old, is_flat=is_old_flat), _named(new, is_flat=is_new_flat)
    turned = f"{before} → {after}" if before != after else f"{spoken(old)} → {spoken(new)}"
    kind = _kind(scene, region, float(np.abs(np.subtract(old, new)).max()))
    words = {
        "colour": f"colour changed: {turned}",
        "added": f"added: something {after}",
        "removed": f"removed: something {before}",
        "changed": f"changed: {turned}",
        "shape": f"changed in shape: something {after}",
    }
    return "changed" if kind == "shape" else kind, words[kind]


def _named(colour: tuple[float, ...], *, is_flat: bool) -> str:
    """A colour in words, with its code where it is the colour of a surface and not the middle of many."""
    return spoken(colour) if is_flat else colour_name(colour)


def _kind(scene: Scene, region: Region, shift: float) -> str:
    """What happened to a region without text, whose colour shifted by so many levels."""
    shape, stands = same_shape(scene, region), _stands_out(scene, region)
    outlines = [_outline(pixels, region) for pixels in (scene.first, scene.second)]
    is_recoloured = shift >= FAINTEST and (
        shape >= VERY_SAME_SHAPE or (stands == (True, True) and shape >= SAME_SHAPE / 2)
    )
    if is_recoloured:
        return "colour"
    if stands == (False, True) or outlines[1] > OUTLINE_RATIO * outlines[0] + 2:
        return "added"
    if stands == (True, False) or outlines[0] > OUTLINE_RATIO * outlines[1] + 2:
        return "removed"
    if shape >= SAME_SHAPE and shift >= FAINTEST:
        return "colour"
    return "changed" if shift >= 2 * FAINTEST else "shape"


def _colours(scene: Scene, region: Region) -> list[tuple[tuple[float, ...], bool]]:
    """The colours before and after of the pixels that changed most, the glyphs of a text, the fill of a shape; and
    whether half of those pixels have just that colour."""
    left, top, right, bottom = region.box
    old, new = (p[top:bottom, left:right][region.mask].astype(np.float32) for p in (scene.first, scene.second))
    change = np.abs(old - new).max(axis=1)
    most = change >= np.percentile(change, 60)
    colours = [(pixels[most], np.median(pixels[most], axis=0)) for pixels in (old, new)]
    return [(tuple(middle), _is_flat(pixels - middle)) for pixels, middle in colours]


def _is_flat(deviations: NDArray[np.float32]) -> bool:
    return float(np.median(np.abs(deviations).max(axis=1))) <= FLAT


def same_shape(scene: Scene, region: Region) -> float:
    """Correlation of both pictures' gradient magnitudes around a region; 1 where both are flat, 0 where one is."""
    height, width = scene.second.shape[:2]
    left, top, right, bottom = region.box
    window = (slice(max(0, top - 4), min(height, bottom + 4)), slice(max(0, left - 4), min(width, right + 4)))
    first, second = (_gradient(pixels[window]) for pixels in (scene.first, scene.second))
    spreads = float(first.std()), float(second.std())
    if min(spreads) < 0.1 * max(spreads) or max(spreads) < 0.1:
        return 1.0 if max(spreads) < 0.1 else 0.0
    return float(((first - first.mean()) * (second - second.mean())).mean() / (spreads[0] * spreads[1]))


def _stands_out(scene: Scene, region: Region) -> tuple[bool, bool] | None:
    """Whether the changed pixels differ in colour from those around them, before and after; None on no flat ground."""
    height, width = scene.second.shape[:2]
    left, top, right, bottom = region.box
    margin = 6
    window = (slice(max(0, top - margin), bottom + margin), slice(max(0, left - margin), right + margin))
    mask = np.pad(region.mask.astype(np.uint8), margin)
    mask = mask[
        max(0, margin - top) : mask.shape[0] - max(0, bottom + margin - height),
        max(0, margin - left) : mask.shape[1] - max(0, right + margin - width),
    ]
    ring = (
        cv2.dilate(mask, np.ones((2 * margin - 1,) * 2, np.uint8)) - cv2.dilate(mask, np.ones((5, 5), np.uint8))
    ) > 0
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8)) > 0
    inside = inner if inner.sum() > 8 else mask > 0
    if ring.sum() < 20:
        return None
    told = []
    for pixels in (scene.first[window], scene.second[window]):
        around = pixels[ring].astype(np.float32)
        ground = np.median(around, axis=0)
        if (np.abs(around - ground).max(axis=1) <= FAINTEST).mean() < 0.8:
            return None
        told.append(bool(np.abs(np.median(pixels[inside].astype(np.float32), axis=0) - ground).max() >= FAINTEST))
    return told[0], told[1]


def _outline(pixels: Pixels, region: Region) -> float:
    """Mean gradient along the border of the changed pixels: strong where the picture has a thing there."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = region.box
    margin = 3
    mask = np.pad(region.mask.astype(np.uint8), margin)
    kernel = np.ones((3, 3), np.uint8)
    filled = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    band = cv2.dilate(filled, kernel) - cv2.erode(filled, kernel, iterations=2)
    window = (slice(max(0, top - margin), bottom + margin), slice(max(0, left - margin), right + margin))
    inside = band[
        max(0, margin - top) : band.shape[0] - max(0, bottom + margin - height),
        max(0, margin - left) : band.shape[1] - max(0, right + margin - width),
    ]
    gradient = _gradient(pixels[window])
    return float(gradient[inside > 0].mean()) if inside.any() else 0.0


def _gradient(pixels: Pixels) -> NDArray[np.float32]:
    """Magnitude of the strongest channel's gradient."""
    smooth = cv2.GaussianBlur(pixels, (3, 3), 0.8)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, x, 1 - x) for x in (1, 0))
    return np.asarray(np.hypot(across, down).max(axis=2) / 4, np.float32)


def _overlap(inner: Sequence[float], outer: Sequence[float]) -> float:
    """The part of `inner`'s width and height product that lies in `outer`."""
    wide = min(inner[2], outer[2]) - max(inner[0], outer[0])
    high = min(inner[3], outer[3]) - max(inner[1], outer[1])
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return wide * high / area if wide > 0 and high > 0 and area > 0 else 0.0


def _beside(text: Sequence[float], box: Sequence[float]) -> float:
    """The part of the smaller one's height that both share."""
    shared = min(text[3], box[3]) - max(text[1], box[1])
    return shared / max(1e-6, min(text[3] - text[1], box[3] - box[1]))
