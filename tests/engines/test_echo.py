"""The echo engine and the registry of engines."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from beholder import engines
from beholder.engines.echo import EchoEngine
from beholder.engines.echo_json import minimal_instance
from beholder.errors import ContextLengthExceeded, SettingsError, UnsupportedSchema
from beholder.settings import Settings
from beholder.types import (
    Event,
    Finish,
    Image,
    ImageRef,
    Job,
    JsonOutput,
    Output,
    Part,
    Sampling,
    Started,
    TextDelta,
    TextOutput,
    TextPart,
    Tool,
    ToolCallDelta,
    ToolOutput,
    Turn,
    Usage,
    Where,
)


def job(*parts: Part, output: Output | None = None, **sampling: Any) -> Job:
    """A job with one turn."""
    return Job((Turn("user", parts),), sampling=Sampling(**sampling), output=output or TextOutput())


async def answer(asked: Job, engine: EchoEngine | None = None) -> list[Event]:
    """All events of the answer."""
    return [event async for event in (engine or EchoEngine()).stream(asked)]


async def test_text_and_sizes_are_said() -> None:
    """The answer is the last text and the images' original sizes, one word an event."""
    image = Image("d", "PNG", (800, 600), np.zeros((3, 4, 3), np.uint8), Where(0, 0, "p"))
    events = await answer(job(TextPart("first"), image, TextPart("the last"), image))
    words = ["You", " said:", " the", " last;", " images:", " 800x600,", " 800x600"]
    assert [Started(), *map(TextDelta, words), Usage(3, 7, passes=7), Finish("stop")] == events


@pytest.mark.parametrize(
    ("sampling", "text", "reason"),
    [
        ({"max_tokens": 3}, "You said: a", "length"),
        ({"max_tokens": 5}, "You said: a b  c", "stop"),
        ({"stop": ("c", "b")}, "You said: a ", "stop"),
        ({"stop": ("b",), "max_tokens": 1}, "You", "length"),
        ({"stop": ("You",)}, "", "stop"),
    ],
)
async def test_limits_are_honoured(sampling: dict[str, Any], text: str, reason: str) -> None:
    """`max_tokens` counts words, a stop text is never said."""
    events = await answer(job(TextPart("a b  c"), **sampling))
    assert text == "".join(event.text for event in events if isinstance(event, TextDelta))
    assert Finish(reason) == events[-1]  # type: ignore[arg-type]  # the table's column is a plain string


async def test_a_required_tool_is_called() -> None:
    """The first tool is called with the least arguments; a free choice is answered in text."""
    tool = Tool("add", {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}, "required": ["n"]})
    _, first, second, _, last = await answer(job(TextPart("x"), output=ToolOutput((tool,), required=True)))
    assert isinstance(first, ToolCallDelta)
    assert first.id is not None
    assert ("add", ToolCallDelta(0, '{"n":3}'), Finish("tool_calls")) == (first.name, second, last)
    assert Finish("stop") == (await answer(job(TextPart("x"), output=ToolOutput((tool,)))))[-1]


async def test_a_free_choice_may_be_answered_in_json() -> None:
    """What may stand in a call's place is written as it was asked for."""
    free = ToolOutput((Tool("f", True),), otherwise=JsonOutput({"type": "integer"}))
    assert TextDelta("0") == (await answer(job(TextPart("x"), output=free)))[1]


async def test_arguments_that_cannot_be_written_name_their_place() -> None:
    """The error about a tool's parameters says where the client wrote them."""
    tool = Tool("f", {"type": "string", "pattern": "a"}, param="tools[3].function.parameters")
    with pytest.raises(UnsupportedSchema) as caught:
        await answer(job(TextPart("x"), output=ToolOutput((tool,), required=True)))
    assert "tools[3].function.parameters" == caught.value.param


async def test_words_are_counted_without_images() -> None:
    """The tokenizer's words are those that the prompt is counted in; images need not be loaded."""
    engine = EchoEngine()
    assert isinstance(engine, engines.CountsText)
    text = " one  two\n three "
    tokens = await engine.tokenize(text)
    assert (text, [0, 1, 2]) == ("".join(word for _, word, _ in tokens), [index for index, _, _ in tokens])
    image = ImageRef("data:", Where(0, 1, "p"))
    assert len(tokens) == await engine.count_text(job(TextPart(text), image))


async def test_any_object_echoes() -> None:
    """Without a schema the JSON object holds the text."""
    events = await answer(job(TextPart('say "hi"'), output=JsonOutput()))
    assert TextDelta('{"echo":"say \\"hi\\""}') == events[1]


async def test_the_window_is_a_limit() -> None:
    """A prompt that leaves no room is refused before the first event; an answer that would not fit is cut."""
    engine = EchoEngine(context_tokens=6)
    with pytest.raises(ContextLengthExceeded):
        await answer(job(TextPart("1 2 3 4 5 6")), engine)
    assert [Usage(3, 3, passes=3), Finish("length")] == (await answer(job(TextPart("1 2 3")), engine))[-2:]


async def test_delay_slows_each_event() -> None:
    """The delay is for tests that need an answer to take its time."""
    began = time.perf_counter()
    await answer(job(TextPart("a")), EchoEngine(delay=0.02))
    assert time.perf_counter() - began >= 0.06


LIST = {"$ref": "#/$defs/list", "$defs": {"list": {"anyOf": [{"$ref": "#/$defs/list"}, {"type": "null"}]}}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, None),
        ({"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}, {"a": ""}),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [False, False]),
        ({"type": ["string", "null"], "minLength": 2}, "xx"),
        ({"enum": ["red", "green"]}, "red"),
        ({"const": {"a": 1}}, {"a": 1}),
        ({"type": "number", "exclusiveMinimum": 2}, 3),
        ({"type": "integer", "maximum": -4}, -4),
        ({"oneOf": [{"type": "string", "pattern": "a+"}, {"type": "integer"}]}, 0),
        ({"allOf": [{"type": "string"}]}, ""),
        (LIST, None),
    ],
)
def test_the_least_json_is_written(schema: Any, expected: Any) -> None:
    """Only what is required is there, each value the least that its schema allows."""
    assert expected == minimal_instance(schema, "p")


CIRCLE = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}


@pytest.mark.parametrize(
    ("schema", "word"),
    [
        (False, "false"),
        ({"type": "string", "pattern": "a+"}, "pattern"),
        ({"allOf": [{}, {}]}, "allOf"),
        (CIRCLE, r"\$ref"),
        ({"$ref": "other.json"}, r"\$ref"),
        ({"$ref": "#/nothing"}, r"\$ref"),
        ({"type": "array", "minItems": 10**9}, "minItems"),
        ({"type": "string", "minLength": 10**12}, "minLength"),
        ({"enum": []}, "not a JSON Schema"),
        ({"properties": 5, "required": ["a"]}, "not a JSON Schema"),
        ({"type": "array", "minItems": "x"}, "not a JSON Schema"),
    ],
)
def test_what_cannot_be_written_is_said(schema: Any, word: str) -> None:
    """The error names the keyword and the place of the schema; no schema can exhaust the machine."""
    with pytest.raises(UnsupportedSchema, match=word) as caught:
        minimal_instance(schema, "response_format")
    assert "response_format" == caught.value.param


def test_engines_are_made_by_name() -> None:
    """The setting names the engine; a wrong name lists the right ones."""
    assert isinstance(engines.create(Settings(engine="echo")), EchoEngine)
    with pytest.raises(SettingsError, match="builtin, echo"):
        engines.create(Settings(engine="magic"))
