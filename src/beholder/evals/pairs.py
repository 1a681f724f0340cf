"""Pairs of pictures: every difference with its box, and whether two pictures are the same at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from beholder.evals.answer import Answer, GroundedBox, find_box, find_json, find_list, short_answer
from beholder.evals.boxes import centre, is_inside, overlap
from beholder.evals.matching import match
from beholder.evals.rows import Row
from beholder.evals.short_answers import find_word
from beholder.evals.task import LONG, Metrics, Parts, Question, Scored, Task, f1, mean_of, micro_f1, share
from beholder.evidence import Box

MARGIN: Final = 15
"""Pixels by which an expected box is enlarged for a centre to lie in it (spot_difference)."""
LEAST_OVERLAP: Final = 0.2
"""Intersection over union that counts as found, wherever the centre is (spot_difference)."""
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "differences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "description": {"type": "string"},
                    "box": {"type": "array", "items": {"type": "integer"}, "minItems": 4, "maxItems": 4},
                },
                "required": ["description", "box"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["differences"],
    "additionalProperties": False,
}
SECOND: Final = 1


def said_boxes(said: Sequence[Any], grounding: Sequence[GroundedBox] | None) -> list[Box]:
    """A box for each difference that has one: its own, else the grounded one in the second picture."""
    return [box for place, each in enumerate(said) if (box := find_box(each) or _grounded(place, grounding))]


def _grounded(place: int, grounding: Sequence[GroundedBox] | None) -> Box | None:
    return next(_boxes_at(place, grounding or ()), None)


def _boxes_at(place: int, grounding: Sequence[GroundedBox]) -> Iterator[Box]:
    steps = {f"/differences/{place}", f"/{place}"}
    for each in grounding:
        if each.image == SECOND and any(f"{each.pointer}/".startswith(f"{step}/") for step in steps):
            yield each.box


def is_found(box: Box, expected: Box) -> bool:
    """Whether a box finds a difference: its centre is within 15 pixels of the expected box, or they overlap by 0.2."""
    return is_inside(centre(box), expected, MARGIN) or overlap(box, expected) >= LEAST_OVERLAP


def _score_differences(row: Row, answer: Answer) -> Parts:
    said = find_list(find_json(answer.text))
    boxes = said_boxes(said, answer.grounding)
    expected: list[Box] = [tuple(box) for box in row.expected["boxes"]]
    distinct = list(dict.fromkeys(expected))
    hits, hits_distinct = (len(match(boxes, truths, is_found)) for truths in (expected, distinct))
    return {
        "score": f1(share(hits, len(said)) or 0.0, share(hits, len(expected)) or 0.0),
        "hits": hits,
        "predicted": len(said),
        "expected": len(expected),
        "distinct_hits": hits_distinct,
        "distinct_predicted": len(said),
        "distinct_expected": len(distinct),
        "count_error": abs(len(said) - row.expected["count"]),
    }


def _summarise_differences(items: Sequence[Scored]) -> Metrics:
    hits, predicted, expected = (sum(parts[name] for _, parts in items) for name in ("hits", "predicted", "expected"))
    return {
        "localised_f1": micro_f1(items),
        "localised_precision": share(hits, predicted),
        "localised_recall": share(hits, expected),
        "localised_f1_by_pair": mean_of(items),
        "localised_f1_distinct": micro_f1(items, "distinct_"),
        "count_error": mean_of(items, "count_error"),
    }


DIFFERENCES = Task(
    "spot_the_difference",
    "localised_f1",
    lambda row: Question(row.prompt, SCHEMA, LONG, grounding=True),
    _score_differences,
    _summarise_differences,
)


def _score_control(row: Row, answer: Answer) -> Parts:
    word = find_word(short_answer(answer.text), ("identical", "different"))
    return {"score": float(word == row.expected)}


def _summarise_controls(items: Sequence[Scored]) -> Metrics:
    def of(expected: str) -> list[Scored]:
        return [item for item in items if item[0].expected == expected]

    return {
        "controls_right": mean_of(items),
        "identical_right": mean_of(of("identical")),
        "different_right": mean_of(of("different")),
    }


CONTROLS = Task(
    "same_image_control", "controls_right", lambda row: Question(row.prompt), _score_control, _summarise_controls
)
