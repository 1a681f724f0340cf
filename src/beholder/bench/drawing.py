"""Pictures for the benchmarks, drawn the same each time: a photo with a printed sheet in it, and a screenshot."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from beholder.evidence import Size

TEXTURE_SLOPE = 0.4
"""The contrast of texture falls with its wavelength to this power; chosen, with the noise, so that the files are as
large as a phone's: 3 to 4 MB for 12 megapixels at quality 92."""


@dataclass(frozen=True, slots=True)
class File:
    """One encoded picture and how it came about."""

    name: str
    size: Size
    data: bytes
    drawn: str


def files(scale: int = 1) -> Iterator[File]:
    """The five files, each edge divided by `scale`."""
    camera = photo((4032 // scale, 3024 // scale), seed=1)
    yield _file("jpeg-12mp", camera, "a photo, as a phone stores it: quality 92, 4:2:0", "JPEG", quality=92)
    yield _file("jpeg-48mp", _mirrored(camera), "the photo in four mirrored copies, quality 85", "JPEG", quality=85)
    yield _file(
        "jpeg-12mp-progressive",
        camera,
        "the photo, as sites serve it: progressive, quality 80",
        "JPEG",
        quality=80,
        progressive=True,
    )
    yield _file("png-4k", screenshot((3840 // scale, 2160 // scale), seed=2), "a dashboard with a photo in it", "PNG")
    yield _file("webp-1080p", photo((1920 // scale, 1080 // scale), seed=3), "a photo, quality 85", "WEBP", quality=85)


def photo(size: Size, seed: int) -> Image.Image:
    """Light, texture at every wavelength, objects with edges, a sheet of print, a vignette, and a sensor's noise."""
    chance = np.random.default_rng(seed)
    scene = Image.fromarray(np.clip(130 + _texture(size, chance), 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(scene)
    width, height = size
    for _ in range(60):
        x, y, reach = (int(chance.integers(0, most)) for most in (width, height, max(2, width // 12)))
        shape = pen.ellipse if chance.random() < 0.5 else pen.rectangle
        shape((x, y, x + reach, y + reach * 2 // 3), fill=_colour(chance))
    _print_sheet(pen, (width // 6, height // 5, width // 2, height * 4 // 5), chance)
    return Image.fromarray(_as_sensed(np.asarray(scene), chance))


def screenshot(size: Size, seed: int) -> Image.Image:
    """A dashboard: flat areas, small text, bars, hair lines, and one photo."""
    chance = np.random.default_rng(seed)
    width, height = size
    picture = Image.new("RGB", size, (246, 247, 249))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, width, height // 18), fill=(32, 38, 52))
    pen.rectangle((0, height // 18, width // 7, height), fill="white")
    for row in range(3):
        for column in range(4):
            corner = (width // 6 + column * width // 5, height // 11 + row * height * 3 // 10)
            _draw_card(pen, corner, (width * 11 // 60, height // 4), chance)
    picture.paste(photo((width // 5, height // 4), seed + 1), (width * 3 // 4, height * 2 // 3))
    return picture


def _file(name: str, picture: Image.Image, drawn: str, format: str, **options: Any) -> File:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return File(name, picture.size, buffer.getvalue(), drawn)


def _mirrored(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    whole = Image.new("RGB", (2 * width, 2 * height))
    whole.paste(picture, (0, 0))
    whole.paste(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (width, 0))
    whole.paste(picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, height))
    whole.paste(picture.transpose(Image.Transpose.ROTATE_180), (width, height))
    return whole


def _texture(size: Size, chance: np.random.Generator) -> NDArray[np.float32]:
    """`(height, width, 3)`: octaves of random values between smooth interpolations, mostly grey, a little tinted."""
    width, height = size
    longest = cell = max(size) / 3
    total = np.zeros((height, width, 3), np.float32)
    while cell >= 2:
        amplitude = 32 * (cell / longest) ** TEXTURE_SLOPE
        grid = (int(width / cell) + 3, int(height / cell) + 3)
        for channels, share in ((slice(0, 3), 0.9), (slice(0, 1), 0.3), (slice(2, 3), 0.3)):
            values = Image.fromarray(chance.standard_normal(grid[::-1], np.float32))
            smooth = np.asarray(values.resize(size, Image.Resampling.BICUBIC))
            total[:, :, channels] += (amplitude * share * smooth)[:, :, None]
        cell /= 2
    return total


def _as_sensed(scene: NDArray[np.uint8], chance: np.random.Generator) -> NDArray[np.uint8]:
    """Darker corners, and noise that grows with the square root of the light, as photons come."""
    height, width = scene.shape[:2]
    across, down = np.linspace(-0.5, 0.5, width, dtype=np.float32), np.linspace(-0.5, 0.5, height, dtype=np.float32)
    vignette = 1 - 0.35 * (across[None, :] ** 2 + down[:, None] ** 2)
    light = scene * vignette[:, :, None]
    grain = 1.3 * chance.standard_normal((height, width, 1), np.float32)
    grain = grain + 0.7 * chance.standard_normal(light.shape, np.float32)
    sensed: NDArray[np.uint8] = np.clip(light + grain * (1 + 0.15 * np.sqrt(light)) + 0.5, 0, 255).astype(np.uint8)
    return sensed


def _print_sheet(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int], chance: np.random.Generator) -> None:
    left, top, _, bottom = box
    pen.rectangle(box, fill=(238, 236, 230))
    size = max(6, (bottom - top) // 50)
    font = ImageFont.load_default(size)
    for number, y in enumerate(range(top + size, bottom - 2 * size, size * 3 // 2)):
        text = (
            f"{number:02} Item {chance.integers(100, 999)}   {chance.uniform(1, 99):.2f}   {chance.uniform(1, 999):.2f}"
        )
        pen.text((left + size, y), text, fill=(30, 30, 34), font=font)


def _draw_card(pen: ImageDraw.ImageDraw, corner: Size, size: Size, chance: np.random.Generator) -> None:
    (left, top), (width, height) = corner, size
    pen.rounded_rectangle((left, top, left + width, top + height), 14, fill="white", outline=(220, 222, 228), width=2)
    line = max(6, height // 18)
    font = ImageFont.load_default(line)
    for number in range(7):
        text = f"Metric {number}: {chance.uniform(0, 100):.1f}%  {chance.normal():+.2f} since last week"
        pen.text((left + line, top + line + number * line * 3 // 2), text, fill=(50, 54, 66), font=font)
    step = width // 14
    for number in range(12):
        x, foot = left + step + number * step, top + height - line
        pen.rectangle((x, foot - int(chance.integers(2, height // 4 + 3)), x + step // 2, foot), fill=_colour(chance))


def _colour(chance: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(level) for level in chance.integers(20, 235, 3))
    return red, green, blue
