"""`beholder bench images`: what it draws, compares and prints. Its figures are for real machines, not for tests."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from beholder.bench import images
from beholder.bench.drawing import files
from beholder.cli import main

NAMES = ["jpeg-12mp", "jpeg-48mp", "jpeg-12mp-progressive", "png-4k", "webp-1080p"]


def test_files_are_what_their_names_say() -> None:
    """Format, progressive or not, and size, an eighth of the full edges, hold of each; drawing again repeats it."""
    drawn = list(files(scale=8))
    pictures = [Image.open(io.BytesIO(file.data)) for file in drawn]
    assert NAMES == [file.name for file in drawn]
    assert ["JPEG", "JPEG", "JPEG", "PNG", "WEBP"] == [picture.format for picture in pictures]
    assert [(504, 378), (1008, 756), (504, 378), (480, 270), (240, 135)] == [picture.size for picture in pictures]
    assert [file.size for file in drawn] == [picture.size for picture in pictures]
    assert [False, False, True, False, False] == ["progressive" in picture.info for picture in pictures]
    assert [file.data for file in drawn] == [file.data for file in files(scale=8)]


def test_photo_has_detail() -> None:
    """The photo is none that shrinks by itself: neighbouring pixels differ, and its file is as large as a camera's."""
    photo = next(files(scale=8))
    pixels = np.asarray(Image.open(io.BytesIO(photo.data)).convert("L")).astype(int)
    assert np.abs(np.diff(pixels, axis=1)).mean() > 2
    assert len(photo.data) * 8 / pixels.size > 2, "bits per pixel"


def test_json_ends_with_ratios_by_file(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the last line is one object: the ratio of each file and of the request, timings, quality, targets."""
    assert 0 == main(["bench", "images", "--json", "--scale", "8", "--rounds", "1", "--edge", "160"])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert ("images", 160, 1) == (report["benchmark"], report["edge"], report["rounds"])
    assert {*NAMES, "request"} == set(report["ratios"])
    for row in report["rows"]:
        reference = row["timings"]["standard" if row["name"] == "request" else "pillow"]
        ours = row["timings"]["beholder"]
        assert pytest.approx(ours["cpu_ms"] / reference["cpu_ms"], abs=0.001) == report["ratios"][row["name"]]
        assert reference["psnr_db"] is None
        assert ours["psnr_db"] is None or ours["psnr_db"] >= images.LEAST_PSNR


def test_absent_contestant_is_explained() -> None:
    """Without torchvision the report says so, and how to get it; with it, it takes part."""
    report = images.run(edge=64, rounds=1, scale=16)
    takes_part = ["torchvision" in row.timings for row in report.rows if row.name != "request"]
    assert [not report.missing] * 5 == takes_part
    assert all("pip install torch torchvision" in reason for reason in report.missing.values())


def test_table_for_a_person(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --json a table names every file with its ratio, its target and its quality."""
    monkeypatch.setenv("COLUMNS", "160")
    assert 0 == main(["bench", "images", "--scale", "16", "--rounds", "1", "--edge", "64"])
    table = capsys.readouterr().out
    for name in (*NAMES, "request"):
        assert name in table
    assert "≤ 0.30" in table and "≤ 0.25" in table


def test_psnr() -> None:
    """Quality is in decibels, 48.13 for one level everywhere; None says that the pixels are equal."""
    grey = np.full((4, 4, 3), 100, np.uint8)
    assert images.psnr(grey, grey) is None
    assert 48.13 == images.psnr(grey + 1, grey)


@pytest.mark.parametrize("flag", ["--edge", "--rounds", "--scale"])
def test_counts_are_at_least_one(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A zero is wrong usage."""
    with pytest.raises(SystemExit) as caught:
        main(["bench", "images", flag, "0"])
    assert 2 == caught.value.code
    assert "must be at least 1" in capsys.readouterr().err
