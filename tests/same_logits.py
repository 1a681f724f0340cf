"""Whether two passes over the same tokens gave the same logits."""

from __future__ import annotations

from typing import Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray

IS_EXACT: Final = "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
"""In float32 the last bits depend on how sums are divided."""

FLOAT32_NOISE: Final = 1e-3
"""In logits, the largest of which are about 10; the most that was seen is 8e-5."""


def assert_same(one: NDArray[np.float32], other: NDArray[np.float32]) -> None:
    """They are the same bits where the processor computes in bfloat16, and nearly so where it does in float32."""
    if IS_EXACT:
        assert np.array_equal(one, other)
    else:
        assert np.abs(one - other).max() < FLOAT32_NOISE
