"""The status bar of a telephone: what stands above an app and is no part of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeVar

from beholder.evidence import Element, Size, TextLine

Piece = TypeVar("Piece", TextLine, Element)

LOWEST: Final = 0.05
"""Part of an upright screen's height that the status bar ends above."""

CLOCK: Final = re.compile(r"(?<![\d:.])\d{1,2}:\d\d(?![\d:])")


def without_status_bar(pieces: Sequence[Piece], size: Size) -> tuple[list[Piece], str]:
    """The pieces that are the app's, and the time that the status bar shows; all of them and `""` without one.

    `size` is the screen's, `(width, height)` in original pixels, as the pieces' boxes are.
    """
    width, height = size
    top = [piece for piece in pieces if piece.box[3] <= LOWEST * height]
    times = [time for piece in top for time in CLOCK.findall(piece.text)]
    if height <= width or not times:
        return list(pieces), ""
    return [piece for piece in pieces if piece not in top], times[0]
