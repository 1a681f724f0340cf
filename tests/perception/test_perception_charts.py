"""Charts drawn with known data, read back as tables: exact where values are printed, within 3 % where measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from chart_drawing import BLUE, COLOURS, GREY, NAVY, RED, Canvas, amounts, are_estimated, grid
from PIL import Image as Pictures
from PIL import ImageFont

from beholder.evidence import Chart, TextLine
from beholder.perception.charts import describe_chart, read_charts
from beholder.perception.charts.axis_labels import describe_shared
from beholder.perception.charts.numbers import parse_number
from beholder.perception.charts.show import draw_charts
from beholder.perception.charts.trends import trend_of
from beholder.perception.demonstration import load_picture
from beholder.perception.text import TextReader

YEARS = ("2015", "2016", "2017", "2018", "2019", "2020")
VALUES = (12.5, 31.0, 22.4, 47.3, 38.8, 8.1)


def read(canvas: Canvas) -> Chart:
    """The one chart on a canvas."""
    charts = read_charts(canvas.pixels, canvas.lines, (1.0, 1.0))
    assert 1 == len(charts)
    return charts[0]


def draw_bars(values: tuple[float, ...], names: tuple[str, ...], *, high: float = 50, labels: bool = False) -> Canvas:
    """Upright bars over an axis from 0 to `high`."""
    canvas = Canvas()
    canvas.upright_axis([high * part / 5 for part in range(6)], 0, high)
    for value, middle in zip(values, canvas.names_below(names), strict=True):
        top = canvas.y(value, 0, high)
        canvas.draw.rectangle((middle - 25, top, middle + 25, canvas.plot[3]), fill=BLUE)
        if labels:
            canvas.write(f"{value:g}", middle, top - 10)
    return canvas


# ── bars ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_printed_values_of_bars_are_exact() -> None:
    """The label above a bar is its value, and is not called an estimate."""
    chart = read(draw_bars(VALUES, YEARS, labels=True))
    assert "bar" == chart.kind
    assert [["", ""], *([name, f"{value:g}"] for name, value in zip(YEARS, VALUES, strict=True))] == grid(chart)
    assert {False} == are_estimated(chart)


def test_bars_without_labels_are_measured() -> None:
    """Along the axis, within 3 % of the largest, and marked as estimated."""
    chart = read(draw_bars(VALUES, YEARS))
    assert list(YEARS) == [row[0] for row in grid(chart)[1:]]
    assert np.allclose(VALUES, amounts(chart), atol=0.03 * max(VALUES))
    assert {True} == are_estimated(chart)


def test_boxes_of_values_are_their_marks() -> None:
    """A measured value points at its bar, in original pixels, also when the picture was delivered at half size."""
    canvas = draw_bars(VALUES, YEARS)
    small = np.ascontiguousarray(canvas.pixels[::2, ::2])
    chart = read_charts(small, canvas.lines, (2.0, 2.0))[0]
    boxes = [cell.box for cell in chart.table.cells if not cell.is_header]
    tops = [canvas.y(value, 0, 50) for value in VALUES]
    assert all(box is not None and abs(box[1] - top) <= 4 for box, top in zip(boxes, tops, strict=True))


def test_lying_bars_have_their_names_at_the_left() -> None:
    """Wrapped names are joined; numbers beyond the ends are values."""
    canvas = Canvas(plot=(200, 60, 720, 440))
    names = (("Wind",), ("Solar", "power"), ("Coal",), ("Natural", "gas"))
    shares = (41.5, 23.25, 12.0, 5.75)
    for index, (lines, share) in enumerate(zip(names, shares, strict=True)):
        y = 100 + 90 * index
        right = canvas.x(share, 0, 50)
        canvas.draw.rectangle((200, y - 22, right, y + 22), fill=BLUE)
        canvas.write(f"{share:g}%", right + 8, y, "lm")
        for number, line in enumerate(lines):
            canvas.write(line, 190, y + (number - (len(lines) - 1) / 2) * 18, "rm")
    chart = read(canvas)
    assert "horizontal bar" == chart.kind
    expected = [["Wind", "41.5%"], ["Solar power", "23.25%"], ["Coal", "12%"], ["Natural gas", "5.75%"]]
    assert expected == grid(chart)[1:]


def test_groups_take_their_series_from_the_legend() -> None:
    """One row for each name, one column for each colour, whatever the order of the bars."""
    canvas = Canvas()
    canvas.upright_axis([0, 20, 40, 60, 80], 0, 80)
    data = ((70, 50, 33), (22, 41, 64), (11, 55, 38))
    for values, middle in zip(data, canvas.names_below(("North", "South", "West")), strict=True):
        for index, value in enumerate(values):
            left = middle - 60 + 40 * index
            canvas.draw.rectangle((left, canvas.y(value, 0, 80), left + 36, canvas.plot[3]), fill=COLOURS[index])
    canvas.legend(("2010", "2015", "2020"), 500)
    chart = read(canvas)
    assert ["", "2010", "2015", "2020"] == grid(chart)[0]
    assert ["North", "South", "West"] == [row[0] for row in grid(chart)[1:]]
    for column, values in enumerate(zip(*data, strict=True), start=1):
        assert np.allclose(values, amounts(chart, column), atol=2)


def test_stacks_are_segments_not_totals() -> None:
    """Each segment's own length is its value; numbers inside segments are theirs."""
    canvas = Canvas()
    canvas.upright_axis([0, 50, 100, 150], 0, 150, "{:g}K")
    data = ((60, 30, 40), (45, 45, 20), (80, 25, 30))
    for values, middle in zip(data, canvas.names_below(("A1", "B2", "C3")), strict=True):
        base = 0.0
        for index, value in enumerate(values):
            low, high = canvas.y(base, 0, 150), canvas.y(base + value, 0, 150)
            canvas.draw.rectangle((middle - 40, high, middle + 40, low - 1), fill=COLOURS[index])
            if index == 0:
                canvas.write(f"{value}K", middle, (low + high) / 2, colour=(255, 255, 255))
            base += value
    canvas.legend(("Rail", "Road", "Air"), 500)
    chart = read(canvas)
    assert "stacked bar" == chart.kind
    assert ["", "Rail", "Road", "Air"] == grid(chart)[0]
    assert ["60K", "45K", "80K"] == [row[1] for row in grid(chart)[1:]]
    for column in (1, 2):
        assert np.allclose([row[column] for row in data], amounts(chart, column + 1), atol=2.5)


