"""Each limit, with its code, its words and its place."""

from __future__ import annotations

import struct
import warnings
import zlib

import pytest
from image_files import encoded, four_corners, png, png_chunk
from image_requests import data_uri, job, load, loading, refusal
from PIL import Image

from beholder.errors import ImageError

PICTURE = data_uri(encoded(four_corners(), "PNG"))


async def test_ten_images_in_a_message_pass() -> None:
    """Ten images in each of two messages are within the limit, which counts per message."""
    async with loading() as loader:
        loaded = await loader.load(job([PICTURE] * 10, [PICTURE] * 10))
    assert 20 == len(list(loaded.images()))


async def test_eleventh_image_is_named() -> None:
    """The eleventh image of one message is refused, and the error names that message and part."""
    async with loading() as loader:
        with pytest.raises(ImageError) as caught:
            await loader.load(job([PICTURE], [PICTURE] * 11))
    assert "too_many_images" == caught.value.code
    assert "messages[1].content[10].image_url.url" == caught.value.param
    assert caught.value.message.startswith("message 2, part 11: a message may carry at most 10 images")


async def test_too_many_images_are_not_fetched() -> None:
    """The count is checked before anything is loaded: a bad image in front does not matter."""
    async with loading(max_images=1) as loader:
        with pytest.raises(ImageError) as caught:
            await loader.load(job(["data:image/png;base64,?", PICTURE]))
    assert "too_many_images" == caught.value.code


@pytest.mark.parametrize("spare", [0, 1, 2])
async def test_file_of_exactly_the_limit_passes(spare: int) -> None:
    """A file as large as the limit passes, whatever its padding; whitespace in the text does not count."""
    data = encoded(four_corners(), "PNG") + bytes(spare)
    assert "PNG" == (await load(data, max_image_bytes=len(data))).format
    lines = data_uri(data).replace("A", "A\n")
    assert "PNG" == (await load(lines, max_image_bytes=len(data))).format


@pytest.mark.parametrize("spare", [0, 1, 2])
async def test_file_over_the_limit(spare: int) -> None:
    """One byte over the limit is refused, with the limit in the message."""
    data = encoded(four_corners(), "PNG") + bytes(spare)
    error = await refusal(data, max_image_bytes=len(data) - 1)
    assert "image_file_too_large" == error.code
    assert f"{len(data) - 1:,} bytes" in error.message


async def test_size_is_checked_before_decoding_base64() -> None:
    """A payload that is too long is refused as such although its text is not even base64 inside."""
    error = await refusal("data:image/png;base64," + "A" * 4000 + "*" + "A" * 4000, max_image_bytes=1000)
    assert "image_file_too_large" == error.code


def _bomb(format: str) -> bytes:
    """A small file whose header claims 60,000 × 60,000 pixels (WebP can say 16,383 × 16,383 at most)."""
    small = bytearray(encoded(four_corners(), format))
    if format == "PNG":
        rows = zlib.compress(bytes(1000))
        header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
        return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    if format == "JPEG":
        start = small.index(b"\xff\xc0")
        small[start + 5 : start + 9] = struct.pack(">HH", 60000, 60000)
    elif format == "GIF":
        small[6:10] = struct.pack("<HH", 60000, 60000)
    else:
        start = small.index(b"\x9d\x01\x2a")
        small[start + 3 : start + 7] = struct.pack("<HH", 16383, 16383)
    return bytes(small)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP"])
async def test_bomb_is_refused_by_its_header(format: str) -> None:
    """A picture that claims more pixels than the ceiling is refused before any is decoded."""
    error = await refusal(_bomb(format))
    assert "image_too_large" == error.code
    assert "178,956,970" in error.message


async def test_pixel_ceiling_is_exact() -> None:
    """A picture of exactly the ceiling passes, one pixel more does not."""
    data = encoded(four_corners(64, 48), "PNG")
    assert (64, 48) == (await load(data, max_image_pixels=64 * 48)).size
    assert "image_too_large" == (await refusal(data, max_image_pixels=64 * 48 - 1)).code


async def test_pillows_own_ceiling_is_left_alone() -> None:
    """Above Pillow's warning level, below ours: the picture loads, no warning, and Pillow's setting is untouched."""
    before = Image.MAX_IMAGE_PIXELS
    assert before is not None
    wide = png((before // 8 + 1, 8), 1, 0, [bytes(before // 64 + 1)] * 8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = await load(wide)
    assert (before // 8 + 1, 8) == image.original_size
    assert before == Image.MAX_IMAGE_PIXELS


async def test_compressed_text_cannot_grow() -> None:
    """A text chunk that inflates to a huge size is a damaged file, not memory."""
    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 * 1024 * 1024)))
    error = await refusal(png((1, 1), 8, 0, [b"\0"], text))
    assert "image_parse_error" == error.code
