"""Damaged files: refused with the file's fault, never half-shown, never a crash."""

from __future__ import annotations

import random
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from image_files import encoded, four_corners, png, png_chunk, scan_start, textured
from image_requests import data_uri, job, load, loading, refusal
from PIL import Image

from beholder.errors import ImageError

NOISE = Image.fromarray(np.random.default_rng(7).integers(0, 255, (60, 80, 3), np.uint8))
FILES = {
    "PNG": encoded(NOISE, "PNG"),
    "JPEG": encoded(NOISE, "JPEG", quality=80),
    "progressive JPEG": encoded(NOISE, "JPEG", quality=80, progressive=True),
    "WebP": encoded(NOISE, "WEBP", quality=80),
    "lossless WebP": encoded(NOISE, "WEBP", lossless=True),
    "GIF": encoded(NOISE, "GIF"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
async def test_truncated_file(name: str, share: float) -> None:
    """A file that is cut short anywhere is refused: a part of a picture is not shown as the whole."""
    data = FILES[name]
    error = await refusal(data[: int(len(data) * share)])
    assert error.code in {"image_parse_error", "unsupported_image_media_type"}


@pytest.mark.parametrize("name", [name for name in FILES if name != "GIF"])
@pytest.mark.parametrize("missing", [1, 2, 3, 12])
async def test_missing_end(name: str, missing: int) -> None:
    """A file that lacks only its last bytes (JPEG's EOI, PNG's IEND) is refused as well."""
    error = await refusal(FILES[name][:-missing])
    assert "image_parse_error" == error.code
    assert "damaged" in error.message


@pytest.mark.parametrize("name", FILES)
async def test_bytes_after_the_end(name: str) -> None:
    """What follows the end of a picture, as cameras and mailers append, does no harm."""
    image = await load(FILES[name] + b"\r\nappended by somebody")
    assert (80, 60) == image.size


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0",
        b"GIF89a",
        b"GIF88a" + bytes(20),
        b"RIFF\x10\0\0\0WEBP",
        b"RIFF\x10\0\0\0WEBPVP8X\x0a\0\0\0\0",
        b"\xff\xd8\xff\xd9",
        b"\x89PNG\n\x1a\n" + bytes(40),
    ],
)
async def test_header_cut_or_garbled(data: bytes) -> None:
    """A file that begins like a picture and then is none is a damaged picture."""
    error = await refusal(data)
    assert "image_parse_error" == error.code


@pytest.mark.parametrize("size", [(0, 10), (10, 0)])
async def test_zero_pixels(size: tuple[int, int]) -> None:
    """A picture without width or height is damaged."""
    error = await refusal(png(size, 8, 0, [b""]))
    assert "image_parse_error" == error.code


async def test_wrong_checksum() -> None:
    """A PNG whose picture data do not match their checksum is refused: the pixels are not what was sent."""
    data = bytearray(FILES["PNG"])
    data[data.index(b"IDAT") + 400] ^= 0xFF
    error = await refusal(bytes(data))
    assert "a checksum does not match" in error.message


PHOTOS = {
    "baseline": encoded(textured(), "JPEG", quality=85),
    "progressive": encoded(textured(), "JPEG", quality=85, progressive=True),
    "with restarts": encoded(textured(), "JPEG", quality=85, restart_marker_rows=1),
    "grey": encoded(textured().convert("L"), "JPEG", quality=85),
    "CMYK": encoded(textured().convert("CMYK"), "JPEG", quality=85),
}


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("edge", [8192, 64])
async def test_jpeg_that_lost_data_but_kept_its_end(name: str, edge: int) -> None:
    """A JPEG whose scan is cut short, and closed with an end marker, is not shown half grey: at no size."""
    data = PHOTOS[name]
    assert "JPEG" == (await load(data, max_image_edge=edge)).format
    middle = (scan_start(data) + len(data)) // 2
    error = await refusal(data[:middle] + b"\xff\xd9", max_image_edge=edge)
    assert "image_parse_error" == error.code
    assert "a part of its picture data is lost" in error.message


@pytest.mark.parametrize("name", PHOTOS)
async def test_jpeg_with_data_twice(name: str) -> None:
    """A JPEG that holds a piece of its scan twice, as after a repeated transfer, is refused."""
    data = PHOTOS[name]
    middle = (scan_start(data) + len(data)) // 2
    error = await refusal(data[: middle + 200] + data[middle:])
    assert "image_parse_error" == error.code


@pytest.mark.parametrize("stray", [b"\x5a", b"\x01\x02\x03\x04", bytes(600), b"\xff\x00" * 40])
async def test_padding_before_the_end_of_a_jpeg(stray: bytes) -> None:
    """What cameras, drones and scanners pad a whole picture with does not cost it."""
    data = PHOTOS["baseline"]
    image = await load(data[:-2] + stray + data[-2:])
    assert ((await load(data)).pixels == image.pixels).all()


