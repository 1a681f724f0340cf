"""From a picture and its text to charts: the marks decide what kind is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Chart, TextLine
from beholder.perception.charts.axes import Axis, find_axes
from beholder.perception.charts.axis_labels import label_axes
from beholder.perception.charts.bar_chart import read_bars
from beholder.perception.charts.bars import find_bars
from beholder.perception.charts.draft import Draft, finish, union
from beholder.perception.charts.flaws import find_flaws
from beholder.perception.charts.line_chart import read_lines
from beholder.perception.charts.pie_chart import read_pie
from beholder.perception.charts.pies import find_pies
from beholder.perception.charts.regions import Palette, find_palette, find_regions
from beholder.perception.charts.scatter_chart import read_scatter
from beholder.perception.charts.scene import Scene, set_scene
from beholder.perception.charts.titles import name_parts
from beholder.perception.charts.unread_ticks import with_unread_ticks
from beholder.perception.charts.unscaled import read_unscaled

FEWEST_OF_A_FRAME: Final = 7
"""Labels of two axes together that make a chart of which nothing else is read."""

CONVINCING: Final = 0.85
"""Bars that account for this much are not compared with lines."""

LEAST_POINTS: Final = 3
"""Places along the horizontal axis that a line or an area has at least."""


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
    found = find_axes(scene)
    axes = tuple(with_unread_ticks(scene, axis, found) for axis in found)
    drafts = _drafts(scene, palette, axes) or _frames(axes)
    for draft in drafts:
        name_parts(scene, draft)
        draft.warnings = find_flaws(draft, axes)
        draft.axes = label_axes(draft, axes)
    return drafts


def _frames(axes: Sequence[Axis]) -> tuple[Draft, ...]:
    """A chart of which the axes alone are known: an upright scale that stands at the left of and above a level one."""
    upright = max((a for a in axes if a.direction == "vertical"), key=lambda a: len(a.ticks), default=None)
    level = max((a for a in axes if a.direction == "horizontal"), key=lambda a: len(a.ticks), default=None)
    if upright is None or level is None or len(upright.ticks) + len(level.ticks) < FEWEST_OF_A_FRAME:
        return ()
    height = max(label.height for label in level.labels)
    if upright.across > level.span[0] + height or level.across < upright.span[1] - height:
        return ()
    box = union([label.box for label in (*upright.labels, *level.labels)])
    return (Draft("unknown", box, value_axis=upright, category_axis=level, used=[*upright.labels, *level.labels]),)


def _drafts(scene: Scene, palette: Palette, axes: Sequence[Axis]) -> tuple[Draft, ...]:
    pies = [draft for pie in find_pies(scene, palette) if (draft := read_pie(scene, pie)) is not None]
    if pies:
        return tuple(pies)
    regions = find_regions(scene, palette)
    bars = find_bars(scene, regions)
    best = read_bars(scene, bars, axes) if bars else None
    if best is None or len(best.categories) < 3 or _explained(scene, best) < CONVINCING:
        lines = read_lines(scene, axes)
        if lines is not None and (best is None or _explained(scene, lines) > _explained(scene, best)):
            best = lines
    if best is None or _explained(scene, best) < 0.7:
        dots = read_scatter(scene, regions, axes)
        if dots is not None and (best is None or _explained(scene, dots) > _explained(scene, best)):
            best = dots
    best = best or read_unscaled(scene)
    return (best,) if best is not None and _is_accounted_for(scene, best) else ()


def _is_accounted_for(scene: Scene, draft: Draft) -> bool:
    """Whether enough fits together for a chart: marks in a photograph or a form leave most of it open.

    A line through two points is none: a table's rule beside a column of numbers makes one.
    """
    if draft.kind in {"line", "area"} and len(draft.categories) < LEAST_POINTS:
        return False
    named = sum(bool(category.name) for category in draft.categories) / len(draft.categories)
    has_scale = draft.value_axis is not None and len(draft.value_axis.labels) >= 4
    return _explained(scene, draft) >= 0.5 and (named >= 0.4 or draft.labelled_share >= 0.6 or has_scale)


def _explained(scene: Scene, draft: Draft) -> float:
    """How well a reading accounts for what stands in the chart: numbers that found their place, cells filled, names."""
    left, top, right, bottom = draft.box
    inside = [
        t for t in scene.texts if t.number is not None and left <= t.middle[0] <= right and top <= t.middle[1] <= bottom
    ]
    placed = sum(text in draft.used for text in inside) / len(inside) if inside else 0.5
    filled = len(draft.values) / (len(draft.categories) * len(draft.series))
    named = sum(bool(category.name) for category in draft.categories) / len(draft.categories)
    return 0.4 * placed + 0.4 * filled + 0.2 * named
