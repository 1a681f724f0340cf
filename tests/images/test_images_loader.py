"""Many images at once: order, places, sharing, and an event loop that stays free."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from image_files import encoded, four_corners
from image_requests import data_uri, job, loading, reference
from image_web_server import Answer, response, serving
from PIL import Image

from beholder.errors import ImageError
from beholder.types import Image as Loaded
from beholder.types import ImageRef, Job, TextPart, Turn


def _plain(level: int) -> str:
    return data_uri(encoded(Image.new("L", (8, 8), level), "PNG"))


async def test_order_is_kept() -> None:
    """Images stand where their references stood, between the texts, through several messages."""
    first = Turn("user", (TextPart("a"), reference(_plain(1), 0, 1), TextPart("b"), reference(_plain(2), 0, 3)))
    second = Turn("user", (reference(_plain(3), 1, 0), TextPart("c")))
    async with loading() as loader:
        loaded = await loader.load(Job((first, second)))
    assert [1, 2, 3] == [int(image.pixels[0, 0, 0]) for image in loaded.images()]
    kinds = [[type(part) for part in turn.parts] for turn in loaded.turns]
    assert [[TextPart, Loaded, TextPart, Loaded], [Loaded, TextPart]] == kinds


async def test_job_without_images_is_unchanged() -> None:
    """A job of text alone comes back as it is."""
    plain = Job((Turn("user", (TextPart("hello"),)),))
    async with loading() as loader:
        assert plain == await loader.load(plain)


async def test_place_and_detail_are_carried() -> None:
    """Each image knows its own place and detail, also when the bytes are shared."""
    refs: tuple[ImageRef, ...] = (reference(_plain(9), 0, 0, detail="low"), reference(_plain(9), 0, 1, detail="high"))
    async with loading() as loader:
        low, high = (await loader.load(Job((Turn("user", refs),)))).images()
    assert [("low", 0), ("high", 1)] == [(low.detail, low.where.part), (high.detail, high.where.part)]
    assert low.pixels is high.pixels
    assert low.digest == high.digest


async def test_identical_url_is_fetched_once() -> None:
    """An address that stands in a request several times is fetched once."""
    answer = response(encoded(four_corners(), "PNG"))
    async with serving({"/a.png": answer}) as web, loading(fetch_allow=("127.0.0.1",)) as loader:
        url = f"{web.url}/a.png"
        images = list((await loader.load(job([url, _plain(3), url], [url]))).images())
    assert ["/a.png"] == web.paths
    assert 4 == len(images)
    assert images[0].pixels is images[2].pixels is images[3].pixels


async def test_urls_are_fetched_together() -> None:
    """Four slow addresses take the time of one, and the images keep their order."""

    def slow(level: int) -> Answer:
        async def answer(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.4)
            writer.write(response(encoded(Image.new("L", (8, 8), level), "PNG")))
            await writer.drain()

        return answer

    answers = {f"/{level}": slow(level) for level in range(4)}
    async with serving(answers) as web, loading(fetch_allow=("127.0.0.1",)) as loader:
        start = time.monotonic()
        loaded = await loader.load(job([f"{web.url}/{level}" for level in range(4)]))
        assert time.monotonic() - start < 1.2
    assert [0, 1, 2, 3] == [int(image.pixels[0, 0, 0]) for image in loaded.images()]


async def test_first_error_in_the_order_sent_wins() -> None:
    """Of several faults the first in the request is reported, although a later one is found sooner."""

    async def late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(response(b"", "404 Not Found"))
        await writer.drain()

    async with serving({"/late": late}) as web, loading(fetch_allow=("127.0.0.1",)) as loader:
        with pytest.raises(ImageError) as caught:
            await loader.load(job([_plain(1), f"{web.url}/late"], ["data:image/png;base64,?"]))
    assert ("failed_to_download_image", "messages[0].content[1].image_url.url") == (
        caught.value.code,
        caught.value.param,
    )
    assert caught.value.message.startswith("message 1, part 2: ")


async def test_cancelling_stops_the_download() -> None:
    """A client that goes away takes its downloads along."""
    is_cut = asyncio.Event()

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"\x89PNG")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            is_cut.set()
            raise

    async with serving({"/": endless}) as web, loading(fetch_allow=("127.0.0.1",), fetch_timeout=30.0) as loader:
        task = asyncio.create_task(loader.load(job([web.url + "/"])))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(is_cut.wait(), 5)


async def test_event_loop_stays_free() -> None:
    """While a large picture is decoded the event loop goes on serving others."""
    noise = np.random.default_rng(1).integers(0, 255, (3000, 3000, 3), np.uint8)
    uri = data_uri(encoded(Image.fromarray(noise), "JPEG", quality=95))
    async with loading() as loader:
        work = asyncio.create_task(loader.load(job([uri])))
        ticks, longest, last = 0, 0.0, time.monotonic()
        while not work.done():
            await asyncio.sleep(0.002)
            now = time.monotonic()
            ticks, longest, last = ticks + 1, max(longest, now - last), now
        (image,) = (await work).images()
    assert (3000, 3000) == image.size
    assert ticks >= 10
    assert longest < 0.5
