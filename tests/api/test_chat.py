"""Chat completions through a real server, asked by the official client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from live_server import Serve
from openai import AsyncOpenAI, NotFoundError, OpenAI
from openai.types.chat import ChatCompletion
from pydantic import BaseModel
from requests_for_tests import MODEL, chat, image_part, post, read_stream, sdk, text_part
from stage_engines import ScriptedEngine

from beholder.evidence import Evidence, TextLine
from beholder.types import (
    Event,
    Finish,
    Grounding,
    ImageRef,
    JsonOutput,
    Started,
    TextDelta,
    TextPart,
    TokenLogprob,
    ToolCallDelta,
    ToolOutput,
    Usage,
)

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture(scope="module")
def client(echo_url: str) -> Iterator[OpenAI]:
    """The official client on the echo engine."""
    with sdk(echo_url) as client:
        yield client


def ask(client: OpenAI, content: Any = "hello", **fields: Any) -> ChatCompletion:
    """One question."""
    answer = client.chat.completions.create(**chat(content, **fields))
    assert isinstance(answer, ChatCompletion)
    return answer


def test_a_question_is_answered(client: OpenAI) -> None:
    """An alias of the model is answered under the dated name, with all the fields clients read."""
    answer = ask(client, "hello there")
    assert "grok-2-vision-1212" == answer.model
    assert "chat.completion" == answer.object
    assert answer.id.startswith("chatcmpl-")
    assert answer.system_fingerprint is not None
    assert answer.system_fingerprint.startswith("fp_")
    assert ("You said: hello there", "assistant", None) == (
        answer.choices[0].message.content,
        answer.choices[0].message.role,
        answer.choices[0].message.refusal,
    )
    assert "stop" == answer.choices[0].finish_reason


def test_images_are_loaded_in_order(client: OpenAI) -> None:
    """Several images between texts reach the engine in the order sent."""
    answer = ask(client, [image_part(40, 30), text_part("and"), image_part(50, 20), text_part("compare")])
    assert "You said: compare; images: 40x30, 50x20" == answer.choices[0].message.content


def test_usage_counts_images_by_the_documented_formula(client: OpenAI) -> None:
    """Prompt tokens are the text's and the images'; a small image is 512, with low detail 256."""
    usage = ask(client, [image_part(), image_part(detail="low"), text_part("two words")]).usage
    assert usage is not None
    details = usage.prompt_tokens_details
    assert details is not None
    assert (768, 2) == (details.model_dump()["image_tokens"], details.model_dump()["text_tokens"])
    assert 770 == usage.prompt_tokens
    assert usage.prompt_tokens + usage.completion_tokens == usage.total_tokens
    assert 0 == usage.model_dump()["num_sources_used"]


def test_evidence_is_not_counted_as_text(serve: Serve) -> None:
    """What was seen in an image is counted by the formula, not a second time as text."""
    url = serve(ScriptedEngine((Started(), Usage(1000, 3, cached_tokens=5, evidence_tokens=900), Finish("stop"))))
    usage = post(url, chat([image_part(), text_part("what?")])).json()["usage"]
    assert {"text_tokens": 100, "image_tokens": 512, "cached_tokens": 5, "audio_tokens": 0} == usage[
        "prompt_tokens_details"
    ]
    assert (612, 3, 615) == (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"])


def test_a_streamed_answer_is_the_whole_answer(client: OpenAI) -> None:
    """The client's own accumulator makes of the stream what the whole answer says."""
    whole = ask(client, [image_part(), text_part("hello there")])
    body: Any = chat([image_part(), text_part("hello there")])
    with client.chat.completions.stream(**body, stream_options={"include_usage": True}) as stream:
        streamed = stream.get_final_completion()
    assert whole.choices[0].message.content == streamed.choices[0].message.content
    assert whole.choices[0].message.role == streamed.choices[0].message.role
    assert whole.choices[0].finish_reason == streamed.choices[0].finish_reason
    assert whole.usage == streamed.usage
    assert whole.model == streamed.model


