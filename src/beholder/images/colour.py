"""Colour and transparency: every mode and profile to opaque sRGB."""

from __future__ import annotations

from io import BytesIO
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

Raster: TypeAlias = Image.Image | NDArray[np.uint8]
"""A picture as Pillow holds it, or an array `(height, width)` of grey or alpha, `(height, width, 3)` of RGB. Either
becomes the other by a copy, so that each is kept until the other is needed."""

PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError, KeyError)
"""All that Pillow and Little CMS raise on a bad profile; the picture is then shown without it."""

_SPACES = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK"}
"""Pillow's modes and the ICC colour spaces (ICC.1, 7.2.6) that a profile for them must have."""

SAMPLE_EDGE = 1024
"""Pixels per edge of the sample that decides on the background."""
VISIBLE = 32
"""Levels of 255 from which a pixel is there at all (alpha), or differs from its background."""
VANISHING_SHARE = 0.01
"""A picture of which less than this share of the visible pixels differs from the background has vanished."""


def mode_of(raster: Raster) -> str:
    """Pillow's word for it."""
    if isinstance(raster, Image.Image):
        return raster.mode
    return "L" if raster.ndim == 2 else "RGB"


def as_array(raster: Raster) -> NDArray[np.uint8]:
    """The raster, of mode L or RGB, as an array."""
    return np.asarray(raster, dtype=np.uint8)


def as_picture(raster: Raster) -> Image.Image:
    """The raster as Pillow's picture."""
    return raster if isinstance(raster, Image.Image) else Image.fromarray(raster)


def separate(picture: Image.Image, bits: int) -> tuple[Image.Image, Image.Image | None]:
    """Colour in mode L, RGB or CMYK, and alpha in mode L, or None when the picture is opaque.

    `bits` is the file's depth per channel, needed because PNG's colour key is in the file's own scale.
    """
    key = picture.info.get("transparency")
    if picture.mode == "P":
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    elif isinstance(key, int | tuple):
        return _opaque(picture), _keyed_alpha(picture, key, bits)
    if picture.mode not in {"LA", "RGBA", "PA"}:
        return _opaque(picture), None
    alpha = picture.getchannel("A")
    colour = picture.convert("L" if picture.mode == "LA" else "RGB")
    return colour, None if alpha.getextrema() == (255, 255) else alpha


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.mode in _SPACES:
        return picture
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode.startswith("I"):
        # `convert` would clip at 255; the scale is 65535 to 255.
        values = np.asarray(picture).astype(np.uint32)
        return Image.fromarray(((values + 128) // 257).astype(np.uint8))
    return picture.convert("RGB")


def _keyed_alpha(picture: Image.Image, key: int | tuple[int, ...], bits: int) -> Image.Image:
    """Alpha from the one colour that PNG's tRNS makes transparent."""
    values = np.asarray(picture.convert("L") if picture.mode == "1" else picture)
    if isinstance(key, tuple):
        scaled = [part >> 8 if bits == 16 else part for part in key]
        differs = (values != np.array(scaled)).any(axis=-1)
    else:
        differs = values != (key * 255 // (2**bits - 1) if 1 < bits < 8 else key)
    return Image.fromarray(differs.astype(np.uint8) * 255)


def to_srgb(colour: Raster, profile: bytes | None) -> tuple[Raster, tuple[str, ...]]:
    """Colour in sRGB (mode L or RGB), and what was done.

    CMYK comes from JPEG only. Pillow has undone its inversion there, with or without Adobe's marker, as browsers do.
    """
    note: tuple[str, ...] = ()
    if profile:
        try:
            return _convert(colour, ImageCms.ImageCmsProfile(BytesIO(profile)))
        except PROFILE_ERRORS:
            note = ("its colour profile is damaged or of another kind, and was not used",)
    if isinstance(colour, Image.Image) and colour.mode == "CMYK":
        return colour.convert("RGB"), (*note, "CMYK converted to RGB without a colour profile")
    return colour, note


def _convert(colour: Raster, profile: ImageCms.ImageCmsProfile) -> tuple[Raster, tuple[str, ...]]:
    name = _printable(ImageCms.getProfileDescription(profile))
    space = profile.profile.xcolor_space.strip()
    if space != _SPACES[mode_of(colour)]:
        raise ValueError(f"a profile for {space} on {mode_of(colour)}")
    if "sRGB" in name:
        return colour, ()
    converted = ImageCms.profileToProfile(
        as_picture(colour),
        profile,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted is not None
    return converted, (f"colours converted from {name or 'its own profile'} to sRGB",)


def _printable(text: str) -> str:
    """A profile's own name as it may stand in a report: one short line."""
    return "".join(character for character in text if character.isprintable()).strip()[:40]


def flatten(colour: Raster, alpha: Raster | None) -> tuple[Raster, tuple[str, ...]]:
    """The picture on white, or on black when it would vanish on white; and what was done."""
    if alpha is None:
        return colour, ()
    colour, alpha = as_picture(colour), as_picture(alpha)
    level = _background(colour, alpha)
    background = Image.new(colour.mode, colour.size, level if colour.mode == "L" else (level, level, level))
    background.paste(colour, mask=alpha)
    if level == 255:
        return background, ("transparent parts shown on white",)
    return background, ("transparent parts shown on black: the picture would vanish on white",)


def _background(colour: Image.Image, alpha: Image.Image) -> int:
    """255 or 0: the level on which the visible pixels stand out."""
    size = (min(colour.width, SAMPLE_EDGE), min(colour.height, SAMPLE_EDGE))
    values = np.asarray(colour.convert("RGB").resize(size, Image.Resampling.NEAREST)).astype(np.float32)
    weight = np.asarray(alpha.resize(size, Image.Resampling.NEAREST)).astype(np.float32)
    visible = weight >= VISIBLE
    if not visible.any():
        return 255
    on_white = ((255 - values.min(axis=-1)) * weight / 255 >= VISIBLE)[visible].mean()
    on_black = (values.max(axis=-1) * weight / 255 >= VISIBLE)[visible].mean()
    return 0 if on_white < VANISHING_SHARE and on_black > on_white else 255
