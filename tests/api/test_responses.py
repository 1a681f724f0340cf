"""The Responses API through a real server, asked by the official client."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from live_server import Serve, make_app, serving, wait_until
from openai import AsyncOpenAI, BadRequestError, OpenAI
from openai.types.responses import FunctionToolParam, ResponseFunctionToolCall, ResponseOutputMessage
from pydantic import BaseModel
from requests_for_tests import MODEL, picture, post_to, read_named_events, sdk
from stage_engines import ScriptedEngine

from beholder.api.responses.fields import FIELDS
from beholder.api.responses.wire import ResponsesRequest
from beholder.engines.base import Capabilities
from beholder.engines.echo import EchoEngine
from beholder.errors import BeholderError, ContextLengthExceeded
from beholder.evidence import Evidence, TextLine
from beholder.settings import Settings
from beholder.types import (
    Event,
    Finish,
    ImageRef,
    JsonOutput,
    Started,
    TextDelta,
    TextOutput,
    TextPart,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    ToolOutput,
    Usage,
)

PATH = "/v1/responses"
WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": True,
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the echo engine that keeps responses in a folder of its own."""
    settings = Settings(cache_dir=str(tmp_path_factory.mktemp("kept")))
    with serving(make_app(EchoEngine(), settings)) as url:
        yield url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[OpenAI]:
    """The official client on that server."""
    with sdk(url) as client:
        yield client


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that keep responses in the test's folder."""
    return Settings(cache_dir=str(tmp_path))


def user(*parts: dict[str, Any]) -> list[Any]:
    """An input with one user message."""
    return [{"role": "user", "content": list(parts)}]


def image(**fields: Any) -> dict[str, Any]:
    """An image part."""
    return {"type": "input_image", "image_url": picture(), **fields}


def text(said: str) -> dict[str, Any]:
    """A text part."""
    return {"type": "input_text", "text": said}


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_answered(client: OpenAI) -> None:
    """A text is enough for an input; the response has all the fields that its type requires."""
    answer = client.responses.create(model=MODEL, input="hello there", metadata={"a": "b"})
    assert ("You said: hello there", "completed", None) == (answer.output_text, answer.status, answer.error)
    assert ("response", "grok-2-vision-1212", {"a": "b"}) == (answer.object, answer.model, answer.metadata)
    assert answer.usage is not None
    assert (2, 4, 6) == (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens)
    assert ("auto", [], True) == (answer.tool_choice, answer.tools, answer.parallel_tool_calls)
    assert answer.id.startswith("resp_")
    type(answer).model_validate_json(answer.model_dump_json(warnings="error"), strict=False)


def test_images_are_seen_in_their_order(client: OpenAI) -> None:
    """An image's URL is a string here; its tokens are counted as in chat completions."""
    answer = client.responses.create(
        model=MODEL, input=user(image(detail="low"), text("what?"), image()), instructions="be brief"
    )
    assert "You said: what?; images: 40x30, 40x30" == answer.output_text
    assert answer.usage is not None
    assert 2 + 1 + 256 + 512 == answer.usage.input_tokens


@pytest.mark.parametrize("fields", [{}, {"max_output_tokens": 3}, {"tools": [WEATHER], "tool_choice": "required"}])
def test_streamed_and_whole_are_the_same(client: OpenAI, url: str, fields: dict[str, Any]) -> None:
    """The streamed response is the whole one but for its ids and times."""
    body = {"model": MODEL, "input": "one two three", "store": False, **fields}
    whole = post_to(url, PATH, body).json()
    *_, (_, last) = read_named_events(post_to(url, PATH, body | {"stream": True}))
    for response in (whole, last["response"]):
        del response["id"], response["created_at"], response["completed_at"]
        for item in response["output"]:
            del item["id"]
    assert whole == last["response"]


