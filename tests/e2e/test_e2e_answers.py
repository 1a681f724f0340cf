"""Questions about pictures to a real server with the real model, through the official client."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest
from live_server import ServerProcess
from pages import (
    FIELDS,
    HARBOUR,
    MILL,
    QUESTION,
    Receipt,
    ask,
    client,
    encoded,
    image_part,
    said,
    schema_format,
    text_part,
)

from beholder.bench.answer_drawn import invoice, receipt
from beholder.bench.answer_score import score
from beholder.bench.answer_task import RECEIPT_SCHEMA

pytestmark = pytest.mark.weights

ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "shop": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "kind": {"enum": ["bakery", "coffee shop", "bank"]}},
            "required": ["name", "kind"],
            "additionalProperties": False,
        },
        "items": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "price": {"type": "number"}},
                "required": ["name", "price"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["shop", "items"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def sdk(real_server: ServerProcess) -> Iterator[openai.OpenAI]:
    """The official client of the shared server."""
    with client(real_server.base_url) as made:
        yield made


def fields_of(sdk: openai.OpenAI, *parts: dict[str, Any], **options: Any) -> Any:
    """The three fields of a receipt as answered."""
    return json.loads(said(ask(sdk, *parts, response_format=schema_format(FIELDS), **options)))


@pytest.mark.parametrize(
    ("format", "options"),
    [("PNG", {}), ("JPEG", {"quality": 90}), ("WEBP", {"quality": 90}), ("GIF", {})],
    ids=["PNG", "JPEG", "WebP", "still GIF"],
)
def test_every_format_gives_the_same_fields(sdk: openai.OpenAI, format: str, options: dict[str, Any]) -> None:
    """The same page in each of the four formats, whatever type is declared, is read the same."""
    data = encoded(HARBOUR.draw(), format, **options)
    assert HARBOUR.fields == fields_of(sdk, image_part(data, "image/png"), text_part(QUESTION))


def test_the_second_of_two_pictures(sdk: openai.OpenAI) -> None:
    """Two pictures in one message are told apart by their place."""
    pictures = [image_part(encoded(receipt.draw())) for receipt in (HARBOUR, MILL)]
    question = text_part("Answer about the second image only: which shop, what date, what total? Copy as printed.")
    assert MILL.fields == fields_of(sdk, *pictures, question)


def test_a_stream_is_the_whole_answer_in_pieces(sdk: openai.OpenAI) -> None:
    """At temperature 0 the pieces together are the text that comes without streaming; end and usage are equal too."""
    parts = image_part(encoded(HARBOUR.draw())), text_part("Describe this receipt in two sentences.")
    whole = ask(sdk, *parts, max_tokens=40)
    chunks = list(ask(sdk, *parts, max_tokens=40, stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert said(whole) == "".join(deltas)
    assert sum(bool(delta) for delta in deltas) > 5
    [reason] = {chunk.choices[0].finish_reason for chunk in chunks if chunk.choices} - {None}
    assert whole.choices[0].finish_reason == reason
    counts = ("prompt_tokens", "completion_tokens", "total_tokens")
    assert [getattr(whole.usage, name) for name in counts] == [getattr(chunks[-1].usage, name) for name in counts]


@pytest.mark.parametrize(
    "options", [{"temperature": 0}, {"temperature": 0.8, "seed": 7}], ids=["temperature 0", "a seed"]
)
def test_the_same_question_has_the_same_answer(sdk: openai.OpenAI, options: dict[str, Any]) -> None:
    """Also when something else was asked in between."""
    parts = image_part(encoded(MILL.draw())), text_part("Write a short story about this receipt.")
    first = said(ask(sdk, *parts, max_tokens=25, **options))
    ask(sdk, text_part("Say yes."), max_tokens=3)
    assert first == said(ask(sdk, *parts, max_tokens=25, **options))


def test_a_schema_is_kept_and_filled(sdk: openai.OpenAI) -> None:
    """Nesting, enum and array: the answer conforms, is compact, and says what is on the page."""
    text = said(
        ask(
            sdk,
            image_part(encoded(HARBOUR.draw())),
            text_part("Extract the shop and all items with their prices, without the total."),
            response_format=schema_format(ORDER),
        )
    )
    answer = json.loads(text)
    assert not re.search(r"\s", re.sub(r'"[^"]*"', "", text))
    assert {"name": "Harbour Coffee", "kind": "coffee shop"} == answer["shop"]
    assert [("Coffee beans", 8.4), ("Filter", 2.1)] == [(item["name"], item["price"]) for item in answer["items"]][:2]


def test_numbers_in_a_description_are_no_quantities(sdk: openai.OpenAI) -> None:
    """Of eleven lines, "Oak shelf 80 cm" and "Olive oil 1 l" among them, every value is right."""
    task = invoice(11)
    text = said(ask(sdk, image_part(task.picture), text_part(task.prompt), response_format=schema_format(task.schema)))
    assert 1.0 == score(task, text)


@pytest.mark.parametrize("limit", [1, 4, 9, 15, 22, 30])
def test_cut_json_parses(sdk: openai.OpenAI, limit: int) -> None:
    """Wherever max_tokens cuts it, what comes is JSON, and the reason is `length`."""
    completion = ask(
        sdk,
        image_part(encoded(HARBOUR.draw())),
        text_part("Extract the shop and all items with their prices."),
        response_format=schema_format(ORDER),
        max_tokens=limit,
    )
    value = json.loads(said(completion))
    assert isinstance(value, dict)
    assert set(value) <= set(ORDER["properties"])
    assert ("length", limit) == (completion.choices[0].finish_reason, completion.usage.completion_tokens)


def test_json_without_a_schema_is_an_object(sdk: openai.OpenAI) -> None:
    """`json_object` gives one, on one line, with what was asked for."""
    text = said(
        ask(
            sdk,
            image_part(encoded(MILL.draw())),
            text_part("Extract as JSON: shop, total"),
            response_format={"type": "json_object"},
        )
    )
    assert "\n" not in text
    assert isinstance(json.loads(text), dict)
    assert MILL.shop in text
    assert MILL.total in text


def test_two_clients_at_once_are_both_answered(real_server: ServerProcess) -> None:
    """Each gets the answer about its own picture."""

    def answer(receipt: Receipt) -> Any:
        with client(real_server.base_url) as sdk:
            return fields_of(sdk, image_part(encoded(receipt.draw())), text_part(QUESTION))

    with ThreadPoolExecutor(2) as pool:
        assert [HARBOUR.fields, MILL.fields] == list(pool.map(answer, (HARBOUR, MILL)))


def test_what_others_ask_changes_no_answer(real_server: ServerProcess) -> None:
    """Texts that are written at once, in passes that they share, are those that are written alone, letter by letter."""
    questions = [
        f"Write a short story about {subject} and this receipt." for subject in ("a cat", "rain", "gold", "two")
    ]

    def answer(text: str) -> str:
        with client(real_server.base_url) as sdk:
            return said(ask(sdk, image_part(encoded(MILL.draw())), text_part(text), max_tokens=40))

    with ThreadPoolExecutor(len(questions)) as pool:
        together = list(pool.map(answer, questions))
    assert [answer(text) for text in questions] == together


def test_where_it_was_read_is_told(sdk: openai.OpenAI) -> None:
    """`evidence` gives each line with its box in the picture's pixels."""
    completion = ask(
        sdk, image_part(encoded(HARBOUR.draw())), text_part("Shop?"), max_tokens=3, extra_body={"evidence": True}
    )
    [evidence] = completion.model_extra["x_beholder"]["evidence"]
    boxes = {line["text"]: line["box"] for line in evidence["lines"]}
    left, top, right, bottom = boxes["10.50"]
    assert 420 < left < right <= 530
    assert 300 < top < bottom < 350


