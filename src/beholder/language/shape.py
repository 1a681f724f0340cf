"""From decoded text to the events of an answer: text up to a stop string, JSON that can be cut, or tool calls."""

from __future__ import annotations

from collections.abc import Sequence

from beholder.language.json_tail import JsonTail
from beholder.language.stops import Stops
from beholder.language.tools import NO_CALL, CallStream
from beholder.types import Event, FinishReason, TextDelta, TokenLogprob


class TextShape:
    """Free text, or JSON."""

    def __init__(self, stops: Sequence[str], *, is_json: bool) -> None:
        self._stops = Stops(stops)
        self._tail = JsonTail() if is_json else None

    @property
    def is_over(self) -> bool:
        """Whether a stop string ended the answer."""
        return self._stops.is_hit

    def feed(self, text: str, logprobs: tuple[TokenLogprob, ...] = ()) -> list[Event]:
        """The events that can be sent now."""
        sent = self._stops.feed(text)
        if self._tail:
            sent = self._tail.feed(sent)
        return [TextDelta(sent, logprobs)] if sent or logprobs else []

    def finish(self, *, is_cut: bool) -> list[Event]:
        """The last events; `is_cut` when the token limit ended the answer."""
        last = self._stops.finish()
        if self._tail:
            # JSON that a stop string ended is closed like JSON that the token limit ended.
            last = self._tail.feed(last)
            last += self._tail.close() if is_cut or self.is_over else self._tail.finish()
        return [TextDelta(last)] if last else []

    def reason(self, *, is_cut: bool) -> FinishReason:
        """Why the answer ended."""
        return "length" if is_cut and not self.is_over else "stop"


class ToolShape:
    """Tool calls, or what is answered otherwise: the first characters tell."""

    def __init__(self, otherwise: TextShape) -> None:
        self._otherwise = otherwise
        self._calls: CallStream | None = None
        self._beginning = ""
        self._is_decided = False

    @property
    def is_over(self) -> bool:
        """Whether a stop string ended the answer; calls are never cut by one."""
        return self._calls is None and self._otherwise.is_over

    def feed(self, text: str, logprobs: tuple[TokenLogprob, ...] = ()) -> list[Event]:
        """The events that can be sent now."""
        if self._is_decided:
            return list(self._calls.feed(text)) if self._calls else self._otherwise.feed(text, logprobs)
        self._beginning += text
        if self._beginning.startswith(NO_CALL):
            self._is_decided = True
            return self._otherwise.feed(self._beginning.removeprefix(NO_CALL), logprobs)
        if NO_CALL.startswith(self._beginning):
            return []
        self._is_decided = True
        self._calls = CallStream()
        return list(self._calls.feed(self._beginning))

    def finish(self, *, is_cut: bool) -> list[Event]:
        """The last events; `is_cut` when the token limit ended the answer."""
        if self._calls is None:
            return self._otherwise.finish(is_cut=is_cut)
        return list(self._calls.close()) if is_cut else []

    def reason(self, *, is_cut: bool) -> FinishReason:
        """Why the answer ended."""
        if self._calls is None:
            return self._otherwise.reason(is_cut=is_cut)
        return "length" if is_cut else "tool_calls"
