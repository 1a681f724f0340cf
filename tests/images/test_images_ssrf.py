"""A hostile web: DNS, redirects, addresses and bodies made to reach what is private. Nothing gets through.

127.0.0.3 plays the public internet: it alone is permitted. On the other addresses of loopback sits a trap that counts
connections, and the interpreter tells of every connection that is even tried.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import subprocess
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hostile_dns import dns
from image_files import encoded, four_corners
from image_requests import job, load, loading, refusal
from image_web_server import Answer, Served, redirect, response, serving
from watched_connections import watched_connections

from beholder.errors import ImageError

PICTURE = encoded(four_corners(), "PNG")
PUBLIC = "127.0.0.3"
HAS_IPV6 = Path("/proc/net/if_inet6").exists()
ALLOWED: dict[str, Any] = {"fetch_allow": (PUBLIC,), "fetch_timeout": 3.0}

NAMES: dict[str, Any] = {
    "picture.test": (PUBLIC,),
    "localhost": ("127.0.0.1", "::1"),
    "metadata.google.internal": ("169.254.169.254",),
    "private.test": ("10.0.0.1",),
    "shared.test": ("100.64.0.1",),
    "mixed.test": (PUBLIC, "127.0.0.1"),
    "mixed-families.test": (PUBLIC, "::1"),
    "mapped.test": ("::ffff:127.0.0.1",),
    "translated.test": ("64:ff9b::7f00:1",),
    "locally-translated.test": ("64:ff9b:1::7f00:1",),
    "six-to-four.test": ("2002:7f00:1::1",),
    "teredo.test": ("2001:0:4136:e378:8000:63bf:80ff:fffe",),
    "compatible.test": ("::7f00:1",),
    "link-local.test": ("fe80::1",),
    "unique-local.test": ("fd00:ec2::254",),
    "alias.test": ("second.test",),
    "second.test": ("third.test",),
    "third.test": ("127.0.0.1",),
    "alias-of-localhost.test": ("localhost",),
    "127.0.0.1.wildcard.test": ("127.0.0.1",),
}
"""What the hostile DNS server says. Names of several look-ups, for rebinding, stand with their tests."""

LOOPBACK = (
    *("127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1"),
    *("0177.0.0.1", "0177.0.0.0x1", "00000177.0.0.1", "127.0.0.1%00", "127.0.0.1%00.picture.test", "%31%32%37.0.0.1"),
    *("127。0。0。1", "127.0.0.1", "127｡0｡0｡1", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "0", "0.0.0.0", "0x0"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]", "[::ffff:0:7f00:1]"),
    *("[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]"),
    *("[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[::1%25lo]", "[::1%lo]", "[fe80::1%25lo]", "[fe80::1%lo]"),
    *("user@127.0.0.1", "picture.test@127.0.0.1", "picture.test:80@127.0.0.1", "127.0.0.1\\@picture.test"),
    *("picture.test\\@127.0.0.1", "picture.test%40127.0.0.1", "picture.test＠127.0.0.1", "picture.test／@127.0.0.1"),
    *("localhost", "LOCALHOST", "localhost.", "ⓛocalhost", "ｌｏｃａｌｈｏｓｔ", "127.0.0.1.wildcard.test"),
    *("mixed.test", "mixed-families.test", "mapped.test", "translated.test", "locally-translated.test"),
    *("six-to-four.test", "teredo.test", "compatible.test", "alias.test", "alias-of-localhost.test"),
)
"""This very machine, by every spelling and every name."""

ELSEWHERE = (
    *("169.254.169.254", "169.254.169.254.", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"),
    *("0xA9.0xFE.0xA9.0xFE", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]"),
    *("[2002:a9fe:a9fe::]", "[2001:0:4136:e378:8000:63bf:5601:5601]", "[fd00:ec2::254]", "[fe80::a9fe:a9fe%25eth0]"),
    *("169。254。169。254", "①⑥⑨.②⑤④.①⑥⑨.②⑤④", "metadata.google.internal", "METADATA.google.internal."),
    *("100.100.100.200", "100.64.0.1", "192.0.0.192", "168.63.129.16", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
    *("198.18.0.1", "224.0.0.1", "255.255.255.255", "[fc00::1]", "[fec0::1]", "[ff02::1]", "private.test"),
    *("shared.test", "link-local.test", "unique-local.test"),
)
"""Metadata services and other people's private networks."""


@pytest.fixture
async def trap() -> AsyncIterator[list[Served]]:
    """Servers on loopback that nobody may reach, one for each family, on ports of their own."""
    async with AsyncExitStack() as stack:
        hosts = ["127.0.0.1", *(["::1"] if HAS_IPV6 else [])]
        answers: dict[str, Answer] = {"/": response(PICTURE)}
        yield [await stack.enter_async_context(serving(answers, host=host)) for host in hosts]


