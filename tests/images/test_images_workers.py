"""Native parsers run in processes of their own: these may die, hang or want too much, and the server goes on."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from image_files import corners, encoded, four_corners, png_chunk
from image_requests import data_uri, job

from beholder.errors import ImageError
from beholder.images import InProcessDecoder, Loader
from beholder.images.channel import LENGTH, receive
from beholder.images.fault import ImageFault
from beholder.images.inspect import inspect
from beholder.images.nursery import Nursery
from beholder.images.pool import WorkerPool
from beholder.settings import Settings
from beholder.types import Image

SMALL = encoded(four_corners(), "PNG")
LARGE = encoded(four_corners(1600, 1200), "PNG")
"""Its pixels do not fit a worker's desk."""


def huge(edge: int = 13_000) -> bytes:
    """A small file of a white picture that takes a second and hundreds of megabytes to decode."""
    deflate = zlib.compressobj(1)
    rows = b"".join(deflate.compress(b"\0" + b"\xff" * edge) for _ in range(edge)) + deflate.flush()
    header = edge.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        png_chunk(kind, content) for kind, content in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )


HUGE = huge()


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """A nursery of the test's own."""
    nursery = Nursery()
    yield nursery
    nursery.close()


def is_running(pid: int) -> bool:
    """Whether the process lives; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def parent_of(pid: int) -> int:
    """The process that started it."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def wait_for_end(pid: int) -> None:
    """Return once the process is gone; fail if it stays."""
    end = time.monotonic() + 10
    while is_running(pid):
        assert time.monotonic() < end, f"process {pid} is still there"
        time.sleep(0.01)


def unnamed_memory() -> int:
    """Pieces of shared pixels that this process has open."""
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    return sum("beholder-pixels" in link for link in links)


async def one(loader: Loader, data: bytes) -> Image:
    """The picture, loaded."""
    (image,) = (await loader.load(job([data_uri(data)]))).images()
    return image


@pytest.mark.parametrize("edge", [100, 2000])
async def test_workers_deliver_what_decoding_here_delivers(edge: int) -> None:
    """The same pixels, sizes and report, and they cannot be written to."""
    settings = Settings(max_image_edge=edge)
    for data in (SMALL, LARGE, encoded(four_corners(400, 300), "JPEG"), encoded(four_corners(400, 300), "WEBP")):
        images = []
        for decoder in (InProcessDecoder(), WorkerPool(settings)):
            loader = Loader(settings, decoder=decoder)
            images.append(await one(loader, data))
            await loader.close()
        here, there = images
        assert np.array_equal(here.pixels, there.pixels)
        assert (here.original_size, here.size, here.report) == (there.original_size, there.size, there.report)
        assert not there.pixels.flags.writeable


async def test_killed_worker_is_a_fault_of_its_image(caplog: pytest.LogCaptureFixture) -> None:
    """The image that was being decoded is a 400 with its place; there is a line in the log, and the next one works."""
    pool = WorkerPool(Settings())
    pool.start()
    loader = Loader(Settings(), decoder=pool)
    (pid,) = pool.pids
    loading = asyncio.create_task(loader.load(job([data_uri(SMALL)], [data_uri(SMALL + b" "), data_uri(HUGE)])))
    while not await asyncio.to_thread(is_decoding_long, pool):
        assert not loading.done()
    with caplog.at_level(logging.WARNING):
        for pid in pool.pids:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(ImageError) as caught:
            await loading
    assert (400, "image_parse_error") == (caught.value.status, caught.value.code)
    assert caught.value.message.startswith("message 2, part 2: the PNG decoder failed")
    assert ["decoding failed on a PNG of 13000 × 13000 pixels, 8-bit grey: the worker ended: SIGKILL"] == [
        record.getMessage() for record in caplog.records if "ended" in record.getMessage() and "PNG" in record.message
    ]
    assert ["red", "green", "blue", "grey"] == corners((await one(loader, SMALL)).pixels)
    assert pid not in pool.pids
    await loader.close()


def is_decoding_long(pool: WorkerPool) -> bool:
    """Whether a worker has been computing for a tenth of a second."""
    time.sleep(0.01)
    ticks = os.sysconf("SC_CLK_TCK")
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pool.pids]
    return any((int(each[11]) + int(each[12])) / ticks >= 0.1 for each in fields)


async def test_time_limit(caplog: pytest.LogCaptureFixture) -> None:
    """A picture that takes longer than the limit is a 400 that says so; its worker is ended, and the next one works."""
    settings = Settings(image_timeout=0.1)
    pool = WorkerPool(settings)
    loader = Loader(settings, decoder=pool)
    with caplog.at_level(logging.WARNING), pytest.raises(ImageError) as caught:
        await one(loader, HUGE)
    assert "longer than 0.1 seconds (setting image_timeout)" in caught.value.message
    assert ["a decoding worker was killed after 0.1 s on a PNG of 13000 × 13000 pixels, 8-bit grey"] == [
        record.getMessage() for record in caplog.records
    ]
    assert () == pool.pids
    await loader.close()


async def test_memory_limit() -> None:
    """A picture that needs more memory than a worker may have is a 400 that names the setting; the server goes on."""
    settings = Settings(image_worker_bytes=128 * 1024 * 1024)
    loader = Loader(settings, decoder=WorkerPool(settings))
    with pytest.raises(ImageError) as caught:
        await one(loader, HUGE)
    assert "image_too_large" == caught.value.code
    assert "image_worker_bytes" in caught.value.message
    assert (64, 48) == (await one(loader, SMALL)).size
    await loader.close()


