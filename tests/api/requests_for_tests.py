"""Requests and pictures that the edge's tests send."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx2
from openai import OpenAI
from PIL import Image

# Plain HTTP on loopback: no proxy, and no certificates, whose loading takes longer than the tests.
DIRECT: dict[str, Any] = {"timeout": 20, "trust_env": False, "verify": False}

MODEL = "grok-2-vision-latest"


def picture(width: int = 40, height: int = 30) -> str:
    """A PNG of one colour as a data URI."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def image_part(width: int = 40, height: int = 30, **image_url: Any) -> dict[str, Any]:
    """A content part with such a picture."""
    return {"type": "image_url", "image_url": {"url": picture(width, height), **image_url}}


def text_part(text: str) -> dict[str, Any]:
    """A content part with text."""
    return {"type": "text", "text": text}


def chat(content: Any = "hello", **fields: Any) -> dict[str, Any]:
    """The body of a chat request with one user message."""
    return {"model": MODEL, "messages": [{"role": "user", "content": content}], **fields}


def post(url: str, body: Any, **options: Any) -> httpx2.Response:
    """The answer to `body` sent as JSON to the chat endpoint of the server at `url`."""
    return httpx2.post(f"{url}/v1/chat/completions", json=body, **DIRECT, **options)


def read_stream(response: httpx2.Response) -> Iterator[Any]:
    """The events of a streamed answer: JSON values, and the text `[DONE]`."""
    for line in response.text.split("\n\n"):
        if line:
            assert line.startswith("data: ")
            data = line.removeprefix("data: ")
            yield data if data == "[DONE]" else json.loads(data)


def sdk(url: str, **options: Any) -> OpenAI:
    """The official client, pointed at the server at `url`; it tries once."""
    return OpenAI(base_url=f"{url}/v1", **{"api_key": "none", "max_retries": 0, **options})


def post_to(url: str, path: str, body: Any, **options: Any) -> httpx2.Response:
    """The answer to `body` sent as JSON to `path` of the server at `url`."""
    return httpx2.post(f"{url}{path}", json=body, **DIRECT, **options)


def get_from(url: str, path: str, key: str | None = None, **options: Any) -> httpx2.Response:
    """The answer to a GET of `path`, with an API key if one is given."""
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    return httpx2.get(f"{url}{path}", headers=headers, **DIRECT, **options)


def read_named_events(response: httpx2.Response) -> Iterator[tuple[str, Any]]:
    """The name and the JSON of each event of a streamed response."""
    for block in response.text.split("\n\n"):
        if block:
            name, data = block.split("\n")
            yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))
