"""A small real web server on loopback for the tests; it answers with raw bytes, so it can misbehave in any way."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

Answer: TypeAlias = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Served:
    """A running server: its address, and the head of each request that came."""

    url: str
    port: int
    requests: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [request.split(" ")[1] for request in self.requests]


def response(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """A whole HTTP response; `content_type="image/png"` becomes the header Content-Type."""
    lines = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    """A redirect."""
    return response(b"", status, Location=location)


@asynccontextmanager
async def serving(
    answers: Mapping[str, Answer], host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Served]:
    """Serve `answers` by path on a free port; an unknown path is a 404."""
    served = Served("", 0)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                served.requests.append(head)
                answer = answers.get(head.split(" ")[1], response(b"nothing here", "404 Not Found"))
                if not isinstance(answer, bytes):
                    await answer(writer)
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, host, 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    served.url = f"{'https' if tls else 'http'}://{host}:{served.port}"
    try:
        yield served
    finally:
        server.close()
