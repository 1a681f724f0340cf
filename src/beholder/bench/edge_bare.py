"""The least that a server on the same libraries can do: read the body, answer the same few bytes."""

from __future__ import annotations

import socket
import sys
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER: Final = b'{"object":"chat.completion"}'


async def answer(request: Request) -> Response:
    """The body is read and forgotten."""
    await request.body()
    return Response(ANSWER, media_type="application/json")


def main() -> None:
    """Serve on a free port and say which."""
    app = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"bare server is ready at http://127.0.0.1:{listener.getsockname()[1]}/v1\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    main()
