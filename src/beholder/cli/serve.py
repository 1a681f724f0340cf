"""`beholder serve`: the server."""

from __future__ import annotations

import argparse
import logging
import signal
import socket
import sys
from contextlib import closing
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from beholder import engines
from beholder.api import create_app
from beholder.api.keys import require_key_beyond_loopback
from beholder.cli.allocator import return_large_blocks
from beholder.cli.logs import configure
from beholder.cli.parser import read_settings
from beholder.engines.base import Engine
from beholder.errors import BeholderError, SettingsError
from beholder.images import Loader
from beholder.settings import Settings

BACKLOG = 2048
"""Connections that may wait to be accepted; uvicorn's default."""

KEEP_ALIVE_SECONDS = 65
"""Longer than clients and proxies keep idle connections (60 s is common), so that it is they who close them."""

STOP_SECONDS = 10
"""What is still being answered when the server is told to stop gets this long."""

logger = logging.getLogger("beholder.serve")


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop: 0, or 1 if the server could not start."""
    settings = read_settings(arguments)
    configure()
    return_large_blocks()
    engine = engines.create(settings)
    with closing(listen(settings)) as listener:
        return Serving(settings, engine, listener).run()


def listen(settings: Settings) -> socket.socket:
    """A socket bound to the address of the settings. Raises `SettingsError` if it cannot or must not be had."""
    place = f"{settings.host}:{settings.port}"
    try:
        found = socket.getaddrinfo(settings.host, None, type=socket.SOCK_STREAM)
        family, kind, protocol, _, (address, _, *scope) = found[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"cannot listen on {place}: {error}; choose another --host") from None
    try:
        require_key_beyond_loopback(settings, str(address))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, settings.port, *scope))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise SettingsError(f"cannot listen on {place}: {error}; choose another --port") from None
    except SettingsError:
        listener.close()
        raise
    return listener


class Serving:
    """One run of the server."""

    def __init__(self, settings: Settings, engine: Engine, listener: socket.socket) -> None:
        self._engine = engine
        self._listener = listener
        self._url = _url(settings.host, listener)
        self._status = 0
        app = create_app(settings, engine, Loader(settings), on_ready=self._say_ready, on_failure=self._fail)
        self._server = uvicorn.Server(_configuration(app))

    def run(self) -> int:
        """Serve; the exit status."""
        # uvicorn raises the signal that stopped it once more when it is done: these keep it from killing us.
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        logger.info("listening at %s, loading engine %s", self._url, self._engine.name)
        try:
            self._server.run(sockets=[self._listener])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return self._status

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._server.should_exit = True

    def _say_ready(self) -> None:
        print(f"Beholder is ready at {self._url} — engine {self._engine.name}, model {self._engine.model}", flush=True)

    def _fail(self, exception: Exception) -> None:
        if isinstance(exception, BeholderError):
            print(f"beholder: {exception.message}", file=sys.stderr, flush=True)
        else:
            logger.error("the engine could not start", exc_info=exception)
        self._status = 1
        self._server.should_exit = True


def _url(host: str, listener: socket.socket) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/v1"


def _configuration(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
