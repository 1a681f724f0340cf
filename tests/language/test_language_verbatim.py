"""Under `verbatim` each string of the answer is a span of what is printed, whatever the model would rather say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tiny_qwen import tiny_model

from beholder.evidence import Evidence, TextLine
from beholder.language.answer import TextModel
from beholder.language.constraint import Grammars
from beholder.language.model import Pass
from beholder.language.verbatim import narrowed, pattern
from beholder.types import Image, Job, JsonOutput, Sampling, TextDelta, TextPart, Turn, Where

LINES = ('Harbour "Coffee" Ltd.', "27, Dam Road", "8110 Newtown", "Total: RM10.50")


def page(*texts: str) -> Evidence:
    """A page of these lines, one below the other."""
    lines = tuple(
        TextLine(text, (10, 30.0 * row, 10 + 10 * len(text), 30.0 * row + 20), 0.9, "reader")
        for row, text in enumerate(texts)
    )
    return Evidence("digest", (600, 600), lines, "\n".join(texts))


@pytest.mark.parametrize(
    ("text", "is_span"),
    [
        ("", True),
        ("Coffee", True),
        ('"Coffee" Ltd.', True),
        ("27, Dam Road 8110 Newtown", True),
        ("10.50", True),
        ("RM10", True),
        ('Harbour "Coffee" Ltd. 27, Dam Road 8110 Newtown Total: RM10.50', True),
        ("Cof", False),
        ("offee", False),
        ("coffee", False),
        ("Coffee Ltd", False),
        ("Dam  Road", False),
        (" Dam", False),
        ("Dam ", False),
        ("27, Newtown", False),
    ],
)
def test_spans_are_whole_words_in_a_row(text: str, is_span: bool) -> None:
    """Words, numbers and signs as they follow one another, over line ends too; nothing else and no part of a word."""
    assert is_span == (re.fullmatch(pattern([page(*LINES)]), text) is not None)


def test_an_empty_page_has_one_span() -> None:
    """Where nothing is printed only the empty string is left."""
    assert "^$" == pattern([page()])


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "shop": {"type": "string"},
        "kind": {"enum": ["bill", "letter"]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}, "minItems": 1, "maxItems": 2},
        "note": {"type": ["string", "null"]},
        "more": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    },
    "required": ["shop", "kind", "items", "note", "more"],
    "additionalProperties": False,
    "$defs": {
        "item": {"type": "object", "properties": {"name": {"type": "string"}, "any": {}}, "required": ["name", "any"]}
    },
}


@pytest.mark.parametrize(
    ("schema", "document", "is_allowed"),
    [
        (SCHEMA["properties"]["shop"], "Coffee", True),
        (SCHEMA["properties"]["shop"], "Tea", False),
        (SCHEMA["properties"]["note"], None, True),
        (SCHEMA["properties"]["note"], "Tea", False),
        (SCHEMA["properties"]["more"], 7, True),
        (SCHEMA["properties"]["more"], "Tea", False),
        (SCHEMA["properties"]["kind"], "letter", True),
        ({}, {"tea": ["Coffee", 5, None]}, True),
        ({}, {"tea": ["Coffee", "Tea"]}, False),
        (None, {"tea": "Tea"}, False),
        (None, {"tea": "Dam Road"}, True),
        ({"type": "array"}, ["Tea"], False),
        ({"type": "string", "maxLength": 3}, "Dam", True),
        ({"type": "string", "maxLength": 3}, "Road", False),
        ({"type": "string", "pattern": "^T"}, "Tea", True),
    ],
)
def test_only_strings_without_a_meaning_of_their_own_are_narrowed(schema: Any, document: Any, is_allowed: bool) -> None:
    """Strings anywhere in a document, named or not; enumerations and patterns say themselves what is allowed."""
    tokenizer = tiny_model().tokenizer()
    constraint = Grammars(tokenizer).json(narrowed(schema, [page(*LINES)]), "schema")
    tokens = tokenizer.encode(json.dumps(document, separators=(",", ":")))
    assert is_allowed == constraint.allows([*tokens, tokenizer.end_of_turn])


SMALL: dict[str, Any] = {
    "type": "object",
    "properties": {"shop": {"type": "string"}, "kind": {"enum": ["bill"]}, "n": {}},
    "required": ["shop", "kind", "n"],
    "additionalProperties": False,
}


def strings(value: Any) -> Iterator[str]:
    """The string values of a document, without its keys."""
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(item)


@pytest.mark.parametrize("seed", range(4))
def test_a_model_that_knows_nothing_says_only_what_is_printed(seed: int) -> None:
    """From random weights, drawn at a high temperature, come spans of the page and nothing else."""
    model = TextModel(tiny_model(), threads=1, context_tokens=1024)
    seen = page(*LINES)
    image = Image("digest", "PNG", (600, 600), np.zeros((600, 600, 3), np.uint8), Where(0, 0, "messages"))
    job = Job(
        (Turn("user", (image, TextPart("?"))),),
        sampling=Sampling(max_tokens=200, temperature=1.5, seed=seed),
        output=JsonOutput(SMALL),
        verbatim=True,
    )
    text = ""
    work = model.answer(job, {"digest": seen})
    outcome = None
    while True:
        try:
            event = work.send(outcome)
        except StopIteration:
            break
        outcome = model.perform([event])[0] if isinstance(event, Pass) else None
        text += event.text if isinstance(event, TextDelta) else ""
    document = json.loads(text)
    whole = " ".join(LINES)
    assert "bill" == document.pop("kind", "bill")
    assert all(each in whole for each in strings(document)), document