def test_events_come_in_their_order(url: str) -> None:
    """Each event is numbered and named by its type; nothing follows the last."""
    events = list(read_named_events(post_to(url, PATH, {"input": "a", "stream": True})))
    assert [name for name, _ in events] == [data["type"] for _, data in events]
    assert list(range(len(events))) == [data["sequence_number"] for _, data in events]
    assert [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        *["response.output_text.delta"] * 3,
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ] == [name for name, _ in events]
    of_item = [data for _, data in events if "item_id" in data]
    assert 1 == len({data["item_id"] for data in of_item})
    assert {(0, 0)} == {(data["output_index"], data["content_index"]) for data in of_item}
    assert [] == events[0][1]["response"]["output"]
    assert [] == events[2][1]["item"]["content"]
    assert "You said: a" == events[7][1]["text"] == events[8][1]["part"]["text"]


def test_the_stream_helper_follows(client: OpenAI) -> None:
    """The client's accumulator has the same text at each step and a whole response in the end."""
    with client.responses.stream(model=MODEL, input="a b") as stream:
        snapshots = [event.snapshot for event in stream if event.type == "response.output_text.delta"]
        assert "You said: a b" == stream.get_final_response().output_text
    assert ["You", "You said:", "You said: a", "You said: a b"] == snapshots


async def test_the_async_client_streams(url: str) -> None:
    """The asynchronous client gets the same events."""
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        stream = await client.responses.create(model=MODEL, input="a", stream=True)
        types = [event.type async for event in stream]
    assert ("response.created", "response.completed") == (types[0], types[-1])


def test_a_cut_answer_is_incomplete(client: OpenAI, url: str) -> None:
    """The response says that the token limit cut it, and so does its last item."""
    answer = client.responses.create(model=MODEL, input="one two three", max_output_tokens=3)
    assert ("incomplete", "You said: one") == (answer.status, answer.output_text)
    assert answer.incomplete_details is not None
    assert "max_output_tokens" == answer.incomplete_details.reason
    body = {"input": "one two three", "max_output_tokens": 3, "stream": True}
    *_, (_, done), (name, last) = read_named_events(post_to(url, PATH, body))
    assert ("response.incomplete", "incomplete") == (name, last["response"]["status"])
    assert "incomplete" == done["item"]["status"]


def test_nothing_said_is_an_empty_message(serve: Serve, settings: Settings) -> None:
    """An answer without a word still has its message."""
    url = serve(ScriptedEngine((Started(), Usage(1, 0), Finish("stop"))), settings)
    (message,) = post_to(url, PATH, {"input": "hi"}).json()["output"]
    assert ("message", "completed", "") == (message["type"], message["status"], message["content"][0]["text"])


