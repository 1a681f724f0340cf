"""What a picture's header says, and the faults that a header can have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from beholder.evidence import Size
from beholder.images.fault import ImageFault

Format: TypeAlias = Literal["PNG", "JPEG", "WebP", "GIF"]


@dataclass(frozen=True, slots=True)
class Header:
    """Read before any pixel is decoded. `size` is as stored, before EXIF orientation.

    `bits` is per channel; `colour` is a word for the report; `frames` counts to 2 at most: more is only "animated".
    """

    format: Format
    size: Size
    bits: int
    colour: str
    frames: int = 1


def damaged(format: Format, detail: str) -> ImageFault:
    """The refusal of a file that its own format forbids."""
    return ImageFault("image_parse_error", f"the {format} file is damaged: {detail}; send it again, whole")


def cut_short(format: Format) -> ImageFault:
    """The refusal of a file whose end is missing: a picture is shown whole or not at all."""
    return damaged(format, "it is cut short, and a part of the picture is missing")
