"""Pictures drawn for the tests, and encoders for the forms that Pillow does not write."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 160, 60), (40, 60, 200), (128, 128, 128)


def four_corners(width: int = 64, height: int = 48) -> Image.Image:
    """Red top left, green top right, blue bottom left, grey bottom right: no turn or flip looks like another."""
    picture = Image.new("RGB", (width, height), GREY)
    half = (width // 2, height // 2)
    picture.paste(RED, (0, 0, *half))
    picture.paste(GREEN, (half[0], 0, width, half[1]))
    picture.paste(BLUE, (0, half[1], half[0], height))
    return picture


def corners(pixels: NDArray[np.uint8]) -> list[str]:
    """The names of the colours in the middle of the four quarters, in reading order."""
    height, width = pixels.shape[:2]
    known = {"red": RED, "green": GREEN, "blue": BLUE, "grey": GREY}
    points = [(height // 4, width // 4), (height // 4, width * 3 // 4)]
    points += [(height * 3 // 4, width // 4), (height * 3 // 4, width * 3 // 4)]
    return [min(known, key=lambda name: _distance(pixels[point], known[name])) for point in points]


def _distance(pixel: NDArray[np.uint8], colour: tuple[int, int, int]) -> float:
    return float(np.abs(pixel.astype(int) - np.array(colour)).sum())


def encoded(picture: Image.Image, format: str, **options: Any) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(size: tuple[int, int], bits: int, colour: int, rows: Sequence[bytes], *extra: bytes) -> bytes:
    """A PNG from unfiltered rows; `extra` chunks go before the picture data."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, 0))
    data = png_chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + data + png_chunk(b"IEND", b"")


def animated(format: str) -> bytes:
    """Two different frames in GIF, WebP or PNG."""
    first, second = four_corners(), Image.new("RGB", (64, 48), "white")
    return encoded(first, format, save_all=True, append_images=[second], duration=100)


def swapped_profile() -> bytes:
    """An RGB profile whose red is sRGB's green and the other way round: the tags of the two primaries exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"tXYZ"), (b"gXYZ", b"rXYZ"), (b"tXYZ", b"gXYZ")):
        profile = profile.replace(old, new, 1)
    return profile.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be"))


def textured(width: int = 400, height: int = 300) -> Image.Image:
    """A picture with detail everywhere, as a photo has it: light, an edge every few pixels, a little noise."""
    chance = np.random.default_rng(11)
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    light = 120 + 60 * np.sin(across / 37) + 40 * np.cos(down / 23)
    blocks = chance.integers(-25, 25, (height // 10 + 1, width // 10 + 1)).repeat(10, 0).repeat(10, 1)[:height, :width]
    grain = chance.normal(0, 4, (height, width))
    tint = np.stack([light + blocks, light - blocks / 2, light + 20], axis=-1) + grain[:, :, None]
    return Image.fromarray(np.clip(tint, 0, 255).astype(np.uint8))


def scan_start(jpeg: bytes) -> int:
    """Where the entropy-coded data of a JPEG's first scan begin."""
    marker = jpeg.index(b"\xff\xda")
    return marker + 2 + int.from_bytes(jpeg[marker + 2 : marker + 4], "big")