def test_an_answer_is_logged_as_one(serve: Serve, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """The log line has the status that was sent and the tokens, streamed or not."""
    url = serve(EchoEngine(), settings)
    caplog.set_level(logging.INFO, "beholder.access")
    post_to(url, PATH, {"input": "one two"})
    wait_until(lambda: len(caplog.records) == 1)
    post_to(url, PATH, {"input": "one two", "stream": True})
    wait_until(lambda: len(caplog.records) == 2)
    assert [(200, 2, 4)] * 2 == [
        (line["status"], line["prompt_tokens"], line["completion_tokens"])
        for line in (vars(record)["fields"] for record in caplog.records)
    ]


# ── forms ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_json_object_can_be_asked_for(client: OpenAI) -> None:
    """`text.format` asks for any object, and is told back."""
    answer = client.responses.create(model=MODEL, input="hello", text={"format": {"type": "json_object"}})
    assert {"echo": "hello"} == json.loads(answer.output_text)
    assert answer.text is not None
    assert answer.text.format is not None
    assert "json_object" == answer.text.format.type


def test_a_pydantic_model_can_be_asked_for(client: OpenAI) -> None:
    """The client's `parse` helper gets an instance, streamed or not."""

    class Order(BaseModel):
        items: list[str]
        is_paid: bool

    assert (
        Order(items=[], is_paid=False)
        == client.responses.parse(model=MODEL, input="x", text_format=Order).output_parsed
    )
    with client.responses.stream(model=MODEL, input="x", text_format=Order) as stream:
        assert Order(items=[], is_paid=False) == stream.get_final_response().output_parsed


def test_a_tool_is_called(client: OpenAI) -> None:
    """A named function is called; whole and streamed answers have the same call, and no text."""
    choice: Any = {"type": "function", "name": "weather"}
    whole = client.responses.create(model=MODEL, input="Rome", tools=[WEATHER], tool_choice=choice)
    with client.responses.stream(model=MODEL, input="Rome", tools=[WEATHER], tool_choice=choice) as stream:
        types = [event.type for event in stream]
        streamed = stream.get_final_response()
    for answer in (whole, streamed):
        (call,) = answer.output
        assert isinstance(call, ResponseFunctionToolCall)
        assert ("weather", '{"city":""}', "completed") == (call.name, call.arguments, call.status)
        assert call.call_id != call.id
    assert [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.completed",
    ] == types


def test_text_and_calls_are_items_of_their_own(serve: Serve, settings: Settings) -> None:
    """Text before calls is a message; each call is an item, its pieces put together."""
    script: list[Event] = [
        Started(),
        TextDelta("Let me "),
        TextDelta("see."),
        ToolCallDelta(0, id="a", name="first"),
        ToolCallDelta(0, '{"x"'),
        ToolCallDelta(0, ":1}"),
        ToolCallDelta(1, "{}", id="b", name="second"),
        Usage(1, 2),
        Finish("tool_calls"),
    ]
    with (
        sdk(serve(ScriptedEngine(script), settings)) as client,
        client.responses.stream(model=MODEL, input="x", tools=[WEATHER]) as stream,
    ):
        events = list(stream)
        message, *calls = stream.get_final_response().output
    assert isinstance(message, ResponseOutputMessage)
    assert [("a", "first", '{"x":1}'), ("b", "second", "{}")] == [
        (call.call_id, call.name, call.arguments) for call in calls if isinstance(call, ResponseFunctionToolCall)
    ]
    assert [0, 1, 2] == [event.output_index for event in events if event.type == "response.output_item.done"]


def test_options_reach_the_engine(serve: Serve, settings: Settings) -> None:
    """Every option arrives; the choice among tools and the format beside them too."""
    engine = ScriptedEngine()
    url = serve(engine, settings)
    sampling = {"temperature": 0, "top_p": 0.5, "seed": -3, "stop": "a", "max_output_tokens": 9, "top_logprobs": 2}
    bias = {"frequency_penalty": 1, "presence_penalty": -1.5, "logit_bias": {"42": -100}}
    schema = {"type": "object"}
    form = {"format": {"type": "json_schema", "name": "s", "schema": schema}}
    other = {"type": "function", "name": "time", "parameters": None}
    allowed = {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "weather"}]}
    body = {"input": "x", "tools": [WEATHER, other], "tool_choice": allowed, "parallel_tool_calls": False, "text": form}
    assert 200 == post_to(url, PATH, body | sampling | bias).status_code
    job = engine.jobs[0]
    given = job.sampling
    assert (0.0, 0.5, -3, ("a",), 9, 2) == (
        given.temperature,
        given.top_p,
        given.seed,
        given.stop,
        given.max_tokens,
        given.top_logprobs,
    )
    assert (1.0, -1.5, {42: -100.0}) == (given.frequency_penalty, given.presence_penalty, given.logit_bias)
    assert isinstance(job.output, ToolOutput)
    assert [("weather", "tools[0].parameters")] == [(tool.name, tool.param) for tool in job.output.tools]
    assert (False, False) == (job.output.required, job.output.parallel)
    assert JsonOutput(schema, "text.format.schema") == job.output.otherwise


def test_nulls_are_defaults(serve: Serve, settings: Settings) -> None:
    """Explicit nulls mean what leaving the field out means."""
    engine = ScriptedEngine()
    url = serve(engine, settings)
    names = [name for name in ResponsesRequest.__struct_fields__ if name != "input"]
    assert 200 == post_to(url, PATH, {"input": "x"} | dict.fromkeys(names)).status_code
    assert 200 == post_to(url, PATH, {"input": "x"}).status_code
    assert engine.jobs[0] == engine.jobs[1]
    assert TextOutput() == engine.jobs[0].output


