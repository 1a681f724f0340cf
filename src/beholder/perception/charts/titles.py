"""What is written around a chart: its title above, and the names of its axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from beholder.perception.charts.draft import Draft, joined
from beholder.perception.charts.scene import Scene, Text

LONGEST: Final = 240
"""Letters of a title at most; what is longer is an article."""
SURE: Final = 0.8
"""Upright text misread as level is unsure: an axis's name is taken from this confidence."""


def name_parts(scene: Scene, draft: Draft) -> None:
    """Fill in title and axis names from the texts that found no place in the data."""
    free = [text for text in scene.texts if text not in draft.used]
    draft.title = _title(draft, free)
    below, beside = _below(draft, free), _beside(draft, free)
    if draft.kind == "horizontal bar" or (draft.value_axis and draft.value_axis.direction == "horizontal"):
        draft.value_label, draft.category_label = below, beside
    else:
        draft.value_label, draft.category_label = beside, below


def _title(draft: Draft, free: Sequence[Text]) -> str:
    """The largest lines above the marks, then the smaller ones that follow them."""
    left, top, right, _ = draft.box
    above = [
        text
        for text in free
        if text.box[3] <= top + 0.5 * text.height
        and text.box[0] < right
        and text.box[2] > left - 0.3 * (right - left)
        and text.number is None
        and text.width > 1.5 * text.height
    ]
    if not above:
        return ""
    tallest = max(text.height for text in above)
    head = [text for text in above if text.height >= 0.8 * tallest]
    lowest = max(text.box[3] for text in head)
    edge, centre = min(text.box[0] for text in head), (min(t.box[0] for t in head) + max(t.box[2] for t in head)) / 2
    rest = [
        text
        for text in above
        if text not in head
        and text.middle[1] > lowest - tallest
        and (text.box[0] - edge < 0.08 * (right - left) or abs(text.middle[0] - centre) < 0.05 * (right - left))
    ]
    parts = [part for part in (joined(head), joined(rest)) if part]
    return ". ".join(parts)[:LONGEST].strip()


def _below(draft: Draft, free: Sequence[Text]) -> str:
    """The line centred directly under the chart."""
    left, _, right, bottom = draft.box
    middle = (left + right) / 2
    near = [
        text
        for text in free
        if -0.3 * text.height <= text.box[1] - bottom <= 3 * text.height
        and abs(text.middle[0] - middle) < 0.15 * (right - left)
        and text.width < 0.8 * (right - left)
        and text.number is None
    ]
    return min(near, key=lambda text: text.box[1]).text.strip() if near else ""


def _beside(draft: Draft, free: Sequence[Text]) -> str:
    """Upright text at the left of the chart."""
    left, top, _, bottom = draft.box
    near = [
        text
        for text in free
        if text.height > 2 * text.width
        and text.box[0] < left + 0.15 * (draft.box[2] - left)
        and top - 20 <= text.middle[1] <= bottom + 20
        and text.confidence >= SURE
    ]
    return near[0].text.strip() if near else ""
