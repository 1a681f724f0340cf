"""Real servers for tests that speak HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from live_server import Serve, make_app, serving

from beholder.engines.base import Engine
from beholder.engines.echo import EchoEngine
from beholder.settings import Settings


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers; all are stopped at the test's end."""
    with ExitStack() as stack:

        def start(engine: Engine, settings: Settings | None = None) -> str:
            return stack.enter_context(serving(make_app(engine, settings)))

        yield start


@pytest.fixture(scope="session")
def echo_url() -> Iterator[str]:
    """The base URL of one server with the echo engine, shared by all tests that change nothing about it."""
    with serving(make_app(EchoEngine())) as url:
        yield url
