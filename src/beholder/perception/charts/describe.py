"""A chart in few words and a table: how a language model, or a person at a terminal, reads it."""

from __future__ import annotations

from beholder.evidence import Chart
from beholder.perception.charts.axis_labels import describe_axes
from beholder.perception.charts.colours import colour_name
from beholder.perception.charts.flaws import is_out_of_time, time_of
from beholder.perception.charts.trends import describe_trends


def describe_chart(chart: Chart, *, has_axes: bool = False, has_trends: bool = False) -> str:
    """The chart as a heading, its warnings and its rows with ` | ` between cells; `~` stands before each estimate.

    `has_axes` adds what is printed along the axes and how many series there are, `has_trends` which way they go.
    """
    kind = "chart whose values could not be read" if chart.kind == "unknown" else f"{chart.kind} chart"
    head = kind + (f': "{chart.title}"' if chart.title else "")
    lines = [head]
    if chart.value_label:
        lines.append(f"values: {chart.value_label}")
    lines += [f"note: {warning}" for warning in chart.warnings]
    if has_axes:
        lines += describe_axes(chart)
        lines += [f"{len(chart.series)} series, each in its colour"] if chart.series else []
    if chart.kind == "unknown":
        return "\n".join(lines)
    head, *rows = _rows(chart)
    if is_out_of_time(chart):
        lines.append("listed here in the order of time:")
        rows.sort(key=lambda row: time_of(row.partition(" | ")[0]) or 0.0)
    lines += [head, *rows]
    lines += describe_trends(chart) if has_trends else []
    return "\n".join(lines)


def _rows(chart: Chart) -> list[str]:
    grid = [[""] * chart.table.columns for _ in range(chart.table.rows)]
    for cell in chart.table.cells:
        grid[cell.row][cell.column] = ("~" if cell.estimated else "") + _plain(cell.text)
    if chart.table.columns == 2 and not grid[0][1]:
        grid[0][1] = "value"
    elif len(chart.series) + 1 == chart.table.columns:
        for column, series in enumerate(chart.series, start=1):
            grid[0][column] = f"{_plain(series.name) or 'unnamed'} ({colour_name(series.colour)})"
    return [" | ".join(row) for row in grid]


def _plain(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ").strip()
