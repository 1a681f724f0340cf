"""From a checked file to the picture a person sees: RGB, upright, opaque, within the longest edge; or a refusal."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from beholder.images.colour import flatten, separate, to_srgb
from beholder.images.formats import reader
from beholder.images.formats.header import Format, Header, damaged
from beholder.types import Size

# The plug-ins are used directly: `Image.open` would guess among fifty formats, and bring its own pixel ceiling as a
# process-wide setting. Ours was applied to the header.
OPENERS: dict[Format, Callable[[BytesIO], ImageFile.ImageFile]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "WebP": WebPImageFile,
    "GIF": GifImageFile,
}

DECODER_ERRORS: tuple[type[Exception], ...] = (
    OSError,  # with UnidentifiedImageError: truncated files, broken streams, libjpeg, zlib and libwebp
    SyntaxError,  # a plug-in's word for "not my format"
    ValueError,  # with UnicodeDecodeError
    struct.error,
    zlib.error,
    EOFError,
    MemoryError,
    ArithmeticError,  # with OverflowError and ZeroDivisionError
    LookupError,  # with IndexError and KeyError
    TypeError,
    AttributeError,
    AssertionError,
    RuntimeError,  # with NotImplementedError and RecursionError
    Image.DecompressionBombError,
    Warning,  # a remark, where somebody has made warnings errors
)
"""All that Pillow and the libraries under it raise on a bad file; each is a fault of the file."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture of that EXIF orientation upright (CIPA DC-008, Orientation)."""

REDUCING_GAP = 3.0
"""How much larger than the target the quick first reduction may stop; Pillow calls 3.0 indistinguishable."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """`pixels` is `(height, width, 3)` uint8 sRGB, read-only; `original_size` is upright and before any resize."""

    pixels: NDArray[np.uint8]
    original_size: Size
    report: tuple[str, ...]


def decode(data: bytes, header: Header, max_edge: int) -> Decoded:
    """Decode the picture that `header` was read from, its longest edge brought to at most `max_edge`.

    Raises `ImageFault` for a damaged or incomplete file: nothing is half-shown.
    """
    report = [described(header)]
    delivered = fit(header.size, max_edge)
    with _translated(header.format):
        source = _open(data, header, delivered)
        colour, alpha = separate(source, header.bits)
    turn = orientation(source)
    if header.bits == 16:
        report.append("16 bits per channel reduced to 8")
    colour, note = to_srgb(colour, source.info.get("icc_profile"))
    report += note
    picture, note = flatten(colour, alpha)
    report += note
    if delivered != header.size:
        picture = picture.resize(delivered, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
    size = header.size
    if turn in TURNS:
        picture = picture.transpose(TURNS[turn])
        size, delivered = turned(size, turn), turned(delivered, turn)
        report.append(f"turned upright by its EXIF orientation ({turn}): {written(size)} pixels")
    if size != delivered:
        report.append(f"resized to {written(delivered)} pixels: the longest edge may have {max_edge:,}")
    return Decoded(_pixels(picture), size, tuple(report))


def _open(data: bytes, header: Header, delivered: Size) -> ImageFile.ImageFile:
    """The picture, its pixels decoded. Raises `ImageFault` and `DECODER_ERRORS`."""
    known = reader(data)
    assert known is not None
    known.check_complete(data)
    picture = OPENERS[header.format](BytesIO(data))
    if picture.size != header.size:
        raise damaged(header.format, "it holds two different sizes")
    if delivered != header.size:
        # Only JPEG does something here: it decodes at 1/2, 1/4 or 1/8, never below the size asked for.
        picture.draft(None, delivered)
    picture.load()
    return picture


def ignore_decoder_warnings() -> None:
    """Keep Pillow's remarks on bad metadata out of the log: a client could fill it, and each distinct text is kept."""
    warnings.filterwarnings("ignore", module=r"PIL\.")


@contextmanager
def _translated(format: Format) -> Iterator[None]:
    try:
        yield
    except DECODER_ERRORS as error:
        raise damaged(format, "it cannot be decoded") from error


def orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 when it is missing, unreadable or not one of the eight."""
    try:
        # Not `picture.getexif`: a PNG's would decode the pixels in search of it; here they are, or are not wanted.
        value = Image.Image.getexif(picture).get(ExifTags.Base.Orientation, 1)
    except DECODER_ERRORS:
        return 1
    return value if isinstance(value, int) and value in TURNS else 1


def fit(size: Size, max_edge: int) -> Size:
    """`size` with its longest edge at most `max_edge`, the aspect kept, each edge at least 1."""
    longest = max(size)
    if longest <= max_edge:
        return size
    width, height = (max(1, round(edge * max_edge / longest)) for edge in size)
    return width, height


def turned(size: Size, turn: int) -> Size:
    """`size` after the turn of an EXIF orientation."""
    return (size[1], size[0]) if turn >= 5 else size


def _pixels(picture: Image.Image) -> NDArray[np.uint8]:
    # `convert` copies even when there is nothing to convert.
    picture = picture if picture.mode == "RGB" else picture.convert("RGB")
    pixels = np.ascontiguousarray(np.asarray(picture, dtype=np.uint8))
    pixels.setflags(write=False)
    return pixels


def described(header: Header) -> str:
    """A report's first line."""
    depth = f", {header.bits}-bit {header.colour}" if header.bits != 8 else f", {header.colour}"
    return f"{header.format}, {written(header.size)} pixels{depth}"


def written(size: Size) -> str:
    """A size as a report has it."""
    return f"{size[0]} × {size[1]}"
