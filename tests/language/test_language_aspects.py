"""What a question asks to look for, from its words and its schema's."""

from __future__ import annotations

import pytest

from beholder.language.aspects import ALWAYS, wanted
from beholder.types import Job, JsonOutput, JsonSchema, TextPart, Turn


def aspects(words: str, schema: JsonSchema | None = None) -> frozenset[str]:
    """The aspects beyond those that are always looked for."""
    job = Job((Turn("user", (TextPart(words),)),), output=JsonOutput(schema))
    return wanted(job) - ALWAYS


@pytest.mark.parametrize(
    "words",
    [
        "Copy the key fields of this receipt into one JSON object.",
        'Answer as {"type": "object", "properties": {"name": {"type":"string"}}}',
        "What is the name?",
        "Extract the line items as JSON: description, qty, unit_price",
    ],
)
def test_words_of_other_meaning_ask_for_nothing(words: str) -> None:
    """A JSON object is no object in a photo, the fields of an answer are no form's, and people's reviews no request."""
    assert frozenset() == aspects(words)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Which objects are in this picture?", {"photo"}),
        ("List the form fields", {"form"}),
        ("Read this form.", {"form"}),
        ("Give the table as CSV", {"tables"}),
        ("Review this dashboard.", {"design", "screen", "controls"}),
        ('What is the status of "Sync"?', {"screen", "controls"}),
        ("List every text.", {"pieces", "screen"}),
        ("What is the total?", {"total"}),
        ("What is the name of this app?", {"title", "screen"}),
        ("How many more downloads than reviews does it have?", {"count"}),
        ("What time does the telephone show?", {"time"}),
        ("Give the shop's address.", {"address"}),
        ("Which company is the invoice from?", {"company"}),
        ("Wie hoch ist der Gesamtbetrag?", {"total"}),
        ("Is it safe for work?", {"safety"}),
        ("Flag pictures with firearms.", {"photo", "safety"}),
        ("Flag the image if alcohol is visible.", {"photo", "safety"}),
        ("Do moderate voters agree?", set()),
        ("Which colours has it?", {"axes", "colours"}),
        ("Is the photo blurred?", {"photo", "exposure"}),
    ],
)
def test_words_ask_for_what_they_name(words: str, expected: set[str]) -> None:
    """Objects are looked for in a photo, fields in a form, states on a screen."""
    assert expected == aspects(words)


def test_the_keywords_of_a_schema_ask_for_nothing() -> None:
    """A schema's `type: object` is not about things in a photo."""
    schema: JsonSchema = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    assert frozenset() == aspects("Read the receipt.", schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"objects": {"type": "array", "items": {"type": "string"}}}},
        {"type": "object", "properties": {"seen": {"type": "string", "description": "the objects in view"}}},
        {"type": "object", "properties": {"seen": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"title": "Objects"}}},
        {"type": "object", "properties": {"seen": {"enum": ["person", "dog"]}}},
        {"type": "object", "properties": {"all": {"type": "array", "items": {"properties": {"photo_caption": {}}}}}},
    ],
)
def test_the_names_of_a_schema_ask_for_what_they_name(schema: JsonSchema) -> None:
    """Properties' names, titles, descriptions and permitted values are words of the question."""
    assert {"photo"} == aspects("Read it.", schema)
