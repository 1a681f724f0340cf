"""The picture a person sees: orientation, colour, transparency, size."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from image_files import corners, encoded, four_corners, png, png_chunk, swapped_profile, textured
from image_requests import load
from numpy.typing import NDArray
from PIL import Image

STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera stores an upright scene for each EXIF orientation."""


def _with_orientation(orientation: int, format: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    scene = four_corners(64, 48)
    stored = scene.transpose(STORED[orientation]) if orientation in STORED else scene
    options = {"lossless": True} if format == "WEBP" else {}
    return encoded(stored, format, exif=exif, **options)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
async def test_exif_orientation(orientation: int, format: str) -> None:
    """Each of the eight orientations is applied in every format that can carry it, and reported when it turns."""
    image = await load(_with_orientation(orientation, format))
    assert (64, 48) == image.original_size == image.size
    assert ["red", "green", "blue", "grey"] == corners(image.pixels)
    assert (orientation > 1) == any(f"EXIF orientation ({orientation})" in line for line in image.report)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
async def test_orientation_that_does_not_exist(orientation: int) -> None:
    """An orientation outside 1 to 8 is ignored."""
    image = await load(_with_orientation(orientation, "JPEG"))
    assert ["red", "green", "blue", "grey"] == corners(image.pixels)


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0garbage", b"x" * 100])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
async def test_broken_exif(exif: bytes, format: str) -> None:
    """EXIF that cannot be read does not cost the picture."""
    image = await load(encoded(four_corners(), format, exif=exif))
    assert ["red", "green", "blue", "grey"] == corners(image.pixels)


async def test_pixels_are_shared_read_only() -> None:
    """The pixels are contiguous RGB bytes of the delivered size that nobody can change."""
    pixels = (await load(encoded(four_corners(), "PNG"))).pixels
    assert ((48, 64, 3), np.uint8) == (pixels.shape, pixels.dtype.type)
    assert pixels.flags.c_contiguous
    assert not pixels.flags.writeable


@pytest.mark.parametrize("edge", [64, 100])
async def test_long_edge_is_resized(edge: int) -> None:
    """A picture over the longest edge is resized with its aspect, and boxes can be scaled back."""
    image = await load(encoded(four_corners(640, 480), "PNG"), max_image_edge=edge)
    assert (640, 480) == image.original_size
    assert (edge, edge * 3 // 4) == image.size
    assert ["red", "green", "blue", "grey"] == corners(image.pixels)
    assert f"resized to {edge} × {edge * 3 // 4} pixels: the longest edge may have {edge}" in image.report
    assert pytest.approx((640 / edge, 480 / (edge * 3 // 4))) == image.scale


async def test_long_edge_of_the_promise() -> None:
    """A picture over 8,192 pixels long is not refused but resized to that."""
    image = await load(png((10000, 10), 8, 0, [bytes(10000)] * 10))
    assert ((10000, 10), (8192, 8)) == (image.original_size, image.size)


async def test_long_edge_exactly_at_the_limit_is_kept() -> None:
    """A picture of exactly the longest edge keeps every pixel."""
    image = await load(encoded(four_corners(), "PNG"), max_image_edge=64)
    assert (64, 48) == image.size
    assert 1 == len(image.report)


async def test_thin_picture_keeps_a_pixel() -> None:
    """However thin the picture, no edge is resized to nothing."""
    image = await load(png((20000, 1), 8, 0, [bytes(20000)]))
    assert (8192, 1) == image.size


async def test_jpeg_shrunk_on_load_is_the_same_picture() -> None:
    """A large JPEG, decoded at a fraction and turned, matches the picture resized in full."""
    ramp = np.linspace(0, 255, 4096).astype(np.uint8)
    scene = Image.fromarray(np.stack([np.tile(ramp, (1024, 1))] * 3, axis=-1))
    exif = Image.Exif()
    exif[0x0112] = 6
    image = await load(encoded(scene, "JPEG", quality=95, exif=exif), max_image_edge=512)
    assert ((1024, 4096), (128, 512)) == (image.original_size, image.size)
    expected = np.asarray(scene.resize((512, 128), Image.Resampling.LANCZOS).transpose(Image.Transpose.ROTATE_270))
    assert np.abs(image.pixels.astype(int) - expected).mean() < 1


def _peak_signal_to_noise(pixels: NDArray[np.uint8], expected: NDArray[np.uint8]) -> float:
    error = ((pixels.astype(float) - expected) ** 2).mean()
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def _in_full(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS))


@pytest.mark.parametrize("edge", [90, 200, 390, 799])
@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("JPEG", {"quality": 90}),
        ("JPEG", {"quality": 90, "subsampling": 0}),
        ("JPEG", {"quality": 90, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"quality": 90}),
    ],
)
async def test_resized_picture_is_the_one_resized_in_full(format: str, options: dict[str, object], edge: int) -> None:
    """However a picture was shrunk on the way, it is what decoding and resizing in full gives, within 45 dB."""
    data = encoded(textured(800, 600), format, **options)
    image = await load(data, max_image_edge=edge)
    expected = _in_full(data, image.size)
    assert edge == image.size[0]
    assert _peak_signal_to_noise(image.pixels, expected) >= 45


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA"])
@pytest.mark.parametrize("format", ["PNG", "WEBP", "JPEG", "GIF"])
async def test_fast_decoders_equal_pillow(format: str, mode: str) -> None:
    """At full size every pixel is the one that Pillow decodes, whichever decoder was used."""
    mode = mode if format in {"PNG", "WEBP"} else "RGB"
    data = encoded(textured(97, 61).convert(mode), format)
    assert np.array_equal(_in_full(data, (97, 61)), (await load(data)).pixels)


async def test_large_single_chunk() -> None:
    """A PNG whose picture data stand in one chunk of many megabytes, as some encoders write it, is read."""
    rows = [np.random.default_rng(row).bytes(6000) for row in range(1500)]
    image = await load(png((2000, 1500), 8, 2, rows))
    assert ((2000, 1500), rows[1499][:3]) == (image.size, image.pixels[1499, 0].tobytes())


async def test_orientation_behind_the_pixels_of_a_png() -> None:
    """EXIF after a PNG's picture data, where the format allows it, turns the picture as well."""
    exif = Image.Exif()
    exif[0x0112] = 3
    data = encoded(four_corners().transpose(Image.Transpose.ROTATE_180), "PNG")
    end = len(data) - 12
    image = await load(data[:end] + png_chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")) + data[end:])
    assert ["red", "green", "blue", "grey"] == corners(image.pixels)


async def test_profile_of_a_resized_picture() -> None:
    """A colour profile is applied to a picture that is shrunk while it is decoded, too."""
    red = encoded(Image.new("RGB", (800, 600), (255, 0, 0)), "JPEG", icc_profile=swapped_profile())
    image = await load(red, max_image_edge=100)
    assert pytest.approx([0, 255, 0], abs=6) == image.pixels[40, 50].tolist()


async def test_sixteen_bit_grey_is_divided() -> None:
    """16-bit grey is scaled to 8 bits, not clipped at 255."""
    row = struct.pack(">4H", 0, 100 * 257, 200 * 257, 65535)
    image = await load(png((4, 1), 16, 0, [row]))
    assert [0, 100, 200, 255] == image.pixels[0, :, 0].tolist()
    assert "16 bits per channel reduced to 8" in image.report


async def test_sixteen_bit_colour_is_divided() -> None:
    """16-bit RGB is scaled to 8 bits in each channel."""
    image = await load(png((1, 1), 16, 2, [struct.pack(">3H", 10 * 257, 128 * 257, 65535)]))
    assert [10, 128, 255] == image.pixels[0, 0].tolist()


async def test_sixteen_bit_alpha_is_composited() -> None:
    """16-bit RGBA is scaled and its transparent pixels are shown on white."""
    row = struct.pack(">8H", 65535, 0, 0, 65535, 0, 0, 0, 0)
    image = await load(png((2, 1), 16, 6, [row]))
    assert [[255, 0, 0], [255, 255, 255]] == image.pixels[0].tolist()


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "RGB"])
async def test_png_modes(mode: str) -> None:
    """Every mode of an opaque PNG ends as the same shapes in RGB."""
    scene = Image.new("L", (8, 4), 0)
    scene.paste(255, (4, 0, 8, 4))
    image = await load(encoded(scene.convert("RGB").convert(mode), "PNG"))
    assert [0, 0, 0] == image.pixels[0, 0].tolist()
    assert [255, 255, 255] == image.pixels[0, 7].tolist()
    assert 1 == len(image.report)


def _ink(colour: int, *, paper_alpha: int = 0) -> Image.Image:
    """A grey level written on transparent paper."""
    picture = Image.new("RGBA", (40, 20), (0, 0, 0, paper_alpha))
    picture.paste((colour, colour, colour, 255), (10, 5, 30, 15))
    return picture


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
async def test_transparency_is_shown_on_white(format: str) -> None:
    """Dark content on transparent paper stands on white, whatever colour hides under the transparency."""
    options = {"lossless": True, "exact": True} if format == "WEBP" else {}
    image = await load(encoded(_ink(20), format, **options))
    assert [255, 255, 255] == image.pixels[0, 0].tolist()
    assert [20, 20, 20] == image.pixels[10, 20].tolist()
    assert "transparent parts shown on white" in image.report


async def test_white_content_is_shown_on_black() -> None:
    """White content on transparent paper would vanish on white, so it stands on black."""
    image = await load(encoded(_ink(255), "PNG"))
    assert [0, 0, 0] == image.pixels[0, 0].tolist()
    assert [255, 255, 255] == image.pixels[10, 20].tolist()
    assert "transparent parts shown on black: the picture would vanish on white" in image.report


async def test_grey_with_alpha() -> None:
    """White on transparent in grey with alpha stands on black as well, and half transparency mixes."""
    image = await load(encoded(_ink(255, paper_alpha=0).convert("LA"), "PNG"))
    assert [0, 255] == [int(image.pixels[0, 0, 0]), int(image.pixels[10, 20, 0])]
    half = Image.new("LA", (8, 8), (0, 128))
    assert 127 == int((await load(encoded(half, "PNG"))).pixels[0, 0, 0])


async def test_wholly_transparent_picture() -> None:
    """A picture with nothing visible in it is a white one."""
    image = await load(encoded(Image.new("RGBA", (8, 8), (200, 0, 0, 0)), "PNG"))
    assert (image.pixels == 255).all()


async def test_opaque_alpha_is_dropped_silently() -> None:
    """An alpha channel that hides nothing changes nothing, and is not worth a line."""
    image = await load(encoded(four_corners().convert("RGBA"), "PNG"))
    assert ["red", "green", "blue", "grey"] == corners(image.pixels)
    assert 1 == len(image.report)


@pytest.mark.parametrize("key", [b"\x00", b"\x00\xff"])
async def test_palette_transparency(key: bytes) -> None:
    """A palette entry made transparent by tRNS, in either form, is shown on white."""
    palette = png_chunk(b"PLTE", bytes([200, 0, 0, 0, 0, 200]))
    image = await load(png((2, 1), 8, 3, [b"\0\1"], palette, png_chunk(b"tRNS", key)))
    assert [[255, 255, 255], [0, 0, 200]] == image.pixels[0].tolist()


@pytest.mark.parametrize(
    ("bits", "row", "key", "expected"),
    [
        (1, b"\x40", 1, [0, 255, 0, 0]),
        (2, b"\x1b", 1, [0, 255, 170, 255]),
        (4, b"\x05\xa0", 5, [0, 255, 170, 0]),
        (8, bytes([0, 5, 170, 0]), 5, [0, 255, 170, 0]),
        (16, struct.pack(">4H", 0, 1285, 170 * 257, 0), 1285, [0, 255, 170, 0]),
    ],
)
async def test_grey_colour_key(bits: int, row: bytes, key: int, expected: list[int]) -> None:
    """The grey level that tRNS makes transparent is meant in the file's own depth."""
    image = await load(png((4, 1), bits, 0, [row], png_chunk(b"tRNS", struct.pack(">H", key))))
    assert expected == image.pixels[0, :, 0].tolist()


@pytest.mark.parametrize(("bits", "factor"), [(8, 1), (16, 257)])
async def test_colour_key(bits: int, factor: int) -> None:
    """The one colour that tRNS makes transparent is shown as white, at 8 and at 16 bits."""
    kind = "B" if bits == 8 else "H"
    row = struct.pack(f">6{kind}", *(level * factor for level in (9, 8, 7, 50, 60, 70)))
    image = await load(
        png((2, 1), bits, 2, [row], png_chunk(b"tRNS", struct.pack(">3H", 9 * factor, 8 * factor, 7 * factor)))
    )
    assert [[255, 255, 255], [50, 60, 70]] == image.pixels[0].tolist()


async def test_gif_transparency() -> None:
    """A transparent colour of a GIF is shown on white."""
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([10, 20, 30, 200, 0, 0])
    picture.putpixel((0, 0), 1)
    image = await load(encoded(picture, "GIF", transparency=0))
    assert [[200, 0, 0], [255, 255, 255]] == image.pixels[0, :2].tolist()


async def test_cmyk_jpeg() -> None:
    """A CMYK JPEG, stored inverted as Adobe does, comes out in its own colours: paper white, ink dark."""
    sheet = Image.new("CMYK", (64, 32), (0, 0, 0, 0))
    sheet.paste((0, 0, 0, 255), (32, 0, 64, 32))
    image = await load(encoded(sheet, "JPEG", quality=95))
    assert int(image.pixels[16, 8].min()) > 245
    assert int(image.pixels[16, 56].max()) < 10
    assert "CMYK converted to RGB without a colour profile" in image.report


async def test_grey_jpeg() -> None:
    """A grey JPEG has three equal channels."""
    image = await load(encoded(Image.new("L", (16, 16), 77), "JPEG"))
    assert [77, 77, 77] == image.pixels[8, 8].tolist()
    assert "JPEG, 16 × 16 pixels, grey" == image.report[0]


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
async def test_colour_profile_is_applied(format: str) -> None:
    """Colours under a profile are converted to sRGB: here its red is sRGB's green."""
    options = {"lossless": True} if format == "WEBP" else {}
    red = encoded(Image.new("RGB", (16, 16), (255, 0, 0)), format, icc_profile=swapped_profile(), **options)
    image = await load(red)
    assert pytest.approx([0, 255, 0], abs=6) == image.pixels[8, 8].tolist()
    assert any("colours converted from Swap" in line and "to sRGB" in line for line in image.report)


async def test_colour_profile_with_alpha() -> None:
    """A profile and transparency together: the colour is converted, the paper is pure white."""
    picture = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 8, 16))
    image = await load(encoded(picture, "PNG", icc_profile=swapped_profile()))
    assert pytest.approx([0, 255, 0], abs=6) == image.pixels[8, 2].tolist()
    assert [255, 255, 255] == image.pixels[8, 12].tolist()


@pytest.mark.parametrize("profile", [b"not a profile", swapped_profile()[:200], b"\0" * 300])
@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
async def test_broken_profile(profile: bytes, mode: str) -> None:
    """A damaged profile does not cost the picture, and the report says that it was not used."""
    written = "PNG" if mode == "RGB" else "JPEG"
    image = await load(encoded(four_corners().convert(mode), written, icc_profile=profile))
    assert ["red", "green", "blue", "grey"] == corners(image.pixels)
    assert "its colour profile is damaged or of another kind, and was not used" in image.report


async def test_profile_of_another_colour_space() -> None:
    """An RGB profile on a grey picture cannot be meant, and is not used."""
    image = await load(encoded(Image.new("L", (8, 8), 90), "PNG", icc_profile=swapped_profile()))
    assert [90, 90, 90] == image.pixels[0, 0].tolist()
    assert "its colour profile is damaged or of another kind, and was not used" in image.report
