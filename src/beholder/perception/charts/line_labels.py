"""Texts around lines: which name positions along the x axis, and which name series."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from beholder.perception.charts.axes import Axis
from beholder.perception.charts.bar_labels import Place, names_below
from beholder.perception.charts.draft import Category, name_of
from beholder.perception.charts.legend import by_ink, by_swatch
from beholder.perception.charts.scene import Scene, Text
from beholder.perception.charts.strokes import Trace

MOST_POSITIONS: Final = 40
"""Whole numbers between ticks become rows of their own up to this many rows."""


def find_positions(
    scene: Scene, axes: Sequence[Axis], traces: Sequence[Trace], plot: tuple[int, int, int, int], texts: Sequence[Text]
) -> list[Place]:
    first, last = min(t.ends[0] for t in traces), max(t.ends[1] for t in traces)
    lowest = max(float(np.nanmax(trace.bottom)) for trace in traces)
    level = [a for a in axes if a.direction == "horizontal" and a.across > lowest - 12 and _spans(a, first, last)]
    if level:
        axis = max(level, key=lambda a: len(a.ticks))
        if not any(re.fullmatch(r"0\d", label.text) for label in axis.labels):
            return _counted(axis, first, last)
        return names_below(texts, min(label.box[1] for label in axis.labels), (first, last), [])
    for floor in (float(plot[3]) - 30, lowest - 4):
        places = _row_below(texts, floor, (first, last))
        if len(places) >= 2:
            return places
    return _landmarks(traces)


def _row_below(texts: Sequence[Text], floor: float, extent: tuple[float, float]) -> list[Place]:
    """The first row of names below `floor`; rows of plain numbers are values while another row follows."""
    places = names_below(texts, floor, extent, extent)
    for _ in range(4):
        numbers = [t.number for place in places for t in place.texts if t.number is not None and not t.number.is_year]
        if not places or len(numbers) < 0.6 * len(places):
            return places
        lowest = max(text.box[3] for place in places for text in place.texts)
        following = names_below(texts, lowest - 4, extent, extent)
        if len(following) < 2:
            return places
        places = following
    return places


def _spans(axis: Axis, first: float, last: float) -> bool:
    return min(axis.span[1], last) - max(axis.span[0], first) > 0.5 * (last - first)


def _counted(axis: Axis, first: float, last: float) -> list[Place]:
    """A place for each tick, and for each whole number between ticks while they are few."""
    places = [
        Place(Category(label.text.strip(), label.box, label.confidence), place, (label,))
        for (place, _), label in zip(axis.ticks, axis.labels, strict=True)
    ]
    low, high = sorted((axis.value(first), axis.value(last)))
    numbers = range(round(low), round(high) + 1)
    are_whole = all(value.is_integer() for _, value in axis.ticks) and axis.kind == "linear"
    if not are_whole or len(numbers) > MOST_POSITIONS or len(numbers) <= len(places):
        return places
    named = {round(value): place for (_, value), place in zip(axis.ticks, places, strict=True)}
    counted = []
    for number in numbers:
        position = axis.position(number)
        if number in named:
            counted.append(named[number])
        elif position is not None:
            counted.append(Place(Category(str(number), None, 0.7), position, ()))
    return sorted(counted, key=lambda place: place.centre)


def _landmarks(traces: Sequence[Trace]) -> list[Place]:
    """Where no position is named: the ends, the highest and the lowest point of the longest line."""
    trace = max(traces, key=lambda one: one.ends[1] - one.ends[0])
    centres = (trace.top + trace.bottom) / 2
    spots = {
        "left end": float(trace.ends[0]),
        "right end": float(trace.ends[1]),
        "highest": float(trace.left + np.nanargmin(centres)),
        "lowest": float(trace.left + np.nanargmax(centres)),
    }
    return [Place(Category(name, None, 0.5), x, ()) for name, x in spots.items()]


# ── series ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def name_series(scene: Scene, traces: Sequence[Trace], texts: Sequence[Text]) -> tuple[list[str], list[Text]]:
    """Each trace's name by legend, by the ink of a text, or by the text at its end; and the texts used."""
    words = [t for t in texts if (t.number is None or t.number.is_year) and re.search(r"[^\W_Oo0]", t.text)]
    colours = [trace.colour for trace in traces]
    found = by_swatch(scene, colours, words, []) if len(traces) > 1 else {}
    if len(found) < 2:
        found = {}
    free = [text for text in words if text not in found.values() and text.number is None]
    inked = by_ink(scene, colours, free) if len(traces) > 1 else {}
    for index, written in inked.items():
        near = [text for text in written if _is_by(traces[index], text)]
        if index not in found and near:
            found[index] = max(near, key=lambda text: len(text.text))
    _by_end(traces, [t for t in words if t not in found.values() and re.search(r"[^\W\d]{2}", t.text)], found)
    names = [name_of(found[index].text) if index in found else "" for index in range(len(traces))]
    return names, list(found.values())


def _is_by(trace: Trace, text: Text) -> bool:
    """Whether a text stands within the height of the plot, near the trace's columns."""
    first, last = trace.ends
    x, y = text.middle
    low, high = float(np.nanmin(trace.top)) - 6 * text.height, float(np.nanmax(trace.bottom)) + 3 * text.height
    return first - text.width - 60 <= x <= last + text.width + 60 and low <= y <= high


def _by_end(traces: Sequence[Trace], texts: Sequence[Text], found: dict[int, Text]) -> None:
    pairs = []
    for index, trace in enumerate(traces):
        if index in found:
            continue
        last = trace.ends[1]
        y = trace.middle(last - 1)
        for text in texts:
            gap = text.box[0] - last
            if y is not None and -1.5 * text.width - 20 <= gap <= 5 * text.height:
                away = abs(text.middle[1] - y)
                if away <= 1.6 * text.height:
                    pairs.append((away, index, text))
    for _, index, text in sorted(pairs, key=lambda pair: pair[0]):
        if index not in found and text not in found.values():
            found[index] = text