def test_bars_below_zero_are_negative() -> None:
    """The base is where the axis says 0."""
    canvas = Canvas()
    values = (30, 12, -8, -20)
    canvas.upright_axis([-20, 0, 20, 40], -30, 40)
    for value, middle in zip(values, canvas.names_below(("a", "b", "c", "d")), strict=True):
        edges = sorted((canvas.y(value, -30, 40), canvas.y(0, -30, 40)))
        canvas.draw.rectangle((middle - 30, edges[0], middle + 30, edges[1]), fill=NAVY)
    assert np.allclose(values, amounts(read(canvas)), atol=1)


def test_numbers_read_as_one_are_set_right_by_the_bars() -> None:
    """Labels of narrow neighbours that the reader ran together are cut where each part fits its bar."""
    canvas = Canvas()
    canvas.upright_axis([0, 100, 200, 300], 0, 300)
    for middle, pair in zip(canvas.names_below(("x", "y")), ((235, 241), (120, 118)), strict=True):
        for index, value in enumerate(pair):
            left = middle - 24 + 24 * index
            canvas.draw.rectangle((left, canvas.y(value, 0, 300), left + 22, canvas.plot[3]), fill=COLOURS[index])
        canvas.write(f"{pair[0]}{pair[1]}", middle, canvas.y(max(pair), 0, 300) - 10)
    canvas.legend(("Men", "Women"), 500)
    assert [["x", "235", "241"], ["y", "120", "118"]] == grid(read(canvas))[1:]


def test_names_read_as_one_line_are_parted() -> None:
    """Years along an axis are often read as one line; each goes to its own bar."""
    canvas = draw_bars(VALUES, YEARS)
    years = [line for line in canvas.lines if line.text in YEARS]
    box = (years[0].box[0], years[0].box[1], years[-1].box[2], years[0].box[3])
    rest = [line for line in canvas.lines if line.text not in YEARS]
    whole = TextLine(" ".join(YEARS), box, 0.9, "drawn")
    chart = read_charts(canvas.pixels, [*rest, whole], (1.0, 1.0))[0]
    assert list(YEARS) == [row[0] for row in grid(chart)[1:]]


# ── lines and areas ─────────────────────────────────────────────────────────────────────────────────────────────────


def draw_lines(*, low: float = 0, high: float = 60) -> tuple[Canvas, dict[str, list[float]]]:
    """Two crossing lines with a legend."""
    canvas = Canvas()
    data = {"Exports": [12.0, 20, 35, 30, 44, 52], "Imports": [41.0, 33, 28, 36, 30, 22]}
    step = (high - low) / 6
    canvas.upright_axis([low + step * index for index in range(7)], low, high)
    middles = canvas.names_below(YEARS)
    for values, colour in zip(data.values(), (BLUE, RED), strict=True):
        canvas.curve([(x, canvas.y(v, low, high)) for x, v in zip(middles, values, strict=True)], colour)
    canvas.legend(tuple(data), 500, (BLUE, RED))
    return canvas, data


