"""From a Responses request and what came before it to the one internal request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from beholder.api import wire as chat
from beholder.api.fields import refuse_unsupported
from beholder.api.names import GROK_ID
from beholder.api.options import temperature
from beholder.api.pointing import wants_grounding, wants_verbatim
from beholder.api.responses.fields import FIELDS
from beholder.api.responses.items import to_turns
from beholder.api.responses.wire import (
    AllowedToolsChoice,
    FunctionChoice,
    Item,
    ResponsesRequest,
    SchemaFormat,
    ToolChoice,
)
from beholder.api.tools import by_name, check_depth, check_output, choose, refuse_incapable, to_tool
from beholder.engines.base import Capabilities
from beholder.types import Job, JsonOutput, Output, Sampling, TextOutput, TextPart, Tool, Turn

LOGPROBS = "message.output_text.logprobs"


def to_job(request: ResponsesRequest, earlier: Sequence[Item], sent: Sequence[Item], capabilities: Capabilities) -> Job:
    """The job that `request` asks for, its images not yet loaded.

    `earlier` are the items of the responses before it, `sent` its own. Raises `InvalidRequest` whose `param` is the
    field as the client wrote it.
    """
    refuse_unsupported(request, FIELDS)
    instructions = () if request.instructions is None else (Turn("system", (TextPart(request.instructions),)),)
    turns = (*instructions, *to_turns(earlier, sent))
    output = _to_output(request, capabilities)
    return Job(
        turns=turns,
        model=request.model or GROK_ID,
        sampling=_to_sampling(request, capabilities),
        output=output,
        grounding=wants_grounding(request, capabilities),
        verbatim=wants_verbatim(request, capabilities, output, turns, json="text.format"),
    )


def _to_sampling(request: ResponsesRequest, capabilities: Capabilities) -> Sampling:
    refuse_incapable(
        {
            "frequency_penalty": (request.frequency_penalty, capabilities.penalties),
            "presence_penalty": (request.presence_penalty, capabilities.penalties),
            "logit_bias": (request.logit_bias, capabilities.logit_bias),
            "logprobs": (request.logprobs, capabilities.logprobs),
            "top_logprobs": (request.top_logprobs, capabilities.logprobs),
            "include": (LOGPROBS in (request.include or ()), capabilities.logprobs),
        }
    )
    has_logprobs = request.logprobs or request.top_logprobs or LOGPROBS in (request.include or ())
    return Sampling(
        max_tokens=request.max_output_tokens,
        temperature=temperature(request.temperature),
        top_p=request.top_p or 1.0,
        seed=request.seed,
        stop=(request.stop,) if isinstance(request.stop, str) else tuple(request.stop or ()),
        frequency_penalty=request.frequency_penalty or 0.0,
        presence_penalty=request.presence_penalty or 0.0,
        logit_bias=request.logit_bias or {},
        top_logprobs=(request.top_logprobs or 0) if has_logprobs else None,
    )


def _to_output(request: ResponsesRequest, capabilities: Capabilities) -> Output:
    text = _to_format(request)
    tools = by_name(_tools(request))
    choice = _to_chat(request.tool_choice)
    output = choose(tools, choice, text, parallel=request.parallel_tool_calls is not False) or text
    return check_output(output, capabilities, json="text.format", tools="tools")


def _to_format(request: ResponsesRequest) -> TextOutput | JsonOutput:
    match request.text and request.text.format:
        case chat.JsonObjectFormat():
            return JsonOutput(param="text.format")
        case SchemaFormat(schema=schema):
            check_depth(schema, "text.format.schema")
            return JsonOutput(schema, "text.format.schema")
    return TextOutput()


def _tools(request: ResponsesRequest) -> Iterator[tuple[str, Tool]]:
    for index, tool in enumerate(request.tools or ()):
        place = f"tools[{index}]"
        yield place, to_tool(tool.name, tool.parameters, tool.description, f"{place}.parameters")


def _to_chat(choice: ToolChoice | None) -> chat.ToolChoice | None:
    """The choice in the nested form of chat completions, which the rest of the edge knows."""
    match choice:
        case FunctionChoice(name=name):
            return chat.FunctionChoice(chat.FunctionName(name))
        case AllowedToolsChoice(mode=mode, tools=tools):
            named = [chat.FunctionChoice(chat.FunctionName(tool.name)) for tool in tools]
            return chat.AllowedToolsChoice(chat.AllowedTools(mode, named))
    return choice
