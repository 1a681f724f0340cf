"""What is kept of responses: for whom, how long, how much, and how a conversation goes on from it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from live_server import Serve, make_app, serving, wait_until
from openai import BadRequestError, NotFoundError
from requests_for_tests import DIRECT, MODEL, get_from, picture, post_to, read_named_events, sdk
from stage_engines import EndlessEngine, ScriptedEngine

from beholder.api.responses.store import FILE_NAME
from beholder.engines.echo import EchoEngine
from beholder.settings import Settings
from beholder.types import Event, Image, Started, TextDelta, TextPart, ToolCall

PATH = "/v1/responses"


def said(engine: ScriptedEngine) -> list[tuple[str, list[str]]]:
    """Role and parts of each turn of the engine's last job."""
    return [
        (turn.role, [part.text if isinstance(part, TextPart) else type(part).__name__ for part in turn.parts])
        for turn in engine.jobs[-1].turns
    ]


def rows(folder: Path) -> int:
    """How many responses the file has, whole or not."""
    with sqlite3.connect(folder / FILE_NAME) as connection:
        count: int = connection.execute("SELECT count(*) FROM responses").fetchone()[0]
    connection.close()
    return count


def test_a_conversation_goes_on(serve: Serve, tmp_path: Path) -> None:
    """Items and answers of all responses before come first; instructions are not carried over."""
    engine = ScriptedEngine()
    with sdk(serve(engine, Settings(cache_dir=str(tmp_path)))) as client:
        content: Any = [{"type": "input_text", "text": "one"}, {"type": "input_image", "image_url": picture()}]
        first = client.responses.create(
            model=MODEL, input=[{"role": "user", "content": content}], instructions="be brief"
        )
        second = client.responses.create(model=MODEL, input="two", previous_response_id=first.id)
        third = client.responses.create(
            model=MODEL, input="three", previous_response_id=second.id, instructions="be long"
        )
    assert [
        ("system", ["be long"]),
        ("user", ["one", "Image"]),
        ("assistant", ["yes"]),
        ("user", ["two"]),
        ("assistant", ["yes"]),
        ("user", ["three"]),
    ] == said(engine)
    assert second.id == third.previous_response_id
    assert [(40, 30)] == [image.size for image in engine.jobs[-1].images() if isinstance(image, Image)]


def test_a_conversation_outlives_the_server(tmp_path: Path) -> None:
    """Another server with the same cache folder goes on where the first one stopped; the file is its owner's alone."""
    settings = Settings(cache_dir=str(tmp_path))
    with serving(make_app(ScriptedEngine(), settings)) as url:
        first = post_to(url, PATH, {"input": "one"}).json()["id"]
    engine = ScriptedEngine()
    with serving(make_app(engine, settings)) as url:
        assert 200 == post_to(url, PATH, {"input": "two", "previous_response_id": first}).status_code
    assert [("user", ["one"]), ("assistant", ["yes"]), ("user", ["two"])] == said(engine)
    assert 0o600 == (tmp_path / FILE_NAME).stat().st_mode & 0o777


def test_a_call_is_answered_in_the_next_request(serve: Serve, tmp_path: Path) -> None:
    """The output of a call goes on from the response that made it; a streamed response is kept before its end."""
    tool = {"type": "function", "name": "weather", "parameters": {"type": "object"}}
    url = serve(EchoEngine(), Settings(cache_dir=str(tmp_path)))
    body = {"input": "Rome", "tools": [tool], "tool_choice": "required", "stream": True}
    *_, (_, last) = read_named_events(post_to(url, PATH, body))
    response = last["response"]
    (call,) = response["output"]
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "sunny"}
    engine = ScriptedEngine()
    other = serve(engine, Settings(cache_dir=str(tmp_path)))
    assert 200 == post_to(other, PATH, {"input": [output], "previous_response_id": response["id"]}).status_code
    assert [("user", ["Rome"]), ("assistant", []), ("tool", ["sunny"])] == said(engine)
    assert (ToolCall(call["call_id"], "weather", call["arguments"]),) == engine.jobs[-1].turns[1].tool_calls


