"""Which addresses an image URL may lead to: public ones, and the exceptions that the settings name."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Protocol

from beholder.errors import SettingsError

DENIED_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network, unspecified
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; holds Alibaba's metadata address
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host service: a public number with a private meaning
        "169.254.0.0/16",  # link-local; holds the metadata address 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments; holds Oracle's metadata address
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
"""Source: IANA IPv4 Special-Purpose Address Registry, and the metadata services of the large clouds."""

PUBLIC_IPV6 = IPv6Network("2000::/3")
"""The only global unicast space. Outside it lie loopback, IPv4-mapped and -compatible, NAT64 (64:ff9b::/96 and
64:ff9b:1::/48), unique local (with fd00:ec2::254), link-local, site-local and multicast."""

DENIED_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address inside
        "3fff::/20",  # documentation
    )
)
"""Source: IANA IPv6 Special-Purpose Address Registry."""

_HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")


class Resolver(Protocol):
    """Turns a host name into addresses."""

    async def resolve(self, host: str) -> Sequence[str]:
        """All addresses of `host`, as text. Raises `OSError` when there are none."""
        ...

    async def close(self) -> None:
        """Release what it holds."""
        ...


class SystemResolver:
    """The operating system's resolver, on threads of its own, so that slow names hold up nobody else's work."""

    def __init__(self, threads: int = 8) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="beholder-dns")

    async def resolve(self, host: str) -> Sequence[str]:
        """All addresses of `host`, in the system's order of preference. Raises `OSError` when there are none."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, _look_up, host)

    async def close(self) -> None:
        """Drop the look-ups still waiting; one that runs ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str) -> list[str]:
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class AddressPolicy:
    """Says whether an address may be connected to. `allow` names hosts, addresses or networks that may, public or not.

    An allowed host name permits whatever that host resolves to. Raises `SettingsError` for an entry that is neither.
    """

    def __init__(self, allow: Iterable[str]) -> None:
        self._networks: list[IPv4Network | IPv6Network] = []
        self._hosts: set[str] = set()
        for entry in allow:
            self._allow(entry.strip().lower())

    def _allow(self, entry: str) -> None:
        try:
            self._networks.append(ip_network(entry.strip("[]"), strict=False))
            return
        except ValueError:
            host = entry.rstrip(".")
        # What ends in a number is a mistyped address, never a name.
        if not _HOST_NAME.fullmatch(host) or host.rpartition(".")[2].isdigit():
            raise SettingsError(
                f"fetch_allow takes host names, IP addresses and networks such as 10.1.0.0/16, got {entry!r}"
            )
        self._hosts.add(host)

    def permits(self, host: str, address: str) -> bool:
        """Whether `address`, one that `host` resolved to, may be connected to."""
        if host.rstrip(".").lower() in self._hosts:
            return True
        try:
            number = ip_address(address)
        except ValueError:
            return False
        return _is_public(number) or any(number in network for network in self._networks)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in DENIED_IPV4)
    return (
        address.scope_id is None and address in PUBLIC_IPV6 and not any(address in network for network in DENIED_IPV6)
    )
