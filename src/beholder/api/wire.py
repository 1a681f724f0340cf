"""What a client may write in a chat request, as msgspec structs; unknown fields are ignored.

Names, ranges and defaults: openai-python, `types/chat/completion_create_params.py`. `None` is the same as absent, since
clients send explicit nulls. `api/fields.py` says what becomes of each field.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

Name: TypeAlias = Annotated[str, Meta(pattern="^[a-zA-Z0-9_-]+$", min_length=1, max_length=64)]
Penalty: TypeAlias = Annotated[float, Meta(ge=-2, le=2)]
StopText: TypeAlias = Annotated[str, Meta(min_length=1)]
TokenLimit: TypeAlias = Annotated[int, Meta(ge=1, le=2**31 - 1)]
SignedInteger64: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────


class ImageUrl(Struct, frozen=True):
    """Where an image is: a `data:` URI or an http(s) URL."""

    url: str
    detail: Literal["auto", "low", "high"] | None = None


class TextPart(Struct, frozen=True, tag_field="type", tag="text"):
    """Text."""

    text: str


class ImagePart(Struct, frozen=True, tag_field="type", tag="image_url"):
    """An image."""

    image_url: ImageUrl


class RefusalPart(Struct, frozen=True, tag_field="type", tag="refusal"):
    """What an assistant said when it declined; in an assistant's message only."""

    refusal: str


ContentPart: TypeAlias = TextPart | ImagePart | RefusalPart


class FunctionCall(Struct, frozen=True):
    """A call as the model wrote it; `arguments` is JSON text."""

    name: str
    arguments: str


class ToolCall(Struct, frozen=True):
    """A call in an assistant's earlier message."""

    id: str
    function: FunctionCall
    type: Literal["function"] = "function"


class Message(Struct, frozen=True):
    """One message. `developer` is another word for `system`, `function` the old word for `tool`."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    function_call: FunctionCall | None = None


# ── what the answer should be ───────────────────────────────────────────────────────────────────────────────────────


class TextFormat(Struct, frozen=True, tag_field="type", tag="text"):
    """Free text."""


class JsonObjectFormat(Struct, frozen=True, tag_field="type", tag="json_object"):
    """Any JSON object."""


class NamedSchema(Struct, frozen=True):
    """A JSON Schema with its name. Every schema is enforced, so `strict` makes no difference."""

    name: Name
    schema: dict[str, Any] | bool | None = None
    description: str | None = None
    strict: bool | None = None


class JsonSchemaFormat(Struct, frozen=True, tag_field="type", tag="json_schema"):
    """JSON that conforms to a schema."""

    json_schema: NamedSchema


ResponseFormat: TypeAlias = TextFormat | JsonObjectFormat | JsonSchemaFormat


class Function(Struct, frozen=True):
    """A function that the model may call."""

    name: Name
    description: str | None = None
    parameters: dict[str, Any] | bool | None = None
    strict: bool | None = None


class FunctionTool(Struct, frozen=True, tag_field="type", tag="function"):
    """The one kind of tool."""

    function: Function


class FunctionName(Struct, frozen=True):
    """Names a function."""

    name: str


class FunctionChoice(Struct, frozen=True, tag_field="type", tag="function"):
    """The one function to call."""

    function: FunctionName


class AllowedTools(Struct, frozen=True):
    """The functions that may be called, out of those given."""

    mode: Literal["auto", "required"]
    tools: Annotated[list[FunctionChoice], Meta(min_length=1)]


class AllowedToolsChoice(Struct, frozen=True, tag_field="type", tag="allowed_tools"):
    """A choice among some of the tools."""

    allowed_tools: AllowedTools


ToolChoice: TypeAlias = Literal["none", "auto", "required"] | FunctionChoice | AllowedToolsChoice


class StreamOptions(Struct, frozen=True):
    """How to stream."""

    include_usage: bool | None = None


class ChatRequest(Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/chat/completions`."""

    model: str
    messages: Annotated[list[Message], Meta(min_length=1)]
    max_tokens: TokenLimit | None = None
    max_completion_tokens: TokenLimit | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    n: Annotated[int, Meta(ge=1, le=8)] | None = None
    seed: SignedInteger64 | None = None
    stop: StopText | Annotated[list[StopText], Meta(max_length=4)] | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    logit_bias: dict[int, Annotated[float, Meta(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    response_format: ResponseFormat | None = None
    tools: Annotated[list[FunctionTool], Meta(max_length=128)] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    functions: Annotated[list[Function], Meta(max_length=128)] | None = None
    function_call: Literal["none", "auto"] | FunctionName | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    evidence: bool | None = None
    grounding: bool | None = None
    verbatim: bool | None = None
    # Refused unless they ask for nothing: see `api/fields.py`.
    audio: Any = None
    deferred: Any = None
    modalities: Any = None
    search_parameters: Any = None
    web_search_options: Any = None