async def _refused(url: str, trap: list[Served]) -> ImageError:
    """The refusal of `url`, with proof that nobody was connected to."""
    async with dns(NAMES) as (resolver, _):
        with watched_connections() as seen:
            error = await refusal(url, resolver, **ALLOWED)
    assert [] == seen
    assert [0 for _ in trap] == [server.connections for server in trap]
    return error


@pytest.mark.parametrize("host", LOOPBACK)
async def test_no_spelling_reaches_this_machine(trap: list[Served], host: str) -> None:
    """However loopback is written or named, nobody is connected to and the trap stays empty."""
    for server in trap:
        assert "invalid_image_url" == (await _refused(f"http://{host}:{server.port}/", trap)).code


@pytest.mark.parametrize("host", ELSEWHERE)
async def test_no_spelling_reaches_a_private_network(trap: list[Served], host: str) -> None:
    """Metadata services and private networks are not even tried."""
    error = await _refused(f"http://{host}/latest/meta-data/", trap)
    assert "invalid_image_url" == error.code


async def test_no_redirect_leads_inside(trap: list[Served]) -> None:
    """A permitted server that redirects to any of them is the only one connected to."""
    targets = [f"http://{host}:{server.port}/" for host in LOOPBACK for server in trap]
    targets += [f"http://{host}/" for host in ELSEWHERE] + [f"//127.0.0.1:{trap[0].port}/"]
    answers: dict[str, Answer] = {f"/{place}": redirect(target) for place, target in enumerate(targets)}
    async with (
        serving(answers, host=PUBLIC) as web,
        dns(NAMES) as (resolver, _),
        loading(resolver, **ALLOWED) as loader,
    ):
        with watched_connections() as seen:
            for place in range(len(targets)):
                with pytest.raises(ImageError, match=r"redirects to|not on the public internet"):
                    await loader.load(job([f"{web.url}/{place}"]))
    assert {PUBLIC} == set(seen)
    assert len(targets) == len(web.requests)
    assert [0 for _ in trap] == [server.connections for server in trap]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_the_last_of_many_redirects_is_checked(trap: list[Served], status: str) -> None:
    """Harmless redirects first do not wear the check out, whatever their status."""
    inside = redirect(f"http://localhost:{trap[0].port}/", status)
    async with (
        serving({"/": redirect("/b", status), "/b": redirect("/c", status), "/c": inside}, host=PUBLIC) as web,
        dns(NAMES) as (resolver, _),
    ):
        with watched_connections() as seen:
            error = await refusal(f"{web.url}/", resolver, **ALLOWED)
    assert "invalid_image_url" == error.code
    assert ({PUBLIC}, ["/", "/b", "/c"]) == (set(seen), web.paths)
    assert 0 == trap[0].connections


async def test_rebinding_between_check_and_connection(trap: list[Served]) -> None:
    """A name that turns private after its check is connected to where it was checked: one look-up, one address."""
    async with (
        serving({"/": response(PICTURE)}, host=PUBLIC) as web,
        dns({"rebound.test": [(PUBLIC,), ("127.0.0.1",)]}) as (resolver, zone),
    ):
        with watched_connections() as seen:
            assert "PNG" == (await load(f"http://rebound.test:{web.port}/", resolver, **ALLOWED)).format
    assert [PUBLIC] == seen
    assert 1 == zone.asked["rebound.test", 1]


async def test_rebinding_between_requests(trap: list[Served]) -> None:
    """The next look-up, for a redirect to the same name on another port, is checked for itself."""
    inside = redirect(f"http://rebound.test:{trap[0].port}/")
    async with (
        serving({"/": inside}, host=PUBLIC) as web,
        dns({"rebound.test": [(PUBLIC,), ("127.0.0.1",)]}) as (resolver, zone),
    ):
        with watched_connections() as seen:
            error = await refusal(f"http://rebound.test:{web.port}/", resolver, **ALLOWED)
    assert "invalid_image_url" == error.code
    assert [PUBLIC] == seen
    assert 2 == zone.asked["rebound.test", 1]
    assert 0 == trap[0].connections


async def test_rebinding_with_every_answer(trap: list[Served]) -> None:
    """A name that flips with each look-up is fetched when it is public and refused when it is not."""
    rounds = [(PUBLIC,), ("127.0.0.1",)] * 10
    async with (
        serving({"/": response(PICTURE, connection="close")}, host=PUBLIC) as web,
        dns({"flip.test": rounds}) as (resolver, _),
        loading(resolver, **ALLOWED) as loader,
    ):
        outcomes = []
        for _ in rounds:
            try:
                await loader.load(job([f"http://flip.test:{web.port}/"]))
                outcomes.append("fetched")
            except ImageError as error:
                outcomes.append(str(error.code))
    assert ["fetched", "invalid_image_url"] * 10 == outcomes
    assert 0 == trap[0].connections


