"""A decoding worker: the process that native parsers run in, and the nursery process that forks it.

    server ──fork(socket, desk), end(pid)──► nursery ──fork──► worker ◄──Task, Answer──► server

The nursery loads the decoders once and stays single-threaded, so that a fork is safe and takes a millisecond. Both end
when the server's side of their socket closes. Nothing else of Beholder is imported here.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
from typing import Final

from beholder.images.channel import (
    COMMAND,
    FORK,
    READY,
    REPLY,
    TASKS,
    Answer,
    Broken,
    Delivered,
    Fault,
    Planned,
    Task,
    read_memory,
    receive,
    receive_exactly,
    send,
    write_memory,
)
from beholder.images.decode import decode, ignore_decoder_warnings
from beholder.images.fault import ImageFault
from beholder.images.plan import foresee

MAX_TASK_BYTES: Final = 64 * 1024


def main() -> None:
    """The nursery: its standard input is the socket to the server."""
    control = socket.socket(fileno=os.dup(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ignore_decoder_warnings()
    # Native libraries write remarks on bad files there, and a client could fill the log with them.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    gc.freeze()
    control.sendall(READY)
    children: set[int] = set()
    while True:
        try:
            command, descriptors = _next(control)
        except (EOFError, OSError):
            os._exit(0)
        kind, number = COMMAND.unpack(command)
        if kind == FORK:
            reply = _fork(control, *descriptors, memory_bytes=number)
            children.add(reply)
        else:
            reply = _end(number) if number in children else 0
            children.discard(number)
        control.sendall(REPLY.pack(reply))


def _next(control: socket.socket) -> tuple[bytes, list[int]]:
    first, descriptors, _, _ = socket.recv_fds(control, COMMAND.size, 2)
    if not first:
        raise EOFError
    return first + receive_exactly(control, COMMAND.size - len(first)), descriptors


def _fork(control: socket.socket, channel: int, desk: int, *, memory_bytes: int) -> int:
    pid = os.fork()
    if pid:
        os.close(channel)
        os.close(desk)
        return pid
    try:
        control.close()
        os.close(0)
        limit_memory(memory_bytes)
        serve(socket.socket(fileno=channel), desk)
    finally:
        os._exit(0)


def _end(pid: int) -> int:
    """Kill the worker, unless it is dead. A pid is not given to another process before it was waited for here."""
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def limit_memory(more_bytes: int) -> None:
    """Let this process have `more_bytes` of address space beyond what it has now, and leave no image of its memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - pathlib would be imported for it
            pages = int(file.read().split()[0])
        limit = pages * resource.getpagesize() + more_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def serve(channel: socket.socket, desk: int) -> None:
    """Work on tasks until the server closes the socket. `desk` is the descriptor of the memory for small pictures."""
    while True:
        try:
            message, descriptors = receive(channel, MAX_TASK_BYTES, descriptors=2)
            task = TASKS.decode(message)
            file, pixels = (desk, desk) if task.fits_desk else descriptors
            data = read_memory(file, task.data_bytes)
            # The server keeps the time and kills; if it died, this does, also inside native code.
            signal.setitimer(signal.ITIMER_REAL, task.seconds)
            answer = _work(task, data, pixels)
            del data
            signal.setitimer(signal.ITIMER_REAL, 0)
            for descriptor in descriptors:
                os.close(descriptor)
            send(channel, answer)
        except (EOFError, OSError):
            return


def _work(task: Task, data: bytes, pixels: int) -> Answer:
    try:
        if not task.pixel_bytes:
            foreseen = foresee(data, task.header, task.max_edge)
            return Planned(foreseen.original_size, foreseen.size, foreseen.report)
        return _decode(task, data, pixels)
    except MemoryError:
        return _too_much_memory()
    except ImageFault as fault:
        return _too_much_memory() if _is_for_memory(fault) else Fault(fault.code, fault.message)
    except Exception as error:  # the edge of the process: the server logs it
        return Broken(f"{type(error).__name__}: {error}"[:500])


def _decode(task: Task, data: bytes, pixels: int) -> Delivered:
    """The pixels are written where the server reads them."""
    decoded = decode(data, task.header, task.max_edge)
    height, width, channels = decoded.pixels.shape
    if height * width * channels != task.pixel_bytes:
        raise ValueError(f"{task.pixel_bytes:,} bytes were expected, not {height} x {width} x {channels}")
    write_memory(pixels, decoded.pixels.data.cast("B"))
    return Delivered(decoded.original_size, (width, height), decoded.report)


def _is_for_memory(fault: ImageFault) -> bool:
    """Whether the decoder took a lack of memory for damage."""
    cause: BaseException | None = fault
    while cause is not None and not isinstance(cause, MemoryError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


def _too_much_memory() -> Fault:
    return Fault(
        "image_too_large",
        "decoding it takes more memory than one picture may have (setting image_worker_bytes); send a smaller one",
    )


if __name__ == "__main__":
    main()
