"""Dark patterns on a screen (ContextDP): which of a closed list, and whether any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from beholder.evals.answer import Answer, as_text, find_json, member
from beholder.evals.rows import Row
from beholder.evals.task import Metrics, Parts, Question, Scored, Task, f1, mean, mean_of, micro_f1, share

PATTERNS: Final = (
    *("DEFAULT CHOICE", "NAGGING", "DISGUISED ADS", "GAMIFICATION", "ATTENTION DISTRACTION", "ACTIVITY MESSAGE"),
    *("COUNTDOWN TIMER", "LIMITED TIME MESSAGE", "LOW STOCK MESSAGE", "HIGH DEMAND MESSAGE"),
)
"""The taxonomy of Mansur et al. 2023."""
MERGED: Final = {
    "COUNTDOWN TIMER": "URGENCY",
    "LIMITED TIME MESSAGE": "URGENCY",
    "LOW STOCK MESSAGE": "SCARCITY",
    "ACTIVITY MESSAGE": "SOCIAL PROOF",
    "HIGH DEMAND MESSAGE": "SOCIAL PROOF",
}
"""Labels that are hardly told apart, as one."""
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "dark_patterns": {"type": "array", "items": {"type": "string", "enum": list(PATTERNS)}},
        "reason": {"type": "string"},
    },
    "required": ["dark_patterns", "reason"],
    "additionalProperties": False,
}


def said_labels(text: str) -> set[str] | None:
    """The labels in an answer, in capitals; None if it has no list."""
    said = find_json(text)
    named = member(said, "dark_patterns") if isinstance(said, dict) else said
    if not isinstance(named, list):
        return None
    return {as_text(each).strip().upper() for each in named} - {""}


def _counts(said: Iterable[str], true: Iterable[str], prefix: str = "") -> Parts:
    ours, theirs = set(said), set(true)
    return {
        f"{prefix}hits": len(ours & theirs),
        f"{prefix}predicted": len(ours),
        f"{prefix}expected": len(theirs),
    }


def _score(row: Row, answer: Answer) -> Parts:
    listed, true = said_labels(answer.text), set(row.expected["dark_patterns"])
    said = listed or set()
    counts = _counts(said, true)
    return {
        **counts,
        **_counts(map(_merge, said), map(_merge, true), "merged_"),
        # An empty list is right where there is nothing to name, which F1 has no value for.
        "score": micro_f1([(row, counts)]) if said or true else float(listed is not None),
        "any_right": float(listed is not None and bool(said) == bool(row.expected["any"])),
        "said": sorted(said),
        "true": sorted(true),
    }


def _merge(label: str) -> str:
    return MERGED.get(label, label)


def _summarise(items: Sequence[Scored]) -> Metrics:
    return {
        "micro_f1": micro_f1(items),
        "macro_f1": mean(_label_f1(items, label) for label in PATTERNS),
        "merged_f1": micro_f1(items, "merged_"),
        "any_accuracy": mean_of(items, "any_right"),
    }


def _label_f1(items: Sequence[Scored], label: str) -> float | None:
    """F1 of one label; None if nobody names it."""
    hits = sum(label in parts["said"] and label in parts["true"] for _, parts in items)
    return f1(
        share(hits, sum(label in parts["said"] for _, parts in items)),
        share(hits, sum(label in parts["true"] for _, parts in items)),
    )


DARK_PATTERNS = Task(
    "ui_critique_dark_patterns", "micro_f1", lambda row: Question(row.prompt, SCHEMA, 1_024), _score, _summarise
)