async def test_a_kept_connection_leads_where_it_was_checked(trap: list[Served]) -> None:
    """A connection is reused for its own host and port alone, so a name gone private reaches nothing by it."""
    async with (
        serving({"/": response(PICTURE)}, host=PUBLIC) as web,
        dns({"kept.test": [(PUBLIC,), ("127.0.0.1",)], "other.test": ("127.0.0.1",)}) as (resolver, _),
        loading(resolver, **ALLOWED) as loader,
    ):
        with watched_connections() as seen:
            for _ in range(3):
                await loader.load(job([f"http://kept.test:{web.port}/"]))
            for host, port in (("kept.test", trap[0].port), ("other.test", web.port)):
                with pytest.raises(ImageError):
                    await loader.load(job([f"http://{host}:{port}/"]))
    assert [PUBLIC] == seen
    assert (1, 3) == (web.connections, len(web.requests))


async def test_many_addresses() -> None:
    """Of a name with hundreds of addresses four are tried."""
    async with serving({}, host=PUBLIC) as closed:
        port = closed.port
    many = tuple(f"127.0.1.{number}" for number in range(1, 255))
    async with dns({"many.test": many}) as (resolver, _):
        with watched_connections() as seen:
            error = await refusal(f"http://many.test:{port}/", resolver, fetch_allow=("127.0.1.0/24",))
    assert "failed_to_download_image" == error.code
    assert many[:4] == tuple(seen)


@pytest.mark.parametrize("name", ["loop-a.test", "dangling.test", "nothing.test"])
async def test_names_that_lead_nowhere(name: str) -> None:
    """Aliases in a circle, to nobody, and names without records are failed downloads."""
    names: dict[str, Any] = {
        "loop-a.test": ("loop-b.test",),
        "loop-b.test": ("loop-a.test",),
        "dangling.test": ("gone.test",),
        "nothing.test": (),
    }
    async with dns(names) as (resolver, _):
        error = await refusal(f"http://{name}/", resolver)
    assert "failed_to_download_image" == error.code
    assert "has no address" in error.message


async def test_a_silent_dns_server() -> None:
    """A name that nobody answers for costs no more than the time of a fetch."""
    async with dns({}) as (resolver, _):
        began = time.monotonic()
        error = await refusal("http://silent.test/", resolver, fetch_timeout=0.3)
    assert time.monotonic() - began < 2
    assert "within 0.3 seconds" in error.message


