"""Every text of a screen once, as a person lists them: paragraph by paragraph, top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from beholder.evidence import Box, Element, Size
from beholder.perception.screens.status import without_status_bar

SAME_ROW: Final = 0.5
"""Texts share a row when their middles are closer than this part of the lower one's height."""


def inventory(elements: Sequence[Element], size: Size) -> tuple[list[str], str]:
    """The texts in reading order, and apart from them the time in a telephone's status bar, if one is shown.

    `size` is the screen's, `(width, height)` in original pixels.
    """
    listed = [element for element in elements if element.kind == "text"]
    holders = [element for element in elements if element.kind in {"button", "field"} and element.text]
    for holder in sorted(holders, key=lambda element: _height(element) * (element.box[2] - element.box[0])):
        if not any(_is_in(each.box, holder.box) and each.text in holder.text for each in listed):
            listed.append(holder)
    apps, time = without_status_bar(listed, size)
    return [element.text for row in _rows(apps) for element in row], time


def _rows(elements: Sequence[Element]) -> list[list[Element]]:
    rows: list[list[Element]] = []
    for element in sorted(elements, key=_middle):
        if rows and _middle(element) - _middle(rows[-1][0]) < SAME_ROW * min(_height(element), _height(rows[-1][0])):
            rows[-1].append(element)
        else:
            rows.append([element])
    return [sorted(row, key=lambda element: element.box[0]) for row in rows]


def _is_in(inner: Box, outer: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _middle(element: Element) -> float:
    return (element.box[1] + element.box[3]) / 2


def _height(element: Element) -> float:
    return element.box[3] - element.box[1]
