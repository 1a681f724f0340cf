"""`python -m beholder.images`: what becomes of a picture, printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from image_files import encoded, four_corners


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "beholder.images", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_report_is_printed(tmp_path: Path) -> None:
    """A picture's digest and report are printed under its name."""
    (tmp_path / "page.png").write_bytes(encoded(four_corners(), "PNG"))
    result = _run(str(tmp_path / "page.png"))
    assert 0 == result.returncode
    assert "PNG, 64 × 48 pixels" in result.stdout
    assert "BLAKE3" in result.stdout


def test_fault_is_printed(tmp_path: Path) -> None:
    """A file that is no picture ends the program with its fault and status 1."""
    (tmp_path / "page.png").write_text("<!doctype html><html></html>")
    result = _run(str(tmp_path / "page.png"))
    assert 1 == result.returncode
    assert "the file is an HTML page" in result.stderr


def test_usage_is_printed() -> None:
    """Without a picture the program says how it is called."""
    result = _run()
    assert 2 == result.returncode
    assert "usage" in result.stderr
