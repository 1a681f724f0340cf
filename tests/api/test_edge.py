"""What surrounds every request: keys, addresses, health, ids, log lines, faults of the machine."""

from __future__ import annotations

import logging
import re
import socket
import threading
from contextlib import ExitStack, nullcontext

import httpx2
import pytest
from live_server import Serve, make_app, serving, wait_until
from openai import AuthenticationError, InternalServerError
from requests_for_tests import DIRECT, chat, post, read_stream, sdk
from stage_engines import EndlessEngine, ScriptedEngine, SlowStartEngine

from beholder.api.keys import require_key_beyond_loopback
from beholder.engines.echo import EchoEngine
from beholder.errors import BeholderError, Overloaded, SettingsError, WeightsError
from beholder.settings import Settings
from beholder.types import Event, Started, TextDelta


def get(url: str, **headers: str) -> httpx2.Response:
    """The answer to a GET."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.get(url, headers=named, **DIRECT)


# ── addresses ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_models_are_listed(echo_url: str) -> None:
    """Every accepted name is listed and can be looked up; others are 404."""
    with sdk(echo_url) as client:
        names = [model.id for model in client.models.list()]
        assert ["grok-2-vision-1212", "grok-2-vision", "grok-2-vision-latest", "echo"] == names
        assert 1733961600 == client.models.retrieve("grok-2-vision-latest").created
    response = get(f"{echo_url}/v1/models/no/such")
    assert (404, "model_not_found") == (response.status_code, response.json()["error"]["code"])


def test_an_unknown_address_is_told_in_json(echo_url: str) -> None:
    """404 and 405 have the hybrid body; 405 says which method it takes."""
    missing, wrong = get(f"{echo_url}/v1/nothing"), get(f"{echo_url}/v1/chat/completions")
    assert (404, "not_found") == (missing.status_code, missing.json()["error"]["code"])
    assert (405, "method_not_allowed") == (wrong.status_code, wrong.json()["error"]["code"])
    assert "Some requested entity was not found" == missing.json()["code"]
    assert "POST" == wrong.headers["allow"]


def test_requests_wait_for_the_model(serve: Serve) -> None:
    """Before the model is loaded the process is healthy and not ready, and questions are answered 503."""
    engine = SlowStartEngine()
    url = serve(engine)
    assert 200 == get(f"{url}/healthz").status_code
    for response in (get(f"{url}/readyz"), post(url, chat())):
        assert (503, "model_loading") == (response.status_code, response.json()["error"]["code"])
        assert "5" == response.headers["retry-after"]
    engine.release.set()
    wait_until(lambda: get(f"{url}/readyz").status_code == 200)
    assert {"status": "ready", "engine": "scripted", "model": "scripted-model"} == get(f"{url}/readyz").json()
    assert 200 == post(url, chat()).status_code


def test_a_failed_start_is_told(serve: Serve) -> None:
    """When the weights are wrong, whoever asks is told what to run."""
    engine = SlowStartEngine(WeightsError("the weights are missing; run: beholder weights fetch"))
    url = serve(engine)
    engine.release.set()
    wait_until(lambda: get(f"{url}/readyz").status_code == 500)
    response = post(url, chat())
    assert (500, "weights_unavailable") == (response.status_code, response.json()["error"]["code"])
    assert "beholder weights fetch" in response.json()["error"]["message"]


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────


WRONG_KEYS = (
    *((nothing, "missing_api_key") for nothing in ("", "Bearer", "Basic first")),
    *((f"Bearer {wrong}", "invalid_api_key") for wrong in ("wrong", "firs", "firstt")),
)


def test_a_key_is_asked_for(serve: Serve) -> None:
    """With keys set, only a bearer token that is one of them gets in; health checks need none."""
    url = serve(EchoEngine(), Settings(api_key=("first", "sécond")))
    for authorization, code in WRONG_KEYS:
        response = get(f"{url}/v1/models", authorization=authorization)
        assert (401, code) == (response.status_code, response.json()["error"]["code"])
        assert "Bearer" == response.headers["www-authenticate"]
    for right in (b"Bearer first", "bearer sécond".encode()):
        assert 200 == httpx2.get(f"{url}/v1/models", headers={b"authorization": right}, **DIRECT).status_code
    assert [200, 200] == [get(f"{url}/{path}").status_code for path in ("healthz", "readyz")]
    assert [401, 401] == [get(f"{url}/{path}").status_code for path in ("v1/nothing", "healthz/")]


def test_the_official_client_sends_its_key(serve: Serve) -> None:
    """The right key answers; a wrong one is the client's own exception."""
    url = serve(EchoEngine(), Settings(api_key=("secret",)))
    with sdk(url, api_key="secret") as client:
        assert client.models.list().data
    with sdk(url, api_key="other") as client, pytest.raises(AuthenticationError):
        client.models.list()


