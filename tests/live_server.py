"""A real server on a free loopback port, in a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import uvicorn
from starlette.types import ASGIApp

from beholder.api import create_app
from beholder.engines.base import Engine
from beholder.images import Loader
from beholder.settings import Settings

Serve: TypeAlias = Callable[..., str]
"""`serve(engine, settings)` starts a server and gives its base URL, without `/v1`."""


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve `app` in a thread; its base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    configuration = uvicorn.Config(
        app, log_config=None, access_log=False, ws="none", lifespan="on", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(configuration)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Return as soon as `condition` holds; fail if it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def make_app(engine: Engine, settings: Settings | None = None) -> ASGIApp:
    """The real application around `engine`, with the real loader of images."""
    settings = settings or Settings()
    return create_app(settings, engine, Loader(settings))
