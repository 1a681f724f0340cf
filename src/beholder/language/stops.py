"""Stop strings: text up to the first of them, which itself is never sent."""

from __future__ import annotations

from collections.abc import Sequence


class Stops:
    """Fed with pieces of text; holds back what may be the beginning of a stop string."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held = ""
        self.is_hit = False

    def feed(self, text: str) -> str:
        """The part of what was fed so far that can be sent now."""
        if not self._stops:
            return text
        self._held += text
        found = [place for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if found:
            self.is_hit = True
            kept, self._held = self._held[: min(found)], ""
            return kept
        keep = max(self._beginning(stop) for stop in self._stops)
        released, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return released

    def finish(self) -> str:
        """What is still held when the text ended by itself."""
        held, self._held = self._held, ""
        return held

    def _beginning(self, stop: str) -> int:
        """Length of the longest end of the held text that begins `stop`."""
        sizes = range(min(len(stop) - 1, len(self._held)), 0, -1)
        return next((size for size in sizes if stop.startswith(self._held[-size:])), 0)
