"""A DNS server on loopback that answers whatever a test wants, over real UDP, and a resolver that asks it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

A, CNAME, AAAA = 1, 5, 28
"""Record types (RFC 1035, RFC 3596)."""

Records: TypeAlias = tuple[str, ...]
"""What stands at a name: IPv4 and IPv6 addresses, or the one name that it is an alias of."""

MAX_ALIASES = 8


@dataclass
class Zone:
    """Names and their records. Of several rounds each look-up takes the next, and the last one for ever."""

    names: Mapping[str, Sequence[Records] | Records]
    asked: Counter[tuple[str, int]] = field(default_factory=Counter)

    def answer(self, name: str, kind: int) -> list[tuple[str, int, str]]:
        """The records that lead from `name` to its addresses of that kind: (owner, type, value)."""
        found: list[tuple[str, int, str]] = []
        for _ in range(MAX_ALIASES):
            records = self._next(name, kind)
            addresses = [(name, _kind(each), each) for each in records]
            found += [each for each in addresses if each[1] in {kind, CNAME}]
            if not addresses or addresses[0][1] != CNAME:
                break
            name = records[0]
        return found

    def _next(self, name: str, kind: int) -> Records:
        rounds = self.names.get(name.lower(), ())
        turn = self.asked[name, kind]
        self.asked[name, kind] += 1
        if not rounds or isinstance(rounds[0], str):
            return tuple(str(each) for each in rounds)
        return tuple(rounds[min(turn, len(rounds) - 1)])


class _Server(asyncio.DatagramProtocol):
    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        name, end = _read_name(data, 12)
        (kind,) = struct.unpack_from(">H", data, end)
        if name in self._zone.names:
            records = self._zone.answer(name, kind)
            body = b"".join(_record(*each) for each in records)
            head = data[:2] + struct.pack(">5H", 0x8180, 1, len(records), 0, 0)
            self._transport.sendto(head + data[12 : end + 4] + body, addr)


class DnsResolver:
    """Asks one DNS server, as a system's resolver would: both kinds of addresses, each time anew."""

    def __init__(self, port: int) -> None:
        self._address = ("127.0.0.1", port)

    async def resolve(self, host: str) -> Sequence[str]:
        """All addresses in the server's two answers. Raises `OSError` when there are none."""
        addresses = [*await self._ask(host, A), *await self._ask(host, AAAA)]
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return addresses

    async def close(self) -> None:
        """Nothing is kept."""

    async def _ask(self, host: str, kind: int) -> list[str]:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            query = struct.pack(">6H", 4711, 0x0100, 1, 0, 0, 0) + _name(host) + struct.pack(">2H", kind, 1)
            await loop.sock_sendto(asking, query, self._address)
            return list(_addresses(await loop.sock_recv(asking, 65_535)))


@asynccontextmanager
async def dns(names: Mapping[str, Sequence[Records] | Records]) -> AsyncIterator[tuple[DnsResolver, Zone]]:
    """A DNS server with these names; one that is not among them gets no answer ever."""
    zone = Zone(names)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Server(zone), local_addr=("127.0.0.1", 0)
    )
    try:
        yield DnsResolver(transport.get_extra_info("sockname")[1]), zone
    finally:
        transport.close()


def _kind(value: str) -> int:
    for kind, family in ((A, socket.AF_INET), (AAAA, socket.AF_INET6)):
        try:
            socket.inet_pton(family, value)
        except OSError:
            continue
        return kind
    return CNAME


def _record(owner: str, kind: int, value: str) -> bytes:
    family = {A: socket.AF_INET, AAAA: socket.AF_INET6}.get(kind)
    content = _name(value) if family is None else socket.inet_pton(family, value)
    return _name(owner) + struct.pack(">HHIH", kind, 1, 0, len(content)) + content


def _name(text: str) -> bytes:
    labels = text.rstrip(".").encode("ascii").split(b".")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _read_name(data: bytes, start: int) -> tuple[str, int]:
    labels = []
    while length := data[start]:
        labels.append(data[start + 1 : start + 1 + length].decode("ascii"))
        start += 1 + length
    return ".".join(labels), start + 1


def _addresses(data: bytes) -> list[str]:
    (count,) = struct.unpack_from(">H", data, 6)
    place, found = _read_name(data, 12)[1] + 4, []
    for _ in range(count):
        place = _read_name(data, place)[1]
        kind, _, _, length = struct.unpack_from(">HHIH", data, place)
        content = data[place + 10 : place + 10 + length]
        if kind in {A, AAAA}:
            found.append(socket.inet_ntop(socket.AF_INET if kind == A else socket.AF_INET6, content))
        place += 10 + length
    return found