def test_no_key_beyond_loopback_is_refused() -> None:
    """A server that others can reach needs a key or an explicit word that it needs none."""
    open_to_all = Settings(host="example.org")
    for address in ("0.0.0.0", "::", "192.168.1.5", "fe80::1%eth0"):
        with pytest.raises(SettingsError, match="--api-key"):
            require_key_beyond_loopback(open_to_all, address)
        require_key_beyond_loopback(Settings(api_key=("k",)), address)
        require_key_beyond_loopback(Settings(allow_no_key=True), address)
    for address in ("127.0.0.1", "127.8.0.1", "::1"):
        require_key_beyond_loopback(Settings(), address)


# ── ids and log lines ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_answer_has_an_id(echo_url: str) -> None:
    """A well-formed id of the client's is kept; else there is a fresh one, on errors and streams too."""
    assert "mine-1._" == get(f"{echo_url}/healthz", x_request_id="mine-1._").headers["x-request-id"]
    fresh = [get(f"{echo_url}/v1/nothing", x_request_id=bad).headers["x-request-id"] for bad in ("", "a b", "x" * 129)]
    fresh += [post(echo_url, chat(stream=stream)).headers["x-request-id"] for stream in (True, False)]
    assert all(re.fullmatch("req_[0-9a-f]{32}", each) for each in fresh)
    assert 5 == len(set(fresh))


def test_every_answer_tells_its_time(echo_url: str) -> None:
    """`openai-processing-ms` is a number of milliseconds."""
    assert int(post(echo_url, chat()).headers["openai-processing-ms"]) >= 0


