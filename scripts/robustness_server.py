"""A real server in a process of its own that is watched from outside: what it answers, and how its processes fare."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx2

READY_LINE = re.compile(r"Beholder is ready at (http://\S+)/v1")
START_LIMIT = 900
"""Seconds for the first start of the builtin engine on a slow machine: its weights are converted once."""
KEPT_ENVIRONMENT = ("BEHOLDER_CACHE_DIR", "BEHOLDER_MODEL")
"""Settings of the caller that stay; the others would change what is right."""


class WatchedServer:
    """`beholder serve` on a free port of loopback, allowed to fetch from there. Use as a context manager."""

    def __init__(self, engine: str, *flags: str) -> None:
        self._flags = ("--engine", engine, "--port", "0", "--fetch-allow", "127.0.0.1", *flags)
        self.url = ""
        self.log: deque[str] = deque(maxlen=2000)

    def __enter__(self) -> WatchedServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, or start again. Raises `SystemExit` with the server's own words when it does not come up."""
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("BEHOLDER_") or name in KEPT_ENVIRONMENT
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "beholder", "serve", *self._flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environ,
        )
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()
        assert self._process.stdout is not None
        match = READY_LINE.match(self._process.stdout.readline())
        if match is None:
            self.stop()
            raise SystemExit("the server did not start:\n" + "".join(self.log))
        self.url = match[1]
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop, at once if it does not do so politely."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log_reader.join()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ends_within(self, seconds: float) -> bool:
        """Whether the process has ended, or does so soon: a connection is cut before the process is gone."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def processes(self) -> frozenset[int]:
        """The server's process and all below it: those that decode, if it has such."""
        return processes_from(self._process.pid)

    def memory(self, *, peak: bool = False) -> int:
        """Bytes in main memory of all processes together, now or at most since `forget_peak`; 0 where not told."""
        return memory_of(self.processes(), peak=peak)

    def forget_peak(self) -> None:
        """Count the peak of memory from here (Linux, proc(5), clear_refs)."""
        for process in self.processes():
            with contextlib.suppress(OSError):
                Path(f"/proc/{process}/clear_refs").write_text("5")

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.log.append(line)

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + START_LIMIT
        while time.monotonic() < until and self.is_alive:
            with contextlib.suppress(httpx2.TransportError):
                if httpx2.get(f"{self.url}/readyz", trust_env=False, verify=False).status_code == 200:
                    return
            time.sleep(0.1)
        raise SystemExit("the server's model was not loaded:\n" + "".join(self.log))


def question(source: str, text: str = "What is this?") -> dict[str, Any]:
    """The body of a chat request about one image, which asks for the shortest answer and for the image's report."""
    parts = [{"type": "image_url", "image_url": {"url": source}}, {"type": "text", "text": text}]
    return {
        "model": "grok-2-vision-latest",
        "max_tokens": 1,
        "evidence": True,
        "messages": [{"role": "user", "content": parts}],
    }


def processes_from(root: int) -> frozenset[int]:
    """A process and all below it. Linux only; elsewhere, itself."""
    found, waiting = {root}, [root]
    while waiting:
        for children in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                new = {int(child) for child in children.read_text().split()} - found
                found |= new
                waiting += new
    return frozenset(found)


def memory_of(processes: Iterable[int], *, peak: bool = False) -> int:
    """Bytes in main memory of the processes together, now or at most so far; 0 where the system does not tell."""
    return sum(_status_bytes(process, "VmHWM" if peak else "VmRSS") for process in processes)


def _status_bytes(process: int, name: str) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    match = re.search(rf"^{name}:\s*(\d+) kB$", status, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0
