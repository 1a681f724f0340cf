"""From a chat request's messages to turns: the order of the parts is kept exactly, and nothing is dropped."""

from __future__ import annotations

from collections.abc import Iterator

from beholder.api import wire
from beholder.errors import InvalidRequest
from beholder.types import ImageRef, Part, Role, TextPart, ToolCall, Turn, Where

ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}


def to_turns(messages: list[wire.Message], *, local_files: bool = False) -> tuple[Turn, ...]:
    """A turn for each message. With `local_files` an image that is not a URL names a file (the command line).

    Raises `InvalidRequest` naming the message or the part that cannot be understood.
    """
    return tuple(_to_turn(index, message, local_files) for index, message in enumerate(messages))


def _to_turn(index: int, message: wire.Message, local_files: bool) -> Turn:
    _check_message(f"messages[{index}]", message)
    return Turn(
        role=ROLES[message.role],
        parts=tuple(_to_parts(index, message, local_files)),
        name=message.name,
        tool_calls=tuple(_to_calls(message)),
        tool_call_id=message.tool_call_id,
    )


def _check_message(path: str, message: wire.Message) -> None:
    if message.content is None and message.role not in ("assistant", "function"):
        raise InvalidRequest(
            f"{path}.content: expected text or a list of parts in a {message.role} message, got nothing",
            param=f"{path}.content",
            code="missing_required_parameter",
        )
    needed = {"tool": "tool_call_id", "function": "name"}.get(message.role)
    if needed and getattr(message, needed) is None:
        raise InvalidRequest(
            f"{path}.{needed}: a {message.role} message must say which call it answers",
            param=f"{path}.{needed}",
            code="missing_required_parameter",
        )


def _to_parts(index: int, message: wire.Message, local_files: bool) -> Iterator[Part]:
    if isinstance(message.content, str):
        yield TextPart(message.content)
    else:
        for number, part in enumerate(message.content or ()):
            yield _to_part(Where(index, number, f"messages[{index}].content[{number}]"), message, part, local_files)
    if message.refusal is not None:
        yield TextPart(message.refusal)


def _to_part(place: Where, message: wire.Message, part: wire.ContentPart, local_files: bool) -> Part:
    match part:
        case wire.TextPart(text=text):
            return TextPart(text)
        case wire.RefusalPart(refusal=text) if message.role == "assistant":
            return TextPart(text)
        case wire.ImagePart(image_url=image) if message.role in ("system", "developer", "user"):
            where = Where(place.message, place.part, f"{place.param}.image_url.url")
            is_path = local_files and not image.url.startswith(("http://", "https://", "data:"))
            return ImageRef(image.url, where, image.detail or "auto", is_path)
    kind = "image_url" if isinstance(part, wire.ImagePart) else "refusal"
    raise InvalidRequest(
        f"{place}: a part of type {kind} cannot stand in a {message.role} message; "
        "images belong in system and user messages, refusals in assistant messages",
        param=place.param,
        code="invalid_value",
    )


def _to_calls(message: wire.Message) -> Iterator[ToolCall]:
    for call in message.tool_calls or ():
        yield ToolCall(call.id, call.function.name, call.function.arguments)
    if message.function_call is not None:
        # The old form has no ids: one call a message, answered by the function's name.
        yield ToolCall(message.function_call.name, message.function_call.name, message.function_call.arguments)
