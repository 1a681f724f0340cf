"""Decoded pixels share one budget: what cannot fit now is a 503, what could never fit a 400."""

from __future__ import annotations

import asyncio
import gc
import threading

import numpy as np
import pytest
from image_files import encoded, four_corners
from image_requests import data_uri, job, loading

from beholder.errors import ImageError, Overloaded
from beholder.images.budget import DecodingRoom, PixelBudget

PIXELS = 64 * 48 * 3
FIRST = data_uri(encoded(four_corners(), "PNG"))
SECOND = data_uri(encoded(four_corners(), "PNG") + b"\0")
DAMAGED = data_uri(encoded(four_corners(), "PNG")[:-40])


async def test_pictures_in_use_are_counted() -> None:
    """A job's pixels count until the job is dropped; one over the budget is told when to come back, and then fits."""
    async with loading(max_total_pixel_bytes=2 * PIXELS - 1) as loader:
        held = await loader.load(job([FIRST]))
        with pytest.raises(Overloaded) as caught:
            await loader.load(job([SECOND]))
        assert (503, 5) == (caught.value.status, caught.value.retry_after)
        assert PIXELS == loader.pixel_bytes
        del held
        await asyncio.sleep(0.01)
        assert 1 == len(list((await loader.load(job([SECOND]))).images()))


async def test_what_can_never_fit_is_told_so() -> None:
    """A request whose own pictures are over the budget is a 400 at the first that is too much, not an endless 503."""
    async with loading(max_total_pixel_bytes=2 * PIXELS - 1) as loader:
        with pytest.raises(ImageError) as caught:
            await loader.load(job([FIRST, SECOND]))
        assert (400, "image_too_large") == (caught.value.status, caught.value.code)
        assert "setting max_total_pixel_bytes" in caught.value.message
        await asyncio.sleep(0.01)
        del caught
        gc.collect()
        assert 0 == loader.pixel_bytes


async def test_the_same_picture_counts_once() -> None:
    """A picture that stands in a request several times is held once."""
    async with loading(max_total_pixel_bytes=PIXELS) as loader:
        loaded = await loader.load(job([FIRST, FIRST], [FIRST]))
        assert (3, PIXELS) == (len(list(loaded.images())), loader.pixel_bytes)


async def test_a_damaged_picture_gives_back() -> None:
    """What was counted for a picture that is refused is free again."""
    async with loading(max_total_pixel_bytes=PIXELS) as loader:
        for _ in range(3):
            with pytest.raises(ImageError):
                await loader.load(job([DAMAGED]))
        assert 0 == loader.pixel_bytes
        assert 1 == len(list((await loader.load(job([FIRST]))).images()))


def test_pixels_in_a_cycle_are_found() -> None:
    """Pictures that only a reference cycle keeps do not make others wait."""
    budget = PixelBudget(100)
    pixels = np.zeros(90, np.uint8)
    budget.reserve(90)
    budget.attach(pixels, 90)
    cycle: list[object] = [pixels]
    cycle.append(cycle)
    gc.disable()
    try:
        del pixels, cycle
        budget.reserve(90)
    finally:
        gc.enable()
    assert 90 == budget.used


def test_large_pictures_are_decoded_one_after_another() -> None:
    """Pictures over the limit together wait for each other; one that is over it alone goes when nobody is there."""
    room, inside, highest = DecodingRoom(100), 0, 0
    lock = threading.Lock()

    def decode(pixels: int) -> None:
        nonlocal inside, highest
        with room.entered(pixels):
            with lock:
                inside += pixels
                highest = max(highest, inside)
            with lock:
                inside -= pixels

    threads = [threading.Thread(target=decode, args=(size,)) for size in (60, 50, 30, 200, 90) * 20]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 == inside
    assert 200 == highest
