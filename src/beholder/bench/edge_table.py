"""The figures of `bench edge` as a table for a person."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table

from beholder.bench.answer_table import print_table

WANTED: Final = {"tiny": "added ≤ 1 ms", "100 KiB": "added ≤ 2 ms", "1 MiB": "≥ 8x LiteLLM"}
"""What the project wants of itself: the median of the added latency, and of the requests a second."""


def show(report: dict[str, Any], console: Console) -> None:
    """Print the table."""
    columns = ("Picture", "Server", "p50", "p95", "Added p50", "Added p95", "Wanted", "Requests/s", "Against LiteLLM")
    table = Table(*columns, title="The edge, with an engine that answers at once")
    for load, servers in report["loads"].items():
        for name, row in servers.items():
            table.add_row(load, name, *_cells(load, name, row))
    print_table(table, console)
    for name, advice in report["missing"].items():
        console.print(f"{name}: not measured: {advice}")


def _cells(load: str, name: str, row: dict[str, Any]) -> list[str]:
    if name == "in_process":
        return [f"{row['p50_ms']:.2f} ms"]
    times = [f"{row[key]:.2f} ms" for key in ("p50_ms", "p95_ms", "added_p50_ms", "added_p95_ms")]
    factor = row.get("throughput_against_litellm")
    wanted = WANTED.get(load, "") if name == "beholder" else ""
    return [*times, wanted, f"{row['requests_per_second']:.0f}", "" if factor is None else f"{factor:.1f}x"]
