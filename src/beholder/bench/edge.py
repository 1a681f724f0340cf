"""`bench edge`: what the HTTP edge adds to an engine that answers at once, beside LiteLLM's proxy before the same one.

Pictures are noise in PNG, neither compressed nor filtered (PNG specification, 7.2 and 9): as many bytes as wanted, and
next to nothing to decode, so that it is the edge that is measured. *Added* latency is a request's time over HTTP, by
one client that waits for each answer, less the time of the same work in process: the same picture from its data URI
through the loader and the same engine.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import msgspec
import numpy as np

from beholder.api.to_job import to_job
from beholder.api.wire import ChatRequest
from beholder.bench.edge_servers import BARE, ECHO, KEY, MODEL, litellm_proxy, own_server
from beholder.bench.rivals_environment import RivalsEnvironment
from beholder.engines.echo import EchoEngine
from beholder.errors import NotReady
from beholder.images import Loader
from beholder.progress import Progress, step
from beholder.settings import Settings
from beholder.types import Job

KIB: Final = 1024
PNG_FRAME_BYTES: Final = 75
"""About what a small PNG takes besides its pixels: signature, header, end, and zlib's own frame."""


@dataclass(frozen=True, slots=True)
class Load:
    """A picture's size in bytes, and how many requests a round sends one by one and at once."""

    name: str
    picture_bytes: int
    alone: int
    together: int
    clients: int = 8


LOADS: Final = (
    Load("tiny", 200, 200, 800),
    Load("100 KiB", 100 * KIB, 100, 400),
    Load("1 MiB", 1024 * KIB, 30, 80),
    Load("10 MiB", 10 * 1024 * KIB, 6, 12, clients=4),
)
ROUNDS: Final = 5
WARM_UP: Final = 3
"""Requests before each measurement: connections, caches and allocators settle."""


@dataclass(slots=True)
class Tally:
    """One server under one load, over all rounds: latencies in seconds, requests a second of each round."""

    latencies: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    bad: int = 0

    def figures(self, base: float) -> dict[str, Any]:
        """Milliseconds and requests a second; `base` is the median of the work in process, in seconds."""
        p50, p95 = median(self.latencies), quantiles(self.latencies, n=20)[-1]
        return {
            "p50_ms": _milliseconds(p50),
            "p95_ms": _milliseconds(p95),
            "added_p50_ms": _milliseconds(p50 - base),
            "added_p95_ms": _milliseconds(p95 - base),
            "requests_per_second": round(median(self.rates), 1),
            "bad": self.bad,
        }


def measure(
    loads: Sequence[Load],
    environment: RivalsEnvironment | None,
    progress: Progress,
    say: Callable[[dict[str, Any]], None],
    *,
    rounds: int = ROUNDS,
) -> dict[str, Any]:
    """All figures, in rounds that alternate between the servers. `environment` is LiteLLM's, None to leave it out."""
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        echo = stack.enter_context(own_server(ECHO))
        servers = {"beholder": echo, "bare": stack.enter_context(own_server(BARE))}
        if environment is not None:
            if environment.missing(("litellm",)):
                missing["litellm"] = f"litellm not installed in {environment.folder}; {environment.advice}"
            else:
                servers["litellm"] = stack.enter_context(litellm_proxy(environment, echo))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beholder-bench-")))
        stack.enter_context(step(progress, "Sending", len(loads) * rounds * len(servers), "steps"))
        figures = {}
        for load in loads:
            figures[load.name] = _under(load, servers, folder, rounds, progress)
            say({"load": load.name, **figures[load.name]})
    return {"loads": figures, "missing": missing}


def _under(
    load: Load, servers: dict[str, str], folder: Path, rounds: int, progress: Progress
) -> dict[str, dict[str, Any]]:
    request = to_request(noise(load.picture_bytes))
    body = folder / "body.json"
    body.write_bytes(msgspec.json.encode(request))
    in_process: list[float] = []
    tallies = {name: Tally() for name in servers}
    for _ in range(rounds):
        in_process += asyncio.run(_in_process(request, load.alone))
        for name, url in servers.items():
            _send(tallies[name], f"{url}/chat/completions", body, load)
            progress.advance(1)
    base = median(in_process)
    found = {name: tally.figures(base) for name, tally in tallies.items()}
    if "litellm" in found:
        rate, other = (found[name]["requests_per_second"] for name in ("beholder", "litellm"))
        found["beholder"]["throughput_against_litellm"] = round(rate / other, 2)
    return {"in_process": {"p50_ms": _milliseconds(base)}, **found}


def _send(tally: Tally, url: str, body: Path, load: Load) -> None:
    fire(url, body, WARM_UP, 1)
    alone = fire(url, body, load.alone, 1)
    together = fire(url, body, load.together, load.clients)
    tally.latencies += alone["latencies"]
    tally.rates.append(len(together["latencies"]) / together["seconds"])
    tally.bad += alone["bad"] + together["bad"]


def fire(url: str, body: Path, requests: int, clients: int) -> dict[str, Any]:
    """What the load generator measured; see `edge_client.py`. Raises `NotReady` if it could not send."""
    order = {"url": url, "key": KEY, "body_file": str(body), "requests": requests, "clients": clients}
    command = [sys.executable, "-m", "beholder.bench.edge_client"]
    done = subprocess.run(command, input=json.dumps(order) + "\n", capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReady(f"sending requests to {url} failed: {done.stderr[-1000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    if not found["latencies"]:
        raise NotReady(f"{url} answered none of {requests} requests with 200")
    return found


async def _in_process(request: dict[str, Any], count: int) -> list[float]:
    """Seconds of each run of the loader and the engine, as `beholder ask` runs them, after the request is a job."""
    engine, loader = EchoEngine(), Loader(Settings())
    job = to_job(msgspec.convert(request, ChatRequest), engine.capabilities)
    await engine.start()
    seconds = []
    for _ in range(WARM_UP + count):
        began = time.perf_counter()
        await _answer(engine, await loader.load(job))
        seconds.append(time.perf_counter() - began)
    await loader.close()
    return seconds[WARM_UP:]


async def _answer(engine: EchoEngine, job: Job) -> None:
    async with aclosing(engine.stream(job)) as events:
        async for _ in events:
            pass


def to_request(picture: bytes) -> dict[str, Any]:
    """A chat request with one picture and a short question."""
    uri = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    content = [{"type": "image_url", "image_url": {"url": uri}}, {"type": "text", "text": "What is this?"}]
    return {"model": MODEL, "messages": [{"role": "user", "content": content}], "max_tokens": 8}


def noise(size: int) -> bytes:
    """A PNG of about `size` bytes, three to a pixel, neither compressed nor filtered."""
    side = max(1, math.isqrt(max(size - PNG_FRAME_BYTES, 0) // 3))
    rows = np.zeros((side, 1 + 3 * side), dtype=np.uint8)
    rows[:, 1:] = np.random.default_rng(7).integers(0, 256, (side, 3 * side), dtype=np.uint8)
    header = side.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    chunks = (b"IHDR" + header, b"IDAT" + zlib.compress(rows.tobytes(), 0), b"IEND")
    framed = [(len(each) - 4).to_bytes(4, "big") + each + zlib.crc32(each).to_bytes(4, "big") for each in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
