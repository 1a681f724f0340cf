"""Faces: the three networks of MTCNN (Zhang et al., 2016), each keeping what the one before proposed and refining it.

The networks take pictures with x before y, as the first implementation did, and channels of -1 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from PIL import Image as Pillow

from beholder.evidence import Label
from beholder.perception.photos.classifier import compile_model
from beholder.settings import Settings
from beholder.types import Image
from beholder.weights import MTCNN, ensure

METHOD: Final = "faces:mtcnn"
LONGEST_EDGE: Final = 960
"""Pixels that the picture is reduced to: a face of a fiftieth of it is then still seen."""

LEAST_FACE: Final = 20
"""Pixels of the smallest face after that."""

CELL, STEP, SHRINK = 12, 2, 0.709
"""The first network sees squares of 12 pixels, every 2 pixels, of pictures each about 0.7 times the last one's size."""

LEAST_SCORES: Final = (0.6, 0.7, 0.95)
"""What each stage must reach. The paper's last is 0.7; higher, since a face that is none misleads the answer."""

MOST_PROPOSALS: Final = 400
"""Proposals handed to the second stage, the surest first."""

Boxes = NDArray[np.float64]
"""`(n, 5)`: left, top, right, bottom in reduced pixels, and the score."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """A network for squares of `edge` pixels; `offsets` and `scores` are its outputs, `least` the score to reach."""

    network: ov.CompiledModel
    offsets: str
    scores: str
    edge: int
    least: float


class FaceFinder:
    """Finds upright faces, seen from the front or half from the side. Not thread safe.

    Raises `WeightsError` when the weights are missing or wrong.
    """

    def __init__(self, settings: Settings) -> None:
        core = ov.Core()
        paths = [ensure(file, settings) for file in MTCNN]
        proposals, refinement, output = (compile_model(core.read_model(path), settings.threads) for path in paths)
        self._proposals = proposals
        self._refinement = _Stage(refinement, "dense_2", "softmax_1", 24, LEAST_SCORES[1])
        self._output = _Stage(output, "dense_5", "softmax_2", 48, LEAST_SCORES[2])

    def find(self, image: Image) -> tuple[Label, ...]:
        """A label `face` for each, the surest first, with its box in original pixels."""
        picture = Pillow.fromarray(image.pixels)
        factor = min(1.0, LONGEST_EDGE / max(picture.size))
        size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        reduced = picture.resize(size, Pillow.Resampling.BILINEAR, reducing_gap=2.0)
        boxes = self._propose(reduced)
        boxes = _suppress(_refine(reduced, boxes, self._refinement), 0.7)
        boxes = _refine(reduced, boxes, self._output)
        boxes = _suppress(boxes, 0.7, of_smaller=True)
        across, down = image.original_size[0] / size[0], image.original_size[1] / size[1]
        return tuple(
            Label("face", float(box[4]), METHOD, _clipped(box, size, across, down))
            for box in boxes[np.argsort(-boxes[:, 4], kind="stable")]
        )

    def _propose(self, picture: Pillow.Image) -> Boxes:
        found = [_suppress(boxes, 0.5) for boxes in self._proposals_by_size(picture)]
        boxes = _suppress(np.concatenate(found), 0.7) if found else np.empty((0, 5))
        return boxes[np.argsort(-boxes[:, 4], kind="stable")][:MOST_PROPOSALS]

    def _proposals_by_size(self, picture: Pillow.Image) -> Iterator[Boxes]:
        scale = CELL / LEAST_FACE
        while min(picture.size) * scale >= CELL:
            size = (math.ceil(picture.width * scale), math.ceil(picture.height * scale))
            found = self._proposals(_normalised([picture.resize(size, Pillow.Resampling.BILINEAR)]))
            scores, offsets = found["softmax"][0, :, :, 1], found["conv2d_4"][0]
            places = np.argwhere(scores >= LEAST_SCORES[0])
            near = np.concatenate([places * STEP + 1, places * STEP + CELL], axis=1) / scale
            side = CELL / scale
            chosen = tuple(places.T)
            yield np.column_stack([near + offsets[chosen] * side, scores[chosen]]).astype(np.float64)
            scale *= SHRINK


def _refine(picture: Pillow.Image, boxes: Boxes, stage: _Stage) -> Boxes:
    """The boxes that the stage's network takes for faces, moved to where it sees them."""
    if not len(boxes):
        return boxes
    squares, size = _squared(boxes), (stage.edge, stage.edge)
    crops = [picture.crop(tuple(box)).resize(size, Pillow.Resampling.BILINEAR) for box in squares.tolist()]
    found = stage.network(_normalised(crops))
    scores = found[stage.scores][:, 1]
    moved = squares + found[stage.offsets] * (squares[:, 2:3] - squares[:, 0:1])
    refined: Boxes = np.column_stack([moved, scores])[scores >= stage.least].astype(np.float64)
    return refined


def _normalised(pictures: list[Pillow.Image]) -> NDArray[np.float32]:
    """`(n, width, height, 3)`, from -1 to 1."""
    stacked = np.stack([np.asarray(picture, np.float32) for picture in pictures])
    return np.ascontiguousarray(((stacked - 127.5) / 128).transpose(0, 2, 1, 3))


def _squared(boxes: Boxes) -> NDArray[np.int64]:
    """`(n, 4)`: squares of whole pixels around the boxes' middles, with the boxes' longer sides."""
    middles = (boxes[:, :2] + boxes[:, 2:4]) / 2
    halves = np.maximum(1, (boxes[:, 2:4] - boxes[:, :2]).max(axis=1, keepdims=True) / 2)
    corner = np.rint(middles - halves).astype(np.int64)
    return np.concatenate([corner, corner + np.rint(2 * halves).astype(np.int64)], axis=1)


def _suppress(boxes: Boxes, most_overlap: float, *, of_smaller: bool = False) -> Boxes:
    """The boxes without those that overlap a surer one; `of_smaller` measures by the smaller box, not by the union."""
    rest, kept = boxes[np.argsort(-boxes[:, 4], kind="stable")], []
    while len(rest):
        best, rest = rest[0], rest[1:]
        kept.append(best)
        shared = np.clip(
            np.minimum(best[2:4], rest[:, 2:4]) - np.maximum(best[:2], rest[:, :2]), 0, None
        ).prod(axis=1)  # fmt: skip
        own, others = (best[2:4] - best[:2]).prod(), (rest[:, 2:4] - rest[:, :2]).prod(axis=1)
        whole = np.minimum(own, others) if of_smaller else own + others - shared
        rest = rest[shared <= most_overlap * whole]
    return np.stack(kept) if kept else np.empty((0, 5))


def _clipped(
    box: NDArray[np.float64], size: tuple[int, int], across: float, down: float
) -> tuple[float, float, float, float]:
    left, right = np.clip(box[[0, 2]], 0, size[0]) * across
    top, bottom = np.clip(box[[1, 3]], 0, size[1]) * down
    return float(left), float(top), float(right), float(bottom)
