"""Alignment: laying the first picture of a pair over the second, by identity, scale, translation or features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from beholder.perception.pairs.changes import ranges, tolerant_difference

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]

GOOD: Final = 0.998
"""A candidate that explains this part of the second picture's detail is taken without trying costlier ones."""

ENOUGH: Final = 0.95
"""From here on features are not looked for: what is left is what was edited."""

LEAST: Final = 0.25
"""Below it even the best candidate explains too little: the pictures show different things."""

WORTH: Final = 0.6
"""A costlier candidate must leave less than this part of what a simpler one leaves unexplained."""

JITTER: Final = 0.015
"""The largest shift, as part of the size, that is undone for drawn pictures of one size: more was meant."""

LEAST_INLIERS: Final = 12
"""Matched features that must agree on one transform; chance agreement among ORB matches is far below it."""

EXPLAINED: Final = 24
"""Levels out of 255 that a pixel may differ by and still count as the same in judging an alignment."""

CANVAS: Final = 640
"""Long edge in pixels of the reduced pictures on which candidates are judged."""


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """The first picture laid over the second.

    `matrix` `(3, 3)` takes points of the first picture to the second's pixels; `first` is the first picture in the
    second's frame, `valid` `(height, width)` uint8 is 255 where it has pixels there. `explained` is the part of the
    detail that agrees, 0 to 1. `name` is identity, scale, translation or features.
    """

    name: str
    matrix: Matrix
    first: Pixels
    valid: Pixels
    explained: float

    @property
    def slack(self) -> int:
        """Pixels by which contents may still be off: more where the whole picture was bent into place."""
        return 2 if self.name == "features" else 1

    @property
    def is_comparable(self) -> bool:
        """Whether the two show the same thing at all."""
        return self.explained >= LEAST


def align(first: Pixels, second: Pixels) -> Alignment:
    """Lay `first` over `second`, both `(height, width, 3)` uint8; the simplest candidate that explains enough wins."""
    best: Alignment | None = None
    for name, matrix in _candidates(first, second):
        alignment = _applied(name, matrix, first, second)
        if best is None or _is_better(alignment, best):
            best = alignment
        if best.explained >= GOOD:
            break
    assert best is not None, "the first candidate always exists"
    if best.explained >= ENOUGH:
        return best
    for matrix in _features(first, second):
        alignment = _applied("features", matrix, first, second)
        is_move = best.name == "identity" and _is_layout(first, second) and _is_shift(matrix)
        if not is_move and _is_better(alignment, best):
            best = alignment
    return best


def _is_layout(first: Pixels, second: Pixels) -> bool:
    """Whether both are screens of one width: what moved on one was moved by its designer, and is told, not undone."""
    return first.shape[1] == second.shape[1] and is_drawn(first) and is_drawn(second)


def _is_shift(matrix: Matrix) -> bool:
    return bool(abs(matrix[0, 0] - 1) + abs(matrix[0, 1]) <= 0.01)


def is_drawn(pixels: Pixels) -> bool:
    """Whether a picture is drawn, as screens are: large parts of it are flat, where photographs have grain."""
    small = _reduced(pixels, CANVAS)[0]
    return bool((ranges(small, 1) <= 4).mean() > 0.5)


def _candidates(first: Pixels, second: Pixels) -> Iterator[tuple[str, Matrix]]:
    """Transforms from the simplest to the costliest; each is computed only when it is asked for."""
    (height, width), (high, wide) = first.shape[:2], second.shape[:2]
    scaled = np.diag([wide / width, high / height, 1.0])
    is_layout = _is_layout(first, second)
    if (height, width) == (high, wide):
        yield "identity", np.eye(3)
    elif is_layout:
        yield "identity", np.eye(3)
        yield "scale", scaled
    else:
        yield "scale", scaled
    shift = _translation(first, second, scaled)
    if shift is not None and (not is_layout or np.abs(shift[:2, 2] / (wide, high)).max() <= JITTER):
        yield "translation", shift


