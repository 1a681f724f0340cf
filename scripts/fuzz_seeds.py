"""The pictures that mutation starts from, drawn here: every supported format in its varieties, and foreign ones."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

SIZE = (40, 30)
"""Small: decoders go wrong in headers and at ends, and a hundred thousand files have to be decoded."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A whole file. `format` tells how its pieces are found: PNG, JPEG, GIF, WebP or foreign."""

    name: str
    format: str
    data: bytes


def draw() -> tuple[Seed, ...]:
    """All of them, the same ones every time."""
    return (*_pngs(), *_jpegs(), *_gifs(), *_webps(), *_foreign())


def _picture(mode: str = "RGB") -> Image.Image:
    picture = Image.radial_gradient("L").resize(SIZE).convert("RGB")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((3, 3, 18, 12), fill=(220, 30, 30))
    pen.ellipse((15, 8, 36, 26), fill=(40, 60, 200))
    if mode in {"RGBA", "LA"}:
        picture.putalpha(Image.linear_gradient("L").resize(SIZE))
    return picture.quantize(16) if mode == "P" else picture.convert(mode)


def _frames() -> list[Image.Image]:
    return [_picture().rotate(angle) for angle in (90, 180)]


def _encoded(picture: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def _metadata() -> dict[str, Any]:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    return {"exif": exif.tobytes(), "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()}


def _pngs() -> Iterator[Seed]:
    for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16"):
        yield Seed(f"PNG {mode}", "PNG", _encoded(_picture(mode), "PNG"))
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "a text", zip=True)
    texts.add_itxt("Title", "another", "en", "title", zip=True)
    yield Seed("PNG with metadata", "PNG", _encoded(_picture(), "PNG", pnginfo=texts, dpi=(72, 72), **_metadata()))
    yield Seed("PNG with tRNS", "PNG", _encoded(_picture("P"), "PNG", transparency=3))
    yield Seed("APNG", "PNG", _encoded(_picture(), "PNG", save_all=True, append_images=_frames(), duration=50))


def _jpegs() -> Iterator[Seed]:
    for mode in ("RGB", "L", "CMYK"):
        yield Seed(f"JPEG {mode}", "JPEG", _encoded(_picture(mode), "JPEG", quality=70))
    yield Seed("JPEG progressive", "JPEG", _encoded(_picture(), "JPEG", progressive=True))
    yield Seed("JPEG 4:2:0 with restarts", "JPEG", _encoded(_picture(), "JPEG", subsampling=2, restart_marker_blocks=2))
    yield Seed("JPEG with metadata", "JPEG", _encoded(_picture(), "JPEG", comment=b"a comment", **_metadata()))
    yield Seed("MPO", "JPEG", _encoded(_picture(), "MPO", save_all=True, append_images=_frames()))


def _gifs() -> Iterator[Seed]:
    yield Seed("GIF", "GIF", _encoded(_picture("P"), "GIF", comment=b"a comment"))
    yield Seed("GIF interlaced and transparent", "GIF", _encoded(_picture("P"), "GIF", interlace=1, transparency=2))
    yield Seed("GIF animated", "GIF", _encoded(_picture("P"), "GIF", save_all=True, append_images=_frames()))


def _webps() -> Iterator[Seed]:
    for mode in ("RGB", "RGBA"):
        yield Seed(f"WebP {mode}", "WebP", _encoded(_picture(mode), "WEBP", quality=60))
        yield Seed(f"WebP lossless {mode}", "WebP", _encoded(_picture(mode), "WEBP", lossless=True))
    yield Seed("WebP with metadata", "WebP", _encoded(_picture(), "WEBP", **_metadata()))
    yield Seed("WebP animated", "WebP", _encoded(_picture(), "WEBP", save_all=True, append_images=_frames()))


def _foreign() -> Iterator[Seed]:
    for name in ("BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "PDF", "SGI", "ICNS"):
        yield Seed(name, "foreign", _encoded(_picture(), name))
    yield Seed("SVG", "foreign", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    yield Seed("HTML", "foreign", b"<!DOCTYPE html><html><body><img src='a.png'></body></html>")
