"""JSON that may be cut at any point and still parses: holds back what could not be closed, and closes the rest.

Text is released while it is certain to stay: strings as values character by character; a key, its colon and the comma
before it only together with the beginning of their value; numbers and literals only once they are complete, since half
a number is another number.
"""

from __future__ import annotations

from typing import Final

CLOSERS: Final = {"{": "}", "[": "]"}
SIMPLE_ESCAPE: Final = len(r"\n")
UNICODE_ESCAPE: Final = len(r"\uXXXX")


class JsonTail:
    """Fed with pieces of valid, compact JSON; `feed` returns what may be sent, `close` what makes it whole."""

    def __init__(self) -> None:
        self._held = ""
        self._open: list[str] = []
        self._is_string = False
        self._is_key = False
        self._escape = ""
        self._expects_key = False
        self._has_sent = False

    def feed(self, text: str) -> str:
        """The part of what was fed so far that can be sent now."""
        released = "".join(self._character(character) for character in text)
        self._has_sent = self._has_sent or bool(released)
        return released

    @property
    def is_closed(self) -> bool:
        """Whether an object or array at the top level is complete."""
        return self._has_sent and not self._open and not self._is_string and not self._held

    def finish(self) -> str:
        """What is still held when the JSON ended by itself: a number or literal at the top level."""
        held, self._held = self._held, ""
        return held

    def close(self) -> str:
        """The shortest end that makes what was sent parse; held text is dropped."""
        self._held = ""
        if not self._has_sent:
            return "null"
        quote = '"' if self._is_string and not self._is_key else ""
        return quote + "".join(CLOSERS[bracket] for bracket in reversed(self._open))

    def _character(self, character: str) -> str:
        if self._is_string:
            return self._in_string(character)
        if character == '"':
            self._is_string = True
            self._is_key = self._expects_key
            return self._hold(character) if self._is_key else self._release(character)
        if character in CLOSERS:
            self._open.append(character)
            self._expects_key = character == "{"
            return self._release(character)
        if character in "}]":
            self._open.pop()
            self._expects_key = False
            return self._release(character)
        if character == ",":
            complete = self._release("")
            self._expects_key = self._open[-1] == "{"
            return complete + self._hold(character)
        return self._hold(character)

    def _in_string(self, character: str) -> str:
        if self._escape or character == "\\":
            self._escape += character
            if len(self._escape) < (UNICODE_ESCAPE if self._escape[1:2] == "u" else SIMPLE_ESCAPE):
                return self._hold(character)
            self._escape = ""
        elif character == '"':
            self._is_string = False
            self._expects_key = False
        return self._hold(character) if self._is_key else self._release(character)

    def _hold(self, character: str) -> str:
        self._held += character
        return ""

    def _release(self, character: str) -> str:
        released, self._held = self._held + character, ""
        return released
