"""`beholder bench`: the benchmarks, each a subcommand with a table for a person and one line of JSON for a program."""

from __future__ import annotations

import argparse

import msgspec
from rich.console import Console

from beholder.bench import images


def run(arguments: argparse.Namespace) -> int:
    """Run the benchmark that was named. 0 also when a target was missed: the report says so."""
    return {"images": _images}[arguments.benchmark](arguments)


def _images(arguments: argparse.Namespace) -> int:
    report = images.run(edge=arguments.edge, rounds=arguments.rounds, scale=arguments.scale)
    if arguments.json:
        print(msgspec.json.encode(report).decode())
        return 0
    console = Console()
    console.print(images.to_table(report))
    for line in report.missing.values():
        console.print(line)
    return 0
