"""Lines and areas: pixels of one ink traced from left to right, a place for each column of the plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.perception.charts.inks import separate_inks
from beholder.perception.charts.scene import Colour, Scene
from beholder.perception.charts.tracing import THICK, follow

LARGEST_HOLLOW: Final = 24
"""Working pixels across the inside of a marker at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A line over the plot: for column `left + i`, `top[i]` and `bottom[i]` bound the ink (NaN where there is none).

    `covered` is the part of the columns between the first and the last that hold ink.
    """

    colour: Colour
    left: int
    top: NDArray[np.float64]
    bottom: NDArray[np.float64]
    covered: float

    @property
    def thickness(self) -> float:
        """The usual height of the ink in a column."""
        return float(np.nanmedian(self.bottom - self.top))

    @property
    def is_area(self) -> bool:
        """Whether it is filled, not drawn."""
        return self.thickness > THICK

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last column with ink, in working pixels."""
        inked = np.flatnonzero(~np.isnan(self.top))
        return self.left + int(inked[0]), self.left + int(inked[-1])

    def middle(self, x: float, slack: float = 4) -> float | None:
        """The line's y at a column, None `slack` off its ends; peaks and valleys are taken at their tip."""
        first, last = self.ends
        if not first - slack <= x <= last + slack:
            return None
        column = round(min(max(x, first), last)) - self.left
        inked = np.flatnonzero(~np.isnan(self.top))
        centres = (self.top + self.bottom) / 2
        here = float(np.interp(column, inked, centres[inked]))
        if np.isnan(self.top[column]):
            return here
        half = self.thin / 2
        # A steep stroke's run is long, and its middle lies below the tip; a marker's is not that long.
        if float(self.bottom[column] - self.top[column]) <= 8 * half:
            return here
        before, after = (float(np.interp(column + step, inked, centres[inked])) for step in (-4, 4))
        at = inked[np.abs(inked - column) <= 1]
        if before > here + 1 and after > here + 1:
            return float(np.nanmin(self.top[at])) + half
        if before < here - 1 and after < here - 1:
            return float(np.nanmax(self.bottom[at])) - half
        return here

    @property
    def thin(self) -> float:
        """The line's own thickness, free of slopes and markers."""
        return float(np.nanquantile(self.bottom - self.top, 0.2))

    def bounds(self, x: float, slack: float = 4) -> tuple[float, float] | None:
        """An area's upper and lower edge at a column, None `slack` off its ends."""
        first, last = self.ends
        if not first - slack <= x <= last + slack:
            return None
        column = min(max(round(x), first + 1), last - 1) - self.left
        inked = np.flatnonzero(~np.isnan(self.top))
        return float(np.interp(column, inked, self.top[inked])), float(np.interp(column, inked, self.bottom[inked]))


def find_traces(scene: Scene, plot: tuple[int, int, int, int]) -> tuple[Trace, ...]:
    """The lines and areas within `plot` (`left, top, right, bottom` in working pixels), strongest ink first."""
    left, top, right, bottom = plot
    if bottom - top < 20 or right - left < 20:
        return ()
    colours, masks = separate_inks(scene, plot)
    traces = [_trace(mask, colour, left, top) for mask, colour in zip(masks, colours, strict=True)]
    return tuple(trace for trace in traces if trace is not None)


def _with_full_markers(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With hollow markers filled: the line goes through their middle, not along one of their arcs."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    width, height, area = (stats[:, column] for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    across = np.maximum(width, height)
    is_round = (across <= LARGEST_HOLLOW) & (np.abs(width - height) <= 0.4 * across) & (area >= 0.55 * width * height)
    return np.asarray(mask | np.isin(labels, [index for index in range(1, count) if is_round[index]]))


def _trace(mask: NDArray[np.bool_], colour: Colour, left: int, top: int) -> Trace | None:
    width = mask.shape[1]
    if mask.sum() < 0.15 * width:
        return None
    above, below = follow(_with_full_markers(mask))
    inked = np.flatnonzero(~np.isnan(above))
    if inked.size < 0.25 * width:
        return None
    reach = inked[-1] - inked[0] + 1
    covered = inked.size / reach
    if reach < 0.3 * width or covered < 0.45:
        return None
    return Trace(colour, left, above + top, below + top, covered)
