"""Colours in words: what a person would call an sRGB colour, and how to write it."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from typing import Final

HUES: Final = (
    (15, "red"), (42, "orange"), (68, "yellow"), (160, "green"), (195, "cyan"),
    (255, "blue"), (290, "purple"), (335, "pink"), (360, "red"),
)  # fmt: skip
"""Upper ends in degrees of the hue circle of the basic colour terms that have one (Berlin & Kay, 1969)."""


def hexadecimal(colour: Sequence[float]) -> str:
    """`#rrggbb` of an sRGB colour, each channel 0 to 255."""
    return "#" + "".join(f"{min(255, max(0, round(float(channel)))):02x}" for channel in colour)


def colour_name(colour: Sequence[float]) -> str:
    """The basic colour term of an sRGB colour, with light or dark where that is what strikes first."""
    red, green, blue = (min(255.0, max(0.0, float(channel))) / 255 for channel in colour)
    hue, lightness, _ = colorsys.rgb_to_hls(red, green, blue)
    chroma = max(red, green, blue) - min(red, green, blue)
    if chroma < 0.09:
        return _grey(lightness)
    if lightness < 0.08:
        return "black"
    name = next(name for end, name in HUES if hue * 360 <= end)
    if name == "orange" and lightness < 0.4:
        return "brown" if lightness > 0.2 else "dark brown"
    if lightness > 0.8:
        return f"light {name}"
    return f"dark {name}" if lightness < 0.28 else name


def spoken(colour: Sequence[float]) -> str:
    """`dark blue #1a2b6c`."""
    return f"{colour_name(colour)} {hexadecimal(colour)}"


def _grey(lightness: float) -> str:
    steps = ((0.12, "black"), (0.36, "dark grey"), (0.68, "grey"), (0.93, "light grey"))
    return next((name for end, name in steps if lightness < end), "white")
