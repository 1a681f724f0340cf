"""Printed numbers set right by what their marks show: numbers read as one, and separators read as points."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from beholder.perception.charts.bars import Bar
from beholder.perception.charts.numbers import parse_number
from beholder.perception.charts.scene import Text

AGREES: Final = 0.05
"""A number agrees with its mark within this part of it, or within three pixels' worth."""


def agrees(printed: float, shown: float, worth: float) -> bool:
    """Whether a printed value is what the mark shows."""
    return abs(printed - shown) <= max(AGREES * abs(shown), 3 * worth)


def separated(
    bars: Sequence[Bar], texts: Sequence[Text], numbers: Mapping[int, Text], shown: Mapping[int, float], worth: float
) -> dict[int, Text]:
    """The numbers of bars (by `id`), with those cut apart that were read as one over several bars.

    A text is cut only where each part agrees with the bar under it, and in one way alone.
    """
    result = dict(numbers)
    for text in texts:
        owner = next((bar for bar in bars if result.get(id(bar)) is text), None)
        if owner is not None and text.number is not None and agrees(text.number.value, shown[id(owner)], worth):
            continue
        under = _under(bars, text)
        parts = _parts(text, [shown[id(bar)] for bar in under], worth) if 2 <= len(under) <= 4 else None
        if parts is not None:
            if owner is not None:
                del result[id(owner)]
            result.update({id(bar): part for bar, part in zip(under, parts, strict=True)})
        elif owner is not None:
            result[id(owner)] = _with_thousands(text, shown[id(owner)], worth)
    return result


def _under(bars: Sequence[Bar], text: Text) -> list[Bar]:
    """The bars that a text stands on or just over, from left to right."""
    left, top, right, bottom = text.box
    reach = 1.6 * text.height
    near = []
    for bar in bars:
        a, b, c, d = bar.box
        across = min(right, c) - max(left, a)
        if across > 0.25 * min(c - a, right - left) and b - reach <= bottom and top <= d:
            if across < 0 or (top > b + 0.5 * (d - b) + reach and bottom > d):
                continue
            near.append(bar)
    return sorted(near, key=lambda bar: bar.box[0])


def _parts(text: Text, shown: Sequence[float], worth: float) -> list[Text] | None:
    letters = re.sub(r"\s", "", text.text)
    if not re.fullmatch(r"[\d.,%]+", letters) or len(letters) < len(shown):
        return None
    found = [
        pieces
        for cuts in combinations(range(1, len(letters)), len(shown) - 1)
        for pieces in [[letters[a:b] for a, b in zip((0, *cuts), (*cuts, len(letters)), strict=True)]]
        if _all_agree(pieces, shown, worth)
    ]
    if len(found) != 1:
        return None
    left, top, right, bottom = text.box
    step = (right - left) / len(letters)
    parts, at = [], 0
    for piece in found[0]:
        box = (left + at * step, top, left + (at + len(piece)) * step, bottom)
        parts.append(replace(text, text=piece, box=box, number=parse_number(piece), confidence=text.confidence * 0.9))
        at += len(piece)
    return parts


def _all_agree(pieces: Sequence[str], shown: Sequence[float], worth: float) -> bool:
    for piece, value in zip(pieces, shown, strict=True):
        number = parse_number(piece)
        if number is None or (len(piece) > 1 and piece[0] == "0" and piece[1].isdigit()) or piece[0] in ".,":
            return False
        if not agrees(number.value, value, worth):
            return False
    return True


def _with_thousands(text: Text, shown: float, worth: float) -> Text:
    """A point or comma before three digits taken for what it is, where the mark is a thousand times as long."""
    assert text.number is not None
    if re.fullmatch(r"\d{1,3}[.,]\d{3}", text.text.strip()) and agrees(text.number.value * 1000, shown, worth):
        plain = re.sub(r"[.,]", "", text.text.strip())
        return replace(text, text=plain, number=parse_number(plain))
    return text
