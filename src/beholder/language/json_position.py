"""Where unfinished JSON stands: the path of the value being written, how much of it is there, and what is finished."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the root to a value."""


class State(Enum):
    """What comes next."""

    VALUE = auto()
    KEY = auto()
    IN_KEY = auto()
    COLON = auto()
    IN_STRING = auto()
    IN_SCALAR = auto()
    AFTER = auto()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A finished string, number or literal: `text` is the string's value, or the scalar as written."""

    path: Path
    text: str
    is_string: bool


@dataclass(slots=True)
class _Frame:
    is_object: bool
    key: str = ""
    index: int = 0


@dataclass(slots=True)
class JsonPosition:
    """Fed with pieces of valid JSON."""

    state: State = State.VALUE
    partial: str = ""
    """The string or scalar so far, escapes resolved."""
    leaves: list[Leaf] = field(default_factory=list)
    """Finished since the caller last emptied it."""
    keys: dict[Path, list[str]] = field(default_factory=dict)
    """The keys of each object so far, by the object's path."""
    _frames: list[_Frame] = field(default_factory=list)
    _escape: str = ""

    def copy(self) -> JsonPosition:
        """An independent position at the same place."""
        return JsonPosition(
            self.state,
            self.partial,
            list(self.leaves),
            {path: list(keys) for path, keys in self.keys.items()},
            [_Frame(frame.is_object, frame.key, frame.index) for frame in self._frames],
            self._escape,
        )

    @property
    def path(self) -> Path:
        """The path of the value that is being written or comes next."""
        return tuple(frame.key if frame.is_object else frame.index for frame in self._frames)

    @property
    def is_in_object(self) -> bool:
        """Whether the innermost container is an object."""
        return bool(self._frames) and self._frames[-1].is_object

    def feed(self, text: str) -> None:
        """More of the JSON."""
        for character in text:
            if self.state in (State.IN_STRING, State.IN_KEY):
                self._in_string(character)
            else:
                self._outside(character)

    def _in_string(self, character: str) -> None:
        if self._escape or character == "\\":
            self._escape += character
            if len(self._escape) == (6 if self._escape[1:2] == "u" else 2):
                self.partial = _joined(self.partial + _unescaped(self._escape))
                self._escape = ""
        elif character != '"':
            self.partial += character
        elif self.state is State.IN_KEY:
            self._frames[-1].key = self.partial
            self.keys.setdefault(self.path[:-1], []).append(self.partial)
            self.partial = ""
            self.state = State.COLON
        else:
            self._finish(is_string=True)

    def _outside(self, character: str) -> None:
        if self.state is State.IN_SCALAR and character in ",]} \n\t\r":
            self._finish(is_string=False)
        if character == '"':
            self.partial = ""
            self.state = State.IN_KEY if self.state is State.KEY else State.IN_STRING
        elif character in "{[":
            self._frames.append(_Frame(character == "{"))
            self.state = State.KEY if character == "{" else State.VALUE
        elif character in "}]":
            self._frames.pop()
            self.state = State.AFTER
        elif character == ",":
            self._next()
        elif character == ":":
            self.state = State.VALUE
        elif not character.isspace():
            self.partial = self.partial + character if self.state is State.IN_SCALAR else character
            self.state = State.IN_SCALAR

    def _next(self) -> None:
        if self._frames[-1].is_object:
            self.state = State.KEY
        else:
            self._frames[-1].index += 1
            self.state = State.VALUE

    def _finish(self, *, is_string: bool) -> None:
        self.leaves.append(Leaf(self.path, self.partial, is_string))
        self.partial = ""
        self.state = State.AFTER


def _unescaped(escape: str) -> str:
    if escape[1] == "u":
        return chr(int(escape[2:], 16))
    return {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}.get(escape[1], escape[1])


def _joined(text: str) -> str:
    """The text with two escaped halves at its end, a surrogate pair, as one character."""
    end = text[-2:]
    if len(end) == 2 and "\ud800" <= end[0] < "\udc00" <= end[1] < "\ue000":
        return text[:-2] + end.encode("utf-16", "surrogatepass").decode("utf-16")
    return text
