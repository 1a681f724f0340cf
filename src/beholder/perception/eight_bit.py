"""Convolutions in 8-bit integers: a graph with the ranges of what flows into them, measured beforehand.

A value is one of 256 steps of its tensor's range, a weight one of 255 of its output channel's (Jacob et al. 2018,
"Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference"). OpenVINO's CPU plugin
makes integer products of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset15 as ops

STEPS: Final = 256
WEIGHT_STEPS: Final = 255
TAIL: Final = 0.02
"""Of the highest value: a lowest one nearer to zero counts as zero."""

Range = tuple[float, float]
"""The lowest and the highest value that count; what lies beyond becomes one of them."""


def pointwise_convolutions(model: ov.Model) -> list[Any]:
    """The nodes of `model` that multiply each place's channels by a matrix, those on one place alone left out.

    Where most of the time goes: larger kernels and products of few values gain nothing by it.
    """
    return [node for node in model.get_ordered_ops() if _is_pointwise(node)]


def in_eight_bits(model: ov.Model, ranges: Mapping[str, Range]) -> ov.Model:
    """`model`, changed in place: the convolutions named in `ranges` take values in that range, in 8 bits.

    Raises `KeyError` for a name that is no pointwise convolution of the model.
    """
    nodes = {node.get_friendly_name(): node for node in pointwise_convolutions(model)}
    for name, limits in ranges.items():
        node = nodes[name]
        low, high = _steps(limits)
        values = _rounded(node.input_value(0), np.float32(low), np.float32(high), STEPS)
        node.input(0).replace_source_output(values.output(0))
        kernel = _weights(node)
        largest = np.maximum(np.abs(kernel).max(axis=(1, 2, 3), keepdims=True), np.finfo(np.float32).tiny)
        weights = _rounded(ops.constant(kernel), -largest, largest, WEIGHT_STEPS)
        node.input(1).replace_source_output(weights.output(0))
    model.validate_nodes_and_infer_types()
    return model


def measured(model: ov.Model, inputs: Sequence[NDArray[np.uint8]], percentile: float) -> dict[str, Range]:
    """The range of what flows into each pointwise convolution of `model` for `inputs`, each a batch of its one input.

    `percentile`, 50 to 100, of an input's values are within its range; of all inputs' ranges the widest quarter counts.
    """
    nodes = pointwise_convolutions(model)
    watched = ov.Model([node.input_value(0) for node in nodes], model.get_parameters(), "watched")
    request = ov.Core().compile_model(watched, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    seen = []
    for each in inputs:
        request.infer({0: each})
        tensors = (request.get_output_tensor(number).data for number in range(len(nodes)))
        seen.append([np.percentile(tensor, [100 - percentile, percentile]) for tensor in tensors])
    widest = max(len(inputs) // 4, 1)
    lows, highs = np.sort(np.array(seen), axis=0).transpose(2, 1, 0)
    return {
        node.get_friendly_name(): (float(low[:widest].mean()), float(high[-widest:].mean()))
        for node, low, high in zip(nodes, lows, highs, strict=True)
    }


def _is_pointwise(node: Any) -> bool:
    if node.get_type_name() != "Convolution":
        return False
    kernel, given = node.input_value(1).get_partial_shape(), node.input_value(0).get_partial_shape()
    sides = (given[2], given[3])
    is_one_place = all(side.is_static and side.get_length() == 1 for side in sides)
    return not is_one_place and kernel[2].get_length() == kernel[3].get_length() == 1


def _steps(limits: Range) -> Range:
    """The range moved by less than a step, so that zero, which pads pictures, is one of the steps."""
    low, high = min(limits[0], 0.0), max(limits[1], 0.0)
    if low >= -TAIL * high:
        return 0.0, high
    step = (high - low) / (STEPS - 1)
    zero = round(-low / step)
    return -zero * step, (STEPS - 1 - zero) * step


def _rounded(source: Any, low: Any, high: Any, steps: int) -> Any:
    limits = ops.constant(low), ops.constant(high)
    return ops.fake_quantize(source, *limits, *limits, steps)


def _weights(node: Any) -> NDArray[np.float32]:
    constant = node.input_value(1).get_node()
    while constant.get_type_name() == "Convert":
        constant = constant.input_value(0).get_node()
    kernel: NDArray[np.float32] = constant.get_data().astype(np.float32)
    return kernel
