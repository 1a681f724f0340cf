"""Images in a running server: memory within its budgets, faults of one image, and who asks."""

from __future__ import annotations

import base64
import io
import os
import signal
import sys
import threading
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import numpy as np
import pytest
from live_server import Serve, server_process, wait_until
from PIL import Image
from process_memory import descendants, memory_bytes, sampling
from requests_for_tests import DIRECT, chat, image_part, post, post_to, text_part
from stage_engines import EndlessEngine, ScriptedEngine

from beholder.errors import ContextLengthExceeded
from beholder.settings import Settings

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
MEBIBYTE = 1024 * 1024


def part(data: bytes) -> dict[str, object]:
    """A content part with a file."""
    return {"type": "image_url", "image_url": {"url": f"data:;base64,{base64.b64encode(data).decode()}"}}


def test_pixels_over_the_budget_are_a_503(serve: Serve) -> None:
    """While one request holds its pictures another is told when to come back; afterwards it is answered."""
    engine = EndlessEngine(is_silent=False)
    url = serve(engine, Settings(max_total_pixel_bytes=400 * 300 * 3 + 100))
    large, small = chat([image_part(400, 300), text_part("x")], stream=True), chat([image_part(30, 30), text_part("x")])
    with httpx2.stream("POST", f"{url}/v1/chat/completions", json=large, **DIRECT) as first:
        assert 200 == first.status_code
        refused = post(url, small)
        assert (503, "5") == (refused.status_code, refused.headers["retry-after"])
        assert "server_overloaded" == refused.json()["error"]["code"]
    wait_until(lambda: not engine.is_working)
    engine.jobs.clear()
    wait_until(lambda: _is_admitted(url, small))


def _is_admitted(url: str, body: dict[str, Any]) -> bool:
    with httpx2.stream("POST", f"{url}/v1/chat/completions", json={**body, "stream": True}, **DIRECT) as response:
        return response.status_code == 200


def test_pixels_that_can_never_fit_are_a_400(serve: Serve) -> None:
    """The error names a picture, what there is room for, and the setting."""
    url = serve(ScriptedEngine(), Settings(max_total_pixel_bytes=400 * 300 * 3 + 100))
    response = post(url, chat([image_part(400, 300), image_part(20, 30)]))
    assert (400, "image_too_large") == (response.status_code, response.json()["error"]["code"])
    assert "and there is room for 0.3 MiB (setting max_total_pixel_bytes)" in response.json()["error"]["message"]


def test_a_refusal_keeps_no_pixels(serve: Serve) -> None:
    """A fault found after the pictures were decoded does not hold them: the next request of the same size is read."""
    engine = ScriptedEngine([ContextLengthExceeded("too long")])
    url = serve(engine, Settings(max_total_pixel_bytes=400 * 300 * 3))
    for _ in range(3):
        assert 400 == post(url, chat([image_part(400, 300)])).status_code
        engine.jobs.clear()


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_the_job_knows_who_asks(serve: Serve, tmp_path: Path, path: str) -> None:
    """Its owner is the same for each request with a key, another for another key, and never the key itself."""
    engine = ScriptedEngine()
    url = serve(engine, Settings(api_key=("first-key", "second-key"), cache_dir=str(tmp_path)))
    body = {"model": "grok-2-vision", "input": "hello"} if path.endswith("responses") else chat()
    for key in ("first-key", "second-key", "first-key"):
        assert 200 == post_to(url, path, body, headers={"authorization": f"Bearer {key}"}).status_code
    first, second, third = (job.owner for job in engine.jobs)
    assert first == third != second
    assert "key" not in first + second
    assert "" not in (first, second)


def test_without_keys_there_is_one_owner(serve: Serve) -> None:
    """A server that asks for no key serves one owner, whatever a client sends."""
    engine = ScriptedEngine()
    url = serve(engine)
    for key in ("a", "b"):
        assert 200 == post(url, chat(), headers={"authorization": f"Bearer {key}"}).status_code
    assert ["", ""] == [job.owner for job in engine.jobs]


def _slow_picture() -> bytes:
    """A small file that takes about a second to decode."""
    file = io.BytesIO()
    Image.new("L", (13_000, 13_000), 255).save(file, "PNG", compress_level=1)
    return file.getvalue()


@LINUX
def test_a_server_survives_its_workers() -> None:
    """A worker killed while it decodes is a 400 for that image; the next is answered; none outlives the server."""
    slow = chat([image_part(), part(_slow_picture())])
    with ExitStack() as stack:
        server = stack.enter_context(server_process("echo"))
        assert 200 == post(server.url, chat([image_part()])).status_code
        nursery, *_ = workers = descendants(server.pid)[1:]
        assert "openvino" not in "".join(Path(f"/proc/{pid}/maps").read_text() for pid in workers)
        answers: list[httpx2.Response] = []
        asking = threading.Thread(target=lambda: answers.append(post(server.url, slow)))
        asking.start()
        wait_until(lambda: any(_seconds(pid) > 0.1 for pid in descendants(nursery)[1:]))
        for pid in descendants(nursery)[1:]:
            os.kill(pid, signal.SIGKILL)
        asking.join()
        (answer,) = answers
        assert (400, "image_parse_error") == (answer.status_code, answer.json()["error"]["code"])
        assert answer.json()["error"]["message"].startswith("message 1, part 2: the PNG decoder failed")
        assert 200 == post(server.url, chat([image_part()])).status_code
        workers = descendants(server.pid)[1:]
        assert len(workers) >= 2
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def _seconds(pid: int) -> float:
    """Time that a process computed since it was forked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@LINUX
def test_ten_images_of_twenty_mebibytes() -> None:
    """One request with the most and largest files that are allowed takes less than 1.5 GB, all processes together."""
    noise = np.random.default_rng(1).integers(0, 256, (2630, 2650, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG", compress_level=0)
    assert 19.9 * MEBIBYTE < len(file.getvalue()) <= 20 * MEBIBYTE
    parts = [part(_named(file.getvalue(), number)) for number in range(10)]
    body = msgspec.json.encode(chat([*parts, text_part("hello")]))
    with server_process("echo") as server, sampling(server.pid) as peak:
        url, headers = f"{server.base_url}/chat/completions", {"content-type": "application/json"}
        response = httpx2.post(url, content=body, headers=headers, **{**DIRECT, "timeout": 120})
        assert 200 == response.status_code
        assert 10 == response.json()["choices"][0]["message"]["content"].count("2650x2630")
        # The process gives back what the request took.
        wait_until(lambda: memory_bytes(server.pid) < peak.idle + 100e6)
    assert 200e6 < peak.above_idle < 1.5e9


def _named(png: bytes, number: int) -> bytes:
    """The same picture as another file: a text chunk after the header tells them apart."""
    content = b"tEXtname\0" + bytes([48 + number])
    chunk = (len(content) - 4).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")
    return png[:33] + chunk + png[33:]
