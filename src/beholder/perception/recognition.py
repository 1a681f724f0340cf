"""What a line says: crops of lines to characters with their places (PP-OCRv6's recogniser on OpenVINO)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, isqrt
from typing import Any, Final

import cv2
import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset15 as ops

from beholder.perception.detection import Quad
from beholder.perception.ocr_models import RECOGNISER, characters, compile_graph, normalised

HEIGHT: Final = 48
"""Pixels from top to bottom of the recogniser's input."""
STEP: Final = 8
"""Pixels that a column of its output stands for."""
BUCKET: Final = 32
"""Widths are padded to multiples of this, so that shapes recur: the first line of a shape takes three times as long.
A line takes as long alone as in a batch, and a batch would be padded more."""
SHORTEST: Final = 64
LONGEST: Final = 3200
"""A wider line is squeezed to it: 66 times as wide as high is beyond any page."""
PADDING: Final = 128
"""Grey: the middle of the input's range, as the recogniser was trained."""
BLANK: Final = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A recognised line: `positions` are its characters' middles along its width, 0 to 1."""

    text: str
    confidence: float
    positions: tuple[float, ...]
    confidences: tuple[float, ...]
    spaces: tuple[float, ...]
    """How likely the recogniser finds a space between each character and the next."""


UNREADABLE: Final = Reading("", 0.0, (), (), ())


class TextRecogniser:
    """Reads lines, one on each core at a time. Not thread safe."""

    def __init__(self, *, threads: int) -> None:
        model = normalised(RECOGNISER)
        self._characters = characters(model)
        compiled = compile_graph(_best_only(model), threads=threads, streams=threads)
        self._queue = ov.AsyncInferQueue(compiled, threads)
        self._queue.set_callback(_keep)

    def read(self, pixels: NDArray[np.uint8], quads: Sequence[Quad]) -> list[Reading]:
        """What each box of `pixels` `(height, width, 3)` RGB says; a box's first corner is where its text begins."""
        outputs: dict[int, tuple[NDArray[Any], ...]] = {}
        # The longest first: the cores then finish together. A line is cut out while others are read.
        for index in sorted(range(len(quads)), key=lambda line: line_size(quads[line])[0], reverse=True):
            self._queue.start_async({0: _padded(crop_line(pixels, quads[index]))}, (index, outputs))
        self._queue.wait_all()
        return [self._decode(outputs[index], line_size(quad)[0]) for index, quad in enumerate(quads)]

    def _decode(self, outputs: tuple[NDArray[Any], ...], width: int) -> Reading:
        """Best-path CTC decoding: repeats fall together, blanks fall away (Graves et al. 2006)."""
        probabilities, classes, spaces = outputs
        kept = classes != BLANK
        kept[1:] &= classes[1:] != classes[:-1]
        columns = np.flatnonzero(kept)
        if not columns.size:
            return UNREADABLE
        confidences = probabilities[columns]
        positions = np.minimum((columns + _run_ends(classes, columns)) / 2 * STEP / width, 1.0)
        text = "".join(self._characters[index] for index in classes[columns])
        between = [float(spaces[first:last].max()) for first, last in pairwise(columns)]
        return Reading(
            text, float(confidences.mean()), tuple(positions.tolist()), tuple(confidences.tolist()), tuple(between)
        )


def crop_line(pixels: NDArray[np.uint8], quad: Quad) -> NDArray[np.uint8]:
    """The text in `quad`, straightened, 48 pixels high; the quad's first corner is where the text begins."""
    across, down = sides(quad)
    size = max(round(across), 1), max(round(down), 1)
    corners = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, corners)
    flat = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    resized: NDArray[np.uint8] = cv2.resize(flat, line_size(quad), interpolation=cv2.INTER_LINEAR)
    return resized


def line_size(quad: Quad) -> tuple[int, int]:
    """Width and height in pixels at which the recogniser sees the text in `quad`."""
    across, down = (max(round(side), 1) for side in sides(quad))
    return min(max(ceil(HEIGHT * across / down), STEP), LONGEST), HEIGHT


def sides(quad: Quad) -> tuple[float, float]:
    """How long the box is along its text, and across it."""
    along = max(float(np.linalg.norm(quad[0] - quad[1])), float(np.linalg.norm(quad[2] - quad[3])))
    across = max(float(np.linalg.norm(quad[0] - quad[3])), float(np.linalg.norm(quad[1] - quad[2])))
    return along, across


def _padded(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The crop as a batch of one, blue-green-red as the recogniser was trained, widened to a width that recurs."""
    width = crop.shape[1]
    batch = np.full((1, HEIGHT, max(-(-width // BUCKET) * BUCKET, SHORTEST), 3), PADDING, np.uint8)
    batch[0, :, :width] = crop[:, :, ::-1]
    return batch


def _keep(request: Any, place: tuple[int, dict[int, tuple[NDArray[Any], ...]]]) -> None:
    """Copy a finished request's outputs, which the next one overwrites."""
    index, outputs = place
    outputs[index] = tuple(request.get_output_tensor(number).data[0].copy() for number in range(3))


def _run_ends(classes: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
    """The column after the run of equal classes that begins at each of `columns`."""
    changes = np.append(np.flatnonzero(classes[1:] != classes[:-1]) + 1, len(classes))
    ends: NDArray[Any] = changes[np.searchsorted(changes, columns, side="right")]
    return ends


def _best_only(model: ov.Model) -> ov.Model:
    """The model with three figures for each column in place of all 18,710 probabilities.

    They are the best class's probability, its number, and the probability of the space, the last class.
    """
    logits = model.outputs[0].get_node().input_value(0).get_node().input_value(0)
    last = ops.constant([-1], ov.Type.i32)
    best, number = _best(logits)
    total = ops.reduce_sum(ops.exp(ops.subtract(logits, best)), last, keep_dims=True)
    space = ops.exp(ops.subtract(ops.gather(logits, last, last), best))
    one = ops.constant(1.0, ov.Type.f32)
    figures = (ops.divide(one, total), number, ops.divide(space, total))
    outputs = [ops.squeeze(figure, last).output(0) for figure in figures]
    return ov.Model(outputs, model.get_parameters(), "recogniser")


def _best(logits: Any) -> tuple[Any, Any]:
    """The highest of the classes' `logits` `(batch, columns, classes)` and its number, both `(batch, columns, 1)`.

    The best block of classes is found by its maximum, then the class in it: `topk` over all takes a twelfth of the
    recogniser's time.
    """
    classes = logits.get_partial_shape()[2].get_length()
    blocks = max(number for number in range(1, isqrt(classes) + 1) if classes % number == 0)
    last, one, integer = ops.constant([-1], ov.Type.i32), ops.constant(1, ov.Type.i32), ov.Type.i32
    shape = ops.constant([0, 0, blocks, classes // blocks], integer)
    parts = ops.reshape(logits, shape, special_zero=True)
    best, block = ops.topk(ops.reduce_max(parts, last), one, -1, "max", "none", integer).outputs()
    inside = ops.squeeze(ops.gather(parts, block, ops.constant(2, integer), batch_dims=2), ops.constant([2], integer))
    _, within = ops.topk(inside, one, -1, "max", "none", integer).outputs()
    return best, ops.add(ops.multiply(block, ops.constant(classes // blocks, integer)), within)
