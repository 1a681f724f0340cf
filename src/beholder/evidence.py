"""What was seen in pictures: lines of text, tables, charts, elements, differences, each with its place.

Layer rule: this module imports nothing of Beholder.

Boxes everywhere are `(left, top, right, bottom)` in ORIGINAL pixels: the picture as a person sees it, after its EXIF
orientation was applied and before any resize; the origin is the top left corner, right and bottom are exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Box: TypeAlias = tuple[float, float, float, float]
Size: TypeAlias = tuple[int, int]
"""`(width, height)` in pixels."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a line. `box` is in original pixels; `confidence` is the recogniser's, 0 to 1."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text as read. `box` is in original pixels; `confidence` is the recogniser's, 0 to 1."""

    text: str
    box: Box
    confidence: float
    method: str
    words: tuple[Word, ...] = ()
    """The line's words from left to right, where the reader tells them apart."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: `row` and `column` count from 0 and are its top left corner's where it spans several.

    `estimated` marks a value that was measured from a drawn mark, not read. `box` is None where nothing stands.
    """

    text: str
    row: int
    column: int
    box: Box | None = None
    row_span: int = 1
    column_span: int = 1
    is_header: bool = False
    confidence: float = 1.0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and columns, the cells in reading order. `method` says how it was found: ruled, aligned, chart."""

    box: Box
    rows: int
    columns: int
    cells: tuple[Cell, ...]
    method: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """A label and the value that was filled in for it; the value may be empty, its box is then None."""

    label: str
    value: str
    label_box: Box
    value_box: Box | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Series:
    """A data series of a chart: its name in the legend and the colour it is drawn in, sRGB."""

    name: str
    colour: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ChartAxis:
    """What is printed along one axis, from left to right or from the bottom up; `direction` is horizontal or vertical.

    `numbers` are the labels' values where all are numbers of one scale, else empty.
    """

    direction: Literal["horizontal", "vertical"]
    labels: tuple[str, ...]
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as data. `kind` is bar, horizontal bar, stacked bar, line, area, pie, scatter or unknown.

    `table` has a row for each category (or position on the axis) and a column for each series, headers included.
    `warnings` are measured facts a reader should know: an axis that does not begin at 0, runs backwards, is
    logarithmic.
    """

    box: Box
    kind: str
    table: Table
    title: str = ""
    category_label: str = ""
    value_label: str = ""
    series: tuple[Series, ...] = ()
    warnings: tuple[str, ...] = ()
    axes: tuple[ChartAxis, ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a user interface: `kind` is button, field, icon, card, image, text, bar, checkbox or switch."""

    kind: str
    box: Box
    text: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A measured fact about a design. `aspect` is contrast, spacing, alignment, hierarchy, density, target or text.

    `statement` is a sentence with the figures in it; `severity` is problem, note or good.
    """

    aspect: str
    statement: str
    severity: Literal["problem", "note", "good"]
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """Something recognised as a whole: a class, a face, a colour. `score` is the method's own, 0 to 1."""

    name: str
    score: float
    method: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A region that differs between two pictures. `kind` is text, colour, moved, added, removed or changed.

    `box` is in the second picture's original pixels, `box_before` in the first's.
    """

    kind: str
    description: str
    box: Box
    box_before: Box | None = None
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two images of a job, by their places in it from 0, after alignment; no differences means: the same picture."""

    first: int
    second: int
    differences: tuple[Difference, ...]
    comparable: bool = True
    """False where the pictures show different things altogether, so that regions cannot be matched."""


@dataclass(frozen=True, slots=True)
class SafetyScore:
    """How likely a picture shows something that a rule may forbid; from `threshold` on it is taken to show it.

    `name` is nsfw or a policy's; `box` is the part of the picture that it was seen in, None for the whole.
    """

    name: str
    score: float
    threshold: float
    method: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen in one image. `layout` is its text, with spaces and line breaks where the page has them."""

    image_digest: str
    size: Size
    lines: tuple[TextLine, ...]
    layout: str
    tables: tuple[Table, ...] = ()
    fields: tuple[FormField, ...] = ()
    charts: tuple[Chart, ...] = ()
    elements: tuple[Element, ...] = ()
    findings: tuple[Finding, ...] = ()
    labels: tuple[Label, ...] = ()
    suspicious: tuple[TextLine, ...] = ()
    """Lines that address the model instead of the reader; they are data like the rest and never obeyed."""
    safety: tuple[SafetyScore, ...] = ()


@dataclass(frozen=True, slots=True)
class SafetyReport:
    """What moderation asks of one image: every score, and the lines of text in it that address the model."""

    scores: tuple[SafetyScore, ...]
    suspicious: tuple[TextLine, ...] = ()
