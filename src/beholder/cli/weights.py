"""`beholder weights`: what is there of the models' weights, whether it is right, and fetching it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from beholder.cli.parser import read_settings
from beholder.progress import for_stream
from beholder.weights import CATALOGUE, WeightsStatus, ensure, status

PIPE_WIDTH = 240
"""Columns of the table where standard output is not a terminal: enough for a digest and a path."""


def run(arguments: argparse.Namespace) -> int:
    """List, verify or fetch; 1 if a file that is needed is missing or wrong."""
    settings, progress = read_settings(arguments), for_stream()
    if arguments.action == "fetch":
        for file in CATALOGUE:
            ensure(file, settings, progress)
    found = status(settings, rehash=arguments.action == "verify", progress=progress)
    # Where there is no terminal there is no width to fit into.
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(_table(found))
    faults = [each for each in found if each.advice]
    for each in faults:
        print(f"beholder: {each.name}: {each.advice}", file=sys.stderr)
    return 1 if faults else 0


def _table(found: Iterable[WeightsStatus]) -> Table:
    table = Table("File", "Size", "Licence", "State", "SHA-256", "Where")
    for file in found:
        size = f"{file.size:,} bytes"
        table.add_row(file.name, size, file.licence, file.state, file.digest or "", str(file.path or ""))
    return table
