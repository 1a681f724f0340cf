"""From a picture and its text to charts: the marks decide what kind is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from beholder.perception.charts.axes import Axis, find_axes
from beholder.perception.charts.bar_chart import read_bars
from beholder.perception.charts.bars import find_bars
from beholder.perception.charts.draft import Draft, finish
from beholder.perception.charts.flaws import find_flaws
from beholder.perception.charts.line_chart import read_lines
from beholder.perception.charts.pie_chart import read_pie
from beholder.perception.charts.pies import find_pies
from beholder.perception.charts.regions import Palette, find_palette, find_regions
from beholder.perception.charts.scene import Scene, set_scene
from beholder.perception.charts.titles import name_parts
from beholder.types import Chart, TextLine


def read_charts(
    pixels: NDArray[np.uint8], lines: Sequence[TextLine], scale: tuple[float, float] = (1.0, 1.0)
) -> tuple[Chart, ...]:
    """The charts in a picture, none where nothing proves to be one.

    `pixels` is `(height, width, 3)` sRGB as delivered; `lines` are in original pixels; `scale` holds the factors from
    delivered to original pixels, horizontally and vertically. Boxes of the result are in original pixels.
    """
    scene = set_scene(pixels, lines, scale)
    return tuple(finish(scene, draft) for draft in draft_charts(scene))


def draft_charts(scene: Scene) -> tuple[Draft, ...]:
    """The charts of a scene, in working pixels."""
    palette = find_palette(scene)
    axes = find_axes(scene)
    drafts = _drafts(scene, palette, axes)
    for draft in drafts:
        name_parts(scene, draft)
        draft.warnings = find_flaws(draft, axes)
    return drafts


def _drafts(scene: Scene, palette: Palette, axes: Sequence[Axis]) -> tuple[Draft, ...]:
    pies = [draft for pie in find_pies(scene, palette) if (draft := read_pie(scene, pie)) is not None]
    if pies:
        return tuple(pies)
    bars = find_bars(scene, find_regions(scene, palette))
    draft = read_bars(scene, bars, axes) if bars else None
    if draft is None:
        draft = read_lines(scene, axes)
    return (draft,) if draft else ()
