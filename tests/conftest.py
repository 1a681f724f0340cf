"""Real servers, and the real model, for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from live_server import Serve, ServerProcess, make_app, server_process, serving

from beholder.engines.base import Engine
from beholder.engines.echo import EchoEngine
from beholder.language.conversion import ConvertedModel, convert
from beholder.language.tokenizer import TextTokenizer
from beholder.progress import Silent
from beholder.settings import Settings
from beholder.weights import QWEN, cache_dir, ensure


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


@pytest.fixture(scope="session")
def real_model() -> ConvertedModel:
    """The pinned model; converts it first where that was not done yet."""
    settings = Settings.load()
    weights = ensure(QWEN, settings, Silent())
    return convert(weights, QWEN.sha256, cache_dir(settings) / "models", Silent())


@pytest.fixture(scope="session")
def real_tokenizer(real_model: ConvertedModel) -> TextTokenizer:
    """The tokenizer of the pinned model."""
    return real_model.tokenizer()


@pytest.fixture(scope="session")
def real_server() -> Iterator[ServerProcess]:
    """One server with the real model for all tests; it may fetch pictures from this machine."""
    with server_process("builtin", "--fetch-allow", "127.0.0.1") as server:
        yield server
