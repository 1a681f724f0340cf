"""How the server's allocator treats the large blocks that requests come in."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
"""glibc, malloc.h."""

LARGE_BYTES: Final = 16 * 1024 * 1024
"""Bodies and files of pictures; the models' own blocks that are made anew for each pass are smaller."""


KEPT_BYTES: Final = 2 * LARGE_BYTES
"""Freed memory that is kept for the next request: twice the bound, as where glibc chooses the bound itself."""


def return_large_blocks() -> None:
    """Let glibc give blocks over `LARGE_BYTES` back as soon as they are freed.

    By itself it raises that bound to 32 MiB once such a block was freed, and keeps hundreds of megabytes after a large
    request. Once the bound is set, glibc gives everything else back as well, unless it is told to keep it: new pages
    for each copy of a picture of 1 MiB take a quarter of its request's time. Elsewhere than on glibc nothing is done.
    """
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        library.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
