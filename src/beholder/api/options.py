"""From a chat request's options to `Sampling` and `Output`; what the engine cannot do is refused, never ignored."""

from __future__ import annotations

from collections.abc import Iterator

from beholder.api import wire
from beholder.api.tools import by_name, check_depth, check_output, choose, invalid, refuse_incapable, to_tool
from beholder.engines.base import Capabilities
from beholder.types import JsonOutput, Output, Sampling, TextOutput, Tool


def to_sampling(request: wire.ChatRequest, capabilities: Capabilities) -> Sampling:
    """How tokens are chosen. Raises `InvalidRequest` for what the engine cannot do."""
    refuse_incapable(
        {
            "frequency_penalty": (request.frequency_penalty, capabilities.penalties),
            "presence_penalty": (request.presence_penalty, capabilities.penalties),
            "logit_bias": (request.logit_bias, capabilities.logit_bias),
            "logprobs": (request.logprobs, capabilities.logprobs),
        }
    )
    if request.top_logprobs is not None and not request.logprobs:
        raise invalid("top_logprobs needs logprobs to be true", "top_logprobs")
    stop = (request.stop,) if isinstance(request.stop, str) else tuple(request.stop or ())
    return Sampling(
        max_tokens=request.max_completion_tokens or request.max_tokens,
        temperature=temperature(request.temperature, request.n),
        top_p=request.top_p or 1.0,
        seed=request.seed,
        stop=stop,
        frequency_penalty=request.frequency_penalty or 0.0,
        presence_penalty=request.presence_penalty or 0.0,
        logit_bias=request.logit_bias or {},
        top_logprobs=(request.top_logprobs or 0) if request.logprobs else None,
    )


def temperature(sent: float | None, choices: int | None = 1) -> float:
    """What was sent; without it 0, since what stands in a picture is read, not drawn by lot.

    xAI's and OpenAI's default is 1. Several choices would all be the same at 0, so for them it is 1 here too.
    """
    if sent is not None:
        return sent
    return 0.0 if (choices or 1) == 1 else 1.0


def to_output(request: wire.ChatRequest, capabilities: Capabilities) -> Output:
    """What the answer must be. Raises `InvalidRequest` for tools or JSON that cannot be had."""
    is_legacy = bool(request.functions) and not request.tools
    tools = by_name(_old_tools(request) if is_legacy else _tools(request))
    choice = _modern_choice(request.function_call) if is_legacy else request.tool_choice
    parallel = request.parallel_tool_calls is not False and not is_legacy
    text = _to_format(request.response_format)
    output = choose(tools, choice, text, parallel=parallel) or text
    return check_output(output, capabilities, json="response_format", tools="functions" if is_legacy else "tools")


def _to_format(response_format: wire.ResponseFormat | None) -> TextOutput | JsonOutput:
    match response_format:
        case wire.JsonObjectFormat():
            return JsonOutput()
        case wire.JsonSchemaFormat(json_schema=named):
            param = "response_format.json_schema.schema"
            check_depth(named.schema, param)
            return JsonOutput(named.schema, param)
    return TextOutput()


def _tools(request: wire.ChatRequest) -> Iterator[tuple[str, Tool]]:
    for index, tool in enumerate(request.tools or ()):
        yield f"tools[{index}]", _to_tool(tool.function, f"tools[{index}].function.parameters")


def _old_tools(request: wire.ChatRequest) -> Iterator[tuple[str, Tool]]:
    for index, function in enumerate(request.functions or ()):
        yield f"functions[{index}]", _to_tool(function, f"functions[{index}].parameters")


def _to_tool(function: wire.Function, param: str) -> Tool:
    return to_tool(function.name, function.parameters, function.description, param)


def _modern_choice(function_call: str | wire.FunctionName | None) -> wire.ToolChoice:
    if isinstance(function_call, wire.FunctionName):
        return wire.FunctionChoice(function_call)
    return "none" if function_call == "none" else "auto"
