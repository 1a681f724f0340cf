"""The pictures in examples/ are what examples/draw.py draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

EXAMPLES = Path(__file__).parents[2] / "examples"
PICTURES = ("dashboard.png", "invoice.png", "mockup_a.png", "mockup_b.png")


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the script drew everything."""
    folder = tmp_path_factory.mktemp("redrawn")
    subprocess.run([sys.executable, str(EXAMPLES / "draw.py"), str(folder)], check=True, capture_output=True)
    return folder


def test_script_draws_every_picture(redrawn: Path) -> None:
    """No picture in examples/ comes from elsewhere."""
    assert list(PICTURES) == sorted(path.name for path in redrawn.iterdir())
    assert list(PICTURES) == sorted(path.name for path in EXAMPLES.glob("*.png"))


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_redrawn_pixel_for_pixel(redrawn: Path, name: str) -> None:
    """A picture that no longer follows from the script would show other figures than invoice.json promises."""
    with Image.open(EXAMPLES / name) as committed, Image.open(redrawn / name) as drawn:
        assert (committed.size, committed.mode) == (drawn.size, drawn.mode)
        assert np.array_equal(np.asarray(committed), np.asarray(drawn))
