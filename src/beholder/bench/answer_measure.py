"""What is measured of one answer, and the interface of everybody who answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol, TypeAlias

from beholder.bench.answer_task import Task

Messages: TypeAlias = Sequence[dict[str, str]]
"""A conversation as text: `role` and `content` of each turn."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One answer. Seconds count from sending the request; `first` is the first byte of the answer's own text.

    Token counts are the contestant's own, None where it does not tell. `decided`, `forced` and `copied` add up to
    `tokens`; `passes` are runs over the weights after the prompt was read, one a token where nothing is skipped.
    """

    contestant: str
    task: str
    kind: str
    text: str
    first: float
    wall: float
    prompt_tokens: int | None = None
    tokens: int | None = None
    forced: int | None = None
    copied: int | None = None
    passes: int | None = None
    seen: float | None = None
    """Seconds of reading the picture, where the contestant does that as a step of its own."""
    score: float | None = None

    @property
    def decided(self) -> int | None:
        """Tokens that were chosen one by one."""
        return None if self.tokens is None else self.tokens - (self.forced or 0) - (self.copied or 0)

    def with_score(self, score: float | None) -> Measured:
        """The same, judged."""
        return replace(self, score=score)

    def to_json(self) -> dict[str, Any]:
        """A line of the report."""
        return {**asdict(self), "decided": self.decided}


class Rival(Protocol):
    """Somebody else who answers, given the text that Beholder's model was given."""

    name: str

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The processes whose memory is the rival's."""
        ...

    def ask(self, task: Task, messages: Messages) -> Measured:
        """Answer, and be measured."""
        ...

    def close(self) -> None:
        """End the processes."""
        ...
