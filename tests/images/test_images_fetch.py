"""Fetching over a real web server on loopback: what arrives, what fails, and the caps."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from typing import Any

import pytest
from image_files import corners, encoded, four_corners
from image_requests import job, load, loading, refusal
from image_web_server import Answer, redirect, response, serving

from beholder import __version__

PICTURE = encoded(four_corners(), "PNG")
ALLOWED: dict[str, Any] = {"fetch_allow": ("127.0.0.1",)}


async def test_picture_is_fetched() -> None:
    """An image URL is fetched and judged by its bytes, whatever type the server declares."""
    async with serving({"/a": response(PICTURE, content_type="text/plain")}) as web:
        image = await load(f"{web.url}/a", **ALLOWED)
    assert ("PNG", ["red", "green", "blue", "grey"]) == (image.format, corners(image.pixels))


async def test_request_says_who_asks() -> None:
    """The request names the program and its version, the host that was asked for, and wants no compression."""
    async with serving({"/a?b=%20c": response(PICTURE)}) as web:
        await load(f"{web.url}/a?b=%20c#fragment", **ALLOWED)
    (head,) = web.requests
    assert head.startswith("GET /a?b=%20c HTTP/1.1\r\n")
    assert f"User-Agent: BeholderImageFetch/{__version__}\r\n" in head
    assert f"Host: 127.0.0.1:{web.port}\r\n" in head
    assert "Accept-Encoding: identity\r\n" in head


async def test_connection_is_reused() -> None:
    """Two requests to one server take one connection."""
    async with serving({"/a": response(PICTURE), "/b": response(PICTURE)}) as web, loading(**ALLOWED) as loader:
        await loader.load(job([f"{web.url}/a"]))
        await loader.load(job([f"{web.url}/b"]))
    assert 1 == web.connections


async def test_environment_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy named in the environment plays no part: it would connect to what was never checked."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serving({"/a": response(PICTURE)}) as web:
        assert "PNG" == (await load(f"{web.url}/a", **ALLOWED)).format


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_redirect_is_followed(status: str) -> None:
    """Each kind of redirect is followed, relative addresses included."""
    async with serving({"/a": redirect("b/c.png", status), "/b/c.png": response(PICTURE)}) as web:
        assert "PNG" == (await load(f"{web.url}/a", **ALLOWED)).format
    assert ["/a", "/b/c.png"] == web.paths


@pytest.mark.parametrize(("hops", "passes"), [(5, True), (6, False)])
async def test_redirects_are_counted(hops: int, passes: bool) -> None:
    """Five redirects are followed, a sixth is not."""
    chain: dict[str, Answer] = {f"/{hop}": redirect(f"/{hop + 1}") for hop in range(hops)}
    async with serving(chain | {f"/{hops}": response(PICTURE)}) as web:
        if passes:
            assert "PNG" == (await load(f"{web.url}/0", **ALLOWED)).format
        else:
            error = await refusal(f"{web.url}/0", **ALLOWED)
            assert "failed_to_download_image" == error.code
            assert "more than 5 redirects" in error.message
    assert 6 == len(web.paths)


@pytest.mark.parametrize(
    "status", ["204 No Content", "206 Partial Content", "304 Not Modified", "403 Forbidden", "404 Not Found", "500 X"]
)
async def test_other_status(status: str) -> None:
    """Any answer but 200 is a failed download that names the status, and never what the body said."""
    body = b"" if status[0] in "23" and status[:3] != "206" else b"internal words"
    async with serving({"/a?signature=secret": response(body, status)}) as web:
        error = await refusal(f"{web.url}/a?signature=secret", **ALLOWED)
    assert "failed_to_download_image" == error.code
    assert f"the server answered {status[:3]}" in error.message
    assert "internal words" not in error.message
    assert "secret" not in error.message


async def test_web_page() -> None:
    """An HTML page in place of a picture is an error that says so."""
    async with serving({"/a.png": response(b"<!doctype html><title>Log in</title>", content_type="image/png")}) as web:
        error = await refusal(f"{web.url}/a.png", **ALLOWED)
    assert "unsupported_image_media_type" == error.code
    assert "an HTML page" in error.message
    assert "Log in" not in error.message


async def test_empty_body() -> None:
    """An empty body is an empty file."""
    async with serving({"/a": response(b"")}) as web:
        assert "empty_image_file" == (await refusal(f"{web.url}/a", **ALLOWED)).code


async def _closed_port() -> int:
    async with serving({}) as web:
        return web.port


async def test_refused_connection() -> None:
    """A server that is not there is a failed download."""
    error = await refusal(f"http://127.0.0.1:{await _closed_port()}/", **ALLOWED)
    assert "failed_to_download_image" == error.code


@pytest.mark.parametrize(
    "answer",
    [
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        b"",
    ],
    ids=["no HTTP", "cut body", "bad chunk", "huge header", "nothing"],
)
async def test_broken_server(answer: bytes) -> None:
    """A server that breaks the protocol is a failed download."""

    async def broken(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    async with serving({"/": broken}) as web:
        error = await refusal(f"{web.url}/", **ALLOWED)
    assert "failed_to_download_image" == error.code


def _dripping(interval: float) -> Answer:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"\x89")
            await writer.drain()
            await asyncio.sleep(interval)

    return drip


async def test_timeout_is_for_the_whole_fetch() -> None:
    """A server that sends a byte now and then does not get more time by it."""
    async with serving({"/": _dripping(0.02)}) as web:
        start = time.monotonic()
        error = await refusal(f"{web.url}/", **ALLOWED, fetch_timeout=0.3)
        assert time.monotonic() - start < 2
    assert "failed_to_download_image" == error.code
    assert "within 0.3 seconds" in error.message


async def test_redirects_share_the_timeout() -> None:
    """Redirects do not start the clock again."""

    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(redirect("/"))
        await writer.drain()

    async with serving({"/": slow}) as web:
        error = await refusal(f"{web.url}/", **ALLOWED, fetch_timeout=0.5)
    assert "within 0.5 seconds" in error.message


async def test_declared_length_over_the_limit() -> None:
    """A Content-Length over the limit is refused before the body is read."""

    async def announced(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(5)

    async with serving({"/": announced}) as web:
        error = await refusal(f"{web.url}/", **ALLOWED, max_image_bytes=4999)
    assert "image_file_too_large" == error.code


async def test_endless_body() -> None:
    """A body without a length is cut off at the limit."""

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(bytes(65536))
            await writer.drain()

    async with serving({"/": endless}) as web:
        error = await refusal(f"{web.url}/", **ALLOWED, max_image_bytes=1_000_000)
    assert "image_file_too_large" == error.code


async def test_body_of_exactly_the_limit() -> None:
    """A body as large as the limit passes."""
    async with serving({"/": response(PICTURE)}) as web:
        assert "PNG" == (await load(f"{web.url}/", **ALLOWED, max_image_bytes=len(PICTURE))).format


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_compressed_body(encoding: str, pack: object) -> None:
    """A server that compresses unasked is understood, and its bomb stops at the limit."""
    assert callable(pack)
    answers = {
        "/a": response(pack(PICTURE), content_encoding=encoding),
        "/bomb": response(pack(bytes(200_000_000)), content_encoding=encoding),
        "/cut": response(pack(PICTURE)[:-9], content_encoding=encoding),
        "/bad": response(b"\x1f\x8bnonsense", content_encoding=encoding),
    }
    async with serving(answers) as web:
        assert "PNG" == (await load(f"{web.url}/a", **ALLOWED)).format
        assert "image_file_too_large" == (await refusal(f"{web.url}/bomb", **ALLOWED)).code
        assert "failed_to_download_image" == (await refusal(f"{web.url}/cut", **ALLOWED)).code
        assert "failed_to_download_image" == (await refusal(f"{web.url}/bad", **ALLOWED)).code


async def test_unknown_compression() -> None:
    """A compression that was not asked for and is not understood is a failed download."""
    async with serving({"/": response(PICTURE, content_encoding="br")}) as web:
        assert "failed_to_download_image" == (await refusal(f"{web.url}/", **ALLOWED)).code
