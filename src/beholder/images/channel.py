"""What passes between the server and a decoding worker: tasks and answers over a socket, files and pixels in memory.

    server ──Task; descriptors of the file's memory and the pixels'──► worker
           ◄──Delivered | Foreseen | Fault | Broken──────────────────

A small picture needs no descriptors: its file, then its pixels, lie on the worker's desk, memory that both have open
for as long as the worker lives. No memory has a name: it is gone with the last process that has it open, however that
process ends.
"""

from __future__ import annotations

import mmap
import os
import socket
import struct
import tempfile
import time
from typing import Final, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from beholder.errors import ImageCode
from beholder.evidence import Size
from beholder.images.formats.header import Header

READY: Final = b"ready"
FORK: Final = 1
END: Final = 2
COMMAND: Final = struct.Struct(">Bq")
"""What the server asks of the nursery: fork a worker that may use so many bytes, or end the one with that pid."""
REPLY: Final = struct.Struct(">q")
"""The new worker's pid, or how the ended one ended, as `os.waitpid` has it."""

LENGTH: Final = struct.Struct(">I")
PIECE_BYTES: Final = 4096
"""Read at once from a socket: more than nearly all messages have."""
MAX_ANSWER_BYTES: Final = 1024 * 1024
"""An answer is a report of a few lines; a worker that a hostile file took over could send more."""
DESK_BYTES: Final = 4 * 1024 * 1024
"""Of a worker's desk. A small picture is decoded in less time than new memory for it takes to be made and unmade."""


class Task(msgspec.Struct, frozen=True, array_like=True):
    """Decode a file of `data_bytes` into shared memory of `pixel_bytes`; with no pixels, only foresee the result.

    `seconds` is how long the worker may live with it, if the server should have died meanwhile.
    """

    header: Header
    max_edge: int
    data_bytes: int
    pixel_bytes: int
    seconds: float

    @property
    def fits_desk(self) -> bool:
        """Whether file and pixels lie on the worker's desk; else descriptors of their memory come with the task."""
        return max(self.data_bytes, self.pixel_bytes) <= DESK_BYTES


class Delivered(msgspec.Struct, frozen=True, tag=True):
    """The pixels are in the shared memory, `(height, width, 3)` uint8."""

    original_size: Size
    size: Size
    report: tuple[str, ...]


class Planned(msgspec.Struct, frozen=True, tag=True):
    """What would be done; the fields of `plan.Foreseen`."""

    original_size: Size
    size: Size
    report: tuple[str, ...]


class Fault(msgspec.Struct, frozen=True, tag=True):
    """The file is at fault; the fields of `ImageFault`."""

    code: ImageCode
    message: str


class Broken(msgspec.Struct, frozen=True, tag=True):
    """The decoder is at fault: an exception that it should not raise, in a line for the log."""

    error: str


Answer: TypeAlias = Delivered | Planned | Fault | Broken

TASKS: Final = msgspec.msgpack.Decoder(Task)
ANSWERS: Final[msgspec.msgpack.Decoder[Answer]] = msgspec.msgpack.Decoder(Answer)


def send(channel: socket.socket, message: Task | Answer, descriptors: tuple[int, ...] = ()) -> None:
    """Send `message`, with descriptors. Raises `OSError`, with it `TimeoutError`."""
    body = msgspec.msgpack.encode(message)
    head = LENGTH.pack(len(body)) + body
    sent = socket.send_fds(channel, [head], descriptors)
    channel.sendall(head[sent:])


def receive(
    channel: socket.socket, most: int, *, descriptors: int = 0, deadline: float | None = None
) -> tuple[bytes, tuple[int, ...]]:
    """The next message, at most `most` bytes, and the descriptors that came with it, at most `descriptors`.

    Raises `EOFError` at the end, `ValueError` for a message over `most` or longer than it says, `OSError` when the
    connection broke, and `TimeoutError` at `deadline`, which is of `time.monotonic`.
    """
    _wait_until(channel, deadline)
    # Nobody sends the next message before this one is answered, so that nothing of it can be read here.
    first, received, _, _ = socket.recv_fds(channel, PIECE_BYTES, descriptors)
    if not first:
        raise EOFError
    if len(first) < LENGTH.size:
        first += receive_exactly(channel, LENGTH.size - len(first), deadline=deadline)
    (length,) = LENGTH.unpack_from(first)
    if length > most:
        raise ValueError(f"a message of {length:,} bytes, at most {most:,} were expected")
    missing = LENGTH.size + length - len(first)
    if missing < 0:
        raise ValueError(f"{-missing:,} bytes more than the message that was announced")
    if missing:
        first += receive_exactly(channel, missing, deadline=deadline)
    return first[LENGTH.size :], tuple(received)


def receive_exactly(channel: socket.socket, count: int, *, deadline: float | None = None) -> bytearray:
    """The next `count` bytes. Raises `EOFError` when fewer come, and `TimeoutError` at `deadline`."""
    data = bytearray(count)
    view, done = memoryview(data), 0
    while done < count:
        _wait_until(channel, deadline)
        received = channel.recv_into(view[done:])
        if not received:
            raise EOFError
        done += received
    return data


def _wait_until(channel: socket.socket, deadline: float | None) -> None:
    """Let the next wait end at `deadline`; the channel's own timeout holds where there is none."""
    if deadline is not None:
        channel.settimeout(max(deadline - time.monotonic(), 0.001))


def shared_memory(size: int, content: str) -> int:
    """A descriptor of `size` bytes of memory that another process can be given. Its size cannot be changed.

    `content` is what /proc shows of it.
    """
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            file.truncate(size)
            return os.dup(file.fileno())
    import fcntl  # noqa: PLC0415 - there is none on Windows

    descriptor = os.memfd_create(f"beholder-{content}", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(descriptor, size)
        # Reading memory that was cut away under us would be a fatal signal.
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def write_memory(descriptor: int, data: bytes | memoryview) -> None:
    """Copy `data` to the beginning of the memory behind a descriptor. No page of it is mapped: that takes longer."""
    view, done = memoryview(data), 0
    while done < len(view):
        done += os.pwrite(descriptor, view[done:], done)


def read_memory(descriptor: int, size: int) -> bytes:
    """The first `size` bytes of the memory behind a descriptor. Raises `EOFError` when there are fewer."""
    data = os.pread(descriptor, size, 0)
    if len(data) < size:
        raise EOFError
    return data


def read_pixels(descriptor: int, size: int) -> NDArray[np.uint8]:
    """The first `size` bytes of the memory behind a descriptor, copied. Raises `EOFError` when there are fewer."""
    pixels = np.empty(size, np.uint8)
    if os.preadv(descriptor, [pixels.data], 0) < size:
        raise EOFError
    return pixels


def map_memory(descriptor: int, size: int) -> mmap.mmap:
    """The memory behind a descriptor, to be read; the descriptor may be closed afterwards."""
    return mmap.mmap(descriptor, size, flags=mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0), prot=mmap.PROT_READ)