async def test_the_async_client_streams(echo_url: str) -> None:
    """The asynchronous client gets the same words, one chunk each."""
    async with AsyncOpenAI(base_url=f"{echo_url}/v1", api_key="none", max_retries=0) as client:
        body: Any = chat("a b")
        words = [
            chunk.choices[0].delta.content async for chunk in await client.chat.completions.create(**body, stream=True)
        ]
    assert ["", "You", " said:", " a", " b", None] == words


def test_stream_has_role_finish_and_usage_once(echo_url: str) -> None:
    """The role comes first, the finish reason once, the usage last without choices, then [DONE]."""
    response = post(echo_url, chat("a", stream=True, stream_options={"include_usage": True}))
    assert "text/event-stream; charset=utf-8" == response.headers["content-type"]
    *chunks, done = read_stream(response)
    assert "[DONE]" == done
    assert ["assistant"] == [
        c["choices"][0]["delta"]["role"] for c in chunks[:-1] if "role" in c["choices"][0]["delta"]
    ]
    assert [None, None, None, None, "stop"] == [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]]
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None] * 5
    assert [] == chunks[-1]["choices"]
    assert 4 == chunks[-1]["usage"]["total_tokens"]
    assert 1 == len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks})


def test_stream_without_usage_has_none(echo_url: str) -> None:
    """Without include_usage no chunk has a usage, and the last one has a choice."""
    *chunks, _done = read_stream(post(echo_url, chat("a", stream=True)))
    assert not any("usage" in chunk for chunk in chunks)
    assert all(chunk["choices"] for chunk in chunks)


def test_several_choices(serve: Serve) -> None:
    """`n` runs the engine so many times with seeds that follow each other; prompt tokens count once."""
    engine = ScriptedEngine()
    answer = post(serve(engine), chat(n=3, seed=10)).json()
    assert [0, 1, 2] == [choice["index"] for choice in answer["choices"]]
    assert [10, 11, 12] == [job.sampling.seed for job in engine.jobs]
    assert (7, 3) == (answer["usage"]["prompt_tokens"], answer["usage"]["completion_tokens"])


def test_several_choices_streamed(client: OpenAI) -> None:
    """Streamed choices come one after the other, each with its own role and end."""
    body: Any = chat("hi", n=2)
    with client.chat.completions.stream(**body) as stream:
        choices = stream.get_final_completion().choices
    assert [(0, "You said: hi"), (1, "You said: hi")] == [(c.index, c.message.content) for c in choices]


def test_max_tokens_cuts(client: OpenAI) -> None:
    """`max_completion_tokens` wins over `max_tokens`, and the answer says that it was cut."""
    choice = ask(client, "one two three", max_tokens=5, max_completion_tokens=3).choices[0]
    assert ("You said: one", "length") == (choice.message.content, choice.finish_reason)


@pytest.mark.parametrize("stop", ["two", ["three", "two"]])
def test_stop_ends_the_answer(client: OpenAI, stop: Any) -> None:
    """The answer ends before the first stop text."""
    assert "You said: one " == ask(client, "one two three", stop=stop).choices[0].message.content


def test_sampling_reaches_the_engine(serve: Serve) -> None:
    """Every sampling option arrives; unset and null ones have OpenAI's defaults."""
    engine = ScriptedEngine()
    url = serve(engine)
    options = {"temperature": 0, "top_p": 0.5, "seed": -3, "stop": ["a", "b"], "max_tokens": 9}
    bias = {"frequency_penalty": 1, "presence_penalty": -1.5, "logit_bias": {"42": -100}}
    post(url, chat(**options, **bias, logprobs=True, top_logprobs=2))
    post(url, chat(temperature=None, top_p=None, stop=None, seed=None, logprobs=None, tools=None, n=None))
    first, second = (job.sampling for job in engine.jobs)
    assert (0.0, 0.5, -3, ("a", "b"), 9) == (first.temperature, first.top_p, first.seed, first.stop, first.max_tokens)
    assert (1.0, -1.5, {42: -100.0}, 2) == (
        first.frequency_penalty,
        first.presence_penalty,
        first.logit_bias,
        first.top_logprobs,
    )
    assert (0.0, 1.0, None, (), None, None) == (
        second.temperature,
        second.top_p,
        second.seed,
        second.stop,
        second.max_tokens,
        second.top_logprobs,
    )


