"""The conversion happens once, whole or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tiny_qwen import random_tensors, write_gguf

from beholder.errors import WeightsError
from beholder.language.cache import PromptTokens
from beholder.language.conversion import ConvertedModel, convert
from beholder.language.model import Model, Pass
from beholder.progress import Silent, Unit

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
    runs = Model(model.graph)
    sequence = runs.open(PromptTokens((1, 2, 3)))
    return [float(value) for value in runs.step([Pass(sequence, (1, 2, 3), 1, is_prompt=True)])[0][0]]


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