def test_logprobs_can_be_included(serve: Serve, settings: Settings) -> None:
    """`include` asks for log-probabilities; they come with the text and with its pieces."""
    token = TokenLogprob("é", "é".encode(), -0.25, (("e", b"e", -1.5),))
    url = serve(ScriptedEngine((Started(), TextDelta("é", (token,)), Usage(1, 1), Finish("stop"))), settings)
    body = {"input": "x", "include": ["message.output_text.logprobs"], "top_logprobs": 1, "stream": True}
    told = {
        "token": "é",
        "logprob": -0.25,
        "bytes": [195, 169],
        "top_logprobs": [{"token": "e", "logprob": -1.5, "bytes": [101]}],
    }
    events = dict(read_named_events(post_to(url, PATH, body)))
    assert [told] == events["response.output_text.delta"]["logprobs"]
    assert [told] == events["response.completed"]["response"]["output"][0]["content"][0]["logprobs"]


def test_evidence_can_be_asked_for(serve: Serve, settings: Settings) -> None:
    """With `evidence: true` the response says what was read where; without it, nothing of the kind is there."""
    evidence = Evidence("digest", (40, 30), (TextLine("Total 5", (1.0, 2.0, 30.5, 9.0), 0.98, "reader"),), "Total 5")
    url = serve(ScriptedEngine((Started((evidence,)), TextDelta("5"), Usage(1, 1), Finish("stop"))), settings)
    body = {"input": user(image(), text("total?"))}
    told = post_to(url, PATH, body | {"evidence": True}).json()["x_beholder"]
    assert "Total 5" == told["evidence"][0]["lines"][0]["text"]
    assert [[40, 30]] == [each["original_size"] for each in told["images"]]
    assert "x_beholder" not in post_to(url, PATH, body).json()


def test_a_conversation_reaches_the_engine_as_it_was(serve: Serve, settings: Settings) -> None:
    """Every kind of item arrives in order; a call joins the assistant's message, reasoning is left out."""
    engine = ScriptedEngine()
    conversation = [
        {"role": "developer", "content": [text("be brief"), image()]},
        {"type": "message", "role": "user", "content": "hi"},
        {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "wait", "annotations": []}],
        },
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
        {"type": "function_call", "call_id": "c2", "name": "weather", "arguments": '{"city":"Rome"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
        {"type": "function_call_output", "call_id": "c2", "output": [text("a map"), image()]},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
        {"role": "user", "content": "and now?"},
    ]
    assert 200 == post_to(serve(engine, settings), PATH, {"input": conversation, "instructions": "first"}).status_code
    turns = engine.jobs[0].turns
    assert ["system", "system", "user", "assistant", "tool", "tool", "assistant", "user"] == [t.role for t in turns]
    assert (TextPart("first"),) == turns[0].parts
    assert ["TextPart", "Image"] == [type(part).__name__ for part in turns[1].parts]
    assert (TextPart("wait"),) == turns[3].parts
    assert (ToolCall("c1", "weather", "{}"), ToolCall("c2", "weather", '{"city":"Rome"}')) == turns[3].tool_calls
    assert ("c1", (TextPart("sunny"),)) == (turns[4].tool_call_id, turns[4].parts)
    assert ["TextPart", "Image"] == [type(part).__name__ for part in turns[5].parts]
    assert (TextPart("no"),) == turns[6].parts
    assert not any(isinstance(part, ImageRef) for turn in turns for part in turn.parts)


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Refusal:
    """A request, the field that is named, and words of the message."""

    body: dict[str, Any]
    param: str | None
    words: str


