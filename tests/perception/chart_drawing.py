"""Charts drawn with known data, and the lines of text that a perfect reader would find on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from beholder.evidence import Chart, TextLine

BLUE, NAVY, GREY, RED, GREEN, GOLD = (
    (40, 118, 221),
    (15, 40, 62),
    (186, 186, 186),
    (166, 11, 11),
    (90, 160, 60),
    (232, 170, 40),
)
COLOURS = (BLUE, NAVY, GREY, RED, GREEN, GOLD)
INK = (60, 60, 60)


@dataclass
class Canvas:
    """A white page that remembers what is written on it; `plot` is `(left, top, right, bottom)`."""

    size: tuple[int, int] = (800, 560)
    plot: tuple[int, int, int, int] = (100, 60, 720, 440)
    letters: int = 14
    ground: tuple[int, int, int] = (255, 255, 255)
    lines: list[TextLine] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.picture = Pictures.new("RGB", self.size, self.ground)
        self.draw = ImageDraw.Draw(self.picture)
        self.font = ImageFont.load_default(self.letters)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """`(height, width, 3)` sRGB."""
        return np.asarray(self.picture)

    def write(self, text: str, x: float, y: float, anchor: str = "mm", *, colour: tuple[int, int, int] = INK) -> None:
        """Write `text` with its anchor at a place, as Pillow names anchors."""
        self.draw.text((x, y), text, fill=colour, font=self.font, anchor=anchor)
        left, top, right, bottom = self.draw.textbbox((x, y), text, font=self.font, anchor=anchor)
        self.lines.append(TextLine(text, (left - 1, top - 2, right + 1, bottom + 2), 0.99, "drawn"))

    def y(self, value: float, low: float, high: float) -> float:
        """Where a value stands on the upright axis."""
        _, top, _, bottom = self.plot
        return bottom - (value - low) / (high - low) * (bottom - top)

    def x(self, value: float, low: float, high: float) -> float:
        """Where a value stands on the level axis."""
        left, _, right, _ = self.plot
        return left + (value - low) / (high - low) * (right - left)

    def upright_axis(self, ticks: Sequence[float], low: float, high: float, form: str = "{:g}") -> None:
        """Ticks at the left with grid lines."""
        left, _, right, _ = self.plot
        for tick in ticks:
            y = self.y(tick, low, high)
            self.draw.line((left, y, right, y), fill=(225, 225, 225))
            self.write(form.format(tick), left - 10, y, "rm")

    def level_axis(self, ticks: Sequence[float], low: float, high: float, form: str = "{:g}") -> None:
        """Ticks below."""
        _, _, _, bottom = self.plot
        for tick in ticks:
            self.write(form.format(tick), self.x(tick, low, high), bottom + 16)

    def names_below(self, names: Sequence[str]) -> list[float]:
        """Category names below, evenly; returns their middles."""
        left, _, right, bottom = self.plot
        pitch = (right - left) / len(names)
        middles = [left + (index + 0.5) * pitch for index in range(len(names))]
        for name, middle in zip(names, middles, strict=True):
            self.write(name, middle, bottom + 16)
        return middles

    def legend(self, names: Sequence[str], y: float, colours: Sequence[tuple[int, int, int]] = COLOURS) -> None:
        """Swatches with names in a row."""
        x = self.plot[0] + 20.0
        for name, colour in zip(names, colours, strict=False):
            self.draw.rectangle((x, y - 6, x + 12, y + 6), fill=colour)
            self.write(name, x + 18, y, "lm")
            x += 60 + 8 * len(name)

    def curve(self, points: Sequence[tuple[float, float]], colour: tuple[int, int, int], width: int = 3) -> None:
        """A line through points."""
        self.draw.line([(float(x), float(y)) for x, y in points], fill=colour, width=width)

    def slices(
        self,
        shares: Sequence[float],
        centre: tuple[float, float],
        radius: float,
        *,
        hole: float = 0,
        colours: Sequence[tuple[int, int, int]] = COLOURS,
    ) -> list[tuple[float, float]]:
        """A pie clockwise from the top; returns the unit vectors of the slices' middles."""
        x, y = centre
        at, middles = 0.0, []
        for share, colour in zip(shares, colours, strict=False):
            box = (x - radius, y - radius, x + radius, y + radius)
            self.draw.pieslice(box, at * 360 - 90, (at + share) * 360 - 90, fill=colour)
            turn = 2 * math.pi * (at + share / 2)
            middles.append((math.sin(turn), -math.cos(turn)))
            at += share
        if hole:
            self.draw.ellipse((x - hole, y - hole, x + hole, y + hole), fill=self.ground)
        return middles


def grid(chart: Chart) -> list[list[str]]:
    """The table's texts in rows, empty where there is no cell."""
    rows = [[""] * chart.table.columns for _ in range(chart.table.rows)]
    for cell in chart.table.cells:
        rows[cell.row][cell.column] = cell.text
    return rows


def amounts(chart: Chart, column: int = 1) -> list[float]:
    """A column's values as numbers, without units."""
    texts = [row[column] for row in grid(chart)[1:]]
    return [float(text.strip("%$ KMB").replace(",", "")) for text in texts]


def are_estimated(chart: Chart) -> set[bool]:
    """Whether the values are marked as estimated."""
    return {cell.estimated for cell in chart.table.cells if not cell.is_header}
