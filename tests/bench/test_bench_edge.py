"""`bench edge`: the pictures, the load generator, and a run against real servers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from live_server import Serve
from PIL import Image

from beholder.bench.edge import Load, fire, measure, noise
from beholder.bench.edge_table import show
from beholder.engines import create
from beholder.errors import NotReady
from beholder.progress import Silent
from beholder.settings import Settings


@pytest.mark.parametrize("size", [200, 100 * 1024, 1024 * 1024])
def test_a_picture_has_the_bytes_that_were_asked_for(size: int) -> None:
    """To within a tenth, and it is a picture."""
    picture = noise(size)
    assert size == pytest.approx(len(picture), rel=0.1)
    Image.open(io.BytesIO(picture)).verify()


def test_refusals_are_not_counted_as_answers(serve: Serve, tmp_path: Path) -> None:
    """A server that answers nothing with 200 is told, not timed."""
    body = tmp_path / "body.json"
    body.write_bytes(b"{}")
    with pytest.raises(NotReady, match="answered none of 2 requests with 200"):
        fire(f"{serve(create(Settings(engine='echo')))}/v1/chat/completions", body, 2, 1)


def test_a_run_compares_with_the_bare_server(capsys: pytest.CaptureFixture[str]) -> None:
    """Every server is measured under every load, and the table has a line for each."""
    from rich.console import Console

    said: list[dict[str, Any]] = []
    report = measure([Load("tiny", 200, 5, 10, clients=2)], None, Silent(), said.append, rounds=2)
    servers = report["loads"]["tiny"]
    assert ["in_process", "beholder", "bare"] == list(servers)
    assert servers["beholder"]["p50_ms"] > servers["bare"]["p50_ms"] > 0
    assert 0 == servers["beholder"]["bad"]
    assert ["tiny"] == [each["load"] for each in said]
    show(report, Console(width=200))
    assert "beholder" in capsys.readouterr().out
