"""The network under the fetcher: a name is resolved once, all its addresses checked, and only those connected to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address

import httpcore2

from beholder.images.addresses import AddressPolicy, Resolver
from beholder.images.fault import ImageFault

MAX_ADDRESSES = 4
"""Addresses of one host that are tried, so that a long list cannot stretch the work."""


class PinnedBackend(httpcore2.AsyncNetworkBackend):
    """Connects by address, so what was checked is what is connected to: no second look-up can answer otherwise.

    The HTTP layer above keeps the name for the Host header and for TLS.
    """

    def __init__(self, policy: AddressPolicy, resolver: Resolver, timeout: float) -> None:
        self._policy = policy
        self._resolver = resolver
        self._timeout = timeout
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the interface is httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A stream to one of the host's addresses. Raises `ImageFault`, or httpcore's errors when none answers."""
        addresses = await self._addresses(host)
        for address in addresses[:-1]:
            try:
                return await self._backend.connect_tcp(address, port, timeout=self._timeout / len(addresses))
            except (httpcore2.NetworkError, httpcore2.TimeoutException):
                continue
        return await self._backend.connect_tcp(addresses[-1], port, timeout=self._timeout)

    async def sleep(self, seconds: float) -> None:
        """Wait between retries."""
        await self._backend.sleep(seconds)

    async def _addresses(self, host: str) -> Sequence[str]:
        """The host's addresses, all of them permitted: one that is not condemns the name."""
        addresses = [host] if _is_literal(host) else await self._resolve(host)
        if not all(self._policy.permits(host, address) for address in addresses):
            raise ImageFault(
                "invalid_image_url",
                f"the host {host!r} is not on the public internet, so it is not fetched; send the picture as a data "
                "URI, or let the server's operator add the host to the setting fetch_allow",
            )
        return addresses[:MAX_ADDRESSES]

    async def _resolve(self, host: str) -> Sequence[str]:
        try:
            addresses = await self._resolver.resolve(host)
        except (OSError, UnicodeError) as error:
            raise _unknown(host) from error
        if not addresses:
            raise _unknown(host)
        return addresses


def _unknown(host: str) -> ImageFault:
    return ImageFault("failed_to_download_image", f"the host {host!r} has no address; check the URL's spelling")


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
