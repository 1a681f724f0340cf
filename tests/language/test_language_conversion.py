"""The conversion happens once, whole or not at all."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tiny_qwen import random_tensors, write_gguf

from beholder.errors import WeightsError
from beholder.language.conversion import ConvertedModel, convert
from beholder.language.model import MappedGraph, Model, Pass
from beholder.progress import Silent, Unit
from beholder.weights.stamp import look

DIGEST = "0123456789abcdef" * 4


class Steps:
    """A progress that keeps the names of the steps."""

    def __init__(self) -> None:
        self.labels: list[str] = []

    def start(self, label: str, total: int | None, unit: Unit = "bytes") -> None:
        """Note it."""
        self.labels.append(label)

    def advance(self, amount: int) -> None:
        """Nothing to note."""

    def finish(self) -> None:
        """Nothing to note."""


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A tiny model's file."""
    path = tmp_path / "tiny.gguf"
    write_gguf(path, random_tensors())
    return path


def converted(weights: Path) -> tuple[ConvertedModel, bool]:
    """The converted model, and whether it was converted now."""
    steps = Steps()
    return convert(weights, DIGEST, weights.parent / "models", steps), bool(steps.labels)


def logits(model: ConvertedModel) -> list[float]:
    """What the model makes of three tokens."""
    runs = Model(MappedGraph(model.graph))
    sequence = runs.open((1, 2, 3))
    return [float(value) for value in runs.step([Pass(sequence, (1, 2, 3), 1, prompt=3)])[0].logits[0]]


def test_it_is_converted_once(weights: Path) -> None:
    """The second time the folder is taken as it is, and says what the file said."""
    first, was_converted = converted(weights)
    assert was_converted
    second, was_converted = converted(weights)
    assert not was_converted
    assert first == second
    assert ("tiny", 1024) == (first.description.name, first.description.context)


@pytest.mark.parametrize("at", ["Reading the model", "Converting the model for this CPU (once)", "advance", "Saving"])
def test_a_killed_conversion_is_begun_again(weights: Path, at: str) -> None:
    """Whenever the process dies, nothing that it left is taken for a model, and the next one cleans it up."""
    code = f"""
import os, signal, sys
from pathlib import Path
from beholder.language.conversion import convert
class Deadly:
    def start(self, label, total, unit="bytes"):
        if label.startswith({at!r}): os.kill(os.getpid(), signal.SIGKILL)
    def advance(self, amount):
        if {at!r} == "advance": os.kill(os.getpid(), signal.SIGKILL)
    def finish(self): pass
convert(Path(sys.argv[1]), {DIGEST!r}, Path(sys.argv[1]).parent / "models", Deadly())
"""
    done = subprocess.run([sys.executable, "-c", code, str(weights)], check=False)
    assert -signal.SIGKILL == done.returncode
    left = [path.name for path in (weights.parent / "models").iterdir() if path.is_dir()]
    assert [True] == [name.endswith(".partial") for name in left]
    model, was_converted = converted(weights)
    assert was_converted
    assert [model.folder.name] == [path.name for path in model.folder.parent.iterdir() if path.is_dir()]
    assert np.isfinite(logits(model)).all()


@pytest.mark.parametrize("name", ["model.bin", "model.json", "model.xml", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_folder_is_made_anew(weights: Path, name: str, damage: str) -> None:
    """A byte changed, half a file or no file: it is converted again, and answers as before."""
    model, _ = converted(weights)
    before = logits(model)
    path = model.folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x40
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content if damage == "changed" else content[: len(content) // 2])
    again, was_converted = converted(weights)
    assert was_converted
    assert before == logits(again)
    assert model.tokenizer().encode("the total") == again.tokenizer().encode("the total")


def test_files_are_read_again_only_when_they_look_different(weights: Path) -> None:
    """A stamp that fits how the files look now is believed; without it their digests are taken again."""
    model, _ = converted(weights)
    stamp = model.folder / "model.verified"
    path = model.folder / "model.bin"
    path.write_bytes(path.read_bytes()[::-1])
    kept = json.loads(stamp.read_bytes())
    stamp.write_text(json.dumps({**kept, path.name: {**kept[path.name], **look(path)}}))
    assert (model, False) == converted(weights)
    stamp.unlink()
    _, was_converted = converted(weights)
    assert was_converted


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_weights_file_leaves_memory_once_it_is_packed(weights: Path) -> None:
    """No page of it stays resident, and the model goes on as before."""
    model, _ = converted(weights)
    graph = MappedGraph(model.graph)
    runs = Model(graph)
    sequence = runs.open((1, 2, 3))
    before = runs.step([Pass(sequence, (1, 2, 3), 1, prompt=3)])[0].logits.copy()
    sizes = resident_kib(model.folder / "model.bin")
    assert sum(sizes) > 0
    graph.let_go_of_file()
    assert [0] * len(sizes) == resident_kib(model.folder / "model.bin")
    sequence.hide(3)
    assert np.allclose(before, runs.step([Pass(sequence, (1, 2, 3), 1, prompt=3)])[0].logits)


def resident_kib(path: Path) -> list[int]:
    """How much of each mapping of a file is in this process's memory, from proc(5)."""
    lines = Path("/proc/self/smaps").read_text(encoding="ascii").splitlines()
    starts = [number for number, line in enumerate(lines) if line.endswith(str(path))]
    return [int(next(line for line in lines[start:] if line.startswith("Rss:")).split()[1]) for start in starts]


def test_two_at_once_make_one(weights: Path) -> None:
    """The second waits for the first and takes what it made."""
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: converted(weights), range(2)))
    assert [False, True] == sorted(was_converted for _, was_converted in results)
    assert results[0][0] == results[1][0]


def test_a_folder_that_cannot_be_written_is_told(weights: Path) -> None:
    """The message names the setting."""
    (weights.parent / "models").write_text("in the way")
    with pytest.raises(WeightsError, match="BEHOLDER_CACHE_DIR"):
        convert(weights, DIGEST, weights.parent / "models", Silent())