def test_logprobs_are_told(serve: Serve) -> None:
    """Log-probabilities come with their bytes and alternatives, whole and streamed alike."""
    token = TokenLogprob("é", "é".encode(), -0.25, (("e", b"e", -1.5),))
    url = serve(ScriptedEngine((Started(), TextDelta("é", (token,)), Usage(1, 1), Finish("stop"))))
    with sdk(url) as client:
        whole = ask(client, logprobs=True, top_logprobs=1).choices[0].logprobs
        body: Any = chat(logprobs=True, top_logprobs=1)
        with client.chat.completions.stream(**body) as stream:
            streamed = stream.get_final_completion().choices[0].logprobs
    assert whole is not None
    assert whole == streamed
    assert whole.content is not None
    assert ("é", -0.25, [195, 169]) == (whole.content[0].token, whole.content[0].logprob, whole.content[0].bytes)
    assert ["e"] == [top.token for top in whole.content[0].top_logprobs]


def test_a_json_object_can_be_asked_for(client: OpenAI) -> None:
    """`json_object` needs no word "json" in the messages."""
    content = ask(client, "hello", response_format={"type": "json_object"}).choices[0].message.content
    assert {"echo": "hello"} == json.loads(content or "")


def test_a_pydantic_model_can_be_asked_for(client: OpenAI) -> None:
    """The client's `parse` helper sends a strict schema and gets an instance back."""

    class Item(BaseModel):
        name: str
        next: Item | None

    class Order(BaseModel):
        items: list[Item]
        first: Item
        is_paid: bool

    body: Any = chat()
    parsed = client.chat.completions.parse(**body, response_format=Order).choices[0].message.parsed
    assert Order(items=[], first=Item(name="", next=None), is_paid=False) == parsed


def test_a_schema_reaches_the_engine(serve: Serve) -> None:
    """The schema arrives unchanged, unknown keywords included, with the place where the client wrote it."""
    engine = ScriptedEngine()
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "x-ours": 1}
    named = {"name": "my-schema_1", "schema": schema, "strict": True}
    post(serve(engine), chat(response_format={"type": "json_schema", "json_schema": named}))
    assert JsonOutput(schema, "response_format.json_schema.schema") == engine.jobs[0].output


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "weather"}}])
def test_a_tool_is_called(client: OpenAI, choice: Any) -> None:
    """A required or named tool is called; whole and streamed answers have the same call and no text."""
    whole = ask(client, tools=[WEATHER], tool_choice=choice).choices[0]
    body: Any = chat(tools=[WEATHER], tool_choice=choice)
    with client.chat.completions.stream(**body) as stream:
        streamed = stream.get_final_completion().choices[0]
    assert "tool_calls" == whole.finish_reason == streamed.finish_reason
    assert None is whole.message.content is streamed.message.content
    assert whole.message.tool_calls is not None
    assert streamed.message.tool_calls is not None
    calls = [
        [(call.id, call.type, call.function.name, call.function.arguments) for call in calls if call.type == "function"]
        for calls in (whole.message.tool_calls, streamed.message.tool_calls)
    ]
    assert calls[0] == calls[1]
    assert [("function", "weather", '{"city":""}')] == [call[1:] for call in calls[0]]


def test_several_calls_are_kept_apart(serve: Serve) -> None:
    """Calls that an engine writes in pieces are put together by their index."""
    script: list[Event] = [
        Started(),
        ToolCallDelta(0, id="a", name="first"),
        ToolCallDelta(0, '{"x"'),
        ToolCallDelta(0, ":1}"),
        ToolCallDelta(1, "{}", id="b", name="second"),
        Usage(1, 2),
        Finish("tool_calls"),
    ]
    message = post(serve(ScriptedEngine(script)), chat(tools=[WEATHER])).json()["choices"][0]["message"]
    assert [("a", "first", '{"x":1}'), ("b", "second", "{}")] == [
        (call["id"], call["function"]["name"], call["function"]["arguments"]) for call in message["tool_calls"]
    ]


