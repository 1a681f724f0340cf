"""What stands in a box, read by itself: the check on boxes that an answer claims for its values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from beholder.evals.answer import GroundedBox
from beholder.evidence import Box
from beholder.perception.plain_text import PlainReader

MARGIN: Final = 4
"""Pixels added on each side before the crop: boxes of text often end at the letters' edge."""
BORDER: Final = 24
"""White pixels around the crop: a text detector does not find what touches the edge."""


class BoxReader:
    """Reads boxes out of image files. It loads its models when first used, and is not thread safe."""

    def __init__(self) -> None:
        self._reader: PlainReader | None = None

    def read(self, images: tuple[Path, ...], boxes: tuple[GroundedBox, ...]) -> tuple[GroundedBox, ...]:
        """The boxes with `read` filled in; a box outside its picture, or of an image that was not sent, reads empty."""
        self._reader = self._reader or PlainReader()
        return tuple(replace(box, read=self._read(images, box)) for box in boxes)

    def _read(self, images: tuple[Path, ...], box: GroundedBox) -> str:
        assert self._reader is not None
        if not 0 <= box.image < len(images):
            return ""
        with Image.open(images[box.image]) as file:
            picture = ImageOps.exif_transpose(file).convert("RGB")
        crop = _clip(box.box, picture.size)
        if crop is None:
            return ""
        return self._reader.read(np.asarray(ImageOps.expand(picture.crop(crop), BORDER, "white")))


def _clip(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    left, top = max(0, round(box[0]) - MARGIN), max(0, round(box[1]) - MARGIN)
    right, bottom = min(size[0], round(box[2]) + MARGIN), min(size[1], round(box[3]) + MARGIN)
    return (left, top, right, bottom) if left < right and top < bottom else None
