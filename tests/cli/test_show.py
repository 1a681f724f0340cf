"""`beholder ask --show`: pictures with the places of the answer's values drawn over them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from beholder.cli import main
from beholder.cli.show import COLOURS, draw, show
from beholder.types import Grounding, Image, Where

PLACE = Grounding("/total", "10.50", 0, (100, 80, 200, 120), 0.9, "reader", "verbatim")


def blank(width: int, height: int, *, original: int = 1) -> Image:
    """A white picture that was delivered `original` times smaller than it was sent."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    return Image("digest", "PNG", (width * original, height * original), pixels, Where(0, 0, "messages"))


@pytest.mark.parametrize("original", [1, 2])
def test_a_value_is_framed_where_it_stands(original: int) -> None:
    """Boxes are in the original's pixels and drawn at the delivered size; the label stands outside the frame."""
    picture = draw(blank(400 // original, 300 // original, original=original), [PLACE])
    assert COLOURS["verbatim"] == picture.getpixel((100 // original, 100 // original))
    inside = picture.crop((104 // original, 84 // original, 196 // original, 116 // original))
    assert ((255, 255), (255, 255), (255, 255)) == inside.getextrema()
    assert picture.getpixel((100 // original, 80 // original - 6)) == COLOURS["verbatim"]


def test_labels_do_not_cover_each_other() -> None:
    """Two values side by side, closer than their labels are wide: both labels can be read whole."""
    other = Grounding("/tax", "1.50", 0, (210, 80, 240, 120), 0.9, "reader", "normalised")
    long = Grounding("/invoice/total_due", "10.50", 0, (100, 80, 200, 120), 0.9, "reader", "verbatim")
    seen = np.asarray(draw(blank(400, 300), [long, other]))
    alone = np.asarray(draw(blank(400, 300), [long]))
    is_label = np.all(alone == COLOURS["verbatim"], axis=-1)
    assert np.all(seen[is_label] == COLOURS["verbatim"])


def test_several_pictures_are_numbered(tmp_path: Path) -> None:
    """Each picture has a file of its own with the places in it, and the one without places stays as it is."""
    files = show([blank(400, 300), blank(200, 100)], [PLACE], tmp_path / "out.png")
    assert [tmp_path / "out-1.png", tmp_path / "out-2.png"] == files
    first, second = (Pictures.open(file) for file in files)
    assert ((400, 300), (200, 100)) == (first.size, second.size)
    assert ((255, 255), (255, 255), (255, 255)) == second.getextrema()
    assert ((255, 255), (255, 255), (255, 255)) != first.getextrema()
    assert [tmp_path / "one.png"] == show([blank(40, 30)], [], tmp_path / "one.png")


@pytest.mark.parametrize(
    ("target", "words"),
    [("out.txt", "must end in .png"), ("no/such/out.png", "does not exist"), ("out.png", "grounding is not supported")],
)
def test_what_cannot_be_shown_is_told_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, words: str
) -> None:
    """A name without a picture's ending, a folder that is not there, an engine that knows no places: one line each."""
    picture = tmp_path / "picture.png"
    Pictures.new("RGB", (40, 30), "red").save(picture)
    assert 1 == main(["ask", "--engine", "echo", str(picture), "q", "--show", str(tmp_path / target)])
    out, error = capsys.readouterr()
    assert "" == out
    assert words in error
    assert 1 == error.count("\n")
