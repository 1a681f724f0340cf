"""openai-python against chat completions: create, parse, stream helpers, tools, errors."""

from __future__ import annotations

import json

import openai
import pytest
from surroundings import BASE_URL, DATA_URI, IS_REAL, MODEL, PICTURE_URL, Receipt, ask, check_answer, check_receipt

CLIENT = openai.OpenAI(base_url=BASE_URL, api_key="unused", max_retries=0)
CHAT = CLIENT.chat.completions

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
SAY_HELLO = [{"role": "user", "content": "Say hello"}]
ASK_WEATHER = [{"role": "user", "content": "What is the weather in Paris?"}]


def test_models() -> None:
    """The model is listed, and can be looked up."""
    assert MODEL in [model.id for model in CLIENT.models.list()]
    assert CLIENT.models.retrieve(MODEL).id == MODEL


@pytest.mark.parametrize("image", [DATA_URI, PICTURE_URL], ids=["data", "url"])
def test_create_with_a_picture(image: str) -> None:
    """A question about a picture is answered, with usage and a request id."""
    completion = CHAT.create(model=MODEL, messages=ask(image), temperature=0)
    check_answer(completion.choices[0].message.content)
    assert completion.choices[0].finish_reason == "stop"
    assert completion.model == "grok-2-vision-1212"
    usage = completion.usage
    assert usage and usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert completion._request_id


@pytest.mark.parametrize("detail", ["auto", "low", "high"])
def test_detail(detail: str) -> None:
    """Each level of detail is accepted, several pictures in one message too."""
    image = {"type": "image_url", "image_url": {"url": DATA_URI, "detail": detail}}
    text = {"type": "text", "text": "How many pictures are these?"}
    messages = [{"role": "user", "content": [image, text, image]}]
    assert CHAT.create(model=MODEL, messages=messages, max_tokens=8).choices[0].message.content


def test_roles_and_few_shot_pictures() -> None:
    """developer and system messages, and pictures in earlier turns, are read."""
    messages = [
        {"role": "developer", "content": "Answer shortly."},
        {"role": "system", "content": [{"type": "text", "text": "Numbers only."}]},
        *ask(),
        {"role": "assistant", "content": "7.75"},
        {"role": "user", "content": "And half of it?", "name": "anna"},
    ]
    assert CHAT.create(model=MODEL, messages=messages, max_tokens=16).choices[0].message.content


def test_stream() -> None:
    """The role comes once, the usage last, and the text in between."""
    options = {"include_usage": True}
    chunks = list(CHAT.create(model=MODEL, messages=SAY_HELLO, stream=True, stream_options=options, max_tokens=16))
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    assert [chunk.choices[0].delta.role for chunk in chunks[:-1]].count("assistant") == 1
    assert any(chunk.choices[0].delta.content for chunk in chunks[:-1])
    assert chunks[-2].choices[0].finish_reason in ("stop", "length")
    assert (chunks[-1].choices, chunks[-1].usage is not None) == ([], True)
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_stream_helper() -> None:
    """The accumulator of .stream() ends with a whole completion."""
    with CHAT.stream(model=MODEL, messages=ask(), stream_options={"include_usage": True}, temperature=0) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= set(kinds)
    assert final.choices[0].message.role == "assistant"
    check_answer(final.choices[0].message.content)
    assert final.usage is not None


def test_parse() -> None:
    """.parse() with a pydantic model gives an instance of it."""
    completion = CHAT.parse(model=MODEL, messages=ask(), response_format=Receipt, temperature=0)
    check_receipt(completion.choices[0].message.parsed)


def test_stream_helper_parses() -> None:
    """.stream() with a pydantic model gives an instance of it at the end."""
    with CHAT.stream(model=MODEL, messages=ask(), response_format=Receipt, temperature=0) as stream:
        stream.until_done()
        check_receipt(stream.get_final_completion().choices[0].message.parsed)


def test_json_object() -> None:
    """json_object answers with an object."""
    question = ask(question="The receipt's total, as JSON with the key total")
    completion = CHAT.create(
        model=MODEL, messages=question, response_format={"type": "json_object"}, max_tokens=200, temperature=0
    )
    assert isinstance(json.loads(completion.choices[0].message.content), dict)


def test_length_is_told() -> None:
    """An answer that is cut says so; max_completion_tokens and max_tokens both do it."""
    for limit in ({"max_tokens": 2}, {"max_completion_tokens": 2}):
        completion = CHAT.create(model=MODEL, messages=[{"role": "user", "content": "Count to 50"}], **limit)
        assert completion.choices[0].finish_reason == "length"
        assert completion.usage.completion_tokens == 2