def _is_better(candidate: Alignment, best: Alignment) -> bool:
    """By a clear margin; features, which can bend anything into place a little, must explain nearly all of a screen."""
    return candidate.explained > best.explained + 0.003 and 1 - candidate.explained < WORTH * (1 - best.explained)


def _applied(name: str, matrix: Matrix, first: Pixels, second: Pixels) -> Alignment:
    height, width = second.shape[:2]
    if np.allclose(matrix, np.eye(3)) and first.shape == second.shape:
        warped, valid = first, np.full((height, width), 255, np.uint8)
    else:
        shrinks = matrix[0, 0] < 0.8
        source = cv2.GaussianBlur(first, (0, 0), 0.4 / matrix[0, 0]) if shrinks else first
        warped = cv2.warpPerspective(source, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        full = np.full(first.shape[:2], 255, np.uint8)
        valid = cv2.warpPerspective(full, matrix, (width, height), flags=cv2.INTER_NEAREST)
        if name != "identity":
            valid = cv2.erode(valid, np.ones((5, 5), np.uint8), borderValue=255)
    return Alignment(name, matrix, warped, valid, _explained(warped, second, valid))


def _explained(first: Pixels, second: Pixels, valid: Pixels) -> float:
    """The part of the detail (pixels beside an edge in either picture) on which both agree."""
    small, _ = _reduced(second, CANVAS)
    size = (small.shape[1], small.shape[0])
    other = cv2.resize(first, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(valid, size, interpolation=cv2.INTER_NEAREST) > 0
    detail = (ranges(small, 1) > 12) | (ranges(np.asarray(other), 1) > 12)
    detail &= mask
    covered = float(mask.mean())
    if covered < 0.2:
        return 0.0
    if detail.sum() < 50:
        detail = mask
    agree = tolerant_difference(other, small)[detail] <= EXPLAINED
    return float(agree.mean()) * min(1.0, covered + 0.5)


def _reduced(pixels: Pixels, edge: int) -> tuple[Pixels, float]:
    """The picture with its long edge at most `edge`, and the factor that made it so."""
    factor = min(1.0, edge / max(pixels.shape[:2]))
    if factor == 1.0:
        return pixels, 1.0
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), factor


def _translation(first: Pixels, second: Pixels, scaled: Matrix) -> Matrix | None:
    """Phase correlation after bringing both to one size; None where no single shift stands out."""
    small, factor = _reduced(second, 1024)
    height, width = small.shape[:2]
    other = cv2.resize(first, (width, height), interpolation=cv2.INTER_AREA)
    grey = [cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) for pixels in (other, small)]
    window = cv2.createHanningWindow((width, height), cv2.CV_32F) if min(width, height) > 1 else None
    if window is None:
        return None
    (across, down), response = cv2.phaseCorrelate(grey[0], grey[1], window)
    if response < 0.05 or max(abs(across), abs(down)) < 0.2:
        return None
    measured = np.array([across, down]) / factor
    # Pictures are mostly shifted by whole pixels, which need no resampling.
    whole = {
        (x, y)
        for x in (np.floor(measured[0]), np.ceil(measured[0]))
        for y in (np.floor(measured[1]), np.ceil(measured[1]))
    }
    return _best([_shift(*measured) @ scaled, *(_shift(*pair) @ scaled for pair in sorted(whole))], first, second)


def _shift(across: float, down: float) -> Matrix:
    matrix = np.eye(3)
    matrix[:2, 2] = across, down
    return matrix


def _best(matrices: Sequence[Matrix], first: Pixels, second: Pixels) -> Matrix:
    """The transform that leaves the least difference at full resolution, measured on every third row."""
    thin = np.diag([1.0, 1 / 3, 1.0])
    grey = [cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) for pixels in (first, second)]
    target = grey[1][1::3]
    full = np.full(grey[0].shape, 255, np.uint8)
    size = (second.shape[1], target.shape[0])
    row = _shift(0, -1)

    def left(matrix: Matrix) -> float:
        warped = cv2.warpPerspective(grey[0], thin @ row @ matrix, size)
        inside = cv2.warpPerspective(full, thin @ row @ matrix, size, flags=cv2.INTER_NEAREST) > 0
        return float(cv2.absdiff(warped, target)[inside].mean()) if inside.sum() > 0.2 * inside.size else 255.0

    return min(matrices, key=left)