def test_lines_are_measured_at_each_position() -> None:
    """Every series by its legend, within 3 % of the scale, also where lines cross."""
    canvas, data = draw_lines()
    chart = read(canvas)
    assert "line" == chart.kind
    assert list(YEARS) == [row[0] for row in grid(chart)[1:]]
    for name, values in data.items():
        assert np.allclose(values, amounts(chart, grid(chart)[0].index(name)), atol=0.03 * 60)


def test_a_line_goes_through_the_middle_of_its_hollow_markers() -> None:
    """Rings at the points do not draw the measured values to one of their arcs."""
    canvas = Canvas()
    canvas.upright_axis([0, 10, 20, 30, 40, 50], 0, 50)
    points = [(x, canvas.y(value, 0, 50)) for x, value in zip(canvas.names_below(YEARS), VALUES, strict=True)]
    canvas.curve(points, RED)
    for x, y in points:
        canvas.draw.ellipse((x - 8, y - 8, x + 8, y + 8), fill="white", outline=RED, width=3)
    chart = read(canvas)
    assert "line" == chart.kind
    assert np.allclose(VALUES, amounts(chart), atol=0.5)


def test_years_between_ticks_have_rows() -> None:
    """A tick every second year: the years between are read too."""
    canvas = Canvas()
    canvas.upright_axis([0, 10, 20, 30], 0, 30)
    canvas.level_axis([2010, 2012, 2014, 2016], 2010, 2016)
    values = [5, 25, 12, 18, 9, 27, 22]
    canvas.curve([(canvas.x(2010 + i, 2010, 2016), canvas.y(v, 0, 30)) for i, v in enumerate(values)], BLUE)
    chart = read(canvas)
    assert [str(2010 + index) for index in range(7)] == [row[0] for row in grid(chart)[1:]]
    assert np.allclose(values, amounts(chart), atol=1)


def test_printed_values_along_a_line_give_the_scale() -> None:
    """Without an axis, the numbers at the points are read, and a point without a number is estimated from them."""
    canvas = Canvas()
    values = [23, 41, 35, 52, 47, 30]
    middles = canvas.names_below(YEARS)
    canvas.curve([(x, canvas.y(v, 0, 60)) for x, v in zip(middles, values, strict=True)], RED)
    for index, (x, value) in enumerate(zip(middles, values, strict=True)):
        if index != 4:
            canvas.write(f"{value}%", x, canvas.y(value, 0, 60) - 16)
    chart = read(canvas)
    assert ["23%", "41%", "35%", "52%"] == [row[1] for row in grid(chart)[1:5]]
    estimate = next(cell for cell in chart.table.cells if cell.row == 5 and cell.column == 1)
    assert estimate.estimated
    assert abs(float(estimate.text.rstrip("%")) - 47) < 1.5


def test_an_area_is_read_at_its_upper_edge() -> None:
    """Filled down to the axis."""
    canvas = Canvas()
    canvas.upright_axis([0, 20, 40, 60], 0, 60)
    values = [15, 32, 28, 51, 44, 20]
    middles = canvas.names_below(YEARS)
    edge = [(x, canvas.y(v, 0, 60)) for x, v in zip(middles, values, strict=True)]
    canvas.draw.polygon([*edge, (middles[-1], canvas.plot[3]), (middles[0], canvas.plot[3])], fill=BLUE)
    chart = read(canvas)
    assert "area" == chart.kind
    assert np.allclose(values, amounts(chart), atol=1.8)


# ── pies ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hole", [0, 60], ids=["pie", "ring"])
def test_slices_have_the_labels_beside_them(hole: int) -> None:
    """Clockwise from the top; a name and its share on one line."""
    canvas = Canvas()
    shares, names = (0.42, 0.3, 0.18, 0.1), ("Bus", "Tram", "Bicycle", "On foot")
    middles = canvas.slices(shares, (400, 260), 140, hole=hole)
    for (dx, dy), name, share in zip(middles, names, shares, strict=True):
        canvas.write(f"{name} {100 * share:.0f}%", 400 + 175 * dx, 260 + 165 * dy, "lm" if dx > 0 else "rm")
    chart = read(canvas)
    assert "pie" == chart.kind
    assert [[name, f"{100 * share:.0f}%"] for name, share in zip(names, shares, strict=True)] == grid(chart)[1:]


def test_slices_without_numbers_are_measured() -> None:
    """By their angle, to half a percent point; their names come from the legend."""
    canvas = Canvas()
    shares = (0.51, 0.26, 0.15, 0.08)
    canvas.slices(shares, (300, 260), 140)
    for index, name in enumerate(("Gas", "Oil", "Wind", "Sun")):
        canvas.draw.rectangle((560, 194 + 30 * index, 572, 206 + 30 * index), fill=COLOURS[index])
        canvas.write(name, 580, 200 + 30 * index, "lm")
    chart = read(canvas)
    assert ["Gas", "Oil", "Wind", "Sun"] == [row[0] for row in grid(chart)[1:]]
    assert np.allclose([100 * share for share in shares], amounts(chart), atol=0.6)
    assert {True} == are_estimated(chart)


