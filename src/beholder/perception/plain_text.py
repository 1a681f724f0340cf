"""The plainest reading of a picture: rapidocr with its defaults, laid out by rapidocr, without boxes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidocr import EngineType, RapidOCR


class PlainReader:
    """Reads text and nothing else; for the naive baseline, and as an independent look into a box. Not thread safe."""

    def __init__(self, *, threads: int = -1) -> None:
        """`threads` of the CPU, -1 for rapidocr's own choice. Only the runtime is not the default: OpenVINO."""
        self._engine = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Det.engine_type": EngineType.OPENVINO,
                "Cls.engine_type": EngineType.OPENVINO,
                "Rec.engine_type": EngineType.OPENVINO,
                "EngineConfig.openvino.inference_num_threads": threads,
            }
        )

    def read(self, pixels: NDArray[np.uint8]) -> str:
        """The text in `pixels`, `(height, width, 3)` sRGB, a row of the page a line; empty where none was found."""
        seen: Any = self._engine(np.ascontiguousarray(pixels[:, :, ::-1]))
        return "" if seen.boxes is None or seen.txts is None else str(seen.to_markdown())
