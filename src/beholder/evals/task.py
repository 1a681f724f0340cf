"""What a kind of row is: what is asked about it, how an answer is scored, what becomes of many scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from beholder.evals.answer import Answer
from beholder.evals.rows import Row

Parts: TypeAlias = Mapping[str, Any]
"""What one answer is worth: `score`, 0 to 1, and the counts and shares that the set's metrics are made of."""
Scored: TypeAlias = tuple[Row, Parts]
Metrics: TypeAlias = dict[str, float | None]
"""Metrics by name; None where nothing was there to measure."""

SHORT: Final = 512
"""Tokens of an answer in a word or two, with room for a model that explains itself first."""
LONG: Final = 4_096
"""Tokens of an answer that lists what stands on a page."""
LONGEST: Final = 8_192
"""Tokens of a table as HTML."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent. `schema` asks for JSON; `grounding` and `evidence` ask Beholder's extension for boxes and lines.

    `category` is a pattern for the category of `/v1/moderations` that decides, where there is such an endpoint.
    """

    prompt: str
    schema: Mapping[str, Any] | None = None
    max_tokens: int = SHORT
    grounding: bool = False
    evidence: bool = False
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of row, `name` in its field `task`. `main` is the metric that stands for a set of such rows.

    `expand` adds questions that the row's labels give besides. `checks_boxes` has each grounded box read again.
    """

    name: str
    main: str
    ask: Callable[[Row], Question]
    score: Callable[[Row, Answer], Parts]
    summarise: Callable[[Sequence[Scored]], Metrics]
    expand: Callable[[Row], Iterable[Row]] = lambda _row: ()
    checks_boxes: bool = False


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of what is there; None of nothing."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def f1(precision: float | None, recall: float | None) -> float | None:
    """The harmonic mean; None where neither is known."""
    if precision is None and recall is None:
        return None
    if not precision or not recall:
        return 0.0
    return 2 * precision * recall / (precision + recall)


def share(count: float, of: float) -> float | None:
    """`count / of`; None of nothing."""
    return count / of if of else None


def micro_f1(items: Sequence[Scored], prefix: str = "") -> float | None:
    """F1 of the summed counts `hits`, `predicted`, `recalled` (hits where absent) and `expected` of all items."""
    hits, predicted, recalled, expected = (
        sum(_count(parts, prefix, name) for _, parts in items) for name in ("hits", "predicted", "recalled", "expected")
    )
    if not predicted and not expected:
        return None
    return f1(share(hits, predicted) or 0.0, share(recalled, expected) or 0.0)


def _count(parts: Parts, prefix: str, name: str) -> float:
    if name == "recalled" and prefix + name not in parts:
        name = "hits"
    return float(parts[prefix + name])


def mean_of(items: Sequence[Scored], name: str = "score") -> float | None:
    """The mean of a part over the items that have it."""
    return mean(parts.get(name) for _, parts in items)
