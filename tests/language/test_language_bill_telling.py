"""When a bill is told in a few rows instead of its whole page, and how the prompt stands then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tiny_qwen import tiny_model

from beholder.evidence import Chart, Evidence, Table, TextLine
from beholder.language.bill_telling import asked_of_bill, tell_bill
from beholder.language.prompt import Prompt, PromptWriter
from beholder.types import Image, Job, JsonOutput, Part, TextOutput, TextPart, Turn, Where

ROWS = (
    "Harbour Tools Ltd",
    "12 Quay Street, 80300 Port Anne",
    "Receipt of 25/12/2025",
    "Hammer 18.00",
    "Rope 7.50",
    "Total 25.50",
    "Cash 30.00",
)
CHART = Chart((0, 0, 9, 9), "bar", Table((0, 0, 9, 9), 0, 0, (), "drawn"))
ASKED = "Extract the fields of this receipt."


def evidence(*more: str) -> Evidence:
    """A bill's, with rows below it."""
    rows = [*ROWS, *more]
    lines = tuple(TextLine(text, (0, 30 * n, 200, 30 * n + 20), 0.9, "r", ()) for n, text in enumerate(rows))
    return Evidence("bill", (400, 600), lines, "\n".join(rows))


def image() -> Image:
    """A picture of the bill."""
    return Image(
        "bill", "PNG", (4, 6), np.zeros((6, 4, 3), np.uint8), Where(0, 0, "messages[0].content[0].image_url.url")
    )


def schema(*names: str, **more: Any) -> dict[str, Any]:
    """A closed schema of strings."""
    properties = {name: {"type": "string"} for name in names}
    return {"type": "object", "properties": properties, "required": [*names], "additionalProperties": False, **more}


def job(wanted: Any, asked: str = ASKED, *before: Part) -> Job:
    """A question about the bill."""
    return Job((Turn("user", (*before, image(), TextPart(asked))),), output=JsonOutput(wanted))


def prompt(asked: Job, seen: Evidence) -> Prompt:
    """As the model reads it."""
    return PromptWriter(tiny_model().tokenizer()).write(asked, {"bill": seen})


@pytest.mark.parametrize(
    ("names", "kinds"),
    [
        (("company", "date", "address", "total"), {"company", "date", "address", "total"}),
        (("merchant_name", "invoiceDate", "total_amount"), {"company", "date", "total"}),
        (("vendor-address", "amount due"), {"address", "total"}),
        (("company", "total", "items"), set()),
        (("customer_address", "total"), set()),
        (("due_date", "total"), set()),
        (("subtotal", "total"), set()),
        ((), set()),
    ],
)
def test_every_key_must_be_one_of_the_four(names: tuple[str, ...], kinds: set[str]) -> None:
    """In the whole of its words; any other key may be answered from anywhere on the page."""
    assert kinds == set(asked_of_bill(job(schema(*names))))


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        True,
        schema("company", "total", additionalProperties=True),
        schema("company", "total", patternProperties={"x": {"type": "string"}}),
        {"type": "array", "items": schema("company", "total")},
        {"type": "object", "properties": {"total": {"type": "array", "items": {"type": "string"}}}},
        {"type": "object", "properties": {"total": {"enum": ["high", "low"]}}},
        {"type": "object", "properties": {"total": True}},
        {"type": "object", "properties": {"company": {"type": "string", "description": "the customer"}}},
        schema("company", "total", description="Whom the bill was sold to."),
    ],
)
def test_a_schema_that_leaves_more_open_wants_the_page(wanted: Any) -> None:
    """Other keys, lists, and values that are no copies."""
    assert not asked_of_bill(job(wanted))


def test_values_may_be_numbers_and_may_be_missing() -> None:
    """As libraries write optional members."""
    optional = {"anyOf": [{"type": "number"}, {"type": "null"}], "title": "Total"}
    wanted = {
        "type": "object",
        "properties": {"date": {"type": ["string", "null"]}, "total": optional},
        "title": "Bill",
    }
    assert ("date", "total") == asked_of_bill(job(wanted))


