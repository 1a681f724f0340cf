"""What a reader of one kind of chart hands over: categories, series and values, and the chart made of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from beholder.evidence import Box, Cell, Chart, ChartAxis, Series, Table
from beholder.perception.charts.axes import Axis
from beholder.perception.charts.numbers import format_estimate
from beholder.perception.charts.scene import Colour, Scene, Text


@dataclass(frozen=True, slots=True)
class Value:
    """One value: printed as `text`, or measured, then `estimated`. `box` is in working pixels."""

    text: str
    amount: float
    box: Box
    estimated: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class Category:
    """A category's name and where it stands, in working pixels; the name may be empty, the box is then None."""

    name: str
    box: Box | None = None
    confidence: float = 1.0


@dataclass(slots=True, eq=False)
class Draft:
    """A chart in the making, in working pixels. `used` holds the texts that found their place."""

    kind: str
    box: Box
    categories: list[Category] = field(default_factory=list)
    series: list[tuple[str, Colour]] = field(default_factory=list)
    values: dict[tuple[int, int], Value] = field(default_factory=dict)
    value_axis: Axis | None = None
    category_axis: Axis | None = None
    used: list[Text] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    base: float | None = None
    """Where the marks begin along the value axis, in working pixels."""
    checks: dict[tuple[int, int], float] = field(default_factory=dict)
    """What the marks show where values are printed, to compare."""
    title: str = ""
    category_label: str = ""
    value_label: str = ""
    axes: tuple[ChartAxis, ...] = ()

    @property
    def labelled_share(self) -> float:
        """The part of the values that were read, not measured."""
        return sum(not value.estimated for value in self.values.values()) / len(self.values) if self.values else 0.0


def printed(text: Text) -> Value:
    """A value as it was read."""
    assert text.number is not None
    return Value(text.text.strip(), text.number.value, text.box, False, text.confidence)


def measured(axis: Axis, amount: float, box: Box, *, worth: float | None = None, confidence: float = 0.8) -> Value:
    """A value measured along an axis, rounded to what a pixel is worth, in the axis's unit."""
    step = 2 * axis.worth if worth is None else worth
    text = format_estimate(amount, step=step, unit=axis.unit, multiplier=axis.multiplier, currency=axis.currency)
    return Value(text, amount, box, True, confidence)


def finish(scene: Scene, draft: Draft) -> Chart:
    """The chart in original pixels."""
    box = scene.original(draft.box)
    cells = tuple(_cells(scene, draft))
    rows, columns = len(draft.categories) + 1, len(draft.series) + 1
    return Chart(
        box=box,
        kind=draft.kind,
        table=Table(box, rows, columns, cells, "chart", draft.title),
        title=draft.title,
        category_label=draft.category_label,
        value_label=draft.value_label,
        series=tuple(Series(name, colour) for name, colour in draft.series),
        warnings=tuple(draft.warnings),
        axes=draft.axes,
    )


def _cells(scene: Scene, draft: Draft) -> list[Cell]:
    cells = [Cell(draft.category_label, 0, 0, is_header=True)]
    cells += [Cell(name, 0, column + 1, is_header=True) for column, (name, _) in enumerate(draft.series)]
    for row, category in enumerate(draft.categories):
        box = scene.original(category.box) if category.box else None
        cells.append(Cell(category.name, row + 1, 0, box, is_header=True, confidence=category.confidence))
        for column in range(len(draft.series)):
            value = draft.values.get((row, column))
            if value is not None:
                where = scene.original(value.box)
                confidence = min(max(value.confidence, 0.0), 1.0)
                cells.append(
                    Cell(value.text, row + 1, column + 1, where, confidence=confidence, estimated=value.estimated)
                )
    return cells


def name_of(text: str) -> str:
    """A name without the marker that was read as its first letter."""
    return re.sub(r"^(?:[^\w(\[\"'‘“<>$€£%+−-]|[-–−](?=\s?[^\W\d]))+\s*(?=\w)", "", text.strip()).strip()


def union(boxes: Sequence[Box]) -> Box:
    """The box around boxes; there is at least one."""
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def joined(texts: Sequence[Text]) -> str:
    """Wrapped lines as one text, from top to bottom and left to right; a hyphen at a line's end stays."""
    rows: list[list[Text]] = []
    for text in sorted(texts, key=lambda text: text.middle[1]):
        if rows and text.middle[1] - rows[-1][0].middle[1] < 0.5 * min(text.height, rows[-1][0].height):
            rows[-1].append(text)
        else:
            rows.append([text])
    return " ".join(text.text.strip() for row in rows for text in sorted(row, key=lambda one: one.box[0])).strip()
