"""`bench images`: bytes to model-ready pixels, this pipeline beside others, on the same files in one run."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Iterator, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from beholder.bench import contestants
from beholder.bench.contestants import Contestant
from beholder.bench.drawing import File, files

MODEL_EDGE = 1024
"""Pixels of the longest edge that the pictures are brought to: about the megapixel that vision models take for a page,
and more than `detail: low` (768), so that shrinking while decoding is not flattered."""

MOST_OF_PILLOW = 0.30
"""Target: CPU time on the large JPEGs, as a share of plain Pillow's."""
MOST_OF_STANDARD = 0.25
"""Target: CPU time from a 10 MiB body to pixels, as a share of the standard library's path."""
LEAST_PSNR = 45.0
"""Target: decibels of the peak signal-to-noise ratio against plain Pillow."""


class Timing(msgspec.Struct, frozen=True):
    """Medians over the rounds; `cpu_ms` counts all threads of the process. `psnr_db` is None for equal pixels."""

    cpu_ms: float
    wall_ms: float
    psnr_db: float | None


class Row(msgspec.Struct, frozen=True):
    """One file, or one body: how each contestant did. The ratios are beholder's to the first contestant's."""

    name: str
    drawn: str
    bytes: int
    pixels: tuple[int, int]
    target: float
    cpu_ratio: float
    wall_ratio: float
    timings: dict[str, Timing]

    @property
    def is_met(self) -> bool:
        """Whether the targets for speed and quality hold."""
        psnr = self.timings["beholder"].psnr_db
        return self.cpu_ratio <= self.target and (psnr is None or psnr >= LEAST_PSNR)


class Report(msgspec.Struct, frozen=True):
    """The whole run. `ratios` is `cpu_ratio` by file, `missing` says which contestant did not take part, and why."""

    benchmark: str
    edge: int
    rounds: int
    machine: str
    ratios: dict[str, float]
    met: bool
    missing: dict[str, str]
    rows: tuple[Row, ...]


def run(*, edge: int = MODEL_EDGE, rounds: int = 5, scale: int = 1) -> Report:
    """Draw the files, each edge divided by `scale`, and let the contestants take turns `rounds` times on each."""
    rival = contestants.torchvision(edge)
    takers: dict[str, Contestant] = {"pillow": contestants.pillow(edge), "beholder": contestants.beholder(edge)}
    if not isinstance(rival, str):
        takers["torchvision"] = rival
    rows = tuple(_rows(edge, rounds, scale, takers))
    return Report(
        benchmark="images",
        edge=edge,
        rounds=rounds,
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        ratios={row.name: row.cpu_ratio for row in rows},
        met=all(row.is_met for row in rows),
        missing={"torchvision": rival} if isinstance(rival, str) else {},
        rows=rows,
    )


def _rows(edge: int, rounds: int, scale: int, takers: Mapping[str, Contestant]) -> Iterator[Row]:
    bodies = {"standard": contestants.standard_request(edge), "beholder": contestants.beholder_request(edge)}
    for file in files(scale):
        target = MOST_OF_PILLOW if file.name.startswith("jpeg") else 1.0
        yield _row(file, target, _compare(file.data, takers, rounds))
        if file.name == "jpeg-48mp":
            body = File(
                "request", file.size, contestants.body_with(file.data), f"a chat request with {file.name} in it"
            )
            yield _row(body, MOST_OF_STANDARD, _compare(body.data, bodies, rounds))


def _row(file: File, target: float, timings: dict[str, Timing]) -> Row:
    reference, ours = next(iter(timings.values())), timings["beholder"]
    return Row(
        name=file.name,
        drawn=file.drawn,
        bytes=len(file.data),
        pixels=file.size,
        target=target,
        cpu_ratio=round(ours.cpu_ms / reference.cpu_ms, 3),
        wall_ratio=round(ours.wall_ms / reference.wall_ms, 3),
        timings=timings,
    )


def _compare(data: bytes, takers: Mapping[str, Contestant], rounds: int) -> dict[str, Timing]:
    """The contestants in turn, so that a change of the machine's pace meets all; the first is the reference."""
    pixels = {name: take(data) for name, take in takers.items()}
    expected = next(iter(pixels.values()))
    cpu: dict[str, list[float]] = {name: [] for name in takers}
    wall: dict[str, list[float]] = {name: [] for name in takers}
    for _ in range(rounds):
        for name, take in takers.items():
            started, used = time.perf_counter(), time.process_time()
            take(data)
            cpu[name].append((time.process_time() - used) * 1000)
            wall[name].append((time.perf_counter() - started) * 1000)
    return {
        name: Timing(
            cpu_ms=round(statistics.median(cpu[name]), 2),
            wall_ms=round(statistics.median(wall[name]), 2),
            psnr_db=psnr(pixels[name], expected),
        )
        for name in takers
    }


def psnr(pixels: NDArray[np.uint8], expected: NDArray[np.uint8]) -> float | None:
    """Peak signal-to-noise ratio in decibels over all channels; None when nothing differs."""
    error = float(np.square(pixels.astype(np.float32) - expected).mean())
    return round(10 * float(np.log10(255**2 / error)), 2) if error else None


def to_table(report: Report) -> Table:
    """What a person reads."""
    table = Table(title=f"Bytes to pixels, longest edge {report.edge}: CPU milliseconds, and PSNR against the first")
    for heading in ("", "MB", "reference", "beholder", "torchvision", "ratio", "target", "PSNR"):
        table.add_column(heading, justify="right" if heading else "left")
    for row in report.rows:
        (reference, *_), ours = row.timings.values(), row.timings["beholder"]
        rival = row.timings.get("torchvision")
        table.add_row(
            row.name,
            f"{row.bytes / 1e6:.1f}",
            f"{reference.cpu_ms:.1f}",
            f"{ours.cpu_ms:.1f}",
            f"{rival.cpu_ms:.1f}" if rival else "–",
            f"{row.cpu_ratio:.2f}",
            f"≤ {row.target:.2f} {'✓' if row.is_met else '✗'}",
            "equal" if ours.psnr_db is None else f"{ours.psnr_db:.1f} dB",
        )
    return table