async def test_idle_worker_that_died_is_replaced() -> None:
    """Nobody's image pays for a worker that died with nothing to do."""
    pool = WorkerPool(Settings())
    loader = Loader(Settings(), decoder=pool)
    await loader.start()
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    wait_for_end(pid)
    assert (64, 48) == (await one(loader, SMALL)).size
    assert pid not in pool.pids
    await loader.close()


async def test_nursery_that_died_is_replaced(nursery: Nursery) -> None:
    """Workers are forked by a process that may die as well."""
    pool = WorkerPool(Settings(), nursery)
    loader = Loader(Settings(), decoder=pool)
    await loader.start()
    (worker,) = pool.pids
    parent = parent_of(worker)
    for pid in (worker, parent):
        os.kill(pid, signal.SIGKILL)
    # The nursery is this process's child: until it is waited for, it stays as a zombie.
    wait_for_end(parent)
    assert (64, 48) == (await one(loader, SMALL)).size
    await loader.close()


async def test_memory_is_given_back() -> None:
    """Pixels are gone with their last user, whether the picture was decoded, refused or given up."""
    settings = Settings(image_timeout=0.4)
    gc.collect()  # what earlier tests left in cycles must not go meanwhile
    before = unnamed_memory()
    loader = Loader(settings, decoder=WorkerPool(settings))
    image = await one(loader, LARGE)
    view = image.pixels[10:20]
    del image
    await asyncio.sleep(0.01)
    assert (before + 1, 1600 * 1200 * 3) == (unnamed_memory(), loader.pixel_bytes)
    del view
    assert (before, 0) == (unnamed_memory(), loader.pixel_bytes)
    small = await one(loader, SMALL)
    assert (before, 64 * 48 * 3) == (unnamed_memory(), loader.pixel_bytes)
    del small
    await asyncio.sleep(0.01)
    assert (before, 0) == (unnamed_memory(), loader.pixel_bytes)
    with pytest.raises(ImageError):
        await one(loader, HUGE)
    with pytest.raises(ImageError):
        await one(loader, SMALL[:-40])
    await loader.close()
    assert (before, 0) == (unnamed_memory(), loader.pixel_bytes)


async def test_cancelled_load_gives_back() -> None:
    """A client that goes away while its picture is decoded leaves nothing behind, and its worker serves others."""
    settings = Settings()
    before = unnamed_memory()
    pool = WorkerPool(settings)
    loader = Loader(settings, decoder=pool)
    loading = asyncio.create_task(one(loader, HUGE))
    while not await asyncio.to_thread(is_decoding_long, pool):
        assert not loading.done()
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert (64, 48) == (await one(loader, SMALL)).size
    await loader.close()
    assert (before, 0) == (unnamed_memory(), loader.pixel_bytes)


async def test_closing_does_not_wait_for_a_long_picture() -> None:
    """Stopping the server ends what is being decoded, and all workers."""
    pool = WorkerPool(Settings())
    loader = Loader(Settings(), decoder=pool)
    loading = asyncio.create_task(one(loader, HUGE))
    while not await asyncio.to_thread(is_decoding_long, pool):
        assert not loading.done()
    pids = pool.pids
    started = time.monotonic()
    await loader.close()
    assert time.monotonic() - started < 1
    with pytest.raises(ImageError):
        await loading
    for pid in pids:
        wait_for_end(pid)


def test_workers_end_with_the_nursery(nursery: Nursery) -> None:
    """No process stays behind when the sockets to it are closed."""
    workers = [nursery.fork(2**30) for _ in range(3)]
    assert all(worker.is_alive for worker in workers)
    nursery.close()
    for worker in workers:
        worker.close()
        wait_for_end(worker.pid)


async def test_small_picture_stays_its_own() -> None:
    """Its pixels are no longer on the desk when the next picture lies there."""
    loader = Loader(Settings(), decoder=WorkerPool(Settings()))
    first = await one(loader, SMALL)
    before = first.pixels.copy()
    await one(loader, encoded(four_corners().rotate(180), "PNG"))
    assert np.array_equal(before, first.pixels)
    await loader.close()


def test_pool_serves_many_threads() -> None:
    """Answers do not mix: each thread gets its own picture, or its own fault."""
    pool = WorkerPool(Settings())
    wrong: list[object] = []

    def work(number: int) -> None:
        data = encoded(four_corners(20 + number, 30), "PNG")
        for _ in range(5):
            decoded = pool.decode(data, inspect(data, 10**6), 8192)
            if decoded.pixels.shape != (30, 20 + number, 3):
                wrong.append(decoded.pixels.shape)
            try:
                pool.decode(data[:-30], inspect(data, 10**6), 8192)
                wrong.append("no fault")
            except ImageFault:
                continue

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()
    assert [] == wrong


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (LENGTH.pack(2000) + b"x", "a message of 2,000 bytes, at most 1,000"),
        (LENGTH.pack(3) + b"abcde", "2 bytes more"),
    ],
    ids=["too long", "more than announced"],
)
def test_mad_message_is_refused(sent: bytes, words: str) -> None:
    """A worker that a file took over is not believed: neither memory nor a second answer is had for asking."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(sent)
        with pytest.raises(ValueError, match=words):
            receive(ours, 1000)


def test_message_in_pieces_is_whole() -> None:
    """However the socket cuts it, its length included."""
    ours, theirs = socket.socketpair()
    content = bytes(range(256)) * 40
    with ours, theirs:
        sender = threading.Thread(target=_in_pieces, args=(theirs, LENGTH.pack(len(content)) + content))
        sender.start()
        assert (content, ()) == receive(ours, len(content), deadline=time.monotonic() + 10)
        sender.join()


def _in_pieces(channel: socket.socket, data: bytes) -> None:
    for start, end in ((0, 2), (2, 5), (5, 5000), (5000, len(data))):
        channel.sendall(data[start:end])
        time.sleep(0.02)
