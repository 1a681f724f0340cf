"""From a checked file to the picture a person sees: RGB, upright, opaque, within the longest edge; or a refusal."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from beholder.evidence import Size
from beholder.images import jpeg, opencv
from beholder.images.colour import Raster, as_array, flatten, mode_of, separate, to_srgb
from beholder.images.formats import png, reader
from beholder.images.formats.header import Format, Header, damaged
from beholder.images.resample import resize

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

TURNS: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_180),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.transpose(cv2.rotate(pixels, cv2.ROTATE_180)),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
"""What makes a picture of that EXIF orientation upright (CIPA DC-008, Orientation)."""


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
        source = _open(data, header)
        colour, alpha = _read(data, header, source, delivered)
        turn = orientation(source)
    if header.bits == 16:
        report.append("16 bits per channel reduced to 8")
    if alpha is None and mode_of(colour) in {"L", "RGB"}:
        # Fewer pixels to convert; with transparency, hidden colours would bleed into what is seen.
        colour = resize(as_array(colour), delivered)
    colour, note = to_srgb(colour, source.info.get("icc_profile"))
    report += note
    colour, note = flatten(colour, alpha)
    report += note
    pixels = _rgb(resize(as_array(colour), delivered))
    size = header.size
    if turn in TURNS:
        pixels = TURNS[turn](pixels)
        size, delivered = turned(size, turn), turned(delivered, turn)
        report.append(f"turned upright by its EXIF orientation ({turn}): {written(size)} pixels")
    if size != delivered:
        report.append(f"resized to {written(delivered)} pixels: the longest edge may have {max_edge:,}")
    pixels.setflags(write=False)
    return Decoded(pixels, size, tuple(report))


def _open(data: bytes, header: Header) -> ImageFile.ImageFile:
    """The picture's metadata; no pixel is decoded. Raises `ImageFault` and `DECODER_ERRORS`."""
    known = reader(data)
    assert known is not None
    known.check_complete(data)
    picture = OPENERS[header.format](BytesIO(data))
    if picture.size != header.size:
        raise damaged(header.format, "it holds two different sizes")
    return picture


def _read(data: bytes, header: Header, source: ImageFile.ImageFile, delivered: Size) -> tuple[Raster, Raster | None]:
    """Colour and alpha as stored, of the full size or, from a JPEG, a fraction not smaller than `delivered`.

    The fast decoders come first; Pillow decodes all that they leave. Raises `ImageFault` and `DECODER_ERRORS`.
    """
    if header.format == "JPEG":
        pixels = jpeg.read(data, header, delivered)
        if pixels is not None:
            return pixels, None
        if delivered != header.size:
            # Decodes at 1/2, 1/4 or 1/8, never below the size asked for.
            source.draft(None, (round(delivered[0] * jpeg.SHRINK_GAP), round(delivered[1] * jpeg.SHRINK_GAP)))
    planes = opencv.read(data, header)
    if planes is not None:
        return planes
    if header.format == "PNG":
        png.check_pixel_data(data)
    source.load()
    return separate(source, header.bits)


def ignore_decoder_warnings() -> None:
    """Keep remarks on bad files out of the log: a client could fill it, and Python keeps each distinct text."""
    warnings.filterwarnings("ignore", module=r"PIL\.")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


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


def _rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Contiguous `(height, width, 3)`."""
    return cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if pixels.ndim == 2 else np.ascontiguousarray(pixels)


def described(header: Header) -> str:
    """A report's first line."""
    depth = f", {header.bits}-bit {header.colour}" if header.bits != 8 else f", {header.colour}"
    return f"{header.format}, {written(header.size)} pixels{depth}"


def written(size: Size) -> str:
    """A size as a report has it."""
    return f"{size[0]} × {size[1]}"
