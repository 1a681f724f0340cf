"""Memory that pictures take: decoded pixels held in the whole server, and pictures being decoded at one time."""

from __future__ import annotations

import gc
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beholder.errors import Overloaded
from beholder.images.fault import ImageFault, megabytes

RETRY_SECONDS: Final = 5


class PixelBudget:
    """Bytes of decoded pixels. Pixels count from before they are decoded until nothing refers to them any more.

    Thread safe; releases may come from any thread, the garbage collector's included.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._used = 0
        # Filled without the lock: the collector may run a release in the midst of `reserve`, in the same thread.
        self._returned: deque[int] = deque()

    @property
    def used(self) -> int:
        """The bytes that count now."""
        with self._lock:
            return self._settle()

    def reserve(self, count: int) -> None:
        """Count `count` more bytes. Raises `Overloaded` when all pictures together would be over the limit."""
        if self._try(count):
            return
        # A fault's traceback can hold a picture in a cycle; only then is this worth its time.
        gc.collect()
        if not self._try(count):
            raise Overloaded(
                "too many large pictures are being looked at already; try again soon", retry_after=RETRY_SECONDS
            )

    def release(self, count: int) -> None:
        """Give bytes back that `reserve` counted."""
        self._returned.append(count)

    def attach(self, pixels: NDArray[np.uint8], count: int) -> None:
        """Release `count` bytes as soon as neither `pixels` nor a view of them is alive."""
        owner = pixels
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        weakref.finalize(owner, self.release, count).atexit = False

    def _try(self, count: int) -> bool:
        with self._lock:
            if self._settle() + count > self.limit:
                return False
            self._used += count
            return True

    def _settle(self) -> int:
        while self._returned:
            self._used -= self._returned.popleft()
        return self._used


class RequestPixels:
    """The share of one request in the budget: what could never fit is told from what does not fit now."""

    def __init__(self, budget: PixelBudget) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._asked = 0

    def reserve(self, count: int) -> None:
        """Count `count` bytes for a picture of this request.

        Raises `ImageFault` when the request's pictures together are over the limit by themselves, and `Overloaded`.
        """
        with self._lock:
            self._asked += count
            if self._asked > self._budget.limit:
                raise ImageFault(
                    "image_too_large",
                    f"decoded, this picture and others of the request take {megabytes(self._asked)}, and there is "
                    f"room for {megabytes(self._budget.limit)} (setting max_total_pixel_bytes); send fewer or smaller "
                    "ones",
                )
        self._budget.reserve(count)

    @contextmanager
    def reserved(self, count: int) -> Iterator[None]:
        """Reserve, and give the bytes back if the block fails; if it ends well, they are to be attached in it."""
        self.reserve(count)
        try:
            yield
        except BaseException:
            self._budget.release(count)
            raise

    def attach(self, pixels: NDArray[np.uint8], count: int) -> None:
        """See `PixelBudget.attach`."""
        self._budget.attach(pixels, count)


class DecodingRoom:
    """Pixels being decoded at one time: small pictures side by side, large ones one after another. Thread safe."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._changed = threading.Condition()

    @contextmanager
    def entered(self, pixels: int) -> Iterator[None]:
        """Wait until `pixels` have room; a picture alone always has."""
        with self._changed:
            self._changed.wait_for(lambda: not self._used or self._used + pixels <= self._limit)
            self._used += pixels
        try:
            yield
        finally:
            with self._changed:
                self._used -= pixels
                self._changed.notify_all()
