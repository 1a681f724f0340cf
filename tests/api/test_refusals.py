"""What a chat request gets refused for: always a 400 in the hybrid body that names the field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from live_server import Serve, make_app, serving
from openai import BadRequestError
from requests_for_tests import MODEL, chat, image_part, post, sdk, text_part
from stage_engines import ScriptedEngine

from beholder.engines.base import Capabilities
from beholder.errors import ContextLengthExceeded, UnsupportedSchema


@dataclass(frozen=True)
class Refusal:
    """A request, the field that is named, and words of the message."""

    body: dict[str, Any]
    param: str | None
    words: str


def user(*parts: Any) -> dict[str, Any]:
    """A request with one user message of these parts."""
    return chat(list(parts))


def message(**fields: Any) -> dict[str, Any]:
    """A request with one message."""
    return {"model": MODEL, "messages": [fields]}


FUNCTION = {"type": "function", "function": {"name": "f"}}

REFUSALS = (
    Refusal({"messages": [{"role": "user", "content": "hi"}]}, "model", "model is missing"),
    Refusal({"model": MODEL}, "messages", "messages is missing"),
    Refusal({"model": 5, "messages": []}, "model", "expected `str`, got `int`"),
    Refusal({"model": MODEL, "messages": []}, "messages", ">= 1"),
    Refusal(message(role="robot", content="hi"), "messages[0].role", "expected system, developer, user"),
    Refusal(message(content="hi"), "messages[0].role", "is missing"),
    Refusal(message(role="user"), "messages[0].content", "got nothing"),
    Refusal(message(role="user", content=7), "messages[0].content", "got `int`"),
    Refusal(message(role="tool", content="x"), "messages[0].tool_call_id", "which call"),
    Refusal(message(role="function", content="x"), "messages[0].name", "which call"),
    Refusal(message(role="assistant", content=[image_part()]), "messages[0].content[0]", "message 1, part 1"),
    Refusal(
        message(role="tool", tool_call_id="c", content=[text_part("a"), image_part()]),
        "messages[0].content[1]",
        "message 1, part 2",
    ),
    Refusal(user({"type": "refusal", "refusal": "no"}), "messages[0].content[0]", "refusal cannot stand in a user"),
    Refusal(user(text_part("a"), {"type": "input_audio"}), "messages[0].content[1].type", "expected text or image_url"),
    Refusal(user({"text": "a"}), "messages[0].content[0].type", "is missing"),
    Refusal(user({"type": "text"}), "messages[0].content[0].text", "is missing"),
    Refusal(
        user({"type": "image_url", "image_url": "https://example.com/a.png"}),
        "messages[0].content[0].image_url",
        'write {"type": "image_url", "image_url": {"url": "…"}}',
    ),
    Refusal(user({"type": "image_url", "image_url": {}}), "messages[0].content[0].image_url.url", "is missing"),
    Refusal(user(image_part(detail="ultra")), "messages[0].content[0].image_url.detail", "expected auto, low or high"),
    Refusal(
        user({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}),
        "messages[0].content[0].image_url.url",
        "message 1, part 1",
    ),
    Refusal(
        user({"type": "image_url", "image_url": {"url": "/etc/hostname"}}),
        "messages[0].content[0].image_url.url",
        "message 1, part 1",
    ),
    Refusal(user(*[image_part()] * 11), "messages[0].content[10].image_url.url", "message 1, part 11"),
    Refusal(chat(max_tokens=0), "max_tokens", ">= 1"),
    Refusal(chat(max_completion_tokens=-1), "max_completion_tokens", ">= 1"),
    Refusal(chat(max_tokens=10**400), "max_tokens", "<="),
    Refusal(chat(max_tokens="many"), "max_tokens", "got `str`"),
    Refusal(chat(temperature=2.1), "temperature", "<= 2"),
    Refusal(chat(temperature=-0.1), "temperature", ">= 0"),
    Refusal(chat(top_p=0), "top_p", "> 0"),
    Refusal(chat(top_p=1.1), "top_p", "<= 1"),
    Refusal(chat(n=0), "n", ">= 1"),
    Refusal(chat(n=9), "n", "<= 8"),
    Refusal(chat(seed=1.5), "seed", "got `float`"),
    Refusal(chat(seed=2**63), "seed", "<="),
    Refusal(chat(stop=""), "stop", ">= 1"),
    Refusal(chat(stop=["a", ""]), "stop[1]", ">= 1"),
    Refusal(chat(stop=list("abcde")), "stop", "<= 4"),
    Refusal(chat(frequency_penalty=2.5), "frequency_penalty", "<= 2"),
    Refusal(chat(presence_penalty=-3), "presence_penalty", ">= -2"),
    Refusal(chat(logit_bias={"a": 1}), "logit_bias", "int"),
    Refusal(chat(logit_bias={"1": 101}), "logit_bias", "<= 100"),
    Refusal(chat(logprobs=True, top_logprobs=21), "top_logprobs", "<= 20"),
    Refusal(chat(top_logprobs=1), "top_logprobs", "needs logprobs"),
    Refusal(chat(response_format={"type": "xml"}), "response_format.type", "json_schema"),
    Refusal(chat(response_format={"type": "json_schema"}), "response_format.json_schema", "is missing"),
    Refusal(
        chat(response_format={"type": "json_schema", "json_schema": {"name": "a b"}}),
        "response_format.json_schema.name",
        "regex",
    ),
    Refusal(
        chat(response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": []}}),
        "response_format.json_schema.schema",
        "got `array`",
    ),
    Refusal(chat(tools=[{"type": "custom"}]), "tools[0].type", "expected function"),
    Refusal(chat(tools=[{"type": "function", "function": {"name": "é"}}]), "tools[0].function.name", "regex"),
    Refusal(chat(tools=[FUNCTION, FUNCTION]), "tools[1]", "two functions are named 'f'"),
    Refusal(chat(tools=[FUNCTION], tool_choice="must"), "tool_choice", "expected none, auto, required"),
    Refusal(chat(tools=[FUNCTION], tool_choice={"type": "function", "function": {"name": "g"}}), "tool_choice", "'g'"),
    Refusal(chat(tool_choice="required"), "tool_choice", "no tools"),
    Refusal(chat(stream="yes"), "stream", "got `str`"),
    Refusal(chat(deferred=True), "deferred", "not supported"),
    Refusal(chat(modalities=["text", "audio"]), "modalities", "not supported"),
    Refusal(chat(audio={"voice": "alloy", "format": "mp3"}), "audio", "not supported"),
    Refusal(chat(web_search_options={}), "web_search_options", "not supported"),
    Refusal(chat(search_parameters={"mode": "on"}), "search_parameters", "not supported"),
)


@pytest.fixture(scope="module")
def capable_url() -> Iterator[str]:
    """A server whose engine can do everything, so that only the request is at fault."""
    with serving(make_app(ScriptedEngine())) as url:
        yield url


@pytest.fixture(scope="module")
def plain_url() -> Iterator[str]:
    """A server whose engine can write text and nothing else."""
    with serving(make_app(ScriptedEngine(capabilities=Capabilities()))) as url:
        yield url


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: f"{refusal.param}-{refusal.words[:16]}")
def test_a_wrong_field_is_named(capable_url: str, refusal: Refusal) -> None:
    """Every wrong field is a 400 that says where, what was expected and what came."""
    response = post(capable_url, refusal.body)
    error = response.json()["error"]
    assert (400, refusal.param, "invalid_request_error") == (response.status_code, error["param"], error["type"])
    assert refusal.words in error["message"]
    assert error["code"]
    assert "Client specified an invalid argument" == response.json()["code"]


def test_harmless_values_of_refused_fields_pass(capable_url: str) -> None:
    """A field that is refused for what it asks is accepted where it asks for nothing."""
    body = chat(modalities=["text"], deferred=False, search_parameters={"mode": "off"}, audio=None, tool_choice="auto")
    assert 200 == post(capable_url, body).status_code


NEEDS_CAPABILITY = (
    ("frequency_penalty", {"frequency_penalty": 0.5}),
    ("presence_penalty", {"presence_penalty": 0.5}),
    ("logit_bias", {"logit_bias": {"1": 5}}),
    ("logprobs", {"logprobs": True}),
    ("tools", {"tools": [FUNCTION]}),
    ("functions", {"functions": [FUNCTION["function"]]}),
    ("response_format", {"response_format": {"type": "json_object"}}),
)


@pytest.mark.parametrize(("param", "fields"), NEEDS_CAPABILITY, ids=[param for param, _ in NEEDS_CAPABILITY])
def test_what_the_engine_cannot_do_is_refused(plain_url: str, param: str, fields: dict[str, Any]) -> None:
    """A field that the engine cannot honour is a 400."""
    response = post(plain_url, chat(**fields))
    assert (400, param) == (response.status_code, response.json()["error"]["param"])


def test_what_asks_for_nothing_passes(plain_url: str) -> None:
    """A field that the engine cannot honour does no harm with a value that asks for nothing."""
    nothing = {"frequency_penalty": 0, "logit_bias": {}, "logprobs": False, "tools": [], "tool_choice": "none"}
    assert 200 == post(plain_url, chat(**nothing, response_format={"type": "text"})).status_code


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "fault",
    [
        ContextLengthExceeded("the window is 10 tokens", param="messages"),
        UnsupportedSchema("`not` cannot be enforced", param="response_format.json_schema.schema"),
    ],
)
def test_what_the_engine_refuses_is_a_plain_error(
    serve: Serve, fault: ContextLengthExceeded | UnsupportedSchema, stream: bool
) -> None:
    """Before the first event a fault is a plain HTTP error, streamed or not, with the client's own exception."""
    with sdk(serve(ScriptedEngine([fault]))) as client, pytest.raises(BadRequestError) as caught:
        body: Any = chat(stream=stream)
        client.chat.completions.create(**body)
    assert (fault.param, fault.code) == (caught.value.param, caught.value.code)
    assert fault.message in str(caught.value)


def test_a_schema_nested_too_deep_is_refused(capable_url: str) -> None:
    """Depth that would exhaust the stack of whoever walks the schema is a 400."""
    schema: dict[str, Any] = {}
    for _ in range(200):
        schema = {"items": schema}
    named = {"name": "deep", "schema": schema}
    response = post(capable_url, chat(response_format={"type": "json_schema", "json_schema": named}))
    assert (400, "response_format.json_schema.schema") == (response.status_code, response.json()["error"]["param"])