def test_shares_that_do_not_make_a_whole_are_told() -> None:
    """Printed percentages are kept as printed; the warning says what they sum to."""
    canvas = Canvas()
    middles = canvas.slices((0.5, 0.3, 0.2), (400, 260), 140)
    for (dx, dy), text in zip(middles, ("60%", "36%", "24%"), strict=True):
        canvas.write(text, 400 + 80 * dx, 260 + 80 * dy, colour=(255, 255, 255))
    assert "the printed percentages sum to 120, not 100" in read(canvas).warnings


# ── dots ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_dots_are_read_on_both_axes() -> None:
    """From left to right, x and y within 3 %."""
    canvas = Canvas()
    canvas.upright_axis([0, 25, 50, 75, 100], 0, 100)
    canvas.level_axis([0, 2, 4, 6, 8], 0, 8)
    points = [(0.6, 20), (1.7, 55), (3.2, 35), (4.4, 80), (5.9, 62), (7.3, 90)]
    for x, y in points:
        across, down = canvas.x(x, 0, 8), canvas.y(y, 0, 100)
        canvas.draw.ellipse((across - 5, down - 5, across + 5, down + 5), fill=RED)
    chart = read(canvas)
    assert "scatter" == chart.kind
    assert np.allclose([x for x, _ in points], amounts(chart, 1), atol=0.1)
    assert np.allclose([y for _, y in points], amounts(chart, 2), atol=1.5)


# ── scales and warnings ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_logarithmic_axis_is_measured_as_one() -> None:
    """Bars between decades, within 4 %, a pixel and a half on this scale; the warning says so."""
    canvas = Canvas()
    for power in range(5):
        canvas.write(f"{10**power:,}", 90, canvas.y(power, 0, 4), "rm")
    values = (30, 700, 2500, 90)
    for value, middle in zip(values, canvas.names_below(("a", "b", "c", "d")), strict=True):
        top = canvas.y(float(np.log10(value)), 0, 4)
        canvas.draw.rectangle((middle - 30, top, middle + 30, canvas.plot[3]), fill=BLUE)
    chart = read(canvas)
    assert np.allclose(values, amounts(chart), rtol=0.04)
    assert "the value axis is logarithmic" in chart.warnings


def test_a_truncated_axis_is_told() -> None:
    """Values are right all the same."""
    canvas, data = draw_lines(low=10, high=58)
    chart = read(canvas)
    assert "the value axis starts at 10, not at 0" in chart.warnings
    assert np.allclose(data["Exports"], amounts(chart, grid(chart)[0].index("Exports")), atol=1.8)


def test_a_reversed_axis_is_told() -> None:
    """Ticks that grow downwards."""
    canvas = Canvas()
    for tick in (0, 10, 20, 30):
        canvas.write(str(tick), 90, canvas.y(30 - tick, 0, 30), "rm")
    values = [5, 12, 18, 25, 9, 3]
    middles = canvas.names_below(YEARS)
    canvas.curve([(x, canvas.y(30 - v, 0, 30)) for x, v in zip(middles, values, strict=True)], BLUE)
    chart = read(canvas)
    assert "the value axis is reversed: values grow downwards" in chart.warnings
    assert np.allclose(values, amounts(chart), atol=1)


def test_a_label_that_its_bar_contradicts_is_told() -> None:
    """The printed value is kept; the warning gives both."""
    canvas = draw_bars((20.0, 30, 40, 25), ("a", "b", "c", "d"))
    for index, (text, value) in enumerate((("20", 20), ("30", 30), ("15", 40), ("25", 25))):
        middle = 100 + (index + 0.5) * 155
        canvas.write(text, middle, canvas.y(value, 0, 50) - 10)
    chart = read(canvas)
    assert "15" == grid(chart)[3][1]
    assert any(warning.startswith("c: 15 is printed, the mark shows about 40") for warning in chart.warnings)


def test_colours_without_a_legend_are_told() -> None:
    """Two series that nothing names stay unnamed."""
    canvas = Canvas()
    canvas.upright_axis([0, 20, 40], 0, 40)
    middles = canvas.names_below(YEARS)
    for colour, offset in ((BLUE, 8), (RED, 25)):
        canvas.curve([(x, canvas.y(offset + 2 * i, 0, 40)) for i, x in enumerate(middles)], colour)
    assert "no legend: nothing names the 2 colours, so which is which cannot be determined" in read(canvas).warnings


