"""Reading an image URL strictly: one spelling of each host, http(s) only, nothing hidden in it."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address

import httpx2

from beholder.images.fault import ImageFault

URL_LIMIT = 8192
"""Characters; longer URLs are refused by most servers."""

_SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_DOTS = str.maketrans("。．｡", "...")
"""The other characters that IDNA reads as a dot (RFC 3490, 3.1)."""


def parse(text: str) -> httpx2.URL:
    """The URL, its host in lower-case ASCII. Raises `ImageFault` with `invalid_image_url`."""
    text = text.strip()
    if len(text) > URL_LIMIT:
        raise _invalid(f"the URL is {len(text):,} characters long, and the limit is {URL_LIMIT:,}")
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in text):
        raise _invalid("the URL holds a space, a backslash or a control character; percent-encode it")
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise _invalid("expected a URL such as https://example.com/picture.png")
    if shape["scheme"].lower() not in {"http", "https"}:
        raise _invalid(f"only http and https URLs are fetched, got '{shape['scheme'].lower()}:'")
    try:
        url = httpx2.URL(f"{shape['scheme']}://{_authority(shape['authority'])}{shape['rest']}")
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise _invalid("the URL cannot be parsed; expected one such as https://example.com/picture.png") from error
    _check_host(url.raw_host.decode("ascii"))
    if url.port is not None and not 1 <= url.port <= 65535:
        raise _invalid(f"the URL's port {url.port} is not between 1 and 65535")
    return url.copy_with(fragment=None)


def place(url: httpx2.URL) -> str:
    """Scheme, host and port, for messages: paths and queries of signed URLs are secrets."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _authority(text: str) -> str:
    """Host and port with compatibility characters folded, so that ①②⑦。⓪ and 127.0 are one host."""
    folded = unicodedata.normalize("NFKC", text.translate(_DOTS)).translate(_DOTS)
    if "@" in folded:
        raise _invalid("the URL carries a user name or password; remove them")
    if re.search(r"[/?#%\s\\]", folded):
        raise _invalid("the URL's host holds a character that no host name has, or a zone id")
    return folded


def _check_host(host: str) -> None:
    """Refuse what resolvers and address libraries read in different ways."""
    if not host:
        raise _invalid("the URL names no host")
    if ":" in host:
        return _check_literal(host, IPv6Address)
    labels = host.rstrip(".").split(".")
    if len(host) > 254 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _invalid("the URL's host is not a valid host name")
    # As in the URL standard: a host whose last label is a number is an IPv4 address, and must be spelled like one.
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        _check_literal(host, IPv4Address)
    return None


def _check_literal(host: str, kind: type[IPv4Address] | type[IPv6Address]) -> None:
    try:
        kind(host)
    except ValueError as error:
        raise _invalid(
            "the URL's host is an oddly spelled IP address; write four decimal numbers (or [IPv6 in brackets])"
        ) from error


def _invalid(message: str) -> ImageFault:
    return ImageFault("invalid_image_url", message)