REFUSALS = (
    Refusal({}, "input", "input is missing"),
    Refusal({"input": 5}, "input", "expected text or a list"),
    Refusal({"input": []}, "input", ">= 1"),
    Refusal({"input": [{"type": "reasoning"}]}, "input", "nothing is said"),
    Refusal({"input": [{"role": "robot", "content": "x"}]}, "input[0].role", "expected system, developer"),
    Refusal({"input": [{"role": "user"}]}, "input[0].content", "is missing"),
    Refusal({"input": [{}]}, "input[0].type", "got nothing"),
    Refusal({"input": [{"type": "web_search_call"}]}, "input[0].type", "got 'web_search_call'"),
    Refusal({"input": [{"type": "function_call", "call_id": "c"}]}, "input[0].name", "is missing"),
    Refusal({"input": [{"type": "function_call_output", "output": "x"}]}, "input[0].call_id", "is missing"),
    Refusal({"input": user({"type": "text", "text": "x"})}, "input[0].content[0].type", "expected input_text"),
    Refusal({"input": user({"type": "input_file"})}, "input[0].content[0].type", "expected input_text"),
    Refusal({"input": user(text("a"), image(file_id="f"))}, "input[0].content[1]", "file_id is not supported"),
    Refusal({"input": user({"type": "input_image"})}, "input[0].content[0]", "image_url is missing"),
    Refusal(
        {"input": user({"type": "input_image", "image_url": {"url": "https://example.com/a.png"}})},
        "input[0].content[0].image_url",
        "the URL itself",
    ),
    Refusal({"input": user(image(detail="ultra"))}, "input[0].content[0].detail", "expected auto, low, high"),
    Refusal(
        {"input": user(text("x"), image(image_url="data:image/png;base64,AAAA"))},
        "input[0].content[1].image_url",
        "message 1, part 2",
    ),
    Refusal({"input": user(*[image()] * 11)}, "input[0].content[10].image_url", "message 1, part 11"),
    Refusal({"input": [{"role": "assistant", "content": [image()]}]}, "input[0].content[0]", "cannot stand here"),
    Refusal({"input": user({"type": "refusal", "refusal": "n"})}, "input[0].content[0]", "cannot stand here"),
    Refusal({"input": "x", "max_output_tokens": 0}, "max_output_tokens", ">= 1"),
    Refusal({"input": "x", "temperature": 3}, "temperature", "<= 2"),
    Refusal({"input": "x", "text": {"format": {"type": "xml"}}}, "text.format.type", "json_schema"),
    Refusal({"input": "x", "text": {"format": {"type": "json_schema", "name": "s"}}}, "text.format.schema", "missing"),
    Refusal({"input": "x", "tools": [{"type": "web_search"}]}, "tools[0].type", "expected function"),
    Refusal({"input": "x", "tools": [WEATHER, WEATHER]}, "tools[1]", "two functions"),
    Refusal({"input": "x", "tools": [WEATHER], "tool_choice": {"type": "function", "name": "g"}}, "tool_choice", "'g'"),
    Refusal({"input": "x", "tool_choice": {"type": "web_search"}}, "tool_choice.type", "allowed_tools"),
    Refusal({"input": "x", "tool_choice": "required"}, "tool_choice", "no tools"),
    Refusal({"input": "x", "background": True}, "background", "not supported"),
    Refusal({"input": "x", "conversation": "c"}, "conversation", "previous_response_id"),
    Refusal({"input": "x", "prompt": {"id": "p"}}, "prompt", "not supported"),
    Refusal({"input": "x", "n": 2}, "n", "chat completions"),
    Refusal({"input": "x", "max_tokens": 5}, "max_tokens", "max_output_tokens"),
    Refusal({"input": "x", "messages": []}, "messages", "here it is input"),
    Refusal({"input": "x", "response_format": {"type": "json_object"}}, "response_format", "text.format"),
    Refusal({"input": "x", "metadata": {"a" * 65: "b"}}, "metadata", "<= 64"),
    Refusal({"input": "x", "previous_response_id": "resp_no"}, "previous_response_id", "no response 'resp_no'"),
)


