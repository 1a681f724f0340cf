"""Screens of apps: questions (ScreenQA), every text on them, and where an element is."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Final

from beholder.evals.answer import Answer, as_text, find_box, find_json, find_list, member, short_answer
from beholder.evals.boxes import centre, is_inside
from beholder.evals.matching import match
from beholder.evals.rows import Row
from beholder.evals.short_answers import squad_normal, squad_scores
from beholder.evals.similarity import ALIKE, similarity, squeeze
from beholder.evals.task import LONG, Metrics, Parts, Question, Scored, Task, mean_of, share

NO_ANSWER: Final = "<no answer>"
TEXTS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"texts": {"type": "array", "items": {"type": "string"}}},
    "required": ["texts"],
    "additionalProperties": False,
}
POINT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
    "required": ["x", "y"],
    "additionalProperties": False,
}


# ── questions ───────────────────────────────────────────────────────────────────────────────────────────────────────


def screen_scores(said: str, references: Sequence[str]) -> tuple[float, float]:
    """Exact match and F1 as ScreenQA's own: saying that there is no answer is right only where a reference does."""
    if squad_normal(said) == squad_normal(NO_ANSWER):
        agrees = float(NO_ANSWER in references)
        return agrees, agrees
    return squad_scores(said, [reference for reference in references if reference != NO_ANSWER])


def _score_question(row: Row, answer: Answer) -> Parts:
    references = row.expected if isinstance(row.expected, list) else [row.expected]
    exact, f1 = screen_scores(short_answer(answer.text), [str(reference) for reference in references])
    return {"score": f1, "exact": exact}


def _summarise_questions(items: Sequence[Scored]) -> Metrics:
    def of(prefix: str) -> list[Scored]:
        return [item for item in items if str(item[0].fields.get("subset", "")).startswith(prefix)]

    return {
        "f1": mean_of(items),
        "exact_match": mean_of(items, "exact"),
        "f1_short": mean_of(of("short_answers")),
        "f1_complex": mean_of(of("complex_qa")),
        "f1_unanswerable": mean_of([item for item in items if item[0].fields.get("unanswerable")]),
    }


SCREEN_QUESTIONS = Task("screen_qa", "f1", lambda row: Question(row.prompt), _score_question, _summarise_questions)


# ── every text ──────────────────────────────────────────────────────────────────────────────────────────────────────


def is_alike(one: str, other: str) -> bool:
    """Whether two texts count as one: edit similarity of at least 0.8, in any case, white space squeezed."""
    return similarity(squeeze(one), squeeze(other)) >= ALIKE


def _score_inventory(row: Row, answer: Answer) -> Parts:
    said = [text for text in map(as_text, find_list(find_json(answer.text))) if text.strip()]
    texts: list[str] = row.expected["texts"]
    ignored: list[str] = row.fields.get("ignore_texts") or []
    found = match(texts, said, is_alike)
    left = [text for place, text in enumerate(said) if place not in set(found.values())]
    excused = sum(any(is_alike(text, other) for other in ignored) for text in left)
    return {
        "score": len(found) / len(texts) if texts else 1.0,
        "recalled": len(found),
        "expected": len(texts),
        "predicted": len(said) - excused,
    }


def _summarise_inventory(items: Sequence[Scored]) -> Metrics:
    recalled, expected, predicted = (
        sum(parts[name] for _, parts in items) for name in ("recalled", "expected", "predicted")
    )
    return {"text_recall": share(recalled, expected), "text_precision": share(recalled, predicted)}


INVENTORY = Task(
    "ui_text_inventory",
    "text_recall",
    lambda row: Question(row.prompt, TEXTS, LONG),
    _score_inventory,
    _summarise_inventory,
)


# ── where an element is ─────────────────────────────────────────────────────────────────────────────────────────────


def find_point(text: str) -> tuple[float, float] | None:
    """The click point in an answer: x and y, a list of two, or the middle of a box; None if there is none."""
    said = find_json(text)
    x, y = member(said, "x"), member(said, "y")
    if isinstance(x, int | float) and isinstance(y, int | float):
        return float(x), float(y)
    if (box := find_box(said)) is not None:
        return centre(box)
    numbers = re.findall(r"-?\d+(?:\.\d+)?", text)
    return (float(numbers[0]), float(numbers[1])) if len(numbers) == 2 else None


def _score_grounding(row: Row, answer: Answer) -> Parts:
    point = find_point(answer.text)
    left, top, right, bottom = row.expected["box"]
    if point is None:
        return {"score": 0.0, "distance": None}
    x, y = centre((left, top, right, bottom))
    return {
        "score": float(is_inside(point, (left, top, right, bottom))),
        "distance": math.hypot((point[0] - x) / _extent(row, 0), (point[1] - y) / _extent(row, 1)),
    }


def _extent(row: Row, axis: int) -> float:
    """Width or height of the screen, from the box in pixels and in parts of the screen; 1 where it is not told."""
    pixels, parts = row.expected["box"], row.expected.get("box_norm")
    if not parts or not parts[axis + 2]:
        return 1.0
    return float(pixels[axis + 2]) / float(parts[axis + 2])


def _summarise_grounding(items: Sequence[Scored]) -> Metrics:
    return {"point_in_box": mean_of(items), "point_distance": mean_of(items, "distance")}


GROUNDING = Task(
    "ui_grounding", "point_in_box", lambda row: Question(row.prompt, POINT, 128), _score_grounding, _summarise_grounding
)
