"""Names of colours as people say them, for naming a series by the ink it is drawn in."""

from __future__ import annotations

import colorsys
from typing import Final

from beholder.perception.charts.scene import Colour

_HUES: Final = (
    (14, "red"),
    (40, "orange"),
    (68, "yellow"),
    (160, "green"),
    (190, "teal"),
    (255, "blue"),
    (292, "purple"),
    (335, "pink"),
    (361, "red"),
)
"""Upper bounds of the hue angle in degrees."""


def colour_name(colour: Colour) -> str:
    """One or two words: black, grey, white, or a hue with light or dark before it."""
    hue, lightness, strength = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    chroma = (max(colour) - min(colour)) / 255
    if chroma < 0.09 or strength < 0.1:
        return "black" if lightness < 0.16 else "white" if lightness > 0.94 else "grey"
    name = next(name for bound, name in _HUES if hue * 360 < bound)
    if name == "orange" and lightness < 0.42:
        name = "brown"
    shade = "dark " if lightness < 0.3 else "light " if lightness > 0.72 else ""
    return shade + name
