"""The figures of `bench edge` as a table for a person."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table

WANTED: Final = {"tiny": "≤ 1 ms", "100 KiB": "≤ 2 ms"}
"""Added latency, the median, that the project wants of itself; and eight times LiteLLM's throughput at 1 MiB."""


def show(report: dict[str, Any], console: Console) -> None:
    """Print the table."""
    table = Table("Picture", "Server", "p50", "p95", "Added p50", "Added p95", "Wanted", "Requests/s")
    for load, servers in report["loads"].items():
        for name, row in servers.items():
            if name == "in_process":
                table.add_row(load, "in process, no server", f"{row['p50_ms']:.2f} ms", "", "", "", "", "")
                continue
            times = [f"{row[key]:.2f} ms" for key in ("p50_ms", "p95_ms", "added_p50_ms", "added_p95_ms")]
            wanted = WANTED.get(load, "") if name == "beholder" else ""
            table.add_row(load, name, *times, wanted, f"{row['requests_per_second']:.0f}")
        if factor := servers["beholder"].get("throughput_against_litellm"):
            table.add_row(load, "beholder against litellm", "", "", "", "", "≥ 8x at 1 MiB", f"{factor:.1f}x")
    console.print(table)
    for name, advice in report["missing"].items():
        console.print(f"{name}: not measured: {advice}")
