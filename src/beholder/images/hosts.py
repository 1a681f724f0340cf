"""Which hosts images may be fetched from at all: every one, or those that the setting `fetch_hosts` lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address

from beholder.errors import SettingsError
from beholder.images.fault import ImageFault
from beholder.images.url import parse

_NOT_A_HOST = re.compile(r"[\s:/?#@*]")


class HostList:
    """The hosts of `entries`: names, addresses, and `*.example.com` for every name below `example.com`, not itself.

    Names are compared in lower-case ASCII, as `url.parse` writes them. No entries: every host. Raises `SettingsError`
    for an entry that is none of these. Whether a host's addresses are public is for `AddressPolicy` to say.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._hosts: set[str] = set()
        self._suffixes: list[str] = []
        for entry in entries:
            if entry.startswith("*."):
                self._suffixes.append(f".{_name(entry.removeprefix('*.'), entry)}")
            else:
                self._hosts.add(_address(entry) or _name(entry, entry))

    def permits(self, host: str) -> bool:
        """Whether the host of a parsed URL may be fetched from."""
        if not self._hosts and not self._suffixes:
            return True
        name = _address(host) or host.rstrip(".")
        return name in self._hosts or any(name.endswith(suffix) for suffix in self._suffixes)


def _address(text: str) -> str:
    """An address in its one spelling; empty for what is none."""
    try:
        return ip_address(text.strip("[]")).compressed
    except ValueError:
        return ""


def _name(text: str, entry: str) -> str:
    try:
        if _NOT_A_HOST.search(text):
            raise ImageFault("invalid_image_url", "it holds a character that no host name has")
        if _address(text):
            raise ImageFault("invalid_image_url", "there are no names below an address")
        return parse(f"http://{text}/").raw_host.decode("ascii").rstrip(".")
    except ImageFault as fault:
        raise SettingsError(
            "fetch_hosts takes host names, IP addresses and patterns such as *.example.com, without scheme, port or "
            f"path, got {entry!r}: {fault.message}"
        ) from fault
