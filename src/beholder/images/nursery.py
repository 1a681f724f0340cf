"""The server's side of the nursery: one process for the whole program, from which decoding workers are forked."""

from __future__ import annotations

import atexit
import functools
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from beholder.images.channel import COMMAND, DESK_BYTES, END, FORK, READY, REPLY, receive_exactly, shared_memory

START_SECONDS: Final = 60.0
"""For a process to start and import Pillow and numpy: half a second, but for a machine that is very busy."""

ENVIRONMENT: Final = {
    # The worker multiplies no matrices; each thread of OpenBLAS would take address space and make a fork unsafe.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # glibc keeps what is freed for later, up to 32 MiB a block. A worker gives a large picture's memory back at once,
    # and keeps a small one's: new pages for each copy of a file of 1 MiB take longer than decoding it.
    "MALLOC_MMAP_THRESHOLD_": "4194304",
    "MALLOC_TRIM_THRESHOLD_": "16777216",
}


def is_possible() -> bool:
    """Whether this platform has what workers need: forks, and sockets that pass descriptors on."""
    return hasattr(os, "fork") and hasattr(socket, "send_fds")


@dataclass(frozen=True, slots=True, eq=False)
class Worker:
    """A decoding process, the socket to it, and the descriptor of its desk."""

    pid: int
    channel: socket.socket
    desk: int

    @property
    def is_alive(self) -> bool:
        """Whether it waits for a task. Only for one that owes no answer."""
        # It never speaks first: there is either nothing to read, or the end.
        waiting = select.poll()
        waiting.register(self.channel, select.POLLIN)
        return not waiting.poll(0)

    def close(self) -> None:
        """Close this side's ends."""
        self.channel.close()
        os.close(self.desk)


class Nursery:
    """Starts workers and ends them, in a millisecond each; starts itself at the first. Thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def fork(self, memory_bytes: int) -> Worker:
        """A new worker that may use `memory_bytes`. Raises `OSError` if no process can be had."""
        with ExitStack() as undo:
            desk = shared_memory(DESK_BYTES, "desk")
            undo.callback(os.close, desk)
            ours, theirs = socket.socketpair()
            undo.callback(ours.close)
            with theirs:
                worker = Worker(self._fork(memory_bytes, theirs.fileno(), desk), ours, desk)
            undo.pop_all()
            return worker

    def end(self, worker: Worker) -> str:
        """Kill a worker, if it lives, and say how it ended: `SIGSEGV`, `status 1`."""
        worker.close()
        with self._lock:
            try:
                return _spoken(self._ask(END, worker.pid))
            except (OSError, EOFError):
                # The nursery that forked it is gone; without its socket the worker goes too.
                self._stop()
                return "unknown cause"

    def close(self) -> None:
        """End the nursery; workers whose sockets are closed end by themselves."""
        with self._lock:
            self._stop()

    def _fork(self, memory_bytes: int, *descriptors: int) -> int:
        with self._lock:
            try:
                return self._ask(FORK, memory_bytes, *descriptors)
            except (OSError, EOFError):
                # Somebody killed it: once more, with a new one.
                self._stop()
                return self._ask(FORK, memory_bytes, *descriptors)

    def _ask(self, command: int, number: int, *descriptors: int) -> int:
        if self._control is None:
            self._control = self._start()
        socket.send_fds(self._control, [COMMAND.pack(command, number)], descriptors)
        (reply,) = REPLY.unpack(receive_exactly(self._control, REPLY.size))
        return int(reply)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        path = os.pathsep.join(entry for entry in sys.path if entry)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "beholder.images.worker"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={**os.environ, **ENVIRONMENT, "PYTHONPATH": path},
                # Ctrl+C is for the server, which ends this process in good order.
                start_new_session=True,
            )
        ours.settimeout(START_SECONDS)
        receive_exactly(ours, len(READY))
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@functools.cache
def shared_nursery() -> Nursery:
    """The one nursery of this program; it starts with the first worker and ends with the program."""
    nursery = Nursery()
    atexit.register(nursery.close)
    return nursery


def _spoken(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return signal.Signals(-code).name if code < 0 else f"status {code}"