def test_an_item_can_be_referred_to(serve: Serve, tmp_path: Path) -> None:
    """An item that is kept may be named by its id, with or without the type."""
    engine = ScriptedEngine()
    url = serve(engine, Settings(cache_dir=str(tmp_path)))
    answer = post_to(url, PATH, {"input": "one"}).json()["output"][0]["id"]
    for reference in ({"type": "item_reference", "id": answer}, {"id": answer}):
        body = {"input": [{"role": "user", "content": "one"}, reference, {"role": "user", "content": "two"}]}
        assert 200 == post_to(url, PATH, body).status_code
        assert [("user", ["one"]), ("assistant", ["yes"]), ("user", ["two"])] == said(engine)
    missing = post_to(url, PATH, {"input": [{"id": "msg_no"}]})
    assert (404, "input[0].id") == (missing.status_code, missing.json()["error"]["param"])


def test_a_kept_response_can_be_read_and_deleted(serve: Serve, tmp_path: Path) -> None:
    """It is told as it was; deleted, it is gone for reading, for going on and for referring to."""
    with sdk(serve(EchoEngine(), Settings(cache_dir=str(tmp_path)))) as client:
        made = client.responses.create(model=MODEL, input="hello")
        assert made == client.responses.retrieve(made.id)
        with pytest.raises(BadRequestError, match="background"):
            client.responses.cancel(made.id)
        client.responses.delete(made.id)
        for gone in (client.responses.retrieve, client.responses.delete, client.responses.input_items.list):
            with pytest.raises(NotFoundError):
                gone(made.id)
        with pytest.raises(BadRequestError) as caught:
            client.responses.create(model=MODEL, input="x", previous_response_id=made.id)
    assert ("previous_response_not_found", "previous_response_id") == (caught.value.code, caught.value.param)


def test_a_deleted_link_breaks_the_conversation(serve: Serve, tmp_path: Path) -> None:
    """Nothing is left out silently: when a response in between is gone, the request is refused and names it."""
    url = serve(EchoEngine(), Settings(cache_dir=str(tmp_path)))
    first = post_to(url, PATH, {"input": "one"}).json()["id"]
    second = post_to(url, PATH, {"input": "two", "previous_response_id": first}).json()["id"]
    deleted = httpx2.delete(f"{url}{PATH}/{first}", **DIRECT)
    assert {"id": first, "object": "response", "deleted": True} == deleted.json()
    refused = post_to(url, PATH, {"input": "three", "previous_response_id": second})
    assert 400 == refused.status_code
    assert repr(first) in refused.json()["error"]["message"]


def test_input_items_come_in_pages(serve: Serve, tmp_path: Path) -> None:
    """The newest first unless asked otherwise, each with an id, from any item on."""
    url = serve(EchoEngine(), Settings(cache_dir=str(tmp_path)))
    image = {"type": "input_image", "image_url": picture()}
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    sent = [{"role": "user", "content": [image]}, {"role": "assistant", "content": "b"}, call]
    path = f"{PATH}/{post_to(url, PATH, {'input': sent}).json()['id']}/input_items"
    page = get_from(url, path).json()
    assert ("list", False, 3) == (page["object"], page["has_more"], len(page["data"]))
    function_call, answer, question = page["data"]
    assert [{**image, "detail": "auto"}] == question["content"]
    assert [{"type": "output_text", "text": "b"}] == answer["content"]
    assert {"status": "completed", "id": function_call["id"], **call} == function_call
    assert (function_call["id"], question["id"]) == (page["first_id"], page["last_id"])
    first = get_from(url, path, params={"order": "asc", "limit": "2"}).json()
    assert ([question, answer], True) == (first["data"], first["has_more"])
    rest = get_from(url, path, params={"order": "asc", "after": answer["id"]}).json()
    assert ([function_call], False) == (rest["data"], rest["has_more"])
    with sdk(url) as client:
        listed = client.responses.input_items.list(path.split("/")[3], limit=1, order="asc")
        assert [question["id"], answer["id"], function_call["id"]] == [item.id for item in listed]


