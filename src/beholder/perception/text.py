"""Reading: pixels to lines of text, each with its box in original pixels (rapidocr, PP-OCRv6 on OpenVINO)."""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidocr import EngineType, RapidOCR

from beholder.types import Box, Image, TextLine

METHOD: Final = "ocr:pp-ocrv6-small"
LEAST_CONFIDENCE: Final = 0.5
"""Lines that the recogniser is less sure of are left out; rapidocr's own default."""


class TextReader:
    """The text detector and recogniser, loaded from rapidocr's wheel. Not thread safe."""

    def __init__(self, *, threads: int = 0) -> None:
        cores = threads or os.cpu_count() or 1
        self._engine = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.use_cls": False,
                "Global.text_score": LEAST_CONFIDENCE,
                "Det.engine_type": EngineType.OPENVINO,
                "Rec.engine_type": EngineType.OPENVINO,
                "EngineConfig.openvino.inference_num_threads": cores,
            }
        )

    def read(self, image: Image) -> tuple[TextLine, ...]:
        """The lines of text in `image`, from top to bottom."""
        # The detector was trained on blue-green-red pictures, as OpenCV reads them.
        seen = self._engine(np.ascontiguousarray(image.pixels[:, :, ::-1]))
        if seen.boxes is None or seen.txts is None:
            return ()
        return tuple(
            TextLine(str(text).strip(), _box(corners, image), float(score), METHOD)
            for corners, text, score in zip(seen.boxes, seen.txts, seen.scores, strict=True)
            if str(text).strip()
        )


def _box(corners: NDArray[Any], image: Image) -> Box:
    """The upright box around four corners `(4, 2)` in delivered pixels, in original pixels."""
    (across, down), (width, height) = image.scale, image.original_size
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    return (
        float(np.clip(left * across, 0, width)),
        float(np.clip(top * down, 0, height)),
        float(np.clip(right * across, 0, width)),
        float(np.clip(bottom * down, 0, height)),
    )
