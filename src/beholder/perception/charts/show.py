"""What was seen, drawn over the picture: the chart's box, names in blue, printed values in green, estimates in red."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Box, Chart

CHART: Final = (255, 140, 0)
NAME: Final = (30, 90, 255)
PRINTED: Final = (0, 150, 60)
ESTIMATED: Final = (220, 0, 60)


def draw_charts(pixels: NDArray[np.uint8], charts: Sequence[Chart]) -> NDArray[np.uint8]:
    """A copy of `(height, width, 3)` sRGB pixels with the charts' boxes, which are in the same pixels, drawn on it."""
    drawn = np.ascontiguousarray(pixels).copy()
    weight = max(1, round(max(pixels.shape[:2]) / 900))
    for chart in charts:
        _rectangle(drawn, chart.box, CHART, weight + 1)
        for cell in chart.table.cells:
            if cell.box is None:
                continue
            colour = NAME if cell.is_header else ESTIMATED if cell.estimated else PRINTED
            _rectangle(drawn, cell.box, colour, weight)
            if cell.estimated:
                at = (int(cell.box[0]), max(int(cell.box[1]) - 2, 8))
                cv2.putText(drawn, cell.text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.35 * weight, colour, weight, cv2.LINE_AA)
    return drawn


def _rectangle(drawn: NDArray[np.uint8], box: Box, colour: tuple[int, int, int], weight: int) -> None:
    left, top, right, bottom = (round(edge) for edge in box)
    cv2.rectangle(drawn, (left, top), (right, bottom), colour, weight)
