"""The list of the only hosts that may be fetched from."""

from __future__ import annotations

from typing import Any

import pytest
from image_files import encoded, four_corners
from image_requests import load, refusal
from image_web_server import redirect, response, serving

from beholder.errors import SettingsError
from beholder.images import Loader
from beholder.images.hosts import HostList
from beholder.settings import Settings

PICTURE = encoded(four_corners(), "PNG")
LISTED = ("Bücher.example", "*.Example.org.", "8.8.8.8", "[2606:4700:0::1111]")


@pytest.mark.parametrize(
    ("host", "permitted"),
    [
        ("xn--bcher-kva.example", True),
        ("xn--bcher-kva.example.", True),
        ("a.example.org", True),
        ("a.b.example.org.", True),
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("example.org", False),
        ("badexample.org", False),
        ("example.org.evil.example", False),
        ("sub.xn--bcher-kva.example", False),
        ("1.8.8.8.8", False),
        ("8.8.8.9", False),
        ("2606:4700::1112", False),
    ],
)
def test_what_a_list_permits(host: str, permitted: bool) -> None:
    """Names are compared whole, addresses by value, and a pattern covers all names below its own."""
    assert permitted == HostList(LISTED).permits(host)


def test_no_list_permits_all() -> None:
    """Without entries every host may be fetched from."""
    assert HostList(()).permits("anything.example")


@pytest.mark.parametrize(
    "entry",
    [
        *("*", "*.", "http://a.example", "a.example:80", "a.example/b", "*.*.example", "a.*.example"),
        *("user@a.example", "10.0.0.0/8", "1.2.3", "*.1.2.3.4", ""),
    ],
)
def test_bad_entry(entry: str) -> None:
    """An entry that is neither a host nor a pattern stops the start, and the message names it."""
    with pytest.raises(SettingsError, match="fetch_hosts takes host names") as caught:
        Loader(Settings(fetch_hosts=(entry,)))
    assert repr(entry) in caught.value.message


async def test_only_listed_hosts_are_fetched() -> None:
    """With a list, a host that is not on it is refused before its name is even looked up."""
    async with serving({"/a": response(PICTURE)}) as web:
        settings: dict[str, Any] = {"fetch_allow": ("127.0.0.1",), "fetch_hosts": ("cdn.example", "127.0.0.1")}
        assert "PNG" == (await load(f"{web.url}/a", **settings)).format
        error = await refusal(f"{web.url}/a", fetch_allow=("127.0.0.1",), fetch_hosts=("cdn.example",))
    assert "invalid_image_url" == error.code
    assert "the setting fetch_hosts" in error.message
    assert 1 == len(web.requests)


async def test_redirects_are_held_to_the_list() -> None:
    """A listed host cannot send the server to one that is not listed."""
    async with (
        serving({"/": response(PICTURE)}, host="127.0.0.2") as other,
        serving({"/": redirect(f"{other.url}/"), "/own": redirect("/a"), "/a": response(PICTURE)}) as web,
    ):
        settings: dict[str, Any] = {"fetch_allow": ("127.0.0.0/8",), "fetch_hosts": ("127.0.0.1",)}
        error = await refusal(f"{web.url}/", **settings)
        assert "PNG" == (await load(f"{web.url}/own", **settings)).format
    assert "the setting fetch_hosts" in error.message
    assert 0 == other.connections


async def test_a_listed_host_must_still_be_public() -> None:
    """The list narrows what may be reached; it opens nothing."""
    async with serving({"/a": response(PICTURE)}) as web:
        error = await refusal(f"{web.url}/a", fetch_hosts=("127.0.0.1",))
    assert "not on the public internet" in error.message
    assert 0 == web.connections