@pytest.fixture(scope="module")
def capable_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose engine can do everything, so that only the request is at fault."""
    with serving(make_app(ScriptedEngine(), Settings(cache_dir=str(tmp_path_factory.mktemp("kept"))))) as url:
        yield url


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: f"{refusal.param}-{refusal.words[:16]}")
def test_a_wrong_field_is_named(capable_url: str, refusal: Refusal) -> None:
    """Every wrong field is a 400 that says where, what was expected and what came."""
    response = post_to(capable_url, PATH, refusal.body)
    error = response.json()["error"]
    assert (400, refusal.param, "invalid_request_error") == (response.status_code, error["param"], error["type"])
    assert refusal.words in error["message"]
    assert error["code"]


@pytest.fixture(scope="module")
def plain_url() -> Iterator[str]:
    """A server whose engine can write text and nothing else, and that keeps nothing."""
    with serving(make_app(ScriptedEngine(capabilities=Capabilities()), Settings(responses_kept=0))) as url:
        yield url


NEEDS_CAPABILITY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("frequency_penalty", {"frequency_penalty": 0.5}),
    ("presence_penalty", {"presence_penalty": 0.5}),
    ("logit_bias", {"logit_bias": {"1": 5}}),
    ("logprobs", {"logprobs": True}),
    ("top_logprobs", {"top_logprobs": 1}),
    ("include", {"include": ["message.output_text.logprobs"]}),
    ("tools", {"tools": [WEATHER]}),
    ("text.format", {"text": {"format": {"type": "json_object"}}}),
)


@pytest.mark.parametrize(("param", "fields"), NEEDS_CAPABILITY, ids=[param for param, _ in NEEDS_CAPABILITY])
def test_what_the_engine_cannot_do_is_refused(plain_url: str, param: str, fields: dict[str, Any]) -> None:
    """A field that the engine cannot honour is a 400."""
    response = post_to(plain_url, PATH, {"input": "x", **fields})
    assert (400, param) == (response.status_code, response.json()["error"]["param"])


@pytest.mark.parametrize("stream", [False, True])
def test_what_the_engine_refuses_is_a_plain_error(serve: Serve, settings: Settings, stream: bool) -> None:
    """Before the first event a fault is a plain HTTP error, streamed or not."""
    fault = ContextLengthExceeded("the window is 10 tokens", param="input")
    with sdk(serve(ScriptedEngine([fault]), settings)) as client, pytest.raises(BadRequestError) as caught:
        client.responses.create(model=MODEL, input="x", stream=stream)
    assert ("input", "context_length_exceeded") == (caught.value.param, caught.value.code)


@pytest.mark.parametrize(
    "fault", [RuntimeError("secret detail"), BeholderError("the disk is full"), Started(), Finish("stop")]
)
def test_a_fault_after_the_first_byte_fails_the_response(
    serve: Serve, settings: Settings, fault: Event | Exception
) -> None:
    """It is the event `response.failed` with what was said so far; not streamed it is a 500."""
    url = serve(ScriptedEngine([Started(), TextDelta("so far "), fault]), settings)
    *_, (name, last) = read_named_events(post_to(url, PATH, {"input": "x", "stream": True}))
    response = last["response"]
    assert ("response.failed", "failed", "server_error") == (name, response["status"], response["error"]["code"])
    assert "secret" not in response["error"]["message"]
    assert "so far " == response["output"][0]["content"][0]["text"]
    assert 500 == post_to(url, PATH, {"input": "x"}).status_code


def test_the_table_of_fields_is_complete() -> None:
    """Every field of the wire struct, and every field that the official client can send, is in the table once."""
    from openai.types.responses.response_create_params import ResponseCreateParamsBase

    names = [field.name for field in FIELDS]
    assert sorted(set(names)) == sorted(names)
    known = set(ResponsesRequest.__struct_fields__) | set(ResponseCreateParamsBase.__annotations__)
    assert set() == known - set(names)
    of_no_effect = {field.name for field in FIELDS if field.handling == "no-op"}
    assert set() == of_no_effect & set(ResponsesRequest.__struct_fields__)
