"""The ImageNet classifier: EfficientNet-Lite2 as an OpenVINO graph, from the tensors of its checkpoint.

The architecture is that of TensorFlow's `efficientnet_lite_builder.py` (tensorflow/tpu, Apache-2.0): no squeeze and
excitation, ReLU6 throughout, stem and head of fixed width.
"""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset15 as op

from beholder.perception.photos.checkpoint import State, read_state
from beholder.settings import Settings
from beholder.weights import EFFICIENTNET, ensure

Node = Any
EDGE: Final = 260
"""Pixels of the square input: `efficientnet_lite_params` of the builder."""

CENTRE, SPREAD = 127.0, 128.0
"""What the builder's `MEAN_RGB` and `STDDEV_RGB` are, for channels of 0 to 255."""

EPSILON: Final = 1e-3
"""Of the batch normalisation: `batch_norm_epsilon` of the builder."""

HALVING_STAGES: Final = (2, 3, 4, 6)
"""Stages, counted from 1, whose first block halves the picture."""

BATCH: Final = 8
"""Pictures in one pass: more needs memory and saves no time."""


def compile_model(model: ov.Model, threads: int) -> ov.CompiledModel:
    """The model on the CPU, with as many threads as the machine has cores where `threads` is 0."""
    cores = threads or os.cpu_count() or 1
    return ov.Core().compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": cores, "NUM_STREAMS": 1})


class Classifier:
    """Probabilities of the 1000 classes. Not thread safe.

    Raises `WeightsError` when the weights are missing or wrong.
    """

    def __init__(self, settings: Settings) -> None:
        state = read_state(ensure(EFFICIENTNET, settings))
        self._network = compile_model(_Graph(state).build(), settings.threads)

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """`(n, 1000)` for `(n, EDGE, EDGE, 3)` sRGB pictures; each row sums to 1."""
        found = []
        for start in range(0, len(pictures), BATCH):
            batch = (pictures[start : start + BATCH].astype(np.float32) - CENTRE) / SPREAD
            found.append(np.array(self._network(np.ascontiguousarray(batch.transpose(0, 3, 1, 2)))[0]))
        return np.concatenate(found) if found else np.empty((0, 1000), np.float32)


class _Graph:
    """Input `(n, 3, EDGE, EDGE)` float32, output `(n, 1000)` float32; normalisation is folded into the weights."""

    def __init__(self, state: State) -> None:
        self._state = state

    def build(self) -> ov.Model:
        pixels = op.parameter([-1, 3, EDGE, EDGE], np.float32, "pixels")
        features = self._layer(pixels, "_conv_stem", "_bn0", stride=2)
        blocks = sorted({int(name.split(".")[1]) for name in self._state if name.startswith("_blocks.")})
        stage, width = 0, 0
        for block in blocks:
            wider = len(self._state[f"_blocks.{block}._project_conv.weight"])
            stage += wider != width
            halves = wider != width and stage in HALVING_STAGES
            found = self._block(features, f"_blocks.{block}", stride=2 if halves else 1)
            features = found if wider != width else op.add(found, features)
            width = wider
        features = self._layer(features, "_conv_head", "_bn1")
        pooled = op.reduce_mean(features, op.constant(np.array([2, 3])), False)
        scores = op.matmul(pooled, op.constant(self._state["_fc.weight"]), False, True)
        scores = op.add(scores, op.constant(self._state["_fc.bias"]))
        return ov.Model([op.softmax(scores, 1)], [pixels], "efficientnet_lite2")

    def _block(self, features: Node, name: str, stride: int) -> Node:
        """An inverted bottleneck: widen, convolve each channel by itself, narrow."""
        if f"{name}._expand_conv.weight" in self._state:
            features = self._layer(features, f"{name}._expand_conv", f"{name}._bn0")
        features = self._layer(features, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride)
        return self._layer(features, f"{name}._project_conv", f"{name}._bn2", is_active=False)

    def _layer(self, features: Node, name: str, norm: str, stride: int = 1, is_active: bool = True) -> Node:
        weight = self._state[f"{name}.weight"]
        scale = self._state[f"{norm}.weight"] / np.sqrt(self._state[f"{norm}.running_var"] + EPSILON)
        offset = self._state[f"{norm}.bias"] - self._state[f"{norm}.running_mean"] * scale
        folded = np.ascontiguousarray(weight * scale[:, None, None, None], dtype=np.float32)
        # Padded as TensorFlow pads, more at the lower right where it cannot be even.
        around: dict[str, Any] = {
            "strides": [stride, stride],
            "pads_begin": [0, 0],
            "pads_end": [0, 0],
            "dilations": [1, 1],
            "auto_pad": "same_upper",
        }
        if weight.shape[1] == 1:
            found = op.group_convolution(features, op.constant(folded[:, None]), **around)
        else:
            found = op.convolution(features, op.constant(folded), **around)
        found = op.add(found, op.constant(offset.reshape(1, -1, 1, 1).astype(np.float32)))
        return op.clamp(found, 0.0, 6.0) if is_active else found