def test_years_out_of_order_are_told() -> None:
    """The table keeps the order of the drawing."""
    chart = read(draw_bars((10.0, 20, 30, 40), ("2018", "2020", "2019", "2021"), labels=True))
    assert "the categories are not in the order of time" in chart.warnings
    names = [row.partition(" | ")[0] for row in describe_chart(chart).splitlines()][-len(chart.table.cells) // 2 + 1 :]
    assert sorted(names) == names
    assert ["2018", "2020", "2019", "2021"] == [row[0] for row in grid(chart)[1:]]


def test_units_of_the_axis_are_kept() -> None:
    """Estimates are in the axis's own unit, currency included."""
    canvas = Canvas()
    canvas.upright_axis([0, 10, 20, 30], 0, 30, "${:g}M")
    for value, middle in zip((12, 25, 7), canvas.names_below(("a", "b", "c")), strict=True):
        canvas.draw.rectangle((middle - 30, canvas.y(value, 0, 30), middle + 30, canvas.plot[3]), fill=BLUE)
    texts = [row[1] for row in grid(read(canvas))[1:]]
    assert all(text.startswith("$") and text.endswith("M") for text in texts)
    assert np.allclose([12, 25, 7], [float(text.strip("$M")) for text in texts], atol=0.5)


# ── the rest of the page ────────────────────────────────────────────────────────────────────────────────────────────


def test_title_and_source_stay_out_of_the_data() -> None:
    """The large line above is the title; notes below are not categories."""
    canvas = draw_bars(VALUES, YEARS, labels=True)
    canvas.font = ImageFont.load_default(24)
    canvas.write("Rainfall by year", 20, 24, "lm")
    canvas.font = ImageFont.load_default(12)
    canvas.write("Source: weather stations 3 and 14, 2021", 20, 540, "lm")
    chart = read(canvas)
    assert "Rainfall by year" == chart.title
    assert list(YEARS) == [row[0] for row in grid(chart)[1:]]


def test_a_large_picture_is_read_in_original_pixels() -> None:
    """Twelve megapixels are worked on at a smaller size; boxes come back in the picture's own."""
    canvas = Canvas(size=(4000, 3000), plot=(500, 400, 3600, 2400), letters=60)
    canvas.upright_axis([0, 20, 40, 60], 0, 60)
    values = (10, 55, 33, 41)
    for value, middle in zip(values, canvas.names_below(("Oak", "Ash", "Elm", "Fir")), strict=True):
        canvas.draw.rectangle((middle - 180, canvas.y(value, 0, 60), middle + 180, 2400), fill=RED)
    chart = read(canvas)
    assert np.allclose(values, amounts(chart), atol=1.2)
    box = next(cell.box for cell in chart.table.cells if cell.row == 2 and cell.column == 1)
    assert box is not None
    assert abs(box[1] - canvas.y(55, 0, 60)) < 12


def test_the_text_form_marks_estimates_and_colours() -> None:
    """One row a category, ~ before what was measured, the series' colours by name."""
    canvas, _ = draw_lines()
    text = describe_chart(read(canvas))
    head, columns, *rows = text.splitlines()
    assert head.startswith("line chart")
    assert {"Exports (blue)", "Imports (red)"} == set(columns.split(" | ")[1:])
    assert len(YEARS) == len(rows)
    assert all(cell.startswith("~") for row in rows for cell in row.split(" | ")[1:])


def test_labels_along_the_axes_are_told_where_asked() -> None:
    """How many there are, in their order, and a scale's reach and step; not otherwise."""
    chart = read(draw_bars(VALUES, YEARS))
    assert [("vertical", ("0", "10", "20", "30", "40", "50")), ("horizontal", YEARS)] == [
        (axis.direction, axis.labels) for axis in chart.axes
    ]
    told = describe_chart(chart, has_axes=True)
    assert "vertical axis, 6 labels from the bottom: 0, 10, 20, 30, 40, 50" in told
    assert "; lowest 0, highest 50; maximum 50 - minimum 0 = 50; step 10" in told
    assert "; leftmost 2015, rightmost 2020" in told
    assert "total number of labels across all axes: 12" in told
    assert "horizontal axis, 6 labels from the left: 2015" in told
    assert "labels from" not in describe_chart(chart)


def test_a_tick_label_that_was_not_read_is_the_scales_next() -> None:
    """The zero at the end of an axis, drawn and not read, is among its labels; where nothing is drawn, nothing is."""
    canvas = draw_bars(VALUES, YEARS)
    canvas.lines = [line for line in canvas.lines if line.text != "0"]
    assert ("0", "10", "20", "30", "40", "50") == read(canvas).axes[0].labels
    hidden = draw_bars(VALUES, YEARS)
    [zero] = [line for line in hidden.lines if line.text == "0"]
    hidden.draw.rectangle(zero.box, fill="white")
    hidden.lines.remove(zero)
    assert ("10", "20", "30", "40", "50") == read(hidden).axes[0].labels


@pytest.mark.parametrize("side", [1, -1], ids=["up to the mark", "down from the mark"])
def test_slanted_names_belong_to_the_bars_that_they_hang_from(side: int) -> None:
    """Every second bar of many is named, at a slant, by names of different lengths; one name has no bar."""
    canvas = Canvas(plot=(100, 60, 720, 400))
    canvas.upright_axis([0, 10, 20, 30, 40, 50], 0, 50)
    values = [48 - 2 * number for number in range(20)]
    names = (
        "Ash",
        "Blackthorn",
        "Cedar",
        "Dogwood",
        "Elm",
        "Field maple",
        "Gean",
        "Hornbeam",
        "Ivy",
        "Juniper",
        "Kapok",
    )
    for number, value in enumerate(values):
        middle = 115 + 28 * number
        canvas.draw.rectangle((middle - 9, canvas.y(value, 0, 50), middle + 9, 400), fill=BLUE)
    for number, name in enumerate(names):
        hook, length = 115 + 56 * number, 6.0 * len(name)
        left, right = (hook - length, hook + 8) if side > 0 else (hook - 8, hook + length)
        canvas.lines.append(TextLine(name, (left, 415, right, 423 + length), 0.99, "drawn"))
    chart = read(canvas)
    told = {row[0]: row[1] for row in grid(chart)[1:]}
    assert [*names] == [name for name in told if name]
    assert np.allclose([float(told[name]) for name in names[:10]], values[::2], atol=1)
    assert "" == told["Kapok"]


def test_slanted_names_belong_to_the_points_of_a_line() -> None:
    """The first and the last hang from its ends, and the others between them alike."""
    canvas = Canvas()
    canvas.upright_axis([0, 10, 20, 30, 40, 50], 0, 50)
    hooks = [120 + 110 * number for number in range(6)]
    canvas.curve([(x, canvas.y(value, 0, 50)) for x, value in zip(hooks, VALUES, strict=True)], RED)
    for name, hook in zip(("Jan 18", "Feb 18", "Mar 18", "Apr 18", "May 18", "Jun 18"), hooks, strict=True):
        canvas.lines.append(TextLine(name, (hook - 34, 452, hook + 9, 495), 0.99, "drawn"))
    assert np.allclose(VALUES, amounts(read(canvas)), atol=0.5)


@dataclass(frozen=True)
class Trend:
    """Values from left to right, and how they go."""

    values: tuple[float, ...]
    words: str


TRENDS = [
    Trend((1, 2, 4, 4, 7), "increasing"),
    Trend((9, 7, 7.2, 3, 1), "decreasing"),
    Trend((1, 5, 9, 4, 2), "increasing then decreasing"),
    Trend((8, 3, 1, 4, 9), "decreasing then increasing"),
    Trend((1, 9, 2, 8, 1), "up and down, no single trend"),
    Trend((3, 3, 3), "constant"),
]


@pytest.mark.parametrize("trend", TRENDS, ids=lambda trend: trend.words)
def test_which_way_values_go_is_told_in_words(trend: Trend) -> None:
    """One way, or with one turn, a tenth of the movement against it aside."""
    assert trend.words == trend_of(trend.values)


def test_a_trend_is_told_where_asked_and_where_it_can_be_one() -> None:
    """From left to right; not otherwise, and not of times that are drawn in another order."""
    falling = read(draw_bars((46, 40, 31, 22, 12, 5), YEARS))
    assert "trend from left to right: decreasing" in describe_chart(falling, has_trends=True)
    assert "trend" not in describe_chart(falling)
    jumbled = read(draw_bars((46, 40, 31, 22, 12, 5), ("2019", "2015", "2018", "2017", "2016", "2020")))
    assert "trend" not in describe_chart(jumbled, has_trends=True)


def test_labels_of_two_charts_are_set_beside_each_other() -> None:
    """Equal numbers and names on the same kind of axis are counted and listed."""
    first, second = (
        read(draw_bars(VALUES, YEARS)),
        read(draw_bars(VALUES[:4], ("2017", "2018", "2021", "2022"), high=100)),
    )
    told = describe_shared([first], [second], ("image 1", "image 3"))
    assert told.startswith("How many of the same labels are in image 1 and image 3:\non the horizontal axis: 2 (2017")
    assert "on the vertical axis: 3 (0, 20, 40)" in told
    assert "across all axes: 5" in told
    assert "" == describe_shared([first], [], ("image 1", "image 2"))


def test_bars_of_one_length_are_parts_of_a_whole() -> None:
    """Stacks without a scale that are all equally long are read in percent, and it is said."""
    canvas = Canvas()
    shares = ((50, 25, 25), (35, 25, 40), (20, 20, 60), (45, 30, 25))
    for parts, middle in zip(shares, canvas.names_below(("North", "South", "East", "West")), strict=True):
        start = 0
        for part, colour in zip(parts, COLOURS, strict=False):
            low, high = canvas.y(start, 0, 100), canvas.y(start + part, 0, 100)
            canvas.draw.rectangle((middle - 30, high, middle + 30, low - 1), fill=colour)
            start += part
    chart = read(canvas)
    assert "stacked bar" == chart.kind
    assert any("taken for 100 %" in warning for warning in chart.warnings)
    assert {tuple(sorted(parts)) for parts in shares} == {
        tuple(sorted(5 * round(float(cell.strip("~% ")) / 5) for cell in row[1:])) for row in grid(chart)[1:]
    }


def draw_unscaled(names: tuple[str, ...], *, numbers: bool = False) -> Canvas:
    """A line that falls over names, without any scale."""
    canvas = Canvas()
    middles = canvas.names_below(names)
    heights = np.linspace(canvas.plot[1], canvas.plot[3] - 30, len(names)).tolist()
    canvas.draw.line(list(zip(middles, heights, strict=True)), fill=BLUE, width=3)
    if numbers:
        canvas.write("120 visitors", 400, 500)
    return canvas


def test_lines_without_a_scale_are_parts_of_the_highest() -> None:
    """Their shape is told, and that amounts are not to be had."""
    chart = read(draw_unscaled(("Mon", "Tue", "Wed", "Thu", "Fri")))
    assert "line" == chart.kind
    assert ["Mon", "Tue", "Wed", "Thu", "Fri"] == [row[0] for row in grid(chart)[1:]]
    assert all(before > after for before, after in pairwise(amounts(chart)))
    assert any(warning.startswith("no value scale, so neither amounts") for warning in chart.warnings)


def test_a_line_through_mere_names_is_noted() -> None:
    """Subjects and brands have no order, days and months have."""
    assert any(
        "no order of their own" in warning for warning in read(draw_unscaled(("Art", "Music", "Sport"))).warnings
    )
    assert not any("no order of" in warning for warning in read(draw_unscaled(("Mon", "Tue", "Wed"))).warnings)


def draw_dots(points: list[tuple[float, float]], ticks: list[float]) -> Canvas:
    """Dots over a level axis that runs as `ticks` do, from 0 to 50 upwards."""
    canvas = Canvas()
    canvas.upright_axis([0, 10, 20, 30, 40, 50], 0, 50)
    canvas.level_axis(ticks, ticks[0], ticks[-1])
    for x, y in points:
        across, up = canvas.x(x, ticks[0], ticks[-1]), canvas.y(y, 0, 50)
        canvas.draw.ellipse((across - 5, up - 5, across + 5, up + 5), fill=RED)
    return canvas


def test_how_dots_go_together_is_told_by_their_values() -> None:
    """On an axis that runs backwards the dots seem to rise where they fall."""
    points = [(5.0, 41.0), (12.0, 35.0), (20.0, 30.0), (28.0, 22.0), (33.0, 15.0), (38.0, 9.0)]
    onwards = read(draw_dots(points, [0, 10, 20, 30, 40])).warnings
    backwards = read(draw_dots(points, [40, 30, 20, 10, 0])).warnings
    for warnings in (onwards, backwards):
        assert any(warning.startswith("y tends to fall as x rises") for warning in warnings)
    assert not any("horizontal axis is reversed" in warning for warning in onwards)
    assert any("horizontal axis is reversed" in warning for warning in backwards)


def test_of_a_plot_that_is_not_understood_the_axes_are_read() -> None:
    """Two scales at right angles are a chart, though nothing is read from the marks."""
    canvas = Canvas()
    canvas.upright_axis([0, 10, 20, 30], 0, 30)
    canvas.level_axis([0, 5, 10, 15], 0, 15)
    chart = read(canvas)
    assert "unknown" == chart.kind
    assert [("vertical", (0.0, 10.0, 20.0, 30.0)), ("horizontal", (0.0, 5.0, 10.0, 15.0))] == [
        (axis.direction, axis.numbers) for axis in chart.axes
    ]
    assert describe_chart(chart, has_axes=True).startswith("chart whose values could not be read")


# ── what is no chart ────────────────────────────────────────────────────────────────────────────────────────────────


def page_of_text() -> Canvas:
    """A letter with a few amounts."""
    canvas = Canvas()
    for index in range(14):
        canvas.write(f"Line {index} of a letter about {index * 17} things", 60, 60 + 30 * index, "lm")
    return canvas


def screen() -> Canvas:
    """Buttons in a column, as an app shows them."""
    canvas = Canvas()
    for index, name in enumerate(("Profile", "Messages", "Settings", "Log out")):
        canvas.draw.rectangle((100, 60 + 90 * index, 500, 120 + 90 * index), fill=BLUE)
        canvas.write(name, 300, 90 + 90 * index, colour=(255, 255, 255))
    return canvas


def noise() -> Canvas:
    """Random colours."""
    canvas = Canvas()
    random = np.random.default_rng(7)
    canvas.picture.paste(Pictures.fromarray(random.integers(0, 255, (560, 800, 3)).astype(np.uint8)))
    return canvas


@pytest.mark.parametrize("draw", [Canvas, page_of_text, screen, noise], ids=["blank", "letter", "screen", "noise"])
def test_what_is_no_chart_gives_none(draw: Callable[[], Canvas]) -> None:
    """Nothing is invented."""
    canvas = draw()
    assert () == read_charts(canvas.pixels, canvas.lines, (1.0, 1.0))


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (17, 17)])
def test_tiny_pictures_are_no_charts(size: tuple[int, int]) -> None:
    """No picture is too small to be asked about."""
    assert () == read_charts(np.full((*size, 3), 200, np.uint8), (), (1.0, 1.0))


