"""Where text stands: pixels to rotated boxes, one for a line or a piece of one (PP-OCRv6's detector on OpenVINO)."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset15 as ops

from beholder.perception.ocr_models import DETECTOR, compile_graph, normalised

THRESHOLD: Final = 0.3
"""Pixels above it are text; this and the next three are PP-OCRv6's and rapidocr's own values."""
BOX_THRESHOLD: Final = 0.5
UNCLIP_RATIO: Final = 1.6
SMALLEST_SIDE: Final = 3.0
MULTIPLE: Final = 32
"""Sides of the detector's input are multiples of its coarsest step."""
STRIP_PIXELS: Final = 3_000_000
"""A larger input is seen in strips, so that memory stays within half a gigabyte."""
STRIP_MARGIN: Final = 128
"""Rows of the neighbour that a strip sees too: about the height of the detector's field of view."""

Quad = NDArray[np.float32]
"""Corners `(4, 2)` of a box as x, y: left upper, right upper, right lower, left lower, as the text is read."""


class TextDetector:
    """Finds boxes of text. Not thread safe."""

    def __init__(self, *, threads: int) -> None:
        model = enlarged_last(normalised(DETECTOR))
        self._request = compile_graph(model, threads=threads).create_infer_request()

    def detect(self, pixels: NDArray[np.uint8], scale: float = 1.0) -> list[Quad]:
        """Boxes in `pixels` (`(height, width, 3)` RGB), in its own coordinates; it is seen `scale` times as large."""
        height, width = pixels.shape[:2]
        rows, columns = (max(round(side * scale / MULTIPLE), 1) * MULTIPLE for side in (height, width))
        shrinks = rows * columns < height * width / 2
        resized = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        quads = boxes_of(self._text_map(resized))
        factors = np.array([width / columns, height / rows], np.float32)
        limits = np.array([width - 1, height - 1], np.float32)
        return [np.clip(quad * factors, 0, limits) for quad in quads]

    def _text_map(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The likelihood of text `(height, width)`; strips are joined before boxes are drawn, so none has a seam."""
        rows, columns = pixels.shape[:2]
        step = max(STRIP_PIXELS // columns // MULTIPLE, 8) * MULTIPLE
        if rows <= step:
            return self._infer(pixels)
        whole = np.empty((rows, columns), np.float32)
        for top in range(0, rows, step):
            bottom = min(top + step, rows)
            first, last = max(top - STRIP_MARGIN, 0), min(bottom + STRIP_MARGIN, rows)
            whole[top:bottom] = self._infer(pixels[first:last])[top - first : bottom - first]
        return whole

    def _infer(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        # The detector was trained on blue-green-red pictures, as OpenCV reads them.
        self._request.infer({0: np.ascontiguousarray(pixels[None, :, :, ::-1])})
        seen: NDArray[np.float32] = self._request.get_output_tensor(0).data[0, 0]
        return seen


def boxes_of(text_map: NDArray[np.float32]) -> list[Quad]:
    """Boxes around the connected areas of `text_map`, widened from the kernel of the text to its outline.

    Differentiable Binarization, Liao et al. 2020, section 3.4, as rapidocr's `DBPostProcess` does it. Growing a
    rectangle with round corners by a distance and boxing it again is growing its sides: no polygon library is needed.
    """
    mask = cv2.dilate((text_map > THRESHOLD).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    quads = []
    for contour in contours:
        centre, (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < SMALLEST_SIDE:
            continue
        if _mean_inside(text_map, cv2.boxPoints((centre, (width, height), angle))) < BOX_THRESHOLD:
            continue
        grown = 2 * width * height * UNCLIP_RATIO / (2 * (width + height))
        quads.append(_upright(cv2.boxPoints((centre, (width + grown, height + grown), angle))))
    return quads


def _mean_inside(text_map: NDArray[np.float32], corners: NDArray[Any]) -> float:
    rows, columns = text_map.shape
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    inside = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(inside, [(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(text_map[top : bottom + 1, left : right + 1], inside)[0])


def _upright(corners: NDArray[Any]) -> Quad:
    """The corners from the left upper one, clockwise."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    upper_left, lower_left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    upper_right, lower_right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.array([upper_left, upper_right, lower_right, lower_left], np.float32)


def enlarged_last(model: ov.Model) -> ov.Model:
    """The model with its two doublings of the map's sides put off to the end, where one channel is left of 24.

    A transposed convolution whose 2 by 2 windows do not overlap is a product for each pixel and corner, so that both
    are done at a quarter of the map's sides, and the pixels put in their places last (as in sub-pixel convolution, Shi
    et al. 2016): the same sums in six sevenths of the detector's time.
    """
    first, second = (node for node in model.get_ordered_ops() if node.get_type_name() == "ConvolutionBackpropData")
    kernel, weights = (_constant(node.input_value(1).get_node()) for node in (first, second))
    before, after = (_constant(_next(node, "Add").input_value(1).get_node()).ravel() for node in (first, second))
    given, channels = kernel.shape[:2]
    corners = kernel.transpose(2, 3, 1, 0).reshape(4 * channels, given, 1, 1)
    # Rows are the 4 by 4 pixels of a place in their order: upper half, row in it, left half, column in it.
    pixels = np.zeros((2, 2, 2, 2, 2, 2, channels), np.float32)
    for upper, left in np.ndindex(2, 2):
        pixels[upper, :, left, :, upper, left] = weights[:, 0].transpose(1, 2, 0)
    features = ops.relu(_pointwise(first.input_value(0), corners, np.tile(before, 4)))
    likely = ops.sigmoid(_pointwise(features, pixels.reshape(16, 4 * channels, 1, 1), np.repeat(after, 16)))
    return ov.Model([ops.depth_to_space(likely, "blocks_first", 4)], model.get_parameters(), "detector")


def _pointwise(given: Any, kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> Any:
    product = ops.convolution(given, ops.constant(np.ascontiguousarray(kernel)), [1, 1], [0, 0], [0, 0], [1, 1])
    return ops.add(product, ops.constant(bias.reshape(1, -1, 1, 1)))


def _constant(node: Any) -> NDArray[np.float32]:
    while node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    values: NDArray[np.float32] = node.get_data().astype(np.float32)
    return values


def _next(node: Any, kind: str) -> Any:
    """The first node of a kind on the way from `node` to the output."""
    while node.get_type_name() != kind:
        node = next(iter(node.output(0).get_target_inputs())).get_node()
    return node
