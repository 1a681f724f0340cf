"""A real server on a free loopback port, in a thread or in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import httpx2
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


@dataclass(frozen=True)
class ServerProcess:
    """`beholder serve` in a process of its own. `first_answers` are the statuses of /healthz and /readyz at first."""

    engine: str
    url: str
    first_answers: tuple[int, int]
    pid: int

    @property
    def base_url(self) -> str:
        """The address for clients."""
        return f"{self.url}/v1"


@contextmanager
def server_process(engine: str, *flags: str) -> Iterator[ServerProcess]:
    """A server that was started on the command line and is ready; it is stopped at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "beholder", "serve", "--engine", engine, "--port", str(port), *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: process.poll() is not None or status_of(f"{url}/healthz") != 0, seconds=60)
            first_answers = status_of(f"{url}/healthz"), status_of(f"{url}/readyz")
            assert process.stdout is not None
            assert process.stdout.readline().startswith(f"Beholder is ready at {url}/v1 "), "the server did not start"
            yield ServerProcess(engine, url, first_answers, process.pid)
        finally:
            process.terminate()


def status_of(url: str) -> int:
    """The status of the answer at `url`; 0 when nobody answers."""
    try:
        return httpx2.get(url, trust_env=False, verify=False).status_code
    except httpx2.ConnectError:
        return 0
