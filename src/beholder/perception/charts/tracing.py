"""Following one line through its ink: a run of pixels for each column, and what does not belong to it left out."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

JUMP: Final = 90.0
"""What a jump over the plot's whole height costs, in columns."""
MOST_RUNS: Final = 6
THICK: Final = 14
"""Strokes are thinner than this many working pixels; what is thicker is an area."""

Edges = tuple[NDArray[np.float64], NDArray[np.float64]]
"""For each column the upper and the lower edge of the ink, NaN where there is none."""


def follow(mask: NDArray[np.bool_]) -> Edges:
    """The edges of the one line or area in a mask `(height, width)`."""
    starts, ends = _run_edges(mask)
    return _without_stragglers(*_trimmed(*_follow(starts, ends, mask.shape[1], mask.shape[0])))


def _trimmed(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """An area without the thin ends where its trace runs on along the axis."""
    thickness = bottom - top
    inked = np.flatnonzero(~np.isnan(thickness))
    thick = np.flatnonzero(np.nan_to_num(thickness) > 4)
    if inked.size == 0 or thick.size == 0 or float(np.nanmedian(thickness[thick[0] : thick[-1] + 1])) <= THICK:
        return top, bottom
    top, bottom = top.copy(), bottom.copy()
    for outside in (slice(None, int(thick[0])), slice(int(thick[-1]) + 1, None)):
        top[outside], bottom[outside] = np.nan, np.nan
    return top, bottom


def _without_stragglers(
    top: NDArray[np.float64], bottom: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Without short pieces far before or after the line: letters and icons in its colour."""
    inked = np.flatnonzero(~np.isnan(top))
    pieces = np.split(inked, np.flatnonzero(np.diff(inked) > max(10, 0.03 * len(top))) + 1)
    top, bottom = top.copy(), bottom.copy()
    for order in (pieces, pieces[::-1]):
        for piece in order[:-1]:
            if piece.size >= 0.08 * inked.size:
                break
            top[piece], bottom[piece] = np.nan, np.nan
    return top, bottom


def _run_edges(mask: NDArray[np.bool_]) -> tuple[list[list[int]], list[list[int]]]:
    """For each column, where its runs of ink begin and end (exclusive)."""
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1]), np.int8)
    padded[1:-1] = mask
    change = np.diff(padded, axis=0).T
    starts: list[list[int]] = [[] for _ in range(mask.shape[1])]
    ends: list[list[int]] = [[] for _ in range(mask.shape[1])]
    for column, row in zip(*np.nonzero(change == 1), strict=True):
        starts[column].append(int(row))
    for column, row in zip(*np.nonzero(change == -1), strict=True):
        ends[column].append(int(row))
    return starts, ends


def _follow(
    starts: list[list[int]], ends: list[list[int]], width: int, height: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One run for each column, so that the line jumps least over its whole length (dynamic programming).

    A jump costs what it is wider than a steep stroke would go; a run earns a column, a thick one a little more.
    """
    top, bottom = np.full(width, np.nan), np.full(width, np.nan)
    columns = [column for column in range(width) if starts[column]]
    if not columns:
        return top, bottom
    scores: list[list[float]] = []
    came_from: list[list[int]] = []
    for index, column in enumerate(columns):
        runs = _largest_runs(starts[column], ends[column])
        earned = [1 + min(end - begin, 30) / 30 for begin, end in runs]
        if index == 0:
            scores.append(earned)
            came_from.append([-1] * len(runs))
            continue
        before = _largest_runs(starts[columns[index - 1]], ends[columns[index - 1]])
        free = 3 + 2.5 * (column - columns[index - 1])
        row, origin = [], []
        for (begin, end), gain in zip(runs, earned, strict=True):
            ways = [
                score - JUMP * max(max(begin - lower, upper - end, 0) - free, 0) / height
                for score, (upper, lower) in zip(scores[-1], before, strict=True)
            ]
            best = max(range(len(ways)), key=ways.__getitem__)
            row.append(ways[best] + gain)
            origin.append(best)
        scores.append(row)
        came_from.append(origin)
    at = max(range(len(scores[-1])), key=scores[-1].__getitem__)
    for index in range(len(columns) - 1, -1, -1):
        column = columns[index]
        begin, end = _largest_runs(starts[column], ends[column])[at]
        top[column], bottom[column] = begin, end
        at = came_from[index][at]
    return top, bottom


def _largest_runs(starts: list[int], ends: list[int]) -> list[tuple[int, int]]:
    runs = list(zip(starts, ends, strict=True))
    if len(runs) <= MOST_RUNS:
        return runs
    return sorted(sorted(runs, key=lambda run: run[0] - run[1])[:MOST_RUNS])