@pytest.mark.parametrize(
    ("query", "param"),
    [({"limit": "0"}, "limit"), ({"limit": "x"}, "limit"), ({"order": "up"}, "order"), ({"after": "msg_0"}, "after")],
)
def test_a_wrong_page_is_refused(serve: Serve, tmp_path: Path, query: dict[str, str], param: str) -> None:
    """The error names the query's field."""
    url = serve(EchoEngine(), Settings(cache_dir=str(tmp_path)))
    path = f"{PATH}/{post_to(url, PATH, {'input': 'x'}).json()['id']}"
    response = get_from(url, f"{path}/input_items", params=query)
    assert (400, param) == (response.status_code, response.json()["error"]["param"])
    assert "stream" == get_from(url, path, params={"stream": "true"}).json()["error"]["param"]


def test_what_is_kept_is_its_own_key_s_alone(serve: Serve, tmp_path: Path) -> None:
    """Another key cannot read, list, delete, continue or refer to it: it is as if it were not there."""
    url = serve(EchoEngine(), Settings(cache_dir=str(tmp_path), api_key=("ann", "bob")))
    ann, bob = ({"authorization": f"Bearer {key}"} for key in ("ann", "bob"))
    made = post_to(url, PATH, {"input": "secret"}, headers=ann).json()
    path = f"{PATH}/{made['id']}"
    assert [404, 404] == [get_from(url, p, "bob").status_code for p in (path, f"{path}/input_items")]
    assert 404 == httpx2.delete(f"{url}{path}", headers=bob, **DIRECT).status_code
    assert 404 == post_to(url, f"{path}/cancel", {}, headers=bob).status_code
    go_on = post_to(url, PATH, {"input": "x", "previous_response_id": made["id"]}, headers=bob)
    refer = post_to(url, PATH, {"input": [{"id": made["output"][0]["id"]}]}, headers=bob)
    assert [400, 404] == [go_on.status_code, refer.status_code]
    assert made == get_from(url, path, "ann").json()
    assert b"ann" not in (tmp_path / FILE_NAME).read_bytes()


def test_store_false_keeps_nothing(serve: Serve, tmp_path: Path) -> None:
    """The response says that it is not kept, and no file is made for it."""
    url = serve(EchoEngine(), Settings(cache_dir=str(tmp_path)))
    made = post_to(url, PATH, {"input": "x", "store": False}).json()
    assert made["store"] is False
    assert [] == list(tmp_path.iterdir())
    assert 404 == get_from(url, f"{PATH}/{made['id']}").status_code


def test_a_server_can_keep_nothing(serve: Serve, tmp_path: Path) -> None:
    """With `responses_kept` 0 the default is not to store, and what needs the store is refused."""
    url = serve(EchoEngine(), Settings(cache_dir=str(tmp_path), responses_kept=0))
    assert post_to(url, PATH, {"input": "x"}).json()["store"] is False
    for name, value in (("store", True), ("previous_response_id", "resp_1")):
        refused = post_to(url, PATH, {"input": "x", name: value})
        assert (400, name) == (refused.status_code, refused.json()["error"]["param"])
    assert 404 == post_to(url, PATH, {"input": [{"id": "msg_1"}]}).status_code
    assert 404 == get_from(url, f"{PATH}/resp_1").status_code
    assert [] == list(tmp_path.iterdir())