def test_sampling_fields() -> None:
    """n, seed, stop, top_p, temperature, user and metadata are accepted."""
    completion = CHAT.create(
        model=MODEL,
        messages=SAY_HELLO,
        n=2,
        seed=1,
        stop=["###"],
        top_p=0.9,
        temperature=0.5,
        max_tokens=8,
        user="anna",
        metadata={"a": "b"},
        store=False,
        parallel_tool_calls=True,
    )
    assert [choice.index for choice in completion.choices] == [0, 1]


@pytest.mark.parametrize(
    "field", [{"logprobs": True, "top_logprobs": 2}, {"frequency_penalty": 0.5}, {"logit_bias": {"1": 5}}], ids=str
)
def test_honoured_or_refused_by_name(field: dict) -> None:
    """What an engine cannot do is refused with a 400 that names the field; otherwise it is done."""
    try:
        completion = CHAT.create(model=MODEL, messages=SAY_HELLO, max_tokens=4, **field)
    except openai.BadRequestError as error:
        assert error.param in field
    else:
        assert "logprobs" not in field or completion.choices[0].logprobs.content


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "weather"}}], ids=str)
def test_tool_call(choice: object) -> None:
    """A call that is asked for comes, with arguments that fit."""
    completion = CHAT.create(
        model=MODEL, messages=ASK_WEATHER, tools=[WEATHER], tool_choice=choice, temperature=0, max_tokens=100
    )
    (call,) = completion.choices[0].message.tool_calls
    assert (call.type, call.function.name, completion.choices[0].finish_reason) == ("function", "weather", "tool_calls")
    city = json.loads(call.function.arguments)["city"]
    assert isinstance(city, str)
    if IS_REAL:
        assert "Paris" in city


def test_streamed_tool_call() -> None:
    """The accumulator puts a streamed call together."""
    with CHAT.stream(model=MODEL, messages=ASK_WEATHER, tools=[WEATHER], tool_choice="required") as stream:
        kinds = [event.type for event in stream]
        (call,) = stream.get_final_completion().choices[0].message.tool_calls
    assert "tool_calls.function.arguments.done" in kinds
    assert set(call.function.parsed_arguments) == {"city"}


def test_tool_choice_none_and_a_tool_result() -> None:
    """`none` answers in text; the result of a call is read."""
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Paris"}'}}
    messages = [
        *ASK_WEATHER,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Snow, -3 degrees"},
    ]
    completion = CHAT.create(model=MODEL, messages=messages, tools=[WEATHER], tool_choice="none", max_tokens=60)
    assert completion.choices[0].message.content
    assert not completion.choices[0].message.tool_calls


def test_length_error_of_parse() -> None:
    """.parse() raises its own error when the answer was cut, or the whole document came in two tokens."""
    try:
        CHAT.parse(model=MODEL, messages=ask(), response_format=Receipt, max_tokens=3)
    except openai.LengthFinishReasonError as error:
        assert error.completion.usage.completion_tokens <= 3


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("data:image/png;base64,@@@@", "invalid_base64_image"),
        ("data:image/png;base64,aGVsbG8gd29ybGQ=", "unsupported_image_media_type"),
        ("file:///etc/hostname", "invalid_image_url"),
        ("http://169.254.169.254/x.png", "invalid_image_url"),
    ],
    ids=["base64", "not-a-picture", "file", "metadata"],
)
def test_image_faults(image: str, code: str) -> None:
    """A fault of an image is a 400 with a code, and names the part."""
    with pytest.raises(openai.BadRequestError) as caught:
        CHAT.create(model=MODEL, messages=ask(image))
    assert (caught.value.code, caught.value.param) == (code, "messages[0].content[1].image_url.url")


def test_fault_before_the_stream() -> None:
    """A streamed request that is wrong is a plain HTTP error."""
    with pytest.raises(openai.BadRequestError) as caught:
        CHAT.create(model=MODEL, messages=ask("data:image/png;base64,@@@@"), stream=True)
    assert caught.value.request_id


async def test_async_client() -> None:
    """The asynchronous client gets the same."""
    async with openai.AsyncOpenAI(base_url=BASE_URL, api_key="unused") as client:
        completion = await client.chat.completions.create(model=MODEL, messages=ask(), temperature=0)
        check_answer(completion.choices[0].message.content)
        async with client.chat.completions.stream(model=MODEL, messages=SAY_HELLO, max_tokens=64) as stream:
            assert (await stream.get_final_completion()).choices[0].message.content
