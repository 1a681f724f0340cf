"""What xAI's own clients ask for besides chat: models, keys, tokens, and its errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from live_server import Serve, make_app, serving
from openai import APIError, BadRequestError
from requests_for_tests import MODEL, chat, get_from, image_part, post, post_to, read_stream, sdk
from stage_engines import ScriptedEngine

from beholder.engines.echo import EchoEngine
from beholder.errors import Overloaded
from beholder.settings import Settings
from beholder.types import Started, TextDelta


def test_language_models_are_described(echo_url: str) -> None:
    """The drop-in model and the one that is served, each with its aliases; prices are nothing."""
    models = get_from(echo_url, "/v1/language-models").json()["models"]
    assert [("grok-2-vision-1212", ["grok-2-vision", "grok-2-vision-latest"]), ("echo", [])] == [
        (model["id"], model["aliases"]) for model in models
    ]
    assert (["text", "image"], ["text"]) == (models[0]["input_modalities"], models[0]["output_modalities"])
    assert {0} == {value for name, value in models[0].items() if name.endswith("_price")}
    assert 1733961600 == models[0]["created"]


def test_a_language_model_can_be_looked_up(echo_url: str) -> None:
    """By its name or an alias; others are 404."""
    model = get_from(echo_url, "/v1/language-models/grok-2-vision-latest").json()
    assert "grok-2-vision-1212" == model["id"]
    assert model["fingerprint"] == post(echo_url, chat()).json()["system_fingerprint"]
    assert 404 == get_from(echo_url, "/v1/language-models/gpt-4o").status_code


def test_a_key_is_told_redacted(serve: Serve) -> None:
    """Its ends are shown, of a short one nothing; ids differ by key and stay the same."""
    url = serve(EchoEngine(), Settings(api_key=("name-of-days", "short")))
    long, again, short = (get_from(url, "/v1/api-key", key).json() for key in ("name-of-days", "name-of-days", "short"))
    assert ("na***ys", "***") == (long["redacted_api_key"], short["redacted_api_key"])
    assert long == again
    assert long["api_key_id"] != short["api_key_id"]
    assert (["api-key:model:*", "api-key:endpoint:*"], False) == (long["acls"], long["api_key_blocked"])
    assert "name-of-days" not in str(long)


def test_no_key_is_told_too(echo_url: str) -> None:
    """Where no keys are set, whatever is sent is not looked at, and not told back."""
    told = get_from(echo_url, "/v1/api-key", "something-sent").json()
    assert ("***", "no key is needed") == (told["redacted_api_key"], told["name"])


def test_a_text_is_tokenized(echo_url: str) -> None:
    """The tokens, put together, are the text; an unknown model is 404."""
    tokens = post_to(echo_url, "/v1/tokenize-text", {"text": "één twee ", "model": MODEL}).json()["token_ids"]
    assert [0, 1] == [token["token_id"] for token in tokens]
    assert "één twee " == "".join(token["string_token"] for token in tokens)
    assert "één twee ".encode() == b"".join(bytes(token["token_bytes"]) for token in tokens)
    assert [] == post_to(echo_url, "/v1/tokenize-text", {"text": ""}).json()["token_ids"]
    assert 404 == post_to(echo_url, "/v1/tokenize-text", {"text": "x", "model": "gpt-4o"}).status_code
    assert "text" == post_to(echo_url, "/v1/tokenize-text", {}).json()["error"]["param"]


def test_an_engine_may_show_no_tokenizer(serve: Serve) -> None:
    """That is a 400."""
    assert 400 == post_to(serve(ScriptedEngine()), "/v1/tokenize-text", {"text": "x"}).status_code


def test_any_model_may_be_named(serve: Serve) -> None:
    """With the setting, a name that is not known is answered by the model that is served, in every endpoint."""
    url = serve(ScriptedEngine(), Settings(any_model=True, responses_kept=0))
    assert "scripted-model" == post(url, chat() | {"model": "gpt-4o"}).json()["model"]
    assert "scripted-model" == post_to(url, "/v1/responses", {"model": "gpt-4o", "input": "x"}).json()["model"]
    assert 200 == get_from(url, "/v1/models/gpt-4o").status_code


# ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

CASES: tuple[tuple[str, Any, int, str], ...] = (
    ("/v1/chat/completions", chat(temperature=3), 400, "Client specified an invalid argument"),
    ("/v1/chat/completions", chat(temperature="hot"), 422, "Client specified an invalid argument"),
    ("/v1/chat/completions", {"model": MODEL}, 422, "Client specified an invalid argument"),
    ("/v1/chat/completions", chat() | {"model": "gpt-4o"}, 404, "Some requested entity was not found"),
    ("/v1/nothing", {}, 404, "Some requested entity was not found"),
    ("/v1/models", {}, 405, "Operation is not implemented or not supported"),
    ("/v1/responses", {"input": "x", "background": True}, 400, "Client specified an invalid argument"),
    (
        "/v1/chat/completions",
        chat([{"type": "image_url", "image_url": {"url": "https://no-such-host.invalid/a.png"}}]),
        412,
        "The system is not in a state required for the operation's execution",
    ),
)


@pytest.fixture(scope="module")
def xai_url() -> Iterator[str]:
    """A server with xAI's errors."""
    with serving(make_app(EchoEngine(), Settings(xai_errors=True))) as url:
        yield url


@pytest.mark.parametrize(("path", "body", "status", "code"), CASES, ids=[f"{case[0]}-{case[2]}" for case in CASES])
def test_errors_can_be_xai_s(xai_url: str, path: str, body: Any, status: int, code: str) -> None:
    """With the setting the body has a code and a text, and the statuses are xAI's; images are never retried."""
    response = post_to(xai_url, path, body)
    assert (status, {"code", "error"}, code) == (response.status_code, set(response.json()), response.json()["code"])
    assert isinstance(response.json()["error"], str)


def test_xai_s_statuses_for_keys_and_bodies(serve: Serve) -> None:
    """A wrong key is a 400, a missing one a 401; an empty body is a 415; a full queue stays a 503."""
    url = serve(ScriptedEngine([Overloaded("full", retry_after=7)]), Settings(xai_errors=True, api_key=("right",)))
    assert [400, 401] == [get_from(url, "/v1/models", key).status_code for key in ("wrong", None)]
    right = {"authorization": "Bearer right"}
    empty = httpx2.post(f"{url}/v1/chat/completions", headers=right, trust_env=False, verify=False)
    assert 415 == empty.status_code
    full = post_to(url, "/v1/chat/completions", chat(), headers=right)
    assert (503, "7") == (full.status_code, full.headers["retry-after"])


def test_the_official_client_reads_xai_s_errors(serve: Serve) -> None:
    """As it reads the real ones: the text is the body; in a stream it raises."""
    url = serve(ScriptedEngine([Started(), TextDelta("so "), RuntimeError("x")]), Settings(xai_errors=True))
    with sdk(url) as client:
        body: Any = chat([image_part(detail="auto")] * 11)
        with pytest.raises(BadRequestError) as caught:
            client.chat.completions.create(**body)
        assert "at most 10 images" in str(caught.value.body)
        body = chat(stream=True)
        with pytest.raises(APIError):
            list(client.chat.completions.create(**body))
    *_, last = read_stream(post(url, chat(stream=True)))
    assert "Internal error" == last["code"]
