"""No image URL leads to an address that is not public: literals, names, redirects, odd spellings, rebinding."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from image_files import encoded, four_corners
from image_requests import load, refusal
from image_web_server import redirect, response, serving

from beholder.errors import SettingsError
from beholder.images import Loader
from beholder.images.addresses import AddressPolicy, SystemResolver
from beholder.settings import Settings

PICTURE = encoded(four_corners(), "PNG")


class Names:
    """A resolver with its own names. Each look-up of a name takes the next of its answers, the last one for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name.replace("_", "."): list(rounds) for name, rounds in answers.items()}
        self.asked: list[str] = []

    async def resolve(self, host: str) -> Sequence[str]:
        """The next answer for `host`."""
        self.asked.append(host)
        rounds = self.answers.get(host)
        if rounds is None:
            raise OSError(f"{host} is unknown")
        return rounds.pop(0) if len(rounds) > 1 else rounds[0]

    async def close(self) -> None:
        """Nothing to release."""


NOT_PUBLIC = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_address_is_not_public(address: str) -> None:
    """Loopback, private, link-local, metadata, translated and reserved addresses are not permitted."""
    assert not AddressPolicy(()).permits("example.com", address)


@pytest.mark.parametrize("address", PUBLIC)
def test_address_is_public(address: str) -> None:
    """Ordinary public addresses are permitted, those just outside a private block too."""
    assert AddressPolicy(()).permits("example.com", address)


@pytest.mark.parametrize("address", [address for address in NOT_PUBLIC if "%" not in address])
async def test_literal_in_url(address: str) -> None:
    """A URL with such an address in it is refused, and nothing is connected to."""
    host = f"[{address}]" if ":" in address else address
    error = await refusal(f"http://{host}/a.png", fetch_timeout=2.0)
    assert "invalid_image_url" == error.code


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_name_of_such_an_address(address: str) -> None:
    """A name that resolves to such an address is refused; the message does not tell which address it has."""
    names = Names(pictures_example=[[address]])
    error = await refusal("http://pictures.example/a.png", names)
    assert "invalid_image_url" == error.code
    assert "not on the public internet" in error.message
    assert f"'{address}'" not in error.message


async def test_one_bad_address_condemns_a_name() -> None:
    """A name with a public and a private address is refused, whichever comes first."""
    for addresses in (["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"]):
        error = await refusal("http://pictures.example/", Names(pictures_example=[addresses]))
        assert "invalid_image_url" == error.code


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.01",
        "127.0.0.1.",
        "127。0。0。1",
        "127.0.0.1",
        "127｡0｡0｡1",
        "１２７.0.0.1",
        "①②⑦.⓪.⓪.①",
        "0x7f.1",
        "0",
        "0x",
        "1.2.3.4.5",
        "256.256.256.256",
        "[::1%25eth0]",
        "[fe80::1%eth0]",
        "[::]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "127.0.0.1%2f",
        "%31%32%37.0.0.1",
    ],
)
async def test_odd_spelling(host: str) -> None:
    """Every odd spelling of an address is refused without asking a resolver."""
    names = Names()
    error = await refusal(f"http://{host}/a.png", names)
    assert "invalid_image_url" == error.code
    assert [] == names.asked


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///a.png",
        "http:a.png",
        "https://exa mple.com/",
        "http://example.com\\@127.0.0.1/",
        "http://example.com\r\nHost: x/",
        "http://user:secret@example.com/",
        "http://user@example.com/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:port/",
        "http://[::1/",
        "http://a..example/",
        "http://" + "a" * 64 + ".example/",
        "http://" + ".".join(["a" * 60] * 5) + "/",
        "http://例え。テスト／x@127.0.0.1/",
        "http://example.com/" + "a" * 9000,
    ],
)
async def test_malformed_url(url: str) -> None:
    """A URL that is not cleanly one, or carries credentials, is refused, and secrets are not repeated."""
    names = Names()
    error = await refusal(url, names)
    assert "invalid_image_url" == error.code
    assert [] == names.asked
    assert "secret" not in error.message


async def test_international_name_is_asked_for_in_ascii() -> None:
    """A name in another script is resolved in its one ASCII form."""
    names = Names()
    error = await refusal("http://BÜCHER。example/", names)
    assert "failed_to_download_image" == error.code
    assert ["xn--bcher-kva.example"] == names.asked


async def test_unknown_name() -> None:
    """A name without an address is a failed download."""
    error = await refusal("http://nowhere.invalid/", Names())
    assert "failed_to_download_image" == error.code
    assert "has no address" in error.message
    assert "failed_to_download_image" == (await refusal("http://empty.example/", Names(empty_example=[[]]))).code