async def test_junk_between_the_segments_of_a_jpeg() -> None:
    """Bytes between header segments are stepped over, and do not hide damage behind them."""
    data = PHOTOS["baseline"]
    table = data.index(b"\xff\xdb")
    odd = data[:table] + b"left by an editor" + data[table:]
    assert ((await load(data)).pixels == (await load(odd)).pixels).all()
    error = await refusal(odd[: len(odd) // 2] + b"\xff\xd9")
    assert "a part of its picture data is lost" in error.message


async def test_sequential_jpeg_with_unset_scan_fields() -> None:
    """Fields of the scan header that mean something in progressive files only may hold anything."""
    data = bytearray(PHOTOS["baseline"])
    data[scan_start(bytes(data)) - 3 : scan_start(bytes(data))] = b"\0\0\0"
    assert ((await load(PHOTOS["baseline"])).pixels == (await load(bytes(data))).pixels).all()


async def test_jpeg_of_too_many_scans() -> None:
    """A file of many tiny scans, each a pass over the picture, is refused before any is decoded."""
    data = PHOTOS["progressive"]
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00\x7f"
    error = await refusal(data[:-2] + scan * 501 + data[-2:])
    assert "more than 500 scans" in error.message


@pytest.mark.parametrize(("bits", "colour", "length"), [(8, 2, 180), (16, 0, 120), (1, 0, 8), (8, 4, 120)])
@pytest.mark.parametrize("rows", [1, 30, 59])
async def test_png_with_too_few_rows(rows: int, bits: int, colour: int, length: int) -> None:
    """A PNG whose compressed data are whole but hold fewer rows than its header says is refused, in any colour type."""
    assert (60, 60) == (await load(png((60, 60), bits, colour, [bytes(length)] * 60))).size
    error = await refusal(png((60, 60), bits, colour, [bytes(length)] * rows))
    assert "image_parse_error" == error.code


async def test_gif_with_too_few_pixels() -> None:
    """A GIF whose compressed data are closed early is refused as well."""
    data = FILES["GIF"]
    start = data.index(b",", 781)
    assert 255 == data[start + 11], "the first block of data is a full one"
    error = await refusal(data[: start + 11 + 256] + b"\0;")
    assert "image_parse_error" == error.code


async def test_two_sizes() -> None:
    """A JPEG with a second frame header of another size is not decoded at either."""
    data = FILES["JPEG"]
    start = data.index(b"\xff\xc0")
    (length,) = struct.unpack_from(">H", data, start + 2)
    frame = bytearray(data[start : start + 2 + length])
    frame[5:9] = struct.pack(">HH", 30000, 30000)
    end = start + 2 + length
    error = await refusal(data[:end] + bytes(frame) + data[end:])
    assert "image_parse_error" == error.code


async def test_palette_picture_without_palette() -> None:
    """A PNG of palette indices that brings no palette is damaged."""
    error = await refusal(png((2, 1), 8, 3, [b"\0\1"], png_chunk(b"tRNS", b"\0\x80")))
    assert "image_parse_error" == error.code


async def test_impossible_png_header() -> None:
    """A colour type that does not exist is found in the header."""
    error = await refusal(png((1, 1), 8, 5, [b"\0"]))
    assert "colour type 5" in error.message


async def test_message_keeps_the_inside_inside() -> None:
    """The words for a client hold no paths, object addresses or names of Python's own."""
    text = png_chunk(b"iTXt", b"\xff" * 10)
    error = await refusal(png((4, 4), 8, 2, [b"short"], text))
    for inside in ("0x", "Traceback", "PIL", ".py", "Error"):
        assert inside not in error.message


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(name=st.sampled_from(sorted(FILES)), seed=st.integers(0, 2**32 - 1), changes=st.integers(1, 12))
async def test_mutated_files(name: str, seed: int, changes: int) -> None:
    """However a file is mutated, it is decoded or refused as one image's fault: no other error comes out."""
    chance = random.Random(seed)
    data = bytearray(FILES[name])
    # Most of what decoders trip over stands in the first kilobyte.
    for _ in range(changes):
        data[chance.randrange(min(len(data), chance.choice([64, 1024, len(data)])))] = chance.randrange(256)
    async with loading(max_image_pixels=1_000_000) as loader:
        try:
            (image,) = (await loader.load(job([data_uri(bytes(data))]))).images()
        except ImageError as error:
            assert 400 == error.status
        else:
            assert image.pixels.shape[2] == 3


async def test_good_pictures_after_bad_ones() -> None:
    """A loader that has refused a file goes on working."""
    async with loading() as loader:
        for _ in range(3):
            with pytest.raises(ImageError):
                await loader.load(job([data_uri(FILES["PNG"][:100])]))
            loaded = await loader.load(job([data_uri(encoded(four_corners(), "PNG"))]))
            assert 1 == len(list(loaded.images()))
