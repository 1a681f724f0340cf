"""The server under test, and a small web server for the picture that clients name by URL."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

READY_LINE = re.compile(r"Beholder is ready at (http://\S+)")
STOPPING_LIMIT = 30
RECEIPT = (("RECEIPT", ""), ("Coffee", "3.50"), ("Cake", "4.25"), ("TOTAL", "7.75"))


@contextmanager
def serving(engine: str, folder: Path) -> Iterator[str]:
    """The base URL of a server of our own with `engine`; its log goes to `folder`."""
    command = [sys.executable, "-m", "beholder", "serve", "--engine", engine, "--port", "0"]
    command += ["--any-model", "--fetch-allow", "127.0.0.1"]
    if engine == "echo":
        command += ["--cache-dir", str(folder / "cache")]
    log = (folder / "server.log").open("w")
    with log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as server:
        try:
            yield _wait_until_ready(server)
        finally:
            server.terminate()
            try:
                server.wait(STOPPING_LIMIT)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_until_ready(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    for line in server.stdout:
        if match := READY_LINE.search(line):
            # A full pipe would stop the server.
            threading.Thread(target=server.stdout.read, daemon=True).start()
            return match[1]
    raise SystemExit(f"conformance: the server ended with status {server.wait()}; its log is in the report folder")


def is_alive(base_url: str) -> bool:
    """Whether the server still answers."""
    try:
        with urllib.request.urlopen(base_url.removesuffix("/v1") + "/healthz", timeout=30) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError):
        return False


@contextmanager
def picture_server(folder: Path) -> Iterator[str]:
    """The URL of the picture in `folder`."""
    handler = partial(_QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/receipt.png"
        finally:
            server.shutdown()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the server under test logs what it fetches."""


def draw_receipt(path: Path) -> None:
    """The picture that every client asks about."""
    picture = Image.new("RGB", (480, 320), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(30)
    for index, (name, price) in enumerate(RECEIPT):
        draw.text((30, 30 + index * 65), name, "black", font)
        draw.text((350, 30 + index * 65), price, "black", font)
    picture.save(path)
