"""A client of `/v1/chat/completions` that notes when the first and the last byte of an answer came."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from beholder.errors import InvalidRequest

PATIENCE = 1800
"""Seconds for one answer; the slowest contestant on a slow machine takes minutes."""


@dataclass(slots=True)
class Reply:
    """A streamed answer. Seconds count from sending the request."""

    first: float = 0.0
    wall: float = 0.0
    text: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, Any] = field(default_factory=dict)
    extension: dict[str, Any] = field(default_factory=dict)
    finish_reason: str | None = None


def ask(client: httpx2.Client, base_url: str, body: dict[str, Any]) -> Reply:
    """Stream the answer to `body` from the server at `base_url`. Raises `InvalidRequest` for a refusal."""
    reply, began = Reply(), time.perf_counter()
    request = {**body, "stream": True, "stream_options": {"include_usage": True}}
    with client.stream("POST", f"{base_url}/chat/completions", json=request, timeout=PATIENCE) as response:
        if response.status_code != 200:
            raise InvalidRequest(f"{base_url} answered {response.status_code}: {response.read().decode()[:500]}")
        for chunk in _chunks(response):
            _add(reply, chunk, time.perf_counter() - began)
    reply.wall = time.perf_counter() - began
    reply.first = reply.first or reply.wall
    return reply


def _chunks(response: httpx2.Response) -> Iterator[dict[str, Any]]:
    for line in response.iter_lines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def _add(reply: Reply, chunk: dict[str, Any], now: float) -> None:
    if "error" in chunk:
        raise InvalidRequest(f"the answer broke off: {chunk['error']}")
    reply.usage = chunk.get("usage") or reply.usage
    reply.timings = chunk.get("timings") or reply.timings
    reply.extension = chunk.get("x_beholder") or reply.extension
    for choice in chunk.get("choices", ()):
        text = choice.get("delta", {}).get("content") or ""
        if text and not reply.text:
            reply.first = now
        reply.text += text
        reply.finish_reason = choice.get("finish_reason") or reply.finish_reason