def _features(first: Pixels, second: Pixels) -> Iterator[Matrix]:
    """Similarity and homography from ORB features that agree (Rublee et al., ICCV 2011), by RANSAC, then by ECC."""
    (small, factor), (other, factor_second) = _reduced(first, 1200), _reduced(second, 1200)
    points = _matched(small, other)
    if points is None:
        return
    source, target = points[0] / factor, points[1] / factor_second
    affine, inliers = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=3.0 / factor_second)
    if affine is not None and inliers.sum() >= LEAST_INLIERS:
        kept = inliers.ravel() > 0
        yield _best(_refinements(affine, source[kept], target[kept], first, second), first, second)
    matrix, inliers = cv2.findHomography(source, target, cv2.RANSAC, 3.0 / factor_second)
    if matrix is not None and inliers.sum() >= 2 * LEAST_INLIERS:
        yield np.asarray(matrix)


def _refinements(
    affine: Matrix, source: NDArray[np.float64], target: NDArray[np.float64], first: Pixels, second: Pixels
) -> list[Matrix]:
    """Transforms near `affine`: itself, by ECC, by least squares over the matched points, and by whole pixels."""
    matrix = np.vstack([affine, [0, 0, 1]])
    rounded = np.round(np.median(target - source, axis=0))
    solved, *_ = np.linalg.lstsq(np.column_stack([source, np.ones(len(source))]), target, rcond=None)
    candidates = [matrix, _refined(matrix, first, second), np.vstack([solved.T, [0, 0, 1]])]
    if abs(matrix[0, 0] - 1) + abs(matrix[0, 1]) < 0.01:
        candidates += [_shift(rounded[0] + x, rounded[1] + y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    return candidates


def _matched(first: Pixels, second: Pixels) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    orb = cv2.ORB.create(2000)
    keys, descriptors = orb.detectAndCompute(cv2.cvtColor(first, cv2.COLOR_RGB2GRAY), None)
    other_keys, other_descriptors = orb.detectAndCompute(cv2.cvtColor(second, cv2.COLOR_RGB2GRAY), None)
    if descriptors is None or other_descriptors is None:
        return None
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(descriptors, other_descriptors)
    if len(matches) < LEAST_INLIERS:
        return None
    return (
        np.array([keys[match.queryIdx].pt for match in matches], np.float64),
        np.array([other_keys[match.trainIdx].pt for match in matches], np.float64),
    )


def _refined(matrix: Matrix, first: Pixels, second: Pixels) -> Matrix:
    """`matrix` made exact below a pixel by maximising the enhanced correlation (Evangelidis & Psarakis, 2008)."""
    small, factor = _reduced(second, CANVAS)
    shrink = np.diag([factor, factor, 1.0])
    start = shrink @ matrix
    height, width = small.shape[:2]
    source = cv2.GaussianBlur(first, (0, 0), max(0.3, 0.4 / start[0, 0]))
    warped = cv2.warpPerspective(source, start, (width, height))
    mask = cv2.warpPerspective(np.full(first.shape[:2], 255, np.uint8), start, (width, height), flags=cv2.INTER_NEAREST)
    grey = [cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) for pixels in (small, warped)]
    try:
        criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)
        # The mask belongs to the input picture, which is the warped one: its unfilled border must not count.
        _, step = cv2.findTransformECC(
            grey[0], grey[1], np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, criteria, mask, 5
        )
    except cv2.error:  # ECC says so when it does not converge; the features' transform then stands as it is
        return matrix
    inverse = np.linalg.inv(np.vstack([step, [0, 0, 1]]))
    return np.asarray(np.linalg.inv(shrink) @ inverse @ start)
