"""Photos (COCO): the objects that are named, those that are made up, and questions whether one is there."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from beholder.evals.answer import Answer, as_text, find_json, find_list, member, short_answer
from beholder.evals.object_names import classes_of
from beholder.evals.rows import Row
from beholder.evals.short_answers import find_word, squad_scores
from beholder.evals.task import Metrics, Parts, Question, Scored, Task, f1, mean_of, share

PROBE: Final = "object_probe"
PROBES: Final = 3
"""Objects of each kind, there and not there, that are asked about for a photo (POPE, Li et al. 2023)."""
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"alt_text": {"type": "string"}, "objects": {"type": "array", "items": {"type": "string"}}},
    "required": ["alt_text", "objects"],
    "additionalProperties": False,
}


def _probes(row: Row) -> Iterator[Row]:
    """Yes-or-no questions: as many objects that are annotated as ones that are not, chosen by the row's id."""
    drawn = random.Random(row.id)  # noqa: S311 - the same choice every time, nothing secret
    there, absent = list(row.expected["objects"]), list(row.fields["absent"])
    count = min(PROBES, len(there), len(absent))
    for answer, names in (("yes", drawn.sample(there, count)), ("no", drawn.sample(absent, count))):
        for name in names:
            article = "an" if name[0] in "aeiou" else "a"
            prompt = f"Is there {article} {name} in the image? Answer with one word, yes or no."
            fields = {"id": f"{row.id}/{name}", "task": PROBE, "expected": answer}
            yield replace(row, id=fields["id"], task=PROBE, prompt=prompt, fields=fields)


def _score_photo(row: Row, answer: Answer) -> Parts:
    said = find_json(answer.text)
    listed = member(said, "objects")
    phrases = map(as_text, listed if isinstance(listed, list) else find_list(said))
    named: set[str] = set().union(*map(classes_of, phrases))
    salient, absent = set(row.expected["salient_objects"]), set(row.fields["absent"])
    return {
        "score": len(named & salient) / len(salient) if salient else 1.0,
        "named": sorted(named),
        "made_up": len(named & absent),
        "recalled": len(named & salient),
        "expected": len(salient),
        "caption_f1": squad_scores(as_text(member(said, "alt_text")), row.expected.get("captions") or [])[1],
    }


def _summarise_photos(items: Sequence[Scored]) -> Metrics:
    made_up, recalled, expected = (
        sum(parts[name] for _, parts in items) for name in ("made_up", "recalled", "expected")
    )
    named = sum(len(parts["named"]) for _, parts in items)
    return {
        "object_recall": share(recalled, expected),
        "hallucinated_per_image": share(made_up, len(items)),
        "hallucination_rate": share(made_up, named),
        "caption_f1": mean_of(items, "caption_f1"),
    }


PHOTOS = Task(
    "photo_objects_caption",
    "object_recall",
    lambda row: Question(row.prompt, SCHEMA, 1_024),
    _score_photo,
    _summarise_photos,
    expand=_probes,
)


def _score_probe(row: Row, answer: Answer) -> Parts:
    word = find_word(short_answer(answer.text), ("yes", "no"))
    return {"score": float(word == row.expected), "yes": word == "yes", "true": row.expected == "yes"}


def _summarise_probes(items: Sequence[Scored]) -> Metrics:
    hits = sum(parts["yes"] and parts["true"] for _, parts in items)
    yes = sum(parts["yes"] for _, parts in items)
    return {
        "pope_accuracy": mean_of(items),
        "pope_f1": f1(share(hits, yes), share(hits, sum(parts["true"] for _, parts in items))),
        "pope_yes": share(yes, len(items)),
    }


PROBE_TASK = Task(PROBE, "pope_accuracy", lambda row: Question(row.prompt), _score_probe, _summarise_probes)
