"""The three examples run as they stand, each in a process of its own, against a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from live_server import ServerProcess, server_process

EXAMPLES = Path(__file__).parents[2] / "examples"
LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="module", params=["echo", pytest.param("builtin", marks=pytest.mark.weights)])
def served(request: pytest.FixtureRequest) -> Iterator[ServerProcess]:
    """A server that may fetch pictures from this machine."""
    if request.param == "builtin":
        yield request.getfixturevalue("real_server")
    else:
        with server_process("echo", "--fetch-allow", LOOPBACK) as server:
            yield server


def run(served: ServerProcess, example: str, *arguments: str) -> str:
    """What an example printed."""
    environ = {**os.environ, "OPENAI_BASE_URL": served.base_url, "NO_PROXY": LOOPBACK}
    command = [sys.executable, str(EXAMPLES / example), *arguments]
    return subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout


@pytest.fixture
def dashboard_url() -> Iterator[str]:
    """The address of examples/dashboard.png on a server of this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer((LOOPBACK, 0), partial(Quiet, directory=str(EXAMPLES))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{LOOPBACK}:{server.server_port}/dashboard.png"
        server.shutdown()
        thread.join()


def test_critique_of_a_dashboard_by_url(served: ServerProcess, dashboard_url: str) -> None:
    """A picture behind a URL is fetched and talked about."""
    said = run(served, "critique_dashboard.py", dashboard_url)
    assert len(said.split()) > 10
    if served.engine == "echo":
        assert "1440x900" in said


def test_line_items_of_an_invoice(served: ServerProcess) -> None:
    """A local picture as a data URI, answered in JSON; the real engine gives what was drawn."""
    answer = json.loads(run(served, "extract_invoice.py"))
    if served.engine == "builtin":
        drawn = json.loads((EXAMPLES / "invoice.json").read_text(encoding="utf-8"))["line_items"]
        [items] = [value for value in answer.values() if isinstance(value, list)]
        names = ("qty", "unit_price", "total")
        expected = [tuple(float(item[name]) for name in names) for item in drawn]
        assert expected == [tuple(float(str(item[name]).replace(",", "")) for name in names) for item in items]


def test_differences_between_two_pictures(served: ServerProcess) -> None:
    """Several pictures go in one message."""
    said = run(served, "spot_differences.py")
    assert len(said.split()) > 10
    if served.engine == "echo":
        assert "900x1100, 900x1100" in said
