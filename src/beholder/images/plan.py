"""What would be done to a picture, told by its header: no pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from beholder.evidence import Size
from beholder.images.decode import (
    DECODER_ERRORS,
    OPENERS,
    TURNS,
    described,
    fit,
    orientation,
    turned,
    written,
)
from beholder.images.formats.header import Format, Header, damaged
from beholder.types import Detail, Where


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """What `Loader.load` would make of one image. `original_size` is upright, `size` what the engine would get."""

    where: Where
    format: Format
    file_bytes: int
    original_size: Size
    size: Size
    detail: Detail
    report: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would be done to a picture. `original_size` is upright, `size` what an engine would get."""

    original_size: Size
    size: Size
    report: tuple[str, ...]


def foresee(data: bytes, header: Header, max_edge: int) -> Foreseen:
    """What `decode` would do. Calls native parsers. Raises `ImageFault` where the picture's headers are damaged."""
    try:
        picture = OPENERS[header.format](BytesIO(data))
        if header.format == "PNG" and _has_late_exif(data):
            picture.load()
        notes = _colour_notes(header, picture)
    except DECODER_ERRORS as error:
        raise damaged(header.format, "it cannot be decoded") from error
    turn = orientation(picture)
    size, delivered = (turned(each, turn) for each in (header.size, fit(header.size, max_edge)))
    report = [described(header), *notes]
    if turn in TURNS:
        report.append(f"turned upright by its EXIF orientation ({turn}): {written(size)} pixels")
    if size != delivered:
        report.append(f"resized to {written(delivered)} pixels: the longest edge may have {max_edge:,}")
    return Foreseen(size, delivered, tuple(report))


def _colour_notes(header: Header, picture: Image.Image) -> list[str]:
    notes = []
    if header.bits == 16:
        notes.append("16 bits per channel reduced to 8")
    if picture.info.get("icc_profile"):
        notes.append("colours converted to sRGB, unless its colour profile is that already")
    elif picture.mode == "CMYK":
        notes.append("CMYK converted to RGB without a colour profile")
    if picture.has_transparency_data:
        notes.append("transparent parts, if there are any, shown on white, or on black where they would vanish")
    return notes


def _has_late_exif(data: bytes) -> bool:
    """Whether EXIF or XMP may stand behind the pixels, which PNG allows; then they must be read through."""
    pixels = data.find(b"IDAT")
    return pixels >= 0 and any(data.find(kind, pixels) >= 0 for kind in (b"eXIf", b"iTXt"))