@pytest.mark.parametrize(
    "asked",
    [
        "Give the address of the customer.",
        "Who was it delivered to?",
        "Add up the items.",
        "Give the box of each value.",
    ],
)
def test_a_question_for_something_else_wants_the_page(asked: str) -> None:
    """Whatever the schema's keys are."""
    assert not asked_of_bill(job(schema("company", "address"), asked))


def test_an_earlier_turn_may_say_what_is_meant() -> None:
    """Instructions most of all."""
    asked = job(schema("company", "total"))
    for said, is_narrow in (("You read bills.", True), ("The company is the customer.", False)):
        told = replace(asked, turns=(Turn("system", (TextPart(said),)), *asked.turns))
        assert is_narrow == bool(asked_of_bill(told))


def test_only_what_is_asked_for_is_told() -> None:
    """Items and what was paid are not; each finding stands under its own label."""
    told = tell_bill(job(schema("company", "date", "total")), {"bill": evidence()})
    assert "Company: Harbour Tools Ltd\nDate: 25/12/2025\nAmount to pay: 25.50" == told


def test_several_days_are_told_as_they_stand() -> None:
    """Which of them is meant their rows say."""
    told = tell_bill(job(schema("date", "company")), {"bill": evidence("Due 31/12/2025")})
    assert "Receipt of 25/12/2025\nDue 31/12/2025\nCompany: Harbour Tools Ltd" == told


@pytest.mark.parametrize(
    "seen",
    [
        replace(evidence(), suspicious=evidence().lines[:1]),
        replace(evidence(), charts=(CHART,)),
        replace(evidence(), layout="A letter", lines=()),
    ],
    ids=["addressed", "chart", "letter"],
)
def test_what_is_not_plainly_a_bill_is_told_whole(seen: Evidence) -> None:
    """Text that addresses the model is quoted, charts are described: elsewhere."""
    assert tell_bill(job(schema("company", "total")), {"bill": seen}) is None


def test_a_bill_of_an_earlier_turn_or_beside_another_is_told_whole() -> None:
    """A conversation about it may be about any of it."""
    wanted, seen = JsonOutput(schema("company", "total")), {"bill": evidence()}
    assert tell_bill(job(wanted.schema), seen)
    asked = Turn("user", (TextPart(ASKED),))
    earlier = (Turn("user", (image(),)), Turn("assistant", (TextPart("Yes."),)), asked)
    assert tell_bill(Job(earlier, output=wanted), seen) is None
    assert tell_bill(job(wanted.schema, ASKED, image()), seen) is None
    assert tell_bill(replace(job(wanted.schema), output=TextOutput()), seen) is None


def test_the_question_stands_before_so_short_an_evidence() -> None:
    """So that the next picture, asked the same, finds it in the cache."""
    asked = job(schema("company", "total"))
    one, other = prompt(asked, evidence()), prompt(asked, evidence("Total 99.00"))
    words = one.turns[-1][1]
    assert words.index(ASKED) < words.index("<image 1") < words.index("Amount to pay: 25.50") < words.index("</image>")
    assert "Hammer" not in words
    parted = next(place for place, pair in enumerate(zip(one.tokens, other.tokens, strict=False)) if len({*pair}) > 1)
    shared = b"".join(map(tiny_model().tokenizer().token_bytes, one.tokens[:parted])).decode()
    assert shared.index(ASKED) < shared.index("\n<image 1")


def test_other_questions_stand_after_the_page() -> None:
    """Where another question about the same picture finds it."""
    words = prompt(job(schema("company", "cashier")), evidence()).turns[-1][1]
    assert words.index("Hammer") < words.index("</image>") < words.index(ASKED)


def test_the_words_cost_the_same_in_either_place() -> None:
    """What stands for the image is counted apart."""
    narrow, whole = (prompt(job(schema("company", key)), evidence()) for key in ("total", "cashier"))
    texts = [len(each.tokens) - each.evidence_tokens for each in (narrow, whole)]
    keys = [len(tiny_model().tokenizer().encode(key)) for key in ("total", "cashier")]
    assert texts[1] - texts[0] == 2 * (keys[1] - keys[0])