async def test_system_resolver() -> None:
    """The default resolver asks the operating system, and a name for loopback is refused through it."""
    resolver = SystemResolver()
    assert set(await resolver.resolve("localhost")) <= {"127.0.0.1", "::1"}
    await resolver.close()
    assert "invalid_image_url" == (await refusal("http://localhost/")).code


async def test_slow_resolver() -> None:
    """Looking up a name counts towards the time of the fetch."""

    class Slow(Names):
        async def resolve(self, host: str) -> Sequence[str]:
            await asyncio.sleep(30)
            return ["8.8.8.8"]

    error = await refusal("http://slow.example/", Slow(), fetch_timeout=0.2)
    assert "failed_to_download_image" == error.code
    assert "within 0.2 seconds" in error.message


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://127.0.0.2/",
        "//127.0.0.2/",
        "http://2130706434/",
        "http://0x7f.2/",
        "http://[::ffff:127.0.0.2]/",
        "http://user:pw@example.com/",
        "file:///etc/passwd",
        "data:image/png;base64,iVBORw0KGgo=",
        "gopher://127.0.0.1/",
    ],
)
async def test_redirect_is_checked(target: str) -> None:
    """A redirect from a permitted server to an address that is not permitted is refused."""
    async with serving({"/": redirect(target)}) as web:
        error = await refusal(f"{web.url}/", fetch_allow=("127.0.0.1",))
    assert "invalid_image_url" == error.code


async def test_redirect_reaches_nobody() -> None:
    """A server on another loopback address does not even see a connection."""
    async with (
        serving({"/": response(PICTURE)}, host="127.0.0.2") as secret,
        serving({"/": redirect(f"{secret.url}/")}) as web,
    ):
        error = await refusal(f"{web.url}/", fetch_allow=("127.0.0.1",))
    assert "invalid_image_url" == error.code
    assert 0 == secret.connections


async def test_redirect_to_a_private_name() -> None:
    """A redirect to a name is resolved and checked as well."""
    names = Names(internal_example=[["10.0.0.7"]])
    async with serving({"/": redirect("http://internal.example/")}) as web:
        error = await refusal(f"{web.url}/", names, fetch_allow=("127.0.0.1",))
    assert "invalid_image_url" == error.code
    assert ["internal.example"] == names.asked


async def test_rebinding() -> None:
    """What was checked is what is connected to: the name is looked up once, so a second answer changes nothing."""
    async with serving({"/a": response(PICTURE)}, host="127.0.0.2") as secret:
        names = Names(rebound_example=[["127.0.0.1"], ["127.0.0.2"]])
        async with serving({"/a": response(PICTURE)}) as web:
            url = f"http://rebound.example:{web.port}/a"
            assert "PNG" == (await load(url, names, fetch_allow=("127.0.0.1",))).format
        assert ["rebound.example"] == names.asked
        assert f"Host: rebound.example:{web.port}\r\n" in web.requests[0]
        # The second look-up answers with the other address, and is checked for itself.
        error = await refusal(f"http://rebound.example:{secret.port}/a", names, fetch_allow=("127.0.0.1",))
    assert "invalid_image_url" == error.code
    assert 0 == secret.connections


async def test_next_address_is_tried() -> None:
    """When the first of a name's addresses does not answer, the next one is connected to."""
    async with serving({"/a": response(PICTURE)}) as web:
        names = Names(two_example=[["127.0.0.3", "127.0.0.1"]])
        image = await load(f"http://two.example:{web.port}/a", names, fetch_allow=("127.0.0.0/8",))
    assert "PNG" == image.format


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.0/8", "LOCAL.example.", "local.example"])
async def test_exception_permits(entry: str) -> None:
    """An address, a network or a host name in the settings opens exactly that."""
    names = Names(local_example=[["127.0.0.1"]])
    async with serving({"/a": response(PICTURE)}) as web:
        assert "PNG" == (await load(f"http://local.example:{web.port}/a", names, fetch_allow=(entry,))).format


@pytest.mark.parametrize("entry", ["127.0.0.2", "10.0.0.0/8", "other.example", "example", "sub.local.example", "::1"])
async def test_exception_permits_nothing_else(entry: str) -> None:
    """An exception for something else does not open this host."""
    error = await refusal("http://local.example/", Names(local_example=[["127.0.0.1"]]), fetch_allow=(entry,))
    assert "invalid_image_url" == error.code


@pytest.mark.parametrize("entry", ["10.0.0.0/99", "127.0.0.1:8000", "http://example.com", "300.1.1.1", "a b", "*"])
def test_bad_exception(entry: str) -> None:
    """An exception that is neither a host, an address nor a network stops the start."""
    with pytest.raises(SettingsError):
        Loader(Settings(fetch_allow=(entry,)))