def _writing(*pieces: bytes, again: bytes = b"") -> Answer:
    """Sends the pieces, then `again` for ever."""

    async def write(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
        await writer.drain()
        while again:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(0)

    return write


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (_writing(PICTURE), "failed_to_download_image"),
        (_writing(b"<html>"), "failed_to_download_image"),
        (_writing(b"ICY 200 OK\r\n\r\n"), "failed_to_download_image"),
        (_writing(b"\0" * 1000), "failed_to_download_image"),
        (_writing(OK, again=b"X-Header: " + b"x" * 1000 + b"\r\n"), "failed_to_download_image"),
        (_writing(OK + b"X-Header: ", again=b"x" * 65_536), "failed_to_download_image"),
        (_writing(again=b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "failed_to_download_image"),
        (_writing(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345"), "failed_to_download_image"),
        (_writing(OK + b"Content-Length: -5\r\n\r\n12345"), "failed_to_download_image"),
        (_writing(CHUNKED + b"5;", again=b"x" * 65_536), "failed_to_download_image"),
        (_writing(CHUNKED + b"ffffffffffffffff\r\n", again=bytes(65_536)), "image_file_too_large"),
        (_writing(CHUNKED, again=b"10000\r\n" + bytes(65_536) + b"\r\n"), "image_file_too_large"),
        (_writing(CHUNKED, again=b"1\r\nx\r\n" * 1000), "image_file_too_large"),
        (_writing(CHUNKED + b"0\r\n", again=b"Trailer: x\r\n" * 1000), "failed_to_download_image"),
        (_writing(OK + b"\r\n", again=bytes(65_536)), "image_file_too_large"),
        (_writing(OK + b"Content-Length: 99999999999999999999\r\n\r\n"), "image_file_too_large"),
    ],
    ids=[
        *("HTTP/0.9", "page as HTTP/0.9", "not HTTP", "zeros", "headers without end", "a header without end"),
        *("100 without end", "two lengths", "negative length", "chunk extension without end", "huge chunk"),
        *("chunks without end", "tiny chunks without end", "trailers without end", "body without end", "announced"),
    ],
)
async def test_hostile_servers(answer: Answer, code: str) -> None:
    """Whatever a server sends for ever or breaks off ends within the limits of time and size, as the image's fault."""
    async with serving({"/": answer}, host=PUBLIC) as web:
        began = time.monotonic()
        settings: dict[str, Any] = {**ALLOWED, "max_image_bytes": 20_000, "fetch_timeout": 1.0}
        error = await refusal(f"{web.url}/", **settings)
    assert code == error.code
    assert time.monotonic() - began < 5


def _twice(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda data: pack(pack(data))


@pytest.mark.parametrize(
    ("encoding", "pack", "code"),
    [
        ("gzip", gzip.compress, "image_file_too_large"),
        ("deflate", zlib.compress, "image_file_too_large"),
        ("x-gzip", gzip.compress, "image_file_too_large"),
        ("gzip", _twice(gzip.compress), "unsupported_image_media_type"),
        ("gzip, gzip", _twice(gzip.compress), "failed_to_download_image"),
        ("br", gzip.compress, "failed_to_download_image"),
        ("zstd", gzip.compress, "failed_to_download_image"),
    ],
    ids=["gzip", "deflate", "x-gzip", "gzip in gzip", "gzip twice", "br", "zstd"],
)
async def test_decompression_bombs(encoding: str, pack: Callable[[bytes], bytes], code: str) -> None:
    """A body that would unpack to 60 MB is refused at the limit for a file; other compression is not unpacked."""
    async with serving({"/": response(pack(bytes(60_000_000)), content_encoding=encoding)}, host=PUBLIC) as web:
        assert code == (await refusal(f"{web.url}/", **{**ALLOWED, "fetch_timeout": 10.0})).code


async def test_redirect_loop() -> None:
    """Servers that send each other back and forth are left after five redirects."""
    async with serving({"/a": redirect("/b"), "/b": redirect("/a")}, host=PUBLIC) as web:
        error = await refusal(f"{web.url}/a", **ALLOWED)
    assert "more than 5 redirects" in error.message
    assert 6 == len(web.requests)


@pytest.mark.parametrize("declared", ["image/png", "text/html", "application/octet-stream", "image/svg+xml", "\x7f"])
async def test_a_content_type_proves_nothing(declared: str) -> None:
    """A picture is one whatever it is declared as, and a page is none."""
    page = b"<!DOCTYPE html><html><body>You must log in first</body></html>"
    answers = {
        "/picture": response(PICTURE, content_type=declared),
        "/page": response(page, content_type=declared),
    }
    async with serving(answers, host=PUBLIC) as web:
        assert "PNG" == (await load(f"{web.url}/picture", **ALLOWED)).format
        error = await refusal(f"{web.url}/page", **ALLOWED)
    assert "unsupported_image_media_type" == error.code
    assert "an HTML page" in error.message
    assert "log in" not in error.message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for picture.test that is its own authority, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", "/CN=picture.test", "-addext", "subjectAltName=DNS:picture.test", "-days", "2"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def _tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


async def test_https_checks_the_name(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the checked address, the certificate is checked for the name that was asked for."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    names = {"picture.test": (PUBLIC,), "other.test": (PUBLIC,)}
    async with (
        serving({"/": response(PICTURE)}, host=PUBLIC, tls=_tls(certificate)) as web,
        dns(names) as (resolver, _),
    ):
        assert "PNG" == (await load(f"https://picture.test:{web.port}/", resolver, **ALLOWED)).format
        error = await refusal(f"https://other.test:{web.port}/", resolver, **ALLOWED)
    assert "failed_to_download_image" == error.code
    assert 1 == len(web.requests)


async def test_https_needs_a_trusted_certificate(certificate: tuple[Path, Path]) -> None:
    """A certificate that nobody vouches for is a failed download."""
    async with (
        serving({"/": response(PICTURE)}, host=PUBLIC, tls=_tls(certificate)) as web,
        dns(NAMES) as (resolver, _),
    ):
        error = await refusal(f"https://picture.test:{web.port}/", resolver, **ALLOWED)
    assert "failed_to_download_image" == error.code
    assert [] == web.requests


async def test_https_is_not_left_for_http(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect from https to http is not followed; one within https is."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    async with serving({"/": response(PICTURE)}, host=PUBLIC) as plain, dns(NAMES) as (resolver, _):
        answers: dict[str, Answer] = {
            "/down": redirect(f"http://picture.test:{plain.port}/"),
            "/loud": redirect(f"HTTP://picture.test:{plain.port}/"),
            "/stay": redirect("/"),
            "/": response(PICTURE),
        }
        async with serving(answers, host=PUBLIC, tls=_tls(certificate)) as web:
            address = f"https://picture.test:{web.port}"
            for path in ("/down", "/loud"):
                error = await refusal(f"{address}{path}", resolver, **ALLOWED)
                assert "failed_to_download_image" == error.code
                assert "it redirects from https to http" in error.message
            assert "PNG" == (await load(f"{address}/stay", resolver, **ALLOWED)).format
    assert 0 == plain.connections
