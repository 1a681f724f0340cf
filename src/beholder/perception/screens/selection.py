"""Selection: which entry of a row of tabs or of a menu is marked, by a line under it or a ground of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beholder.perception.screens.surfaces import Pixels, Rectangle

DISTANT: Final = 24
"""Levels out of 255 from which grounds are of different colours."""

SPREAD: Final = 0.5
"""How far the others may be from each other, as part of how far the marked one is from them: what stands below a row of
tabs is not the same under each."""

COLOURED: Final = 60
"""Levels out of 255 between the writing of the marked entry and that of the others at least."""

GREY: Final = 24
"""Levels out of 255 between the channels of a grey at most."""

Colour = tuple[float, float, float]


def selected(pixels: Pixels, boxes: Sequence[Rectangle], *, spread: float = 0.0) -> int | None:
    """The number of the one entry whose ground is unlike that of all others; None if there is not exactly one.

    `boxes` are the texts of the entries, in one row of the picture `(height, width, 3)`. The others may be as far from
    each other as `spread` of how far the one is from them. Of two entries that differ, the one with more drawn above
    and below its text is the marked one.
    """
    grounds = _grounds(pixels, boxes)
    distances = np.abs(grounds[:, None] - grounds[None]).max(axis=(2, 3))
    unlike = [n for n in range(len(boxes)) if _is_alone(distances, n, spread)]
    if len(boxes) == 2 and len(unlike) == 2:
        common = np.median(grounds.reshape(-1, 3), axis=0)
        drawn = (np.abs(grounds - common).max(axis=2) > DISTANT).sum(axis=1)
        return int(drawn.argmax()) if drawn.max() > 1.5 * drawn.min() + 1 else None
    return unlike[0] if len(unlike) == 1 else None


def _grounds(pixels: Pixels, boxes: Sequence[Rectangle]) -> NDArray[np.float32]:
    """`(entries, rows, 3)`: for each entry the colours above and below its text, through its middle."""
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    height = bottom - top
    rows = np.concatenate([np.arange(top - round(0.4 * height), top - 2), np.arange(bottom + 2, bottom + 2 * height)])
    rows = np.clip(rows, 0, pixels.shape[0] - 1)
    strips = []
    for left, _, right, _ in boxes:
        middle = (left + right) // 2
        strips.append(np.median(pixels[rows, max(0, middle - 4) : middle + 5].astype(np.float32), axis=1))
    return np.asarray(strips, np.float32)


def _is_alone(distances: NDArray[np.float32], number: int, spread: float) -> bool:
    """Whether an entry is far from all others, and those are all near each other."""
    others = np.delete(np.delete(distances, number, axis=0), number, axis=1)
    nearest = float(np.delete(distances[number], number).min())
    return bool(nearest > DISTANT and others.max(initial=0) <= max(DISTANT, spread * nearest))


def accented(inks: Sequence[Colour]) -> int | None:
    """The number of the one entry whose writing is of a colour unlike that of all others, which are alike; None else.

    `inks` are the entries' colours, `(red, green, blue)`. Of two entries the one that is coloured where the other is
    grey is the marked one.
    """
    colours = np.asarray(inks, np.float32)
    if len(inks) == 2:
        chroma = colours.max(axis=1) - colours.min(axis=1)
        return int(chroma.argmax()) if chroma.max() - chroma.min() > COLOURED and chroma.min() < GREY else None
    distances = np.abs(colours[:, None] - colours[None]).max(axis=2)
    unlike = [n for n in range(len(inks)) if _is_alone(distances, n, SPREAD)]
    return unlike[0] if len(unlike) == 1 and np.delete(distances[unlike[0]], unlike[0]).min() > COLOURED else None
