"""`beholder serve` as a process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

import httpx2
import pytest

from beholder.cli.serve import Serving, listen
from beholder.engines.base import Capabilities
from beholder.errors import SettingsError, WeightsError
from beholder.settings import Settings
from beholder.types import Event, Job

COMMAND = (sys.executable, "-m", "beholder", "serve")


@contextmanager
def process(*flags: str) -> Iterator[subprocess.Popen[str]]:
    """A server process with the echo engine, killed at the end if it still runs."""
    command = [*COMMAND, "--engine", "echo", "--port", "0", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            yield server
        finally:
            server.kill()


def ready_url(server: subprocess.Popen[str]) -> str:
    """The URL of the ready line, which is the first line of standard output."""
    assert server.stdout is not None
    line = server.stdout.readline()
    match = re.fullmatch(r"Beholder is ready at (http://\S+/v1) — engine echo, model echo\n", line)
    assert match is not None, line
    return match[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_told_to_stop(number: signal.Signals) -> None:
    """One ready line with the real port; requests are answered and logged as JSON; a signal ends it with 0, soon."""
    with process() as server:
        url = ready_url(server)
        assert 200 == httpx2.get(f"{url}/models", trust_env=False, verify=False).status_code
        began = time.monotonic()
        server.send_signal(number)
        out, log = server.communicate(timeout=10)
        assert (0, "") == (server.returncode, out)
        assert time.monotonic() - began < 3
        assert [("/v1/models", 200)] == [
            (line["path"], line["status"]) for line in map(json.loads, log.splitlines()) if "path" in line
        ]


def test_a_port_in_use_is_told() -> None:
    """The message names the address and what to do; the exit status is 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "--engine", "echo", "--port", port], capture_output=True, text=True, check=False
        )
    assert (1, "") == (done.returncode, done.stdout)
    assert re.fullmatch(rf"beholder: cannot listen on 127\.0\.0\.1:{port}: .*; choose another --port\n", done.stderr)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(host="0.0.0.0", port=0), "without an API key"),
        (Settings(host="::", port=0), "without an API key"),
        (Settings(port=70_000), "cannot listen"),
        (Settings(host="no such host", port=0), "choose another --host"),
    ],
    ids=["all", "all of IPv6", "port", "host"],
)
def test_an_address_that_cannot_be_had_is_refused(settings: Settings, words: str) -> None:
    """Before anything is loaded."""
    with pytest.raises(SettingsError, match=words):
        listen(settings)


def test_a_key_opens_the_server_to_others() -> None:
    """With a key, or by explicit wish, it listens beyond loopback."""
    for settings in (
        Settings(host="0.0.0.0", port=0, api_key=("k",)),
        Settings(host="0.0.0.0", port=0, allow_no_key=True),
    ):
        with listen(settings) as listener:
            assert "0.0.0.0" == listener.getsockname()[0]


def test_a_bad_setting_stops_it() -> None:
    """An unknown name in the environment is told, not ignored."""
    environment = {**os.environ, "BEHOLDER_PROT": "1"}
    done = subprocess.run(COMMAND, capture_output=True, text=True, env=environment, check=False)
    assert 1 == done.returncode
    assert done.stderr.startswith("beholder: BEHOLDER_PROT is not a setting; the settings are allow_no_key, ")


class WithoutWeights:
    """An engine whose weights are missing."""

    name = "without"
    model = "weights"
    capabilities = Capabilities()
    is_ready = False

    async def start(self) -> None:
        """Fail."""
        raise WeightsError("the weights are missing; run: beholder weights fetch")

    async def count(self, job: Job) -> int:
        """Never asked."""
        return 0

    async def stream(self, job: Job) -> AsyncGenerator[Event, None]:
        """Never asked."""
        return
        yield

    async def close(self) -> None:
        """Nothing to release."""


def test_an_engine_that_cannot_start_stops_it(capsys: pytest.CaptureFixture[str]) -> None:
    """What to run is told on standard error, no ready line appears, and the exit status is 1."""
    settings = Settings(port=0)
    with listen(settings) as listener:
        assert 1 == Serving(settings, WithoutWeights(), listener).run()
    assert ("", "beholder: the weights are missing; run: beholder weights fetch\n") == capsys.readouterr()
