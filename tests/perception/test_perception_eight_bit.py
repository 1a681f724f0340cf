"""Convolutions in 8-bit integers: where they are put, what they round to, and whose ranges they have."""

from __future__ import annotations

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset15 as ops

from beholder.perception.eight_bit import STEPS, in_eight_bits, measured, pointwise_convolutions
from beholder.perception.ocr_models import RECOGNISER, compile_graph, digest, has_bfloat16, normalised
from beholder.perception.recogniser_ranges import MEASURED_ON, RANGES
from beholder.perception.recognition import best_only


def tiny() -> ov.Model:
    """Two channels that are swapped and doubled, the input's values being bytes."""
    pixels = ops.parameter([1, 2, -1, -1], np.uint8, "pixels")
    kernel = np.array([[0, 2], [2, 0]], np.float32).reshape(2, 2, 1, 1)
    product = ops.convolution(ops.convert(pixels, "f32"), ops.constant(kernel), [1, 1], [0, 0], [0, 0], [1, 1])
    product.set_friendly_name("swap")
    return ov.Model([product], [pixels], "tiny")


def run(model: ov.Model, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The model's output, computed in float32."""
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found: NDArray[np.float32] = compiled([pixels])[0]
    return found


PIXELS = np.arange(200, dtype=np.uint8).reshape(1, 2, 10, 10)


def test_rounds_to_steps_of_the_range() -> None:
    """Within the range a value is a step of it, beyond it is its end; the weights stay what they were."""
    found = run(in_eight_bits(tiny(), {"swap": (0.0, 127.5)}), PIXELS)
    exact = 2 * np.minimum(PIXELS[:, ::-1].astype(np.float32), 127.5)
    assert np.abs(found - exact).max() <= 127.5 / (STEPS - 1) + 1e-3
    assert 255 == pytest.approx(found.max(), abs=1e-3)


def test_zero_stays_zero() -> None:
    """Whatever the range: pictures are padded with it."""
    found = run(in_eight_bits(tiny(), {"swap": (-0.17, 2.61)}), np.zeros_like(PIXELS))
    assert 0 == np.abs(found).max()


def test_unknown_convolution() -> None:
    """Ranges of another model are an error, not ignored."""
    with pytest.raises(KeyError):
        in_eight_bits(tiny(), {"other": (0.0, 1.0)})


def test_measures_what_flows_in() -> None:
    """The widest quarter of the inputs' ranges, at the percentile asked for."""
    narrow = PIXELS // 4
    assert {"swap": (0.0, 199.0)} == measured(tiny(), [narrow, narrow, narrow, PIXELS], 100)
    assert pytest.approx((19.9, 179.1)) == measured(tiny(), [PIXELS], 90)["swap"]


def test_ranges_are_of_the_installed_recogniser() -> None:
    """After an update of rapidocr, `scripts/measure_ranges.py` measures them anew."""
    assert digest(RECOGNISER) == MEASURED_ON
    names = {node.get_friendly_name() for node in pointwise_convolutions(best_only(normalised(RECOGNISER)))}
    assert names == set(RANGES)


@pytest.mark.skipif(not has_bfloat16(), reason="this CPU reads in float32")
def test_products_are_made_in_integers() -> None:
    """OpenVINO takes nearly all of the recogniser's convolutions as integer products."""
    compiled = compile_graph(in_eight_bits(best_only(normalised(RECOGNISER)), RANGES), threads=1)
    request = compiled.create_infer_request()
    request.infer({0: np.full((1, 48, 64, 3), 128, np.uint8)})
    kinds = [node.get_rt_info()["primitiveType"].astype(str) for node in compiled.get_runtime_model().get_ops()]
    assert 0.9 * len(RANGES) <= sum("1x1_I8" in kind for kind in kinds)