def test_of_a_bill_the_rows_asked_about_are_read(sdk: openai.OpenAI) -> None:
    """The model reads no items if the schema asks for none; all lines are evidence, and another question reads them."""
    bill = receipt(seed=3, length=12)
    picture, told = image_part(bill.picture), {"evidence": True}
    schema = schema_format(RECEIPT_SCHEMA)
    narrow = ask(sdk, picture, text_part(bill.prompt), response_format=schema, extra_body=told)
    answered = json.loads(said(narrow))
    assert all(answered[key] == bill.expected[key] for key in ("company", "date", "total"))
    whole = ask(sdk, picture, text_part("What was given in cash?"), max_tokens=3, extra_body=told)
    for completion, are_items_read in ((narrow, False), (whole, True)):
        seen = completion.model_extra["x_beholder"]
        assert are_items_read == ("CHANGE" in seen["prompt"][-1]["content"])
        assert "CHANGE" in {line["text"] for line in seen["evidence"][0]["lines"]}


def test_values_are_copied_and_their_places_told(sdk: openai.OpenAI) -> None:
    """`verbatim` lets strings be what is printed alone; `grounding` tells where each of them stands."""
    completion = ask(
        sdk,
        image_part(encoded(HARBOUR.draw())),
        text_part(QUESTION),
        response_format=schema_format(FIELDS),
        extra_body={"verbatim": True, "grounding": True},
    )
    assert HARBOUR.fields == json.loads(said(completion))
    places = {each["pointer"]: each for each in completion.model_extra["x_beholder"]["grounding"]}
    assert {"/shop", "/date", "/total"} == set(places)
    assert {"verbatim"} == {place["match"] for place in places.values()}
    for pointer, row in (("/shop", 0), ("/date", 1), ("/total", 4)):
        _, top, _, bottom = places[pointer]["box"]
        assert 30 + 70 * row <= (top + bottom) / 2 <= 70 + 70 * row


@pytest.mark.parametrize("keyword", ["not", "if"])
def test_a_schema_that_cannot_be_kept_is_refused(sdk: openai.OpenAI, keyword: str) -> None:
    """The message names the keyword, `param` its place; streamed too, before the stream begins."""
    schema = {"type": "object", "properties": {"a": {keyword: {"type": "string"}}}}
    for is_streamed in (False, True):
        with pytest.raises(openai.BadRequestError, match=f'"{keyword}"') as caught:
            ask(sdk, text_part("q"), response_format=schema_format(schema), stream=is_streamed)
        assert ("response_format.json_schema.schema", "invalid_json_schema") == (caught.value.param, caught.value.code)
