"""A small pinned file in three real data packages, and a progress that keeps what it hears."""

from __future__ import annotations

import hashlib
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from beholder.progress import Unit
from beholder.settings import Settings
from beholder.weights import WeightsFile, WeightsPart

PART_SIZES = (70_000, 70_000, 4_321)


def settings_in(folder: Path, model: str = "") -> Settings:
    """Settings whose cache lies in `folder`."""
    return Settings(cache_dir=str(folder / "cache"), model=model)


def small_bytes() -> bytes:
    """The content of the small file: begins as a GGUF file does, then noise."""
    return b"GGUF" + random.Random(7).randbytes(sum(PART_SIZES) - 4)


def small_file(prefix: str = "small_weights_part") -> WeightsFile:
    """The catalogue entry of the small file."""
    content, parts, start = small_bytes(), [], 0
    for number, size in enumerate(PART_SIZES, start=1):
        parts.append(
            WeightsPart(
                distribution=f"{prefix.replace('_', '-')}{number}",
                version="1.2.3",
                package=f"{prefix}{number}",
                member=f"data/part{number:02d}.bin",
                size=size,
                sha256=hashlib.sha256(content[start : start + size]).hexdigest(),
            )
        )
        start += size
    return WeightsFile(
        name="small",
        file_name="small.gguf",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        licence="Apache-2.0",
        parts=tuple(parts),
        setting="model",
    )


def write_packages(site: Path, file: WeightsFile) -> None:
    """The packages as pip would put them into `site`. Importing one fails: weights must never run code."""
    content, start = small_bytes(), 0
    for part in file.parts:
        member = site / part.package / part.member
        member.parent.mkdir(parents=True)
        (site / part.package / "__init__.py").write_text("raise ImportError('data packages are found, not imported')\n")
        member.write_bytes(content[start : start + part.size])
        start += part.size


@dataclass
class Recorder:
    """A progress that remembers its steps; `pause` seconds at each advance make a race or a kill hit the middle."""

    pause: float = 0.0
    labels: list[str] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    finished: int = 0

    def start(self, label: str, total: int | None, unit: Unit = "bytes") -> None:
        """Remember the step."""
        self.labels.append(label)
        self.done.append(0)

    def advance(self, amount: int) -> None:
        """Count, and wait."""
        self.done[-1] += amount
        time.sleep(self.pause)

    def finish(self) -> None:
        """Count."""
        self.finished += 1