def test_rows_count_from_the_top() -> None:
    """Cells come in reading order, so that a table can be printed as it comes."""
    chart = read(draw_bars(VALUES, YEARS))
    places = [(cell.row, cell.column) for cell in chart.table.cells]
    assert all(before < after for before, after in pairwise(places))
    assert GREY not in {series.colour for series in chart.series}


def test_named_bars_without_a_scale_are_parts_of_the_longest() -> None:
    """Nothing says what a bar is worth: only how long it is beside the others, and the warning says so."""
    canvas = Canvas()
    for value, middle in zip((30, 60, 45, 15), canvas.names_below(("Oak", "Ash", "Elm", "Fir")), strict=True):
        canvas.draw.rectangle((middle - 30, canvas.y(value, 0, 60), middle + 30, canvas.plot[3]), fill=BLUE)
    chart = read(canvas)
    assert any(warning.startswith("no value scale, so amounts cannot be determined") for warning in chart.warnings)
    shares = [float(row[1].split("%")[0]) for row in grid(chart)[1:]]
    assert np.allclose([50, 100, 75, 25], shares, atol=1)


def test_what_was_seen_is_drawn_on_a_copy() -> None:
    """The picture itself stays as it is."""
    canvas = draw_bars(VALUES, YEARS)
    before = canvas.pixels.copy()
    drawn = draw_charts(canvas.pixels, [read(canvas)])
    assert before.shape == drawn.shape
    assert np.array_equal(before, canvas.pixels)
    assert not np.array_equal(before, drawn)


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234 567", 1234567),
        ("1,234.5", 1234.5),
        ("12,5", 12.5),
        ("−7", -7),
        ("$250 million", 250e6),
        ("1.97M", 1.97e6),
        ("25%", 25),
        ("2019*", 2019),
        ("2×10^3", 2000),
        (".5", 0.5),
    ],
)
def test_numbers_are_read_as_charts_print_them(text: str, value: float) -> None:
    """Separators, signs, currencies, percent, multipliers and footnote marks."""
    number = parse_number(text)
    assert number is not None
    assert value == pytest.approx(number.value)