def test_every_request_is_one_log_line(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The line has method, path, status, time and tokens; what a client puts into a path cannot break it."""
    url = serve(EchoEngine())
    # Only now: the line of another test's last request may come after its answer.
    caplog.set_level(logging.INFO, "beholder.access")
    post(url, chat("one two"))
    wait_until(lambda: len(caplog.records) == 1)
    post(url, chat("one two", stream=True))
    wait_until(lambda: len(caplog.records) == 2)
    get(f"{url}/v1/models/a%0Ab")
    wait_until(lambda: len(caplog.records) == 3)
    assert [
        ("POST", "/v1/chat/completions", 200, 2, 4),
        ("POST", "/v1/chat/completions", 200, 2, 4),
        ("GET", "/v1/models/a%0Ab", 404, None, "not_found"),
    ] == [
        (
            line["method"],
            line["path"],
            line["status"],
            line.get("prompt_tokens"),
            line.get("completion_tokens", line.get("error")),
        )
        for line in (vars(record)["fields"] for record in caplog.records)
    ]


# ── faults of the machine ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_full_queue_says_when_to_come_back(serve: Serve) -> None:
    """An engine that is overloaded is a 503 with Retry-After, streamed or not."""
    url = serve(ScriptedEngine([Overloaded("32 requests wait already", retry_after=7)]))
    for stream in (False, True):
        response = post(url, chat(stream=stream))
        assert (503, "server_overloaded") == (response.status_code, response.json()["error"]["code"])
        assert "7" == response.headers["retry-after"]


def test_an_unexpected_fault_is_logged_and_tells_nothing(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The client gets a 500 with the id under which the log has the traceback."""
    url = serve(ScriptedEngine([RuntimeError("secret detail")]))
    with sdk(url) as client, pytest.raises(InternalServerError) as caught:
        client.chat.completions.create(model="scripted", messages=[{"role": "user", "content": "hi"}])
    assert "internal_error" == caught.value.code
    assert "secret detail" not in str(caught.value)
    assert caught.value.request_id is not None
    assert any("secret detail" in str(record.exc_info) for record in caplog.records)


BROKEN: list[list[Event | Exception]] = [
    [Started(), TextDelta("so far "), RuntimeError("secret detail")],
    [Started(), TextDelta("so far "), BeholderError("the disk is full")],
    [Started(), TextDelta("so far "), Started()],
    [Started(), TextDelta("so far ")],
]


@pytest.mark.parametrize("script", BROKEN)
def test_a_fault_after_the_first_byte_ends_the_stream(serve: Serve, script: list[Event | Exception]) -> None:
    """It is an event with an error, and no [DONE] follows; not streamed it is a 500."""
    url = serve(ScriptedEngine(script))
    response = post(url, chat(stream=True))
    *chunks, last = read_stream(response)
    assert 200 == response.status_code
    assert ["", "so far "] == [chunk["choices"][0]["delta"]["content"] for chunk in chunks]
    assert "server_error" == last["error"]["type"]
    assert "secret" not in last["error"]["message"]
    assert 500 == post(url, chat()).status_code


def test_the_engine_is_closed_with_the_server() -> None:
    """When the server stops it closes its engine."""
    engine = ScriptedEngine()
    with serving(make_app(engine)) as url:
        assert 200 == post(url, chat()).status_code
        assert not engine.is_closed
    assert engine.is_closed


def test_a_question_that_outlasts_the_server_is_told_so() -> None:
    """When the server stops and an answer is not in sight, the client hears it and may ask another server."""
    engine, answers = EndlessEngine(is_silent=True), list[httpx2.Response]()
    with ExitStack() as stack:
        url = stack.enter_context(serving(make_app(engine)))
        client = threading.Thread(target=lambda: answers.append(post(url, chat())))
        client.start()
        wait_until(lambda: engine.is_working)
    client.join()
    assert [(503, "server_overloaded")] == [(each.status_code, each.json()["error"]["code"]) for each in answers]
    assert not engine.is_working


# ── clients that go away ────────────────────────────────────────────────────────────────────────────────────────────


def logged_statuses(caplog: pytest.LogCaptureFixture) -> list[int]:
    """The statuses of the requests logged so far."""
    return [vars(record)["fields"]["status"] for record in caplog.records if "fields" in vars(record)]


@pytest.mark.parametrize("is_silent", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_a_client_that_leaves_frees_the_engine(
    serve: Serve, caplog: pytest.LogCaptureFixture, stream: bool, is_silent: bool
) -> None:
    """The engine stops soon after the client is gone, streaming or not, before its first event or after."""
    caplog.set_level(logging.INFO, "beholder.access")
    engine = EndlessEngine(is_silent=is_silent)
    url = serve(engine)
    is_read = stream and not is_silent
    with (
        httpx2.Client(**DIRECT | {"timeout": 0.3}) as client,
        nullcontext() if is_read else pytest.raises(httpx2.ReadTimeout),
        client.stream("POST", f"{url}/v1/chat/completions", json=chat(stream=stream)) as response,
    ):
        assert next(response.iter_bytes())
    assert 1 == len(engine.jobs)
    wait_until(lambda: not engine.is_working, 2)
    wait_until(lambda: 499 in logged_statuses(caplog))
    assert 200 == get(f"{url}/readyz").status_code


def test_a_client_that_leaves_while_it_sends_is_noted(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """A body that stops half way frees what it held; nobody is answered."""
    caplog.set_level(logging.INFO, "beholder.access")
    engine = ScriptedEngine()
    address = httpx2.URL(serve(engine))
    with socket.create_connection((address.host, address.port or 0)) as client:
        client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    wait_until(lambda: 499 in logged_statuses(caplog))
    assert [] == engine.jobs
