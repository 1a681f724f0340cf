"""Statements about a picture of shapes, true or false (NLVR)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from beholder.evals.answer import Answer, short_answer
from beholder.evals.rows import Row
from beholder.evals.short_answers import find_word
from beholder.evals.task import SHORT, Metrics, Parts, Question, Scored, Task, mean_of

MEANING: Final = {"true": "true", "yes": "true", "false": "false", "no": "false"}


def _score(row: Row, answer: Answer) -> Parts:
    word = find_word(short_answer(answer.text), tuple(MEANING))
    said = MEANING.get(word or "")
    return {"score": float(said == str(row.expected).lower()), "said": said, "answered": float(said is not None)}


def _summarise(items: Sequence[Scored]) -> Metrics:
    said_true = [{**parts, "true": float(parts["said"] == "true")} for _, parts in items]
    return {
        "accuracy": mean_of(items),
        "said_true": sum(parts["true"] for parts in said_true) / len(said_true),
        "answered": mean_of(items, "answered"),
    }


STATEMENTS = Task(
    "visual_statement", "accuracy", lambda row: Question(row.prompt, max_tokens=SHORT), _score, _summarise
)
