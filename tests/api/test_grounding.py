"""`grounding: true` and `verbatim: true`, in both protocols, as OpenAI's client sends and reads them."""

from __future__ import annotations

from typing import Any

import pytest
from live_server import Serve
from openai import BadRequestError, OpenAI
from requests_for_tests import chat, image_part, post, read_stream, sdk, text_part
from stage_engines import ScriptedEngine

from beholder.engines.base import Capabilities
from beholder.evidence import Evidence, TextLine
from beholder.types import Event, Finish, Grounding, Started, TextDelta, Usage

EVIDENCE = Evidence("digest", (40, 30), (TextLine("Total 5.00", (1.0, 2.0, 30.5, 9.0), 0.98, "reader"),), "Total 5.00")
SCRIPT: list[Event | Exception] = [
    Started((EVIDENCE,)),
    TextDelta('{"total":5}'),
    Grounding("/total", "5.00", 0, (20.0, 2.0, 30.5, 9.0), 0.9, "reader", "normalised"),
    Usage(9, 3),
    Finish("stop"),
]
TOLD: dict[str, Any] = {
    "choice": 0,
    "pointer": "/total",
    "text": "5.00",
    "image": 0,
    "box": [20.0, 2.0, 30.5, 9.0],
    "confidence": 0.9,
    "method": "reader",
    "match": "normalised",
}
JSON: dict[str, Any] = {"type": "json_object"}
INPUT: list[dict[str, Any]] = [
    {
        "role": "user",
        "content": [
            {"type": "input_image", "image_url": image_part()["image_url"]["url"]},
            {"type": "input_text", "text": "total?"},
        ],
    }
]


def test_grounding_tells_the_places_and_nothing_else(serve: Serve) -> None:
    """With `grounding: true` the answer carries each value's place, and not all that was seen."""
    engine = ScriptedEngine(SCRIPT)
    with sdk(serve(engine)) as client:
        answer = ask(client, [image_part(), text_part("total?")], extra_body={"grounding": True})
    assert {"grounding": [TOLD]} == answer.model_dump()["x_beholder"]
    assert engine.jobs[0].grounding


def test_streamed_grounding_rides_on_the_last_chunk_with_a_choice(serve: Serve) -> None:
    """It comes once, with the finish reason, and OpenAI's client reads the stream to its end."""
    url = serve(ScriptedEngine(SCRIPT))
    body = chat([image_part(), text_part("total?")], grounding=True, stream=True)
    *chunks, _done = read_stream(post(url, body))
    told = [(each["choices"][0]["finish_reason"], each["x_beholder"]) for each in chunks if "x_beholder" in each]
    assert [("stop", {"grounding": [TOLD]})] == told
    with sdk(url) as client:
        stream: Any = client.chat.completions.create(
            model="scripted-model",
            messages=[{"role": "user", "content": "total?"}],
            stream=True,
            extra_body={"grounding": True},
        )
        chunks = list(stream)
    assert {"grounding": [TOLD]} == chunks[-1].model_dump()["x_beholder"]


def test_each_choice_has_its_own_grounding(serve: Serve) -> None:
    """With several choices every place says which one it belongs to."""
    extension = post(serve(ScriptedEngine(SCRIPT)), chat(grounding=True, n=2)).json()["x_beholder"]
    assert [TOLD, TOLD | {"choice": 1}] == extension["grounding"]


def ask(client: OpenAI, parts: list[dict[str, Any]], **more: Any) -> Any:
    """One question of chat completions."""
    return client.chat.completions.create(**chat(parts, **more))


def respond(client: OpenAI, *, stream: bool = False, **more: Any) -> Any:
    """A response of the Responses API about one picture."""
    sent: Any = INPUT
    return client.responses.create(model="scripted-model", input=sent, stream=stream, extra_body=more)


def test_responses_carry_the_same_places(serve: Serve) -> None:
    """In the whole response, and in the last event of a streamed one."""
    with sdk(serve(ScriptedEngine(SCRIPT))) as client:
        assert {"grounding": [TOLD]} == respond(client, grounding=True).model_dump()["x_beholder"]
        events = list(respond(client, grounding=True, stream=True))
        assert "x_beholder" not in respond(client).model_dump()
    assert {"grounding": [TOLD]} == events[-1].response.model_dump()["x_beholder"]


def test_verbatim_reaches_the_engine(serve: Serve) -> None:
    """In chat completions and in responses; unasked, it is off."""
    engine = ScriptedEngine(SCRIPT)
    with sdk(serve(engine)) as client:
        ask(client, [image_part()], response_format=JSON, extra_body={"verbatim": True})
        respond(client, verbatim=True, text={"format": JSON})
        ask(client, [image_part()], response_format=JSON)
    assert [True, True, False] == [job.verbatim for job in engine.jobs]


@pytest.mark.parametrize(
    ("parts", "options", "words"),
    [
        ([image_part()], {}, "response_format"),
        ([text_part("hi")], {"response_format": JSON}, "send an image"),
    ],
)
def test_verbatim_without_sense_is_refused(
    serve: Serve, parts: list[dict[str, Any]], options: dict[str, Any], words: str
) -> None:
    """It needs an answer in JSON and something printed; the error names the field and what is missing."""
    with sdk(serve(ScriptedEngine(SCRIPT))) as client, pytest.raises(BadRequestError) as caught:
        ask(client, parts, **options, extra_body={"verbatim": True})
    assert "verbatim" == caught.value.param
    assert words in str(caught.value)


@pytest.mark.parametrize("field", ["grounding", "verbatim"])
def test_an_engine_that_cannot_refuses(serve: Serve, field: str) -> None:
    """Asked for by name, either is a 400 for an engine that has no means to do it; false asks for nothing."""
    url = serve(ScriptedEngine(SCRIPT, Capabilities(json=True)))
    with sdk(url) as client:
        with pytest.raises(BadRequestError) as caught:
            ask(client, [image_part()], extra_body={field: True})
        assert (field, "unsupported_parameter") == (caught.value.param, caught.value.code)
        with pytest.raises(BadRequestError) as caught:
            respond(client, **{field: True})
        assert (field, "unsupported_parameter") == (caught.value.param, caught.value.code)
        ask(client, [image_part()], extra_body={field: False})
