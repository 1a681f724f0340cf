"""Tool calls: their grammar, their stream, and the answer in words instead."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_qwen import tiny_model

from beholder.language.constraint import Grammars
from beholder.language.shape import TextShape, ToolShape
from beholder.language.tokenizer import TextTokenizer
from beholder.language.tools import NO_CALL
from beholder.types import Event, JsonOutput, TextDelta, Tool, ToolCallDelta, ToolOutput

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TREE = {
    "type": "object",
    "properties": {"root": {"$ref": "#/$defs/node"}},
    "required": ["root"],
    "additionalProperties": False,
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
            "required": ["name", "next"],
            "additionalProperties": False,
        }
    },
}
WEATHER, DRAW = Tool("weather", CITY), Tool("draw", TREE)


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    """A real byte-level tokenizer of a small model."""
    return tiny_model().tokenizer()


def accepts(tokenizer: TextTokenizer, output: ToolOutput, text: str) -> bool:
    """Whether the whole text can be written and may end there."""
    constraint = Grammars(tokenizer).calls(output)
    tokens = [*tokenizer.encode(text), tokenizer.end_of_turn]
    return constraint.longest_valid(tokens) >= len(tokens) - 1 and not constraint.is_complete


def call(name: str, arguments: Any) -> str:
    """A call as the grammar spells it."""
    return json.dumps({"name": name, "arguments": arguments}, separators=(",", ":"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (call("weather", {"city": "Oslo"}), True),
        (call("draw", {"root": {"name": "a", "next": {"name": "b", "next": None}}}), True),
        (f"{call('weather', {'city': 'Oslo'})}\n{call('weather', {'city': 'Rome'})}", True),
        (call("weather", {"town": "Oslo"}), False),
        (call("nothing", {}), False),
        ("Just words.", False),
    ],
)
def test_required_calls_conform(tokenizer: TextTokenizer, text: str, expected: bool) -> None:
    """Only calls of the tools, with arguments of their schema, references within it included."""
    assert expected == accepts(tokenizer, ToolOutput((WEATHER, DRAW), required=True), text)


def test_one_call_where_parallel_ones_are_off(tokenizer: TextTokenizer) -> None:
    """A second call cannot be written."""
    text = f"{call('weather', {'city': 'Oslo'})}\n{call('weather', {'city': 'Rome'})}"
    assert not accepts(tokenizer, ToolOutput((WEATHER,), required=True, parallel=False), text)


def test_an_answer_in_words_or_json_where_calls_are_free(tokenizer: TextTokenizer) -> None:
    """What else was asked for is allowed, and enforced."""
    words = ToolOutput((WEATHER,))
    objects = ToolOutput((WEATHER,), otherwise=JsonOutput({"type": "object", "required": ["a"]}))
    assert accepts(tokenizer, words, f"{NO_CALL}It rains.")
    assert accepts(tokenizer, objects, f'{NO_CALL}{{"a":1}}')
    assert not accepts(tokenizer, objects, f"{NO_CALL}It rains.")


def stream(text: str, cuts: list[int], *, is_cut: bool = False) -> list[Event]:
    """The events of a text that arrives in pieces."""
    shape = ToolShape(TextShape((), is_json=False))
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    events: list[Event] = []
    for start, end in pairwise(places):
        events += shape.feed(text[start:end])
    return events + shape.finish(is_cut=is_cut)


def calls_of(events: list[Event]) -> list[tuple[str, str]]:
    """Name and arguments of each call, put together as a client does."""
    calls: dict[int, tuple[str, str]] = {}
    for event in events:
        assert isinstance(event, ToolCallDelta)
        name, arguments = calls.get(event.index, (event.name or "", ""))
        calls[event.index] = name, arguments + event.arguments
    return [calls[index] for index in sorted(calls)]


@given(st.lists(st.integers(0, 500), max_size=8))
def test_calls_stream_alike_however_they_are_cut_into_pieces(cuts: list[int]) -> None:
    """Braces and quotes within strings end nothing."""
    first, second = {"city": 'a "}]{ b\\'}, {"root": {"name": "x", "next": None}}
    events = stream(f"{call('weather', first)}\n{call('draw', second)}", cuts)
    assert [("weather", first), ("draw", second)] == [(n, json.loads(a)) for n, a in calls_of(events)]


@given(st.integers(1, 60))
def test_a_call_that_is_cut_off_still_parses(length: int) -> None:
    """Arguments of whatever call had begun are JSON."""
    events = stream(call("weather", {"city": "Llanfairpwllgwyngyll", "days": [1, 2, 3]})[:length], [], is_cut=True)
    for _, arguments in calls_of(events):
        assert isinstance(json.loads(arguments), dict)


@given(st.lists(st.integers(0, 60), max_size=6))
def test_words_come_without_the_mark_before_them(cuts: list[int]) -> None:
    """The decision to answer in words is not part of the answer."""
    events = stream(f'{NO_CALL}It {{"rains"}}.', cuts)
    assert 'It {"rains"}.' == "".join(event.text for event in events if isinstance(event, TextDelta))