def test_a_streamed_call_comes_whole(serve: Serve) -> None:
    """Each call is one chunk with its id, type, name and all its arguments, as xAI's clients want it."""
    script: list[Event] = [
        Started(),
        TextDelta("Let me see."),
        ToolCallDelta(0, id="a", name="first"),
        ToolCallDelta(0, '{"x"'),
        ToolCallDelta(0, ":1}"),
        ToolCallDelta(1, "{}", id="b", name="second"),
        Usage(1, 2),
        Finish("tool_calls"),
    ]
    *chunks, _done = read_stream(post(serve(ScriptedEngine(script)), chat(tools=[WEATHER], stream=True)))
    calls = [chunk["choices"][0]["delta"]["tool_calls"] for chunk in chunks[2:-1]]
    assert [
        [{"index": 0, "id": "a", "type": "function", "function": {"name": "first", "arguments": '{"x":1}'}}],
        [{"index": 1, "id": "b", "type": "function", "function": {"name": "second", "arguments": "{}"}}],
    ] == calls


def test_tool_choices_reach_the_engine(serve: Serve) -> None:
    """Free, forbidden, limited and single tool choices become the output they mean."""
    engine = ScriptedEngine()
    url = serve(engine)
    second = {"type": "function", "function": {"name": "time"}}
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [second]}}
    for choice in ("auto", "none", allowed):
        assert (
            200 == post(url, chat(tools=[WEATHER, second], tool_choice=choice, parallel_tool_calls=False)).status_code
        )
    auto, none, limited = (job.output for job in engine.jobs)
    assert isinstance(auto, ToolOutput)
    assert (["weather", "time"], False, False) == ([tool.name for tool in auto.tools], auto.required, auto.parallel)
    assert not isinstance(none, ToolOutput)
    assert isinstance(limited, ToolOutput)
    assert (["time"], True) == ([tool.name for tool in limited.tools], limited.required)


def test_old_functions_are_answered_the_old_way(client: OpenAI) -> None:
    """`functions` and `function_call` get a `function_call`, not tool calls."""
    function = WEATHER["function"]
    whole = ask(client, functions=[function], function_call={"name": "weather"}).choices[0]
    assert "function_call" == whole.finish_reason
    assert whole.message.function_call is not None
    assert ("weather", '{"city":""}') == (whole.message.function_call.name, whole.message.function_call.arguments)
    assert None is whole.message.tool_calls


def test_a_conversation_reaches_the_engine_as_it_was(serve: Serve) -> None:
    """All roles arrive, `developer` as system and `function` as tool, with images in system and user turns."""
    engine = ScriptedEngine()
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    messages = [
        {"role": "developer", "content": [text_part("be brief"), image_part()]},
        {"role": "user", "content": [text_part("a"), image_part(), text_part("b")], "name": "ann"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": [text_part("sunny")]},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
        {"role": "function", "name": "weather", "content": "rain"},
        {"role": "user", "content": "and now?"},
    ]
    assert 200 == post(serve(engine), {"model": MODEL, "messages": messages}).status_code
    turns = engine.jobs[0].turns
    assert ["system", "user", "assistant", "tool", "assistant", "tool", "user"] == [turn.role for turn in turns]
    assert ["TextPart", "Image", "TextPart"] == [type(part).__name__ for part in turns[1].parts]
    assert "ann" == turns[1].name
    assert [("c1", "weather", "{}")] == [(call.id, call.name, call.arguments) for call in turns[2].tool_calls]
    assert (turns[3].tool_call_id, turns[3].parts) == ("c1", (TextPart("sunny"),))
    assert (TextPart("no"),) == turns[4].parts
    assert not any(isinstance(part, ImageRef) for turn in turns for part in turn.parts)


def test_unknown_fields_are_ignored(client: OpenAI) -> None:
    """Fields of other servers and of later versions do no harm, nor do those that are documented as no-ops."""
    more = {"top_k": 3, "thinking": {"type": "off"}, "store": False, "reasoning_effort": "low", "deferred": False}
    assert ask(client, extra_body=more, user="ann", metadata={"a": "b"}).choices[0].message.content


def test_every_name_of_the_model_is_accepted(serve: Serve) -> None:
    """The grok names are answered with the dated one, the engine's names with the model it serves."""
    url = serve(ScriptedEngine())
    names = ["grok-2-vision", "grok-2-vision-1212", "scripted", "scripted-model"]
    answers = [post(url, chat() | {"model": name}).json()["model"] for name in names]
    assert ["grok-2-vision-1212", "grok-2-vision-1212", "scripted-model", "scripted-model"] == answers


def test_an_unknown_model_is_refused(client: OpenAI) -> None:
    """The error names those that exist."""
    with pytest.raises(NotFoundError) as caught:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])
    assert ("model_not_found", "model") == (caught.value.code, caught.value.param)
    assert "grok-2-vision-1212, grok-2-vision, grok-2-vision-latest, echo" in str(caught.value)


