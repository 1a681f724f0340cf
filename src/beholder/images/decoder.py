"""The seam to the native parsers: whatever of them sees a client's bytes is behind it."""

from __future__ import annotations

from typing import Protocol

from beholder.images.decode import Decoded
from beholder.images.formats.header import Header
from beholder.images.plan import Foreseen


class Decoder(Protocol):
    """Decodes files whose headers were checked. Its methods block, and may be called from several threads at once."""

    def start(self) -> None:
        """Get ready, so that the first picture need not wait. May be left out."""
        ...

    def decode(self, data: bytes, header: Header, max_edge: int) -> Decoded:
        """The picture; see `beholder.images.decode.decode`. Raises `ImageFault`."""
        ...

    def foresee(self, data: bytes, header: Header, max_edge: int) -> Foreseen:
        """What `decode` would do; see `beholder.images.plan.foresee`. Raises `ImageFault`."""
        ...

    def close(self) -> None:
        """Release everything; what is being decoded is given up. Nothing is asked afterwards."""
        ...
