"""The stream writer and the fold: one answer, however it is told."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholder.api.fields import FIELDS
from beholder.api.fold import Fold
from beholder.api.replies import Chunk
from beholder.api.stream import ChunkWriter, ReplyStyle
from beholder.api.wire import ChatRequest
from beholder.types import Event, Finish, Started, TextDelta, ToolCallDelta, Usage

STYLE = ReplyStyle("chatcmpl-1", 1, "m", "fp_0")
END = (Usage(2, 3), Finish("stop"))


def tell(deltas: list[str]) -> tuple[Event, ...]:
    """One answer in these pieces."""
    return (Started(), *map(TextDelta, deltas), *END)


def write(*events: Event, style: ReplyStyle = STYLE) -> list[Chunk]:
    """All chunks for these events."""
    writer = ChunkWriter(style)
    return [chunk for event in events for chunk in writer.write(event)] + list(writer.close())


@pytest.mark.parametrize(
    "events",
    [
        (TextDelta("early"),),
        (Finish("stop"),),
        (Started(), Started()),
        (Started(), Usage(1, 1)),
        (Started(), *END, TextDelta("late")),
        (Started(), Finish("stop")),
        (),
        (Started(), *END, Started(), *END),
        (Started(), ToolCallDelta(0, "{}"), *END),
        (Started(), ToolCallDelta(0, id="a", name="f"), ToolCallDelta(1, "{}"), *END),
        (Started(), ToolCallDelta(0, id="a", name="f"), TextDelta("x"), ToolCallDelta(0, "{}"), *END),
    ],
    ids=[
        *("no start", "only end", "two starts", "no end", "after the end", "no usage", "nothing", "too many choices"),
        *("a call without a name", "a piece of another call", "a call that goes on after text"),
    ],
)
def test_an_engine_that_breaks_the_order_is_caught(events: tuple[Event, ...]) -> None:
    """Events out of order are a fault of the engine, never a garbled answer."""
    with pytest.raises(RuntimeError):
        write(*events)


def test_empty_text_makes_no_chunk() -> None:
    """An engine may send empty deltas; clients do not see them."""
    assert len(write(Started(), *END)) == len(write(Started(), TextDelta(""), *END))


def test_old_style_calls_are_told_as_function_calls() -> None:
    """Where `functions` were asked for, the pieces and the reason are in the old form."""
    style = ReplyStyle("id", 1, "m", "fp", may_call=True, is_legacy=True)
    events = (Started(), ToolCallDelta(0, id="x", name="f"), ToolCallDelta(0, "{}"), Usage(1, 1), Finish("tool_calls"))
    fold = Fold()
    for chunk in write(*events, style=style):
        fold.add(chunk)
    choice = msgspec.to_builtins(fold.completion())["choices"][0]
    assert "function_call" == choice["finish_reason"]
    assert {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "function_call": {"name": "f", "arguments": "{}"},
    } == (choice["message"])


@settings(max_examples=30)
@given(st.lists(st.lists(st.text()), min_size=1, max_size=4))
def test_the_fold_keeps_every_text(answers: list[list[str]]) -> None:
    """However an answer is cut into deltas, the whole is their sum, for each choice."""
    style = ReplyStyle("id", 1, "m", "fp", choices=len(answers))
    events = [event for deltas in answers for event in tell(deltas)]
    fold = Fold()
    for chunk in write(*events, style=style):
        fold.add(chunk)
    whole = fold.completion()
    assert ["".join(deltas) for deltas in answers] == [choice.message.content for choice in whole.choices]
    assert 3 * len(answers) == whole.usage.completion_tokens


def test_the_table_of_fields_is_complete() -> None:
    """Every field of the wire struct, and every field that the official client can send, is in the table once."""
    from openai.types.chat.completion_create_params import CompletionCreateParamsBase

    names = [field.name for field in FIELDS]
    assert sorted(set(names)) == sorted(names)
    known = set(ChatRequest.__struct_fields__) | set(CompletionCreateParamsBase.__annotations__)
    assert set() == known - set(names)
    of_no_effect = {field.name for field in FIELDS if field.handling == "no-op"}
    assert set() == of_no_effect & set(ChatRequest.__struct_fields__)
