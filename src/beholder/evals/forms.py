"""Scanned forms (FUNSD): pairs of a label and its value, and the words that were read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from beholder.evals.answer import Answer, as_text, find_json, find_list, member
from beholder.evals.matching import match
from beholder.evals.receipts import word_recall
from beholder.evals.rows import Row
from beholder.evals.similarity import ALIKE, letters, similarity
from beholder.evals.task import LONG, Metrics, Parts, Question, Scored, Task, mean_of, micro_f1

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
                "required": ["question", "answer"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["fields"],
    "additionalProperties": False,
}


class Pair(NamedTuple):
    """A label and a value that was given for it."""

    question: str
    answer: str


class Truth(NamedTuple):
    """A label with one of its values, and all of them in a row; `field` says which of the form's fields it is."""

    field: int
    question: str
    answer: str
    whole: str


def normal(text: str) -> str:
    """Upper case letters and digits; where there are none, the marks themselves."""
    return letters(text) or "".join(text.split())


def said_pairs(value: Any) -> list[Pair]:
    """The pairs in an answer: a list of objects, or one object of labels and values; empty values do not count."""
    listed = find_list(value)
    if listed:
        pairs = [Pair(as_text(member(each, "question")), as_text(member(each, "answer"))) for each in listed]
    else:
        pairs = [Pair(name, as_text(inner)) for name, inner in value.items()] if isinstance(value, dict) else []
    return [pair for pair in pairs if normal(pair.question) and normal(pair.answer)]


def count_pairs(pairs: Sequence[Pair], truths: Sequence[Truth], least: float) -> tuple[int, int]:
    """How many pairs are right, and how many fields were found: texts are the same from a similarity of `least` on.

    A pair is right if its label is, and its value is one of the label's values, each for one pair, or all of them.
    """

    def is_same(one: str, other: str) -> bool:
        return similarity(normal(one), normal(other)) >= least

    def fits(pair: Pair, truth: Truth) -> bool:
        return is_same(pair.question, truth.question) and (
            is_same(pair.answer, truth.answer) or is_same(pair.answer, truth.whole)
        )

    found = match(pairs, truths, fits)
    return len(found), len({truths[place].field for place in found.values()})


def _truths(fields: Sequence[Any]) -> list[Truth]:
    return [
        Truth(number, field["question"], answer, " ".join(field["answers"]))
        for number, field in enumerate(fields)
        for answer in field["answers"]
    ]


def _score(row: Row, answer: Answer) -> Parts:
    pairs, fields = said_pairs(find_json(answer.text)), row.expected["fields"]
    truths = _truths(fields)
    hits, recalled = count_pairs(pairs, truths, ALIKE)
    exact_hits, exact_recalled = count_pairs(pairs, truths, 1.0)
    counts = {"hits": hits, "predicted": len(pairs), "recalled": recalled, "expected": len(fields)}
    exact = counts | {"hits": exact_hits, "recalled": exact_recalled}
    return {
        **counts,
        **{f"exact_{name}": count for name, count in exact.items()},
        # A form without fields is right when none is named, which F1 has no value for.
        "score": 1.0 if not pairs and not fields else micro_f1([(row, counts)]),
        "word_recall": word_recall(answer.lines, row.fields.get("ocr_words") or []),
    }


def _summarise(items: Sequence[Scored]) -> Metrics:
    return {
        "kv_f1": micro_f1(items),
        "kv_f1_exact": micro_f1(items, "exact_"),
        "kv_f1_by_page": mean_of(items),
        "word_recall": mean_of(items, "word_recall"),
    }


FORMS = Task("form_kie", "kv_f1", lambda row: Question(row.prompt, SCHEMA, LONG, evidence=True), _score, _summarise)
