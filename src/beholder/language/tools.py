"""Calling functions: how they are told to the model, the grammar of its calls, and calls as they stream by.

Every answer begins with a decision that the grammar leaves few words for: `{"name":"` and then a function's name, or
`reply`, after which comes the answer in words. Qwen2.5's own form (free text or `<tool_call>`) leaves the decision to
the first token among all tokens, and so small a model then mostly talks about the call that it ought to make.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from beholder.language.json_tail import JsonTail
from beholder.types import Tool, ToolCall, ToolCallDelta, ToolOutput

COMPACT: Final = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
"""No space and no line break outside strings: in pretty-printed JSON they are a third of all tokens."""

HEAD: Final = re.compile(r'\{"name":"((?:[^"\\]|\\.)*)","arguments":')
NO_CALL: Final = '{"name":"reply"}\n'
"""Before an answer in words. A real function of that name is no conflict: it has arguments."""

REPLY: Final = {"name": "reply", "description": "Answer in words, for all that no other function gives."}

REPLY_SCHEMA: Final = {
    "type": "object",
    "properties": {"name": {"const": "reply"}},
    "required": ["name"],
    "additionalProperties": False,
    "x-guidance": COMPACT,
}

MOST_CALLS: Final = 16
"""Calls in one answer at most, so that a model that loops comes to an end."""

WHEN_TO_CALL: Final = (
    "You know nothing about the present, the user's data or arithmetic: for these always call a function."
)
REMINDER: Final = "\n\n(Call the function that fits. Only if none fits, call reply.)"
"""Said again beside the user's words: there, so small a model heeds it."""

ABOUT_TOOLS: Final = """You answer by calling functions. These are their signatures, one a line:
{signatures}

A call is one line of minified JSON: {{"name":<function-name>,"arguments":<args-json-object>}}"""


def instructions(output: ToolOutput) -> str:
    """What the system message says of the tools."""
    signatures: list[Mapping[str, Any]] = [
        {"name": tool.name, "description": tool.description, "parameters": tool.parameters} for tool in output.tools
    ]
    if not output.required:
        signatures.append(REPLY)
    said = ABOUT_TOOLS.format(signatures="\n".join(json.dumps(signature) for signature in signatures))
    if output.required:
        return said
    return f"{said}\nOnly {NO_CALL.strip()} has no arguments: your words follow on the next line.\n{WHEN_TO_CALL}"


def spoken_call(call: ToolCall) -> str:
    """A call in an earlier turn of the assistant."""
    return f'{{"name":{json.dumps(call.name)},"arguments":{call.arguments}}}'


def spoken_result(text: str) -> str:
    """What a function returned, as the user's turn tells it."""
    return f"<tool_response>\n{text}\n</tool_response>"


def call_schemas(output: ToolOutput) -> Iterator[tuple[Tool, Mapping[str, Any]]]:
    """For each tool the JSON Schema of one call."""
    for tool in output.tools:
        parameters = _moved(tool.parameters or {"type": "object"})
        yield (
            tool,
            {
                "type": "object",
                "properties": {"name": {"const": tool.name}, "arguments": parameters},
                "required": ["name", "arguments"],
                "additionalProperties": False,
            },
        )


def _moved(schema: Any) -> Any:
    """The schema with its references to itself, `#/$defs/item`, pointing to where it stands in the call's schema."""
    if isinstance(schema, Mapping):
        return {
            key: f"#/properties/arguments{value[1:]}" if _is_local(key, value) else _moved(value)
            for key, value in schema.items()
        }
    return [_moved(item) for item in schema] if isinstance(schema, list | tuple) else schema


def _is_local(key: str, value: Any) -> bool:
    return key == "$ref" and isinstance(value, str) and value.startswith("#")


def grammar(calls: Sequence[str], output: ToolOutput, otherwise: str) -> str:
    """The answer's grammar in Lark: calls alone, or `otherwise` (a rule's right-hand side) as well.

    `calls` are rules' right-hand sides, one a tool.
    """
    rules = [f"call_{index}: {call}" for index, call in enumerate(calls)]
    one = "call: " + " | ".join(f"call_{index}" for index in range(len(calls)))
    several = f'calls: call ("\\n" call){{0,{MOST_CALLS - 1}}}' if output.parallel else "calls: call"
    start = "start: calls"
    if not output.required:
        # The decision is JSON too: a literal that begins like a call would shadow all calls in the lexer.
        start = f'start: calls | reply "\\n" otherwise\nreply: %json {json.dumps(REPLY_SCHEMA)}\notherwise: {otherwise}'
    return "\n".join([start, several, one, *rules])


class CallStream:
    """Fed with the text of calls, as `grammar` shapes it; returns their deltas."""

    def __init__(self) -> None:
        self.count = 0
        self._around = ""
        self._tail: JsonTail | None = None
        self._has_arguments = False

    def feed(self, text: str) -> list[ToolCallDelta]:
        """The deltas that can be sent now."""
        deltas: list[ToolCallDelta] = []
        arguments = ""
        for character in text:
            if self._tail is None:
                deltas += self._begin(character)
                continue
            arguments += self._tail.feed(character)
            self._has_arguments = self._has_arguments or bool(arguments)
            if self._tail.is_closed:
                deltas.append(ToolCallDelta(self.count, arguments))
                arguments, self._tail = "", None
                self.count += 1
        return [*deltas, ToolCallDelta(self.count, arguments)] if arguments else deltas

    def close(self) -> list[ToolCallDelta]:
        """What makes the last call's arguments parse when the answer was cut off."""
        if self._tail is None:
            return []
        # Arguments are an object, also when nothing of them was written yet.
        end = self._tail.close() if self._has_arguments else "{}"
        delta = ToolCallDelta(self.count, end)
        self._tail = None
        self.count += 1
        return [delta]

    def _begin(self, character: str) -> list[ToolCallDelta]:
        """Text around the arguments; the first delta of a call once its name is whole."""
        self._around += character
        head = HEAD.search(self._around)
        if head is None:
            return []
        self._around = ""
        self._tail = JsonTail()
        self._has_arguments = False
        return [ToolCallDelta(self.count, id=f"call_{uuid.uuid4().hex[:24]}", name=json.loads(f'"{head[1]}"'))]
