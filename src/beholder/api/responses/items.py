"""The items of a Responses conversation: as turns for the engine, and as they are kept and told back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from beholder.api.responses.wire import (
    Content,
    InputImage,
    InputText,
    Item,
    OutputText,
    ReasoningText,
    Refusal,
)
from beholder.api.turns import ROLES
from beholder.errors import InvalidRequest
from beholder.types import Detail, ImageRef, Part, TextPart, ToolCall, Turn, Where

KINDS = ("message", "function_call", "function_call_output", "item_reference", "reasoning")
PREFIXES = {"message": "msg", "function_call": "fc", "function_call_output": "fco", "reasoning": "rs"}
NEEDED = {
    "message": ("role", "content"),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "item_reference": ("id",),
    "reasoning": (),
}
EARLIER = "previous_response_id"
"""What errors name as the place of an item that was kept."""

DETAILS: dict[str | None, Detail] = {None: "auto", "auto": "auto", "low": "low", "high": "high", "original": "high"}


def check_items(sent: str | Sequence[Item]) -> list[Item]:
    """The items with their types made explicit; a text is a user's message.

    Raises `InvalidRequest` naming the item that is of no known type or lacks a field.
    """
    if isinstance(sent, str):
        return [Item(type="message", role="user", content=[InputText(sent)])]
    return [_checked(index, item) for index, item in enumerate(sent)]


def _checked(index: int, item: Item) -> Item:
    kind = item.type or ("message" if item.role else "item_reference" if item.id else None)
    path = f"input[{index}]"
    if kind not in KINDS:
        got = "nothing" if kind is None else repr(kind)
        raise InvalidRequest(
            f"{path}.type: expected {', '.join(KINDS)}, got {got}", param=f"{path}.type", code="invalid_value"
        )
    for name in NEEDED[kind]:
        if getattr(item, name) is None:
            raise InvalidRequest(
                f"{path}.{name} is missing: an item of type {kind} needs it",
                param=f"{path}.{name}",
                code="missing_required_parameter",
            )
    return msgspec.structs.replace(item, type=kind)


def to_kept(items: Sequence[Item]) -> list[Item]:
    """The items as they are kept and told back: each with an id and a status, and content as a list."""
    return [_kept(item) for item in items]


def _kept(item: Item) -> Item:
    content = item.content
    if isinstance(content, str):
        content = [OutputText(content) if item.role == "assistant" else InputText(content)]
    elif content is not None:
        content = [_with_detail(part) for part in content]
    identity = item.id or f"{PREFIXES[item.type or 'message']}_{uuid.uuid4().hex}"
    return msgspec.structs.replace(item, id=identity, content=content, status=item.status or "completed")


def _with_detail(part: Content) -> Content:
    """OpenAI's type of an image always has its detail."""
    if isinstance(part, InputImage):
        return msgspec.structs.replace(part, detail=part.detail or "auto")
    return part


def to_turns(earlier: Sequence[Item], sent: Sequence[Item]) -> tuple[Turn, ...]:
    """The conversation: kept items, then those of this request. A call joins the assistant's message before it.

    Raises `InvalidRequest` naming the part.
    """
    turns: list[Turn] = []
    for index, item in enumerate((*earlier, *sent)):
        number = index - len(earlier)
        turn = _to_turn(index, f"input[{number}]" if number >= 0 else EARLIER, item)
        if turn is None:
            continue
        if turn.tool_calls and turns and turns[-1].role == "assistant":
            turns[-1] = replace(turns[-1], tool_calls=(*turns[-1].tool_calls, *turn.tool_calls))
        else:
            turns.append(turn)
    if not turns:
        raise InvalidRequest("input: nothing is said in it", param="input", code="invalid_value")
    return tuple(turns)


def _to_turn(index: int, path: str, item: Item) -> Turn | None:
    match item.type:
        case "message":
            assert item.role is not None
            return Turn(ROLES[item.role], tuple(_to_parts(index, _inside(path, "content"), item.content, item.role)))
        case "function_call":
            call = ToolCall(item.call_id or "", item.name or "", item.arguments or "")
            return Turn("assistant", (), tool_calls=(call,))
        case "function_call_output":
            parts = tuple(_to_parts(index, _inside(path, "output"), item.output, "tool"))
            return Turn("tool", parts, tool_call_id=item.call_id)
    return None


def _inside(path: str, field: str) -> str:
    return path if path == EARLIER else f"{path}.{field}"


def _to_parts(index: int, path: str, content: str | list[Content] | None, role: str) -> Iterator[Part]:
    if isinstance(content, str):
        yield TextPart(content)
        return
    for number, part in enumerate(content or ()):
        yield _to_part(Where(index, number, path if path == EARLIER else f"{path}[{number}]"), part, role)


def _to_part(where: Where, part: Content, role: str) -> Part:
    match part:
        case InputText(text=text) | OutputText(text=text):
            return TextPart(text)
        case Refusal(refusal=text) if role == "assistant":
            return TextPart(text)
        case InputImage(file_id=str()):
            raise _unfit(where, "file_id is not supported, since no files are kept; send image_url")
        case InputImage(image_url=None):
            raise _unfit(where, "image_url is missing: expected a data URI or an http(s) URL, as a string")
        case InputImage(image_url=str() as url, detail=detail) if role != "assistant":
            return ImageRef(url, replace(where, param=_inside(where.param, "image_url")), DETAILS[detail])
    kind = {InputImage: "input_image", ReasoningText: "reasoning_text"}.get(type(part), "refusal")
    raise _unfit(where, f"a part of type {kind} cannot stand here; images belong to system, developer, user and tools")


def _unfit(where: Where, message: str) -> InvalidRequest:
    return InvalidRequest(f"{where}: {message}", param=where.param, code="invalid_value")