@pytest.mark.parametrize("text", ["18-29", "Q1", "12/05/2020", "2004 2005", "Total", "65+", ""])
def test_what_is_no_number_is_none(text: str) -> None:
    """Ranges, dates, words and rows of numbers."""
    assert parse_number(text) is None


@pytest.mark.parametrize("seed", range(8))
def test_any_part_of_a_chart_can_be_asked_about(seed: int) -> None:
    """Cut anywhere, with lines missing: a reading or none, never an error, and boxes for all values."""
    random = np.random.default_rng(seed)
    canvas, _ = draw_lines()
    for _ in range(4):
        left, top = (int(edge) for edge in random.integers(0, (400, 280)))
        right, bottom = (int(edge) for edge in random.integers((left + 8, top + 8), (800, 560)))
        part = np.ascontiguousarray(canvas.pixels[top:bottom, left:right])
        lines = [
            TextLine(line.text, tuple(edge - (left, top)[at % 2] for at, edge in enumerate(line.box)), 0.9, "drawn")  # type: ignore[arg-type]
            for line in canvas.lines
            if random.random() < 0.8
        ]
        for chart in read_charts(part, lines, (1.0, 1.0)):
            assert all(cell.box is not None for cell in chart.table.cells if not cell.is_header)


def test_an_invoice_has_no_chart() -> None:
    """A rule beside a column of quantities is no area over an axis."""
    image = load_picture(str(Path(__file__).parents[2] / "examples" / "invoice.png"))
    assert () == read_charts(image.pixels, TextReader().read(image), image.scale)