def test_the_oldest_goes_first(serve: Serve, tmp_path: Path) -> None:
    """Only so many are kept; what a conversation goes on from counts as new."""
    url = serve(EchoEngine(), Settings(cache_dir=str(tmp_path), responses_kept=3))
    first, second, _ = (post_to(url, PATH, {"input": str(number)}).json()["id"] for number in range(3))
    assert 200 == post_to(url, PATH, {"input": "on", "previous_response_id": first}).status_code
    assert [200, 404] == [get_from(url, f"{PATH}/{each}").status_code for each in (first, second)]
    assert 3 == rows(tmp_path)


def test_a_long_conversation_is_refused_before_it_is_read(serve: Serve, tmp_path: Path) -> None:
    """What is kept may not smuggle in more bytes than a body may have."""
    url = serve(EchoEngine(), Settings(cache_dir=str(tmp_path), max_body_bytes=4096))
    first = post_to(url, PATH, {"input": "x" * 3000}).json()["id"]
    refused = post_to(url, PATH, {"input": "y", "previous_response_id": first})
    assert (400, "conversation_too_large") == (refused.status_code, refused.json()["error"]["code"])


BROKEN: list[list[Event | Exception]] = [[RuntimeError("x")], [Started(), TextDelta("so far"), RuntimeError("x")]]


@pytest.mark.parametrize("script", BROKEN)
@pytest.mark.parametrize("stream", [True, False])
def test_a_failed_answer_is_not_kept(
    serve: Serve, tmp_path: Path, script: list[Event | Exception], stream: bool
) -> None:
    """Nothing stays of a request whose answer did not come."""
    url = serve(ScriptedEngine(script), Settings(cache_dir=str(tmp_path)))
    post_to(url, PATH, {"input": "x", "stream": stream})
    wait_until(lambda: rows(tmp_path) == 0)


def test_an_abandoned_answer_is_not_kept(serve: Serve, tmp_path: Path) -> None:
    """Nothing stays of a request whose client went away."""
    engine = EndlessEngine(is_silent=False)
    url = serve(engine, Settings(cache_dir=str(tmp_path)))
    with (
        httpx2.Client(**DIRECT | {"timeout": 0.3}) as client,
        client.stream("POST", f"{url}{PATH}", json={"input": "x", "stream": True}) as response,
    ):
        # Kept by a name: an iterator that is dropped closes the connection.
        pieces = response.iter_bytes()
        assert next(pieces)
        assert 1 == rows(tmp_path)
    wait_until(lambda: not engine.is_working and rows(tmp_path) == 0)


def test_a_server_that_stops_leaves_no_half_answer(tmp_path: Path) -> None:
    """Who waits for an answer is told that the server stops; nothing of it can be read afterwards."""
    engine, answers = EndlessEngine(is_silent=True), list[httpx2.Response]()
    settings = Settings(cache_dir=str(tmp_path))
    with ExitStack() as stack:
        url = stack.enter_context(serving(make_app(engine, settings)))
        client = threading.Thread(target=lambda: answers.append(post_to(url, PATH, {"input": "x"})))
        client.start()
        wait_until(lambda: engine.is_working)
    client.join()
    assert [503] == [answer.status_code for answer in answers]
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert [] == connection.execute("SELECT id FROM responses WHERE body IS NOT NULL").fetchall()
    connection.close()


def test_a_file_that_cannot_be_used_is_told(serve: Serve, tmp_path: Path) -> None:
    """It is a fault of the server, told before the model runs; `store: false` goes without."""
    (tmp_path / FILE_NAME).write_bytes(b"this is no database, but long enough to be taken for a damaged one" * 50)
    engine = ScriptedEngine()
    url = serve(engine, Settings(cache_dir=str(tmp_path)))
    response = post_to(url, PATH, {"input": "x", "stream": True})
    assert (500, "storage_unavailable") == (response.status_code, response.json()["error"]["code"])
    assert str(tmp_path) not in response.text
    assert [] == engine.jobs
    assert 200 == post_to(url, PATH, {"input": "x", "store": False}).status_code
