"""Inks of a plot: the colours drawn with, each pixel's ink, and the grey rules that are no series."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.perception.charts.scene import Colour, Scene, distance, largest_channel, quantized, smallest_channel

INK: Final = 55
"""Grid lines differ from the ground by less than this in every channel; series by more."""
MOST_SERIES: Final = 14
GREY: Final = 34
"""Channels of a grey are less than this apart."""


def separate_inks(scene: Scene, plot: tuple[int, int, int, int]) -> tuple[list[Colour], list[NDArray[np.bool_]]]:
    """The inks within `plot` (`left, top, right, bottom` in working pixels) and the pixels of each, text left out."""
    left, top, right, bottom = plot
    pixels = scene.pixels[top:bottom, left:right]
    ground = _ground(pixels, scene.background)
    offset = pixels.astype(np.int16) - np.array(ground, np.int16)
    inked = (largest_channel(np.abs(offset)) > INK) & ~scene.text_mask[top:bottom, left:right]
    inked &= ~_rules(inked & (largest_channel(pixels) - smallest_channel(pixels) < GREY))
    colours = _inks(pixels, inked, ground)
    if not colours:
        return [], []
    labels = _nearest_ink(offset, inked, colours, ground)
    _fill_under_texts(scene, labels, left, top)
    return colours, _without_edges([labels == index for index in range(len(colours))], colours, ground)


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
    if (largest_channel(np.abs(pixels.astype(np.int16) - np.array(page, np.int16))) <= 12).mean() > 0.12:
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


def _rules(grey: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Straight thin grey lines across or down the plot: axes and grid lines."""
    height, width = grey.shape
    drawn = grey.astype(np.uint8)
    across = _opened(drawn, 1, max(width // 3, 3))
    down = _opened(drawn, max(height // 3, 3), 1)
    is_thin_across, is_thin_down = _opened(across, 5, 1) == 0, _opened(down, 1, 5) == 0
    return np.asarray(((across > 0) & is_thin_across) | ((down > 0) & is_thin_down))


def _opened(mask: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    """What a block of that size fits into; nothing fits beyond the edge."""
    kernel = np.ones((rows, columns), np.uint8)
    eroded = cv2.erode(mask, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(cv2.dilate(eroded, kernel), np.uint8)
