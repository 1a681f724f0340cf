"""The text models of rapidocr's wheel (PP-OCRv6 small, Apache-2.0) as OpenVINO graphs that take pixels as they are."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

import openvino as ov
from openvino.preprocess import PrePostProcessor

DETECTOR: Final = "PP-OCRv6_det_small.onnx"
RECOGNISER: Final = "PP-OCRv6_rec_small.onnx"
CHARACTERS_KEY: Final = "character"
"""The field of the recogniser's ONNX metadata that lists its characters, one a line."""

CORE: Final = ov.Core()


def normalised(name: str) -> ov.Model:
    """The model with `(batch, height, width, 3)` uint8 blue-green-red input; 0 to 255 becomes -1 to 1 in the graph."""
    model = CORE.read_model(str(files("rapidocr") / "models" / name))
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(ov.Type.f32).mean(127.5).scale(127.5)
    return steps.build()


def characters(model: ov.Model) -> tuple[str, ...]:
    """What the recogniser's classes mean: the blank, the characters of its metadata, the space."""
    listed: str = model.get_rt_info()["framework"][CHARACTERS_KEY].value
    return ("", *listed.splitlines(), " ")


def compile_graph(model: ov.Model, *, threads: int, streams: int = 1) -> Any:
    """`model` on the CPU, in bfloat16 where the machine computes in it: texts stay the same, in half the time.

    The threads are shared out to `streams`, each of which works on a request of its own.
    """
    capabilities = CORE.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    precision = "bf16" if "BF16" in capabilities else "f32"
    return CORE.compile_model(
        model,
        "CPU",
        {"INFERENCE_PRECISION_HINT": precision, "NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": threads},
    )
