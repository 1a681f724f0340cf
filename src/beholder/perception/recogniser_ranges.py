"""The range of what flows into each 1x1 convolution of the recogniser, for `eight_bit.py`.

Written by `scripts/measure_ranges.py`.
"""

from __future__ import annotations

from typing import Final

MEASURED_ON: Final = "570fcee388d4475f46627fc4da2ce845e03af97217d623a7798ca1e7a89e5fa3"
"""BLAKE3 of the model."""

RANGES: Final = {
    "Conv.4": (0, 13),
    "Conv.8": (-1.142, 1.376),
    "Conv.9": (-0.17, 2.61),
    "Conv.11": (-1.647, 1.882),
    "Conv.12": (-0.17, 3.36),
    "Conv.14": (-1.336, 1.63),
    "Conv.15": (-0.17, 1.93),
    "Conv.17": (-4.009, 2.738),
    "Conv.18": (-0.17, 3.121),
    "Conv.22": (-0.6713, 0.916),
    "Conv.23": (-0.17, 1.202),
    "Conv.25": (-1.459, 1.351),
    "Conv.26": (-0.17, 0.9122),
    "Conv.30": (-0.9204, 0.8094),
    "Conv.31": (-0.17, 1.441),
    "Conv.33": (-1.355, 1.222),
    "Conv.34": (-0.17, 0.8579),
    "Conv.38": (-0.5591, 0.631),
    "Conv.39": (-0.17, 1.621),
    "Conv.41": (-1.221, 1.163),
    "Conv.42": (-0.17, 0.9002),
    "Conv.44": (-2.037, 2.093),
    "Conv.45": (-0.17, 2.733),
    "Conv.49": (-0.6093, 0.6224),
    "Conv.50": (-0.17, 1.531),
    "Conv.52": (-5.648, 4.704),
    "Conv.53": (-0.17, 2.002),
    "Conv.55": (-4.665, 4.252),
    "Conv.54": (-4.665, 4.252),
}
