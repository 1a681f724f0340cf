"""Decoding in this process: for a user's own files, and where there are no worker processes."""

from __future__ import annotations

from beholder.images.decode import Decoded, decode, ignore_decoder_warnings
from beholder.images.formats.header import Header
from beholder.images.plan import Foreseen, foresee


class InProcessDecoder:
    """Calls the native parsers directly: a fault in one of them ends the whole program."""

    def start(self) -> None:
        """Nothing to get ready."""

    def decode(self, data: bytes, header: Header, max_edge: int) -> Decoded:
        """See `Decoder`."""
        ignore_decoder_warnings()
        return decode(data, header, max_edge)

    def foresee(self, data: bytes, header: Header, max_edge: int) -> Foreseen:
        """See `Decoder`."""
        ignore_decoder_warnings()
        return foresee(data, header, max_edge)

    def close(self) -> None:
        """Nothing to release."""
