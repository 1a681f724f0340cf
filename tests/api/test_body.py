"""Request bodies: media types, sizes, and JSON that is none."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import msgspec
import pytest
from live_server import Serve
from requests_for_tests import DIRECT, chat, image_part, post, text_part
from stage_engines import ScriptedEngine
from starlette.datastructures import Headers

from beholder.api.body import Budget, read_json
from beholder.engines.echo import EchoEngine
from beholder.errors import Overloaded
from beholder.settings import Settings

BODY = json.dumps(chat()).encode()


def send(url: str, content: bytes | Iterator[bytes], **headers: str) -> httpx2.Response:
    """The answer to raw bytes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(f"{url}/v1/chat/completions", content=content, headers=named, **DIRECT)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"{", "truncated"),
        (b'{"model": "x",}', "byte 14"),
        (b"[]", "expected `object`, got `array`"),
        (b'{"model": NaN}', "byte 10"),
        (b'{"model": "\xff", "messages": []}', "not UTF-8"),
        (b'{"model": "\\ud800", "messages": []}', "not JSON"),
        (b'{"other": ' + b"[" * 100_000, "nested too deep"),
        (BODY + b"more", "trailing characters"),
    ],
    ids=["empty", "truncated", "comma", "array", "nan", "utf8", "surrogate", "deep", "trailing"],
)
def test_what_is_not_json_is_refused(echo_url: str, content: bytes, words: str) -> None:
    """It is a 400 that says where the JSON breaks."""
    response = send(echo_url, content, content_type="application/json")
    assert 400 == response.status_code
    assert words in response.json()["error"]["message"]


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", "application/x+JSON"])
def test_json_media_types_are_accepted(echo_url: str, media_type: str) -> None:
    """JSON under any of its names."""
    assert 200 == send(echo_url, BODY, content_type=media_type).status_code


def test_no_media_type_is_accepted(echo_url: str) -> None:
    """A client that does not say what it sends is believed to send JSON."""
    assert 200 == send(echo_url, BODY).status_code


@pytest.mark.parametrize(
    "headers", [{"content_type": "text/plain"}, {"content_type": "multipart/form-data"}, {"content_encoding": "gzip"}]
)
def test_other_media_types_are_refused(echo_url: str, headers: dict[str, str]) -> None:
    """Anything else is a 415 that says what came."""
    response = send(echo_url, BODY, **headers)
    assert (415, "unsupported_media_type") == (response.status_code, response.json()["error"]["code"])
    assert next(iter(headers.values())) in response.json()["error"]["message"]


def test_a_body_over_the_limit_is_refused(serve: Serve) -> None:
    """Over `max_body_bytes` it is a 413, whether the client says the length beforehand or not."""
    url = serve(EchoEngine(), Settings(max_body_bytes=2000))
    long = json.dumps(chat("x" * 3000)).encode()
    for content in (long, iter([long[:1000], long[1000:]])):
        response = send(url, content, content_type="application/json")
        assert (413, "request_too_large") == (response.status_code, response.json()["error"]["code"])
        assert "2,000 bytes" in response.json()["error"]["message"]
    assert 200 == send(url, BODY).status_code


def test_a_large_body_is_read(serve: Serve) -> None:
    """Megabytes of pictures arrive whole, and are not counted any more once they are answered."""
    engine = ScriptedEngine()
    url = serve(engine, Settings(max_total_body_bytes=4 * 1024 * 1024))
    for _ in range(2):
        assert 200 == post(url, chat([image_part(1200, 900), text_part("x" * 3_000_000)])).status_code
    assert [(1200, 900)] * 2 == [image.original_size for job in engine.jobs for image in job.images()]


@pytest.mark.parametrize("says_length", [True, False])
async def test_memory_grows_with_what_came(says_length: bool) -> None:
    """A body that comes in pieces is read as it was sent; what is taken for it is never more than twice what came."""
    text = {"text": "0123456789" * 100_000}
    content = json.dumps(text).encode()
    pieces = [content[start : start + 77_777] for start in range(0, len(content), 77_777)]
    budget, taken = Budget(10 * len(content)), []

    async def receive() -> dict[str, object]:
        taken.append(budget.used)
        number = len(taken) - 1
        return {"type": "http.request", "body": pieces[number], "more_body": number + 1 < len(pieces)}

    headers = Headers({"content-length": str(len(content))} if says_length else {})
    with budget.hold() as hold:
        decoder = msgspec.json.Decoder(dict[str, str])
        assert text == await read_json(headers, receive, decoder, limit=2 * len(content), hold=hold)
        assert len(content) == budget.used
    assert all(each <= 2 * 77_777 * number for number, each in enumerate(taken))


def test_bodies_share_a_budget() -> None:
    """A request alone always fits; beside others it must fit into what is left, and gives back what it took."""
    budget = Budget(100)
    with budget.hold() as first:
        first.add(90)
        first.add(90)
        with budget.hold() as second, pytest.raises(Overloaded) as caught:
            second.add(1)
        assert caught.value.retry_after is not None
        first.release()
        with budget.hold() as third:
            third.add(60)
            with pytest.raises(Overloaded):
                first.add(60)
    assert 0 == budget.used