EVIDENCE = Evidence("digest", (40, 30), (TextLine("Total 5", (1.0, 2.0, 30.5, 9.0), 0.98, "reader"),), "Total 5")
GROUNDED: list[Event] = [
    Started((EVIDENCE,), (("user", "Total 5\ntotal?"),)),
    TextDelta('{"total":5}'),
    Grounding("/total", "5", 0, (20.0, 2.0, 30.5, 9.0), 0.9, "exact"),
    Usage(9, 3, cached_tokens=1, passes=2, prompt_passes=1, forced_tokens=1, copied_tokens=2),
    Finish("stop"),
]


def test_evidence_can_be_asked_for(serve: Serve) -> None:
    """With `evidence: true` the answer says what was read where, and what was done to each image."""
    engine = ScriptedEngine(GROUNDED)
    with sdk(serve(engine)) as client:
        answer = ask(client, [image_part(), text_part("total?")], extra_body={"evidence": True})
    extension = answer.model_dump()["x_beholder"]
    line = {"text": "Total 5", "box": [1.0, 2.0, 30.5, 9.0], "confidence": 0.98, "method": "reader"}
    assert [{"size": [40, 30], "lines": [line], "suspicious": []}] == extension["evidence"]
    assert [("PNG", [40, 30], [40, 30])] == [
        (each["format"].upper(), each["original_size"], each["size"]) for each in extension["images"]
    ]
    assert [{"role": "user", "content": "Total 5\ntotal?"}] == extension["prompt"]
    assert {
        "prompt_tokens": 9,
        "cached_tokens": 1,
        "completion_tokens": 3,
        "forced_tokens": 1,
        "copied_tokens": 2,
        "passes": 2,
        "prompt_passes": 1,
    } == extension["work"]
    assert [("/total", [20.0, 2.0, 30.5, 9.0])] == [(each["pointer"], each["box"]) for each in extension["grounding"]]
    assert engine.jobs[0].grounding


def test_evidence_rides_on_the_last_chunk_with_a_choice(serve: Serve) -> None:
    """Streamed, the same extension comes once, with the finish reason."""
    url = serve(ScriptedEngine(GROUNDED))
    body = chat([image_part(), text_part("total?")], evidence=True)
    whole = post(url, body).json()["x_beholder"]
    *chunks, _done = read_stream(post(url, body | {"stream": True}))
    assert [("stop", whole)] == [
        (chunk["choices"][0]["finish_reason"], chunk["x_beholder"]) for chunk in chunks if "x_beholder" in chunk
    ]


def test_evidence_is_not_sent_unasked(serve: Serve) -> None:
    """Without the field the answer is OpenAI's and nothing else."""
    engine = ScriptedEngine(GROUNDED)
    assert "x_beholder" not in post(serve(engine), chat()).json()
    assert not engine.jobs[0].grounding
