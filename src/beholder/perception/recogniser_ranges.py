"""The range of what flows into each 1x1 convolution of the recogniser, for `eight_bit.py`.

Written by `scripts/measure_ranges.py`.
"""

from __future__ import annotations

from typing import Final

MEASURED_ON: Final = "570fcee388d4475f46627fc4da2ce845e03af97217d623a7798ca1e7a89e5fa3"
"""BLAKE3 of the model."""

RANGES: Final = {
    "Conv.4": (0, 12.71),
    "Conv.8": (-1.153, 1.391),
    "Conv.9": (-0.17, 2.672),
    "Conv.11": (-1.651, 1.892),
    "Conv.12": (-0.17, 3.41),
    "Conv.14": (-1.334, 1.643),
    "Conv.15": (-0.17, 1.969),
    "Conv.17": (-4.012, 2.679),
    "Conv.18": (-0.17, 3.101),
    "Conv.22": (-0.6697, 0.892),
    "Conv.23": (-0.17, 1.126),
    "Conv.25": (-1.442, 1.307),
    "Conv.26": (-0.17, 0.9015),
    "Conv.30": (-0.8832, 0.8108),
    "Conv.31": (-0.17, 1.39),
    "Conv.33": (-1.309, 1.253),
    "Conv.34": (-0.17, 0.8213),
    "Conv.38": (-0.5411, 0.6308),
    "Conv.39": (-0.17, 1.604),
    "Conv.41": (-1.249, 1.189),
    "Conv.42": (-0.17, 0.8686),
    "Conv.44": (-2.055, 2.061),
    "Conv.45": (-0.17, 2.684),
    "Conv.49": (-0.5996, 0.6241),
    "Conv.50": (-0.17, 1.517),
    "Conv.52": (-5.335, 4.502),
    "Conv.53": (-0.17, 1.971),
    "Conv.55": (-4.574, 4.246),
    "Conv.54": (-4.574, 4.246),
}
