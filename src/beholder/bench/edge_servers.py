"""The servers that `bench edge` sends requests to, each a process of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import httpx2

from beholder.bench.rivals_environment import RivalsEnvironment
from beholder.errors import NotReady

READY: Final = re.compile(r"ready at (http://\S+)")
STARTING_SECONDS: Final = 120
STOPPING_SECONDS: Final = 20
MODEL: Final = "grok-2-vision-latest"
KEY: Final = f"sk-{secrets.token_hex(24)}"
"""The key of this run: LiteLLM does not start without one."""

ECHO: Final = ("-m", "beholder", "serve", "--engine", "echo", "--port", "0")
BARE: Final = ("-m", "beholder.bench.edge_bare")


@contextmanager
def own_server(arguments: tuple[str, ...]) -> Iterator[str]:
    """A server of ours, run by this Python, that says on standard output where it is ready; its address with /v1."""
    command = [sys.executable, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if match := READY.search(line):
                threading.Thread(target=_drain, args=(process.stdout,), daemon=True).start()
                yield match[1]
                return
        raise NotReady(f"{' '.join(command)} ended with status {process.wait()}")
    finally:
        stop(process)


@contextmanager
def litellm_proxy(environment: RivalsEnvironment, behind: str) -> Iterator[str]:
    """LiteLLM's proxy with one worker in front of the server at `behind`; its address with /v1."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configuration = environment.folder / "litellm.yaml"
    parameters = {"model": f"openai/{MODEL}", "api_base": behind, "api_key": "none"}
    models = [{"model_name": MODEL, "litellm_params": parameters}]
    # JSON is YAML as well.
    configuration.write_text(
        json.dumps({"model_list": models, "general_settings": {"master_key": KEY}}), encoding="utf-8"
    )
    program = environment.python.with_name("litellm.exe" if os.name == "nt" else "litellm")
    arguments = ["--config", str(configuration), "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    # Without these it asks for its price list on the network at its start, and logs each request.
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with (environment.folder / "litellm.log").open("w") as log:
        process = subprocess.Popen([program, *arguments], stdout=log, stderr=log, env=kept | quiet)
    try:
        _wait_until_alive(process, f"http://127.0.0.1:{port}/health/liveliness", Path(log.name))
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        stop(process)


def stop(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """End a process, gently first."""
    process.terminate()
    try:
        process.wait(STOPPING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_alive(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(address, trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    status = process.poll()
    how = f"did not start within {STARTING_SECONDS} s" if status is None else f"ended with status {status}"
    raise NotReady(f"LiteLLM's proxy {how}; see {log}")


def _drain(stream: IO[str]) -> None:
    """A full pipe would stop the server."""
    with stream:
        for _ in stream:
            pass
