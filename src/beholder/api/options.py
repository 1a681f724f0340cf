"""From a chat request's options to `Sampling` and `Output`; what the engine cannot do is refused, never ignored."""

from __future__ import annotations

from typing import Any

from beholder.api import wire
from beholder.engines.base import Capabilities
from beholder.errors import InvalidRequest, UnsupportedSchema
from beholder.types import JsonOutput, JsonSchema, Output, Sampling, TextOutput, Tool, ToolOutput

MAX_SCHEMA_DEPTH = 128
"""Objects and arrays inside each other in a schema; ours, so that no code that walks one can run out of stack."""

EMPTY_PARAMETERS: JsonSchema = {"type": "object", "properties": {}, "additionalProperties": False}


def to_sampling(request: wire.ChatRequest, capabilities: Capabilities) -> Sampling:
    """How tokens are chosen. Raises `InvalidRequest` for what the engine cannot do."""
    _refuse_incapable(request, capabilities)
    if request.top_logprobs is not None and not request.logprobs:
        raise _invalid("top_logprobs needs logprobs to be true", "top_logprobs")
    stop = (request.stop,) if isinstance(request.stop, str) else tuple(request.stop or ())
    return Sampling(
        max_tokens=request.max_completion_tokens or request.max_tokens,
        temperature=1.0 if request.temperature is None else request.temperature,
        top_p=request.top_p or 1.0,
        seed=request.seed,
        stop=stop,
        frequency_penalty=request.frequency_penalty or 0.0,
        presence_penalty=request.presence_penalty or 0.0,
        logit_bias=request.logit_bias or {},
        top_logprobs=(request.top_logprobs or 0) if request.logprobs else None,
    )


def _refuse_incapable(request: wire.ChatRequest, capabilities: Capabilities) -> None:
    asked = {
        "frequency_penalty": (request.frequency_penalty, capabilities.penalties),
        "presence_penalty": (request.presence_penalty, capabilities.penalties),
        "logit_bias": (request.logit_bias, capabilities.logit_bias),
        "logprobs": (request.logprobs, capabilities.logprobs),
    }
    for name, (value, is_capable) in asked.items():
        if value and not is_capable:
            raise _incapable(name)


def _incapable(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"{name} is not supported by the engine that is running; leave it out", param=name, code="unsupported_parameter"
    )


def _invalid(message: str, param: str) -> InvalidRequest:
    return InvalidRequest(message, param=param, code="invalid_value")


def to_output(request: wire.ChatRequest, capabilities: Capabilities) -> Output:
    """What the answer must be. Raises `InvalidRequest` for tools or JSON that cannot be had."""
    tools = _to_tool_output(request)
    text = _to_format(request.response_format)
    if tools is None:
        if isinstance(text, JsonOutput) and not capabilities.json:
            raise _incapable("response_format")
        return text
    if not capabilities.tools:
        raise _incapable("tools" if request.tools else "functions")
    if isinstance(text, JsonOutput) and not tools.required:
        raise _invalid(
            "response_format cannot be JSON while the model is free to call a tool: set tool_choice to required or "
            "none, or leave response_format out",
            "response_format",
        )
    return tools


def _to_format(response_format: wire.ResponseFormat | None) -> TextOutput | JsonOutput:
    match response_format:
        case wire.JsonObjectFormat():
            return JsonOutput()
        case wire.JsonSchemaFormat(json_schema=named):
            param = "response_format.json_schema.schema"
            _check_depth(named.schema, param)
            return JsonOutput(named.schema, param)
    return TextOutput()


def _to_tool_output(request: wire.ChatRequest) -> ToolOutput | None:
    """The tools to choose from, or None where the answer can only be text."""
    choice, functions, path = request.tool_choice, [tool.function for tool in request.tools or ()], "tools"
    if not functions and request.functions:
        functions, path = request.functions, "functions"
        choice = _modern_choice(request.function_call)
    tools = {}
    for index, function in enumerate(functions):
        if function.name in tools:
            where = f"{path}[{index}]"
            raise _invalid(f"{where}: two functions are named {function.name!r}", where)
        tools[function.name] = _to_tool(function, f"{path}[{index}]")
    parallel = request.parallel_tool_calls is not False and path == "tools"
    match choice:
        case "required" if tools:
            return ToolOutput(tuple(tools.values()), required=True, parallel=parallel)
        case wire.FunctionChoice(function=named):
            return ToolOutput((_pick(tools, named.name),), required=True, parallel=False)
        case wire.AllowedToolsChoice(allowed_tools=allowed):
            some = tuple(_pick(tools, each.function.name) for each in allowed.tools)
            return ToolOutput(some, required=allowed.mode == "required", parallel=parallel)
        case "required":
            raise _invalid("tool_choice is required, but no tools are given", "tool_choice")
        case "none":
            return None
    return ToolOutput(tuple(tools.values()), parallel=parallel) if tools else None


def _modern_choice(function_call: str | wire.FunctionName | None) -> wire.ToolChoice:
    if isinstance(function_call, wire.FunctionName):
        return wire.FunctionChoice(function_call)
    return "none" if function_call == "none" else "auto"


def _to_tool(function: wire.Function, path: str) -> Tool:
    parameters = EMPTY_PARAMETERS if function.parameters is None else function.parameters
    _check_depth(parameters, f"{path}.function.parameters" if path.startswith("tools") else f"{path}.parameters")
    return Tool(function.name, parameters, function.description or "")


def _pick(tools: dict[str, Tool], name: str) -> Tool:
    if name not in tools:
        known = ", ".join(tools) or "none"
        raise _invalid(f"tool_choice names {name!r}, which is not among the tools ({known})", "tool_choice")
    return tools[name]


def _check_depth(schema: Any, param: str) -> None:
    level = [schema]
    for _ in range(MAX_SCHEMA_DEPTH):
        level = [child for each in level for child in _children(each)]
        if not level:
            return
    raise UnsupportedSchema(f"{param}: nested deeper than {MAX_SCHEMA_DEPTH} levels", param=param)


def _children(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [child for child in inner if isinstance(child, dict | list)]
