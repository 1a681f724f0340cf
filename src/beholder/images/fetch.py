"""Fetching an image URL: every address checked before it is connected to, every redirect too, time and size capped."""

from __future__ import annotations

import asyncio
import zlib
from functools import cached_property
from http import HTTPStatus
from io import BytesIO

import httpcore2
import httpx2

from beholder import __version__
from beholder.images.addresses import AddressPolicy, Resolver
from beholder.images.connect import PinnedBackend
from beholder.images.fault import ImageFault, empty_file, too_many_bytes
from beholder.images.hosts import HostList
from beholder.images.url import parse, place
from beholder.settings import Settings

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HEADERS = (
    (b"User-Agent", f"BeholderImageFetch/{__version__}".encode()),
    # Naming the four formats keeps servers that choose by this header from sending AVIF.
    (b"Accept", b"image/png,image/jpeg,image/webp,image/gif,*/*;q=0.1"),
    (b"Accept-Encoding", b"identity"),
)
NETWORK_ERRORS = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError)
"""All that a remote server or the way to it can do wrong: each is a failed download, never a fault of this server."""

KEEPALIVE_SECONDS = 4.0
"""Shorter than the 5 s after which common servers close an idle connection, so that none is reused as it closes."""


class Fetcher:
    """Downloads images over one pool of connections. Reads no proxy settings from the environment."""

    def __init__(self, settings: Settings, resolver: Resolver) -> None:
        self._timeout = settings.fetch_timeout
        self._limit = settings.max_image_bytes
        self._hosts = HostList(settings.fetch_hosts)
        self._backend = PinnedBackend(AddressPolicy(settings.fetch_allow), resolver, settings.fetch_timeout)

    @cached_property
    def _pool(self) -> httpcore2.AsyncConnectionPool:
        """Made for the first URL: reading the certificates takes longer than decoding a picture."""
        return httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            network_backend=self._backend,
            max_connections=64,
            max_keepalive_connections=16,
            keepalive_expiry=KEEPALIVE_SECONDS,
        )

    async def close(self) -> None:
        """Close the connections."""
        if "_pool" in vars(self):
            await self._pool.aclose()

    async def fetch(self, text: str) -> bytes:
        """The body: at most `max_image_bytes`, within `fetch_timeout` seconds in all. Raises `ImageFault`."""
        url = parse(text)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._follow(url)
        except (TimeoutError, httpcore2.TimeoutException) as error:
            raise _failed(url, f"it did not arrive within {self._timeout:g} seconds") from error
        except NETWORK_ERRORS as error:
            raise _failed(url, "the connection failed or was cut") from error

    async def _follow(self, url: httpx2.URL) -> bytes:
        self._check_host(url)
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._get(url)
            if isinstance(answer, bytes):
                return answer
            self._check_host(answer)
            url = answer
        raise _failed(url, f"there were more than {MAX_REDIRECTS} redirects")

    def _check_host(self, url: httpx2.URL) -> None:
        if not self._hosts.permits(url.raw_host.decode("ascii")):
            raise ImageFault(
                "invalid_image_url",
                f"the host of {place(url)} is none of those that this server fetches from; send the picture as a data "
                "URI, or let the server's operator add the host to the setting fetch_hosts",
            )

    async def _get(self, url: httpx2.URL) -> bytes | httpx2.URL:
        """The body, or the address that it redirects to."""
        # httpcore parses nothing here: it gets the parts of the URL that was checked.
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        async with self._pool.stream("GET", target, headers=[(b"Host", url.netloc), *HEADERS]) as response:
            headers = {name.lower(): value for name, value in response.headers}
            if response.status in REDIRECTS and b"location" in headers:
                return _redirect(url, headers[b"location"])
            if response.status != HTTPStatus.OK:
                raise _failed(url, f"the server answered {_status(response.status)}")
            return await self._read(url, response, headers)

    async def _read(self, url: httpx2.URL, response: httpcore2.Response, headers: dict[bytes, bytes]) -> bytes:
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > self._limit:
            raise too_many_bytes(self._limit)
        body = Body(self._limit, headers.get(b"content-encoding", b"identity").decode("latin-1").strip().lower())
        try:
            async for chunk in response.aiter_stream():
                body.add(chunk)
            return body.finish()
        except (zlib.error, EOFError) as error:
            raise _failed(url, "its compressed body is damaged or cut short") from error


class Body:
    """Collects a body and undoes gzip or deflate, never holding more than `limit` bytes and a chunk."""

    def __init__(self, limit: int, encoding: str) -> None:
        if encoding not in {"identity", "", "gzip", "x-gzip", "deflate"}:
            raise ImageFault(
                "failed_to_download_image",
                "the server compressed the body in a way that was not asked for; it must send the image as it is",
            )
        self._limit = limit
        self._received = 0
        self._size = 0
        # Not a list: of chunks of one byte each it would take forty times their size, and a copy to join them.
        self._buffer = BytesIO()
        # 32 + 15: a gzip or zlib header, whichever comes, and the largest window (zlib manual, inflateInit2).
        self._inflate = None if encoding in {"identity", ""} else zlib.decompressobj(32 + zlib.MAX_WBITS)

    def add(self, chunk: bytes) -> None:
        """Take a piece as received. Raises `ImageFault` once the limit is passed, `zlib.error` when it is damaged."""
        self._received += len(chunk)
        if self._inflate is not None:
            chunk = self._inflate.decompress(chunk, self._limit - self._size + 1)
        self._size += len(chunk)
        if max(self._size, self._received) > self._limit:
            raise too_many_bytes(self._limit)
        self._buffer.write(chunk)

    def finish(self) -> bytes:
        """The whole body. Raises `EOFError` when a compressed one was cut short."""
        if self._inflate is not None and not self._inflate.eof:
            raise EOFError
        if not self._size:
            raise empty_file()
        return self._buffer.getvalue()


def _redirect(url: httpx2.URL, location: bytes) -> httpx2.URL:
    try:
        target = url.join(location.decode("utf-8"))
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise _failed(url, "it redirects to something that is not a URL") from error
    # Whoever chose https was promised that nobody on the way can see or change the picture.
    if url.scheme == "https" and target.scheme == "http":
        raise _failed(url, "it redirects from https to http; use the address that it leads to")
    try:
        return parse(str(target))
    except ImageFault as fault:
        raise ImageFault(
            fault.code, f"{place(url)} redirects to an address that is refused: {fault.message}"
        ) from fault


def _failed(url: httpx2.URL, reason: str) -> ImageFault:
    return ImageFault("failed_to_download_image", f"could not download the image from {place(url)}: {reason}")


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)
