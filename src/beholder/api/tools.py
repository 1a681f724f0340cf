"""The tools of a request, whatever protocol it came by: which may be called, and what may be answered instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from beholder.api import wire
from beholder.engines.base import Capabilities
from beholder.errors import InvalidRequest, UnsupportedSchema
from beholder.types import JsonOutput, JsonSchema, Output, TextOutput, Tool, ToolOutput

MAX_SCHEMA_DEPTH = 128
"""Objects and arrays inside each other in a schema; ours, so that no code that walks one can run out of stack."""

EMPTY_PARAMETERS: JsonSchema = {"type": "object", "properties": {}, "additionalProperties": False}


def to_tool(name: str, parameters: JsonSchema | None, description: str | None, param: str) -> Tool:
    """One function; `param` is where its parameters stand. Raises `UnsupportedSchema` for ones nested too deep."""
    schema = EMPTY_PARAMETERS if parameters is None else parameters
    check_depth(schema, param)
    return Tool(name, schema, description or "", param)


def by_name(tools: Iterable[tuple[str, Tool]]) -> dict[str, Tool]:
    """The tools by their names; each comes with its place. Raises `InvalidRequest` for a name that comes twice."""
    named: dict[str, Tool] = {}
    for place, tool in tools:
        if tool.name in named:
            raise invalid(f"{place}: two functions are named {tool.name!r}", place)
        named[tool.name] = tool
    return named


def choose(
    tools: dict[str, Tool], choice: wire.ToolChoice | None, otherwise: TextOutput | JsonOutput, *, parallel: bool
) -> ToolOutput | None:
    """What may be called, or None where the answer can only be text. Raises `InvalidRequest` naming `tool_choice`."""
    match choice:
        case "none":
            return None
        case "required" if not tools:
            raise invalid("tool_choice is required, but no tools are given", "tool_choice")
        case "required":
            return ToolOutput(tuple(tools.values()), True, parallel, otherwise)
        case wire.FunctionChoice(function=named):
            return ToolOutput((_pick(tools, named.name),), True, False, otherwise)
        case wire.AllowedToolsChoice(allowed_tools=allowed):
            some = tuple(_pick(tools, each.function.name) for each in allowed.tools)
            return ToolOutput(some, allowed.mode == "required", parallel, otherwise)
    return ToolOutput(tuple(tools.values()), False, parallel, otherwise) if tools else None


def _pick(tools: dict[str, Tool], name: str) -> Tool:
    if name not in tools:
        known = ", ".join(tools) or "none"
        raise invalid(f"tool_choice names {name!r}, which is not among the tools ({known})", "tool_choice")
    return tools[name]


def check_output(output: Output, capabilities: Capabilities, *, json: str, tools: str) -> Output:
    """`output`, if the engine can do it; else `InvalidRequest` naming the field, `json` or `tools`."""
    text = output.otherwise if isinstance(output, ToolOutput) else output
    if isinstance(output, ToolOutput) and not capabilities.tools:
        raise incapable(tools)
    if isinstance(text, JsonOutput) and not capabilities.json:
        raise incapable(json)
    return output


def refuse_incapable(asked: Mapping[str, tuple[Any, bool]]) -> None:
    """Raise `InvalidRequest` for the first field that has a value and whose capability is False."""
    for name, (value, is_capable) in asked.items():
        if value and not is_capable:
            raise incapable(name)


def incapable(name: str) -> InvalidRequest:
    """The 400 for a field that this engine cannot honour."""
    return InvalidRequest(
        f"{name} is not supported by the engine that is running; leave it out", param=name, code="unsupported_parameter"
    )


def invalid(message: str, param: str) -> InvalidRequest:
    """The 400 for a value that does not make sense."""
    return InvalidRequest(message, param=param, code="invalid_value")


def check_depth(schema: Any, param: str) -> None:
    """Raise `UnsupportedSchema` for a schema nested too deep."""
    level = [schema]
    for _ in range(MAX_SCHEMA_DEPTH):
        level = [child for each in level for child in _children(each)]
        if not level:
            return
    raise UnsupportedSchema(f"{param}: nested deeper than {MAX_SCHEMA_DEPTH} levels", param=param)


def _children(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [child for child in inner if isinstance(child, dict | list)]
