"""openai-python against the Responses API: create, parse, stream, tools, stored answers."""

from __future__ import annotations

import json

import openai
import pytest
from surroundings import BASE_URL, DATA_URI, IS_REAL, MODEL, PICTURE_URL, QUESTION, Receipt, check_answer, check_receipt

CLIENT = openai.OpenAI(base_url=BASE_URL, api_key="unused", max_retries=0)
RESPONSES = CLIENT.responses

WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "The weather in a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


def ask(image: str = DATA_URI) -> list[dict]:
    """Input with one question about one picture."""
    parts = [{"type": "input_text", "text": QUESTION}, {"type": "input_image", "image_url": image, "detail": "auto"}]
    return [{"role": "user", "content": parts}]


@pytest.mark.parametrize("image", [DATA_URI, PICTURE_URL], ids=["data", "url"])
def test_create_with_a_picture(image: str) -> None:
    """A question about a picture is answered."""
    response = RESPONSES.create(model=MODEL, input=ask(image), temperature=0)
    check_answer(response.output_text)
    assert (response.status, response.object) == ("completed", "response")
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens


def test_plain_input_with_instructions() -> None:
    """Input may be a text, with instructions."""
    response = RESPONSES.create(model=MODEL, input="Say hello", instructions="Be short.", max_output_tokens=16)
    assert response.output_text
    assert response.instructions == "Be short."


def test_stream_order() -> None:
    """The events come in their order, numbered without a gap."""
    events = list(RESPONSES.create(model=MODEL, input="Say hello", stream=True))
    kinds = [event.type for event in events]
    once = [kind for index, kind in enumerate(kinds) if index == 0 or kind != kinds[index - 1]]
    assert once == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == events[-1].response.output_text


def test_stream_helper() -> None:
    """The accumulator of .stream() ends with a whole response."""
    with RESPONSES.stream(model=MODEL, input=ask(), temperature=0) as stream:
        for _event in stream:
            pass
        check_answer(stream.get_final_response().output_text)


def test_parse() -> None:
    """.parse() with a pydantic model gives an instance of it, streamed too."""
    check_receipt(RESPONSES.parse(model=MODEL, input=ask(), text_format=Receipt, temperature=0).output_parsed)
    with RESPONSES.stream(model=MODEL, input=ask(), text_format=Receipt, temperature=0) as stream:
        check_receipt(stream.get_final_response().output_parsed)


def test_json_object() -> None:
    """text.format json_object answers with an object."""
    response = RESPONSES.create(
        model=MODEL, input="A JSON object with the key name", text={"format": {"type": "json_object"}}
    )
    assert isinstance(json.loads(response.output_text), dict)


def test_incomplete() -> None:
    """An answer that is cut is incomplete, and says why."""
    response = RESPONSES.create(model=MODEL, input="Count to fifty in words", max_output_tokens=16)
    if IS_REAL:
        assert (response.status, response.incomplete_details.reason) == ("incomplete", "max_output_tokens")


def test_function_call_and_its_result() -> None:
    """A call that is asked for comes; its result is read."""
    question = {"role": "user", "content": "What is the weather in Paris?"}
    first = RESPONSES.create(model=MODEL, input=[question], tools=[WEATHER], tool_choice="required", temperature=0)
    (call,) = first.output
    assert (call.type, call.name) == ("function_call", "weather")
    assert set(json.loads(call.arguments)) == {"city"}
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "Snow, -3 degrees"}
    second = RESPONSES.create(
        model=MODEL, input=[question, call, result], tools=[WEATHER], tool_choice="none", max_output_tokens=60
    )
    assert second.output_text


def test_streamed_function_call() -> None:
    """The accumulator puts a streamed call together."""
    with RESPONSES.stream(model=MODEL, input="Weather in Paris?", tools=[WEATHER], tool_choice="required") as stream:
        kinds = {event.type for event in stream}
        (call,) = stream.get_final_response().output
    assert {"response.function_call_arguments.delta", "response.function_call_arguments.done"} <= kinds
    assert set(json.loads(call.arguments)) == {"city"}


def test_previous_response() -> None:
    """A stored answer can be gone on from, read again and deleted."""
    first = RESPONSES.create(model=MODEL, input="My name is Anna. Say hello.", max_output_tokens=32)
    second = RESPONSES.create(
        model=MODEL, input="What is my name?", previous_response_id=first.id, max_output_tokens=32, temperature=0
    )
    assert second.previous_response_id == first.id
    if IS_REAL:
        assert "Anna" in second.output_text
    assert RESPONSES.retrieve(first.id).output_text == first.output_text
    assert [item.type for item in RESPONSES.input_items.list(second.id)]
    RESPONSES.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        RESPONSES.retrieve(first.id)


def test_not_stored() -> None:
    """An answer that was not to be stored cannot be gone on from: a 4xx that names the field."""
    first = RESPONSES.create(model=MODEL, input="Hello", store=False, max_output_tokens=16)
    with pytest.raises((openai.BadRequestError, openai.NotFoundError)) as caught:
        RESPONSES.create(model=MODEL, input="Again", previous_response_id=first.id)
    assert caught.value.param == "previous_response_id"


def test_image_fault() -> None:
    """A fault of an image is a 400 with a code, and names the part."""
    with pytest.raises(openai.BadRequestError) as caught:
        RESPONSES.create(model=MODEL, input=ask("data:image/png;base64,@@@@"))
    assert (caught.value.code, caught.value.param) == ("invalid_base64_image", "input[0].content[1].image_url")
