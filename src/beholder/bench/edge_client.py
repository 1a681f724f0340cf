"""The load generator of `bench edge`, in a process of its own: `python -m beholder.bench.edge_client`.

It reads one JSON line on standard input, `{"url", "key", "body_file", "requests", "clients"}`, sends the same request
that often over that many kept connections, each waiting for its answer, and prints `{"seconds", "latencies", "bad"}`.
Sockets without an HTTP library, so that the generator is not what limits.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LONGEST_HEAD = 64 * 1024


async def fire(order: dict[str, Any], body: bytes) -> dict[str, Any]:
    """Send all requests; seconds altogether, each request's latency in seconds, and how many were not answered 200."""
    message = to_message(order["url"], order["key"], body)
    turns = iter(range(order["requests"]))
    began = time.perf_counter()
    clients = [_client(order["url"], message, turns) for _ in range(order["clients"])]
    found = [each for client in await asyncio.gather(*clients) for each in client]
    seconds = time.perf_counter() - began
    latencies = [latency for latency, status in found if status == 200]
    return {"seconds": seconds, "latencies": latencies, "bad": len(found) - len(latencies)}


def to_message(url: str, key: str, body: bytes) -> bytes:
    """The whole request as it goes over the wire."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


async def _client(url: str, message: bytes, turns: Iterator[int]) -> list[tuple[float, int]]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=LONGEST_HEAD)
    found = []
    for _ in turns:
        began = time.perf_counter()
        writer.write(message)
        await writer.drain()
        status = await _answer(reader)
        found.append((time.perf_counter() - began, status))
    writer.close()
    return found


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end; its status. Only answers with a length, as all those asked here have."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    [length] = [int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")]
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1])


if __name__ == "__main__":
    ORDER = json.loads(sys.stdin.readline())
    sys.stdout.write(json.dumps(asyncio.run(fire(ORDER, Path(ORDER["body_file"]).read_bytes()))))
