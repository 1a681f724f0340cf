"""A rival's process: a script of ours run by the rivals' Python, spoken to in JSON lines."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

from beholder.bench.rivals_environment import RivalsEnvironment
from beholder.errors import NotReady

SCRIPTS: Final = Path(__file__).parent
STOPPING_SECONDS: Final = 30


class Worker:
    """The process of `script`, a file beside this one. It has said its first line when the constructor returns.

    What it prints besides goes to `name`.log in the rivals' folder.
    """

    def __init__(self, environment: RivalsEnvironment, name: str, script: str, *arguments: str) -> None:
        self._log = environment.folder / f"{name}.log"
        # -I: nothing of our own environment may leak into theirs.
        command = [str(environment.python), "-I", str(SCRIPTS / script), *arguments]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.greeting = self.hear()

    @property
    def process_id(self) -> int:
        """The process, for its memory."""
        return self._process.pid

    def tell(self, line: str) -> None:
        """One line on its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Its next line. Raises `NotReady` if it ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise NotReady(f"{self._process.args!r} ended with status {self._process.wait()}; see {self._log}")
        said: dict[str, Any] = json.loads(line)
        return said

    def close(self) -> None:
        """Close its standard input, upon which it ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
