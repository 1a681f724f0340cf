"""Which files are taken, by their bytes, and how the others are named."""

from __future__ import annotations

import struct

import pytest
from image_files import animated, corners, encoded, four_corners, png, png_chunk
from image_requests import data_uri, load, refusal
from PIL import Image


@pytest.mark.parametrize(("written", "format"), [("PNG", "PNG"), ("JPEG", "JPEG"), ("WEBP", "WebP"), ("GIF", "GIF")])
async def test_supported_format(written: str, format: str) -> None:
    """Each of the four formats is recognised by its bytes and decoded to upright RGB of its own size."""
    image = await load(encoded(four_corners(), written))
    assert format == image.format
    assert (64, 48) == image.original_size == image.size
    assert ["red", "green", "blue", "grey"] == corners(image.pixels)
    assert f"{format}, 64 × 48 pixels" in image.report[0]


@pytest.mark.parametrize("declared", ["image/jpeg", "text/html", "application/octet-stream", "nonsense", ""])
async def test_declared_type_is_not_trusted(declared: str) -> None:
    """A data URI's declared media type does not matter, whatever it says."""
    image = await load(data_uri(encoded(four_corners(), "PNG"), declared))
    assert "PNG" == image.format


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 60}, {"lossless": True, "exif": b"Exif\0\0"}])
async def test_webp_forms(options: dict[str, object]) -> None:
    """Lossy, lossless and extended WebP files are all read."""
    image = await load(encoded(four_corners(), "WEBP", **options))
    assert ["red", "green", "blue", "grey"] == corners(image.pixels)


@pytest.mark.parametrize("written", ["GIF", "WEBP", "PNG"])
async def test_animation_is_refused(written: str) -> None:
    """An animated GIF, WebP or PNG is refused as animated, not cut down to a frame."""
    error = await refusal(animated(written))
    assert "unsupported_image_media_type" == error.code
    assert "animated" in error.message


async def test_png_with_one_declared_frame_is_still() -> None:
    """A PNG that announces an animation of a single frame is a still picture."""
    control = png_chunk(b"acTL", struct.pack(">II", 1, 0))
    frame = png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 2, 1, 0, 0, 1, 1, 0, 0))
    image = await load(png((2, 1), 8, 0, [b"\x00\xff"], control, frame))
    assert (2, 1) == image.size


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
AVIF = b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf" + bytes(64)
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(64)
OTHERS = {
    "a HEIC image": HEIC,
    "an AVIF image": AVIF,
    "a video": MP4,
    "a BMP image": encoded(four_corners(), "BMP"),
    "a TIFF image": encoded(four_corners(), "TIFF"),
    "an ICO icon": encoded(four_corners(), "ICO"),
    "a JPEG 2000 image": encoded(four_corners(), "JPEG2000"),
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "an SVG drawing": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "an HTML page": b"\n<!DOCTYPE html><html><body>Sign in</body></html>",
    "an XML document": b'<?xml version="1.0"?><rss/>',
    "JSON text": b'{"error": "no such picture"}',
    "plain text": "Bild nicht gefunden – schade".encode(),
    "a ZIP archive or an office document": b"PK\x03\x04" + bytes(30),
    "data of no known kind": bytes(range(128, 256)),
}


@pytest.mark.parametrize("name", OTHERS)
async def test_other_file_is_named(name: str) -> None:
    """A file of another kind is refused with its name and the formats that are supported."""
    error = await refusal(OTHERS[name])
    assert "unsupported_image_media_type" == error.code
    assert f"the file is {name}" in error.message
    assert "PNG, JPEG, WebP and non-animated GIF" in error.message


async def test_page_instead_of_picture_says_so() -> None:
    """An HTML page gets the advice to use the picture's own address."""
    error = await refusal(OTHERS["an HTML page"])
    assert "use the address of the picture itself" in error.message


async def test_twelve_bit_jpeg_is_named() -> None:
    """A JPEG of more than 8 bits a channel is refused by its header, in words."""
    jpeg = bytearray(encoded(four_corners(), "JPEG"))
    jpeg[jpeg.index(b"\xff\xc0") + 4] = 12
    error = await refusal(bytes(jpeg))
    assert "unsupported_image_media_type" == error.code
    assert "JPEG with 12 bits per channel" in error.message


async def test_gif_frame_larger_than_its_screen() -> None:
    """A GIF whose first frame reaches beyond the screen is as large as the frame, as browsers show it."""
    gif = bytearray(encoded(four_corners(), "GIF"))
    gif[6:10] = struct.pack("<HH", 8, 8)
    image = await load(bytes(gif))
    assert (64, 48) == image.size


async def test_gif_without_trailer() -> None:
    """A GIF whose picture is whole is taken although its closing byte is missing."""
    gif = encoded(Image.new("P", (8, 8)), "GIF")
    image = await load(gif.rstrip(b";"))
    assert (8, 8) == image.size
