"""What the draft head is trained on: pictures that are drawn the same each time, and the states of real passes."""

from __future__ import annotations

import importlib
import io
import math
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from tiny_qwen import tiny_model

from beholder.language.model import MappedGraph, Pass

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scripts() -> ModuleType:
    """scripts/draft_head_states.py as a module."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        return importlib.import_module("draft_head_states")
    finally:
        sys.path.remove(str(ROOT / "scripts"))


def test_each_question_meets_each_kind_of_picture(scripts: ModuleType) -> None:
    """Both go round, one with the other."""
    assert 1 == math.gcd(len(scripts.ASKED), len(scripts.DRAWERS))
    assert len(set(scripts.ASKED)) == len(scripts.ASKED)


def test_pictures_are_drawn_the_same_each_time(scripts: ModuleType) -> None:
    """One of each kind; another number draws something else."""
    kinds = len(scripts.DRAWERS)
    for seed in range(kinds):
        drawn = scripts.picture(seed)
        assert drawn == scripts.picture(seed) != scripts.picture(seed + kinds)
        picture = Image.open(io.BytesIO(drawn))
        assert min(picture.size) >= 400
        assert len(picture.getcolors(1_000_000) or ()) > 10


def test_what_stood_is_kept_and_what_fell_is_not(scripts: ModuleType, tmp_path: Path) -> None:
    """Passes with a guess that falls: each state that is kept made its logits, behind the token that stood."""
    model = scripts.RecordedModel(MappedGraph(tiny_model().graph))
    sequence = model.open((1, 2, 3))
    [outcome] = model.step([Pass(sequence, (1, 2, 3), 1, prompt=3)])
    first = int(outcome.logits[0].argmax())
    [outcome] = model.step([Pass(sequence, (first, 7, 8), 3)])
    second, state = int(outcome.logits[0].argmax()), outcome.states[0].copy()
    sequence.hide(2)
    [outcome] = model.step([Pass(sequence, (second, 9), 2)])
    third = int(outcome.logits[0].argmax())
    sequence.hide(1)
    model.close(sequence)
    [answer] = scripts.RecordedModel.answers
    scripts.save([answer], tmp_path / "states.npz")
    stored = np.load(tmp_path / "states.npz")
    assert [3, first, second] == stored["tokens"].tolist()
    assert [first, second, third] == stored["chosen"].tolist()
    assert [0, 0, 0] == stored["answers"].tolist()
    assert np.allclose(state, stored["states"][1], atol=0.01)
