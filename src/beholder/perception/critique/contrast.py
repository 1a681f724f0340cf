"""Contrast: the colours of each text and of what it stands on, measured, and their ratio by WCAG 2.2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Box, Finding
from beholder.perception.colours import colour_name, hexadecimal, spoken
from beholder.perception.critique.findings import Seen, Weighed, listed

NORMAL_AA: Final = 4.5
"""Least contrast of text: WCAG 2.2, success criterion 1.4.3 Contrast (Minimum), level AA."""

LARGE_AA: Final = 3.0
"""The same for large text: 1.4.3, from 18 point (24 CSS pixels), or bold from 14 point."""

NORMAL_AAA: Final = 7.0
"""Least contrast of text: WCAG 2.2, success criterion 1.4.6 Contrast (Enhanced), level AAA."""

LARGE_TEXT: Final = 24.0
"""CSS pixels of the font size from which text is large without being bold: 18 point, WCAG 2.2, "large scale"."""

FONT_SHARE: Final = 0.8
"""A font's size as part of the height of a reader's box around its line, which has a margin."""

DOUBT: Final = 0.92
"""A ratio counts as too low below this part of the threshold: antialiasing makes thin strokes look paler."""

FLAT: Final = 0.4
"""Part of a text's box that must have one colour for its background to be known."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """A text with its colours and their contrast ratio, 1 to 21."""

    text: str
    box: Box
    foreground: tuple[float, float, float]
    background: tuple[float, float, float]
    ratio: float
    is_large: bool

    @property
    def needed(self) -> float:
        """The least ratio for level AA."""
        return LARGE_AA if self.is_large else NORMAL_AA


def luminance(colour: Sequence[float]) -> float:
    """Relative luminance, 0 to 1, of an sRGB colour with channels 0 to 255 (WCAG 2.2, definition)."""
    channels = [channel / 255 for channel in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast_ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """Contrast ratio of two sRGB colours, 1 to 21 (WCAG 2.2, definition)."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def measure(seen: Seen) -> tuple[Contrast, ...]:
    """The contrast of each line whose background has one colour."""
    found = []
    for line in seen.lines:
        colours = text_colours(seen.crop(line.box))
        if colours is None or len(line.text.strip()) < 2:
            continue
        height = line.box[3] - line.box[1]
        is_large = FONT_SHARE * height / seen.density >= LARGE_TEXT
        found.append(Contrast(line.text, line.box, *colours, contrast_ratio(*colours), is_large))
    return tuple(found)


def text_colours(
    crop: NDArray[np.uint8],
) -> tuple[tuple[float, float, float], tuple[float, float, float]] | None:
    """Colours of a text and of its background in the pixels of its box, `(height, width, 3)`; None if not told apart.

    The background is the commonest colour. The text's is that of the pixels farthest from it: the inside of the
    strokes, since antialiasing blends only their borders.
    """
    pixels = crop.reshape(-1, 3).astype(np.float32)
    if len(pixels) < 30:
        return None
    background = _commonest(pixels)
    distance = np.abs(pixels - background).max(axis=1)
    if (distance <= 16).mean() < FLAT:
        return None
    far = float(np.percentile(distance, 98))
    if far < 12:
        return None
    foreground = np.median(pixels[distance >= 0.85 * far], axis=0)
    return _triple(foreground), _triple(background)


def _commonest(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The middle of the commonest of the colours, coarsely told apart."""
    coarse = (pixels // 16).astype(np.int64) @ np.array([256, 16, 1])
    values, counts = np.unique(coarse, return_counts=True)
    return np.asarray(np.median(pixels[coarse == values[counts.argmax()]], axis=0), np.float32)


def _triple(colour: NDArray[np.float32]) -> tuple[float, float, float]:
    return float(colour[0]), float(colour[1]), float(colour[2])


def judge(seen: Seen) -> Iterator[Weighed]:
    """Findings about contrast: texts below level AA by their colours, then what is good."""
    measured = measure(seen)
    low = [contrast for contrast in measured if contrast.ratio < DOUBT * contrast.needed]
    for group in _by_colours(low):
        yield _too_low(group)
    if measured and not low:
        least = min(measured, key=lambda contrast: contrast.ratio)
        level = "AAA (7:1)" if least.ratio >= NORMAL_AAA else "AA (4.5:1; 3:1 for large text)"
        statement = (
            f"All {len(measured)} measured texts reach the contrast of WCAG 2.2 {level}; "
            f"the lowest is {least.ratio:.1f}:1 ({spoken(least.foreground)} on {spoken(least.background)})."
        )
        yield 3.0, Finding("contrast", statement, "good", least.box)
    elif measured and len(low) < 0.5 * len(measured):
        rest = [contrast for contrast in measured if contrast not in low]
        least = min(rest, key=lambda contrast: contrast.ratio)
        statement = (
            f"{len(rest)} of {len(measured)} measured texts reach WCAG 2.2 AA contrast, from {least.ratio:.1f}:1 up."
        )
        yield 1.0, Finding("contrast", statement, "good", None)


def _by_colours(contrasts: Sequence[Contrast]) -> list[list[Contrast]]:
    """Texts of about the same colours together."""
    groups: list[list[Contrast]] = []
    for contrast in sorted(contrasts, key=lambda contrast: contrast.ratio):
        for group in groups:
            pairs = zip(
                (*group[0].foreground, *group[0].background), (*contrast.foreground, *contrast.background), strict=True
            )
            if group[0].is_large == contrast.is_large and max(abs(a - b) for a, b in pairs) <= 24:
                group.append(contrast)
                break
        else:
            groups.append([contrast])
    return groups


def _too_low(group: Sequence[Contrast]) -> Weighed:
    worst = group[0]
    size = "large" if worst.is_large else "normal"
    statement = (
        f"Low contrast: {listed([contrast.text for contrast in group])} at {worst.ratio:.1f}:1 "
        f"({spoken(worst.foreground)} on {spoken(worst.background)}); WCAG 2.2 AA (1.4.3) asks {worst.needed:g}:1 "
        f"for {size} text."
    )
    return 4.0 * worst.needed / worst.ratio + 0.3 * len(group), Finding("contrast", statement, "problem", worst.box)


def judge_palette(seen: Seen) -> Iterator[Weighed]:
    """The colours that cover most of the screen, and the most saturated one, as a note."""
    pixels = seen.pixels[:: max(1, seen.pixels.shape[0] // 300), :: max(1, seen.pixels.shape[1] // 300)]
    flat = pixels.reshape(-1, 3).astype(np.float32)
    coarse = (flat // 32).astype(np.int64) @ np.array([64, 8, 1])
    values, counts = np.unique(coarse, return_counts=True)
    shares: dict[str, tuple[float, str]] = {}
    for value in values[np.argsort(-counts)][:24]:
        members = flat[coarse == value]
        colour = np.median(members, axis=0)
        name, share = colour_name(colour), len(members) / len(flat)
        known = shares.get(name, (0.0, hexadecimal(colour)))
        shares[name] = known[0] + share, known[1]
    main = sorted(shares.items(), key=lambda item: -item[1][0])[:5]
    told = ", ".join(f"{name} {code} {share:.0%}" for name, (share, code) in main if share >= 0.01)
    yield 1.5, Finding("contrast", f"Main colours by area: {told}.", "note", None)
