"""What a client may write in a Responses request, as msgspec structs; unknown fields are ignored.

Names and defaults: openai-python, `types/responses/response_create_params.py` and `response_input_item_param.py`.
`None` is the same as absent. `responses/fields.py` says what becomes of each field.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from beholder.api.wire import JsonObjectFormat, Name, Penalty, SignedInteger64, StopText, TextFormat, TokenLimit

MetadataKey: TypeAlias = Annotated[str, Meta(max_length=64)]
MetadataValue: TypeAlias = Annotated[str, Meta(max_length=512)]


# ── input ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class InputText(Struct, frozen=True, tag_field="type", tag="input_text"):
    """Text that is asked or told."""

    text: str


class OutputText(Struct, frozen=True, tag_field="type", tag="output_text"):
    """Text that an assistant answered; its annotations are ignored."""

    text: str


class Refusal(Struct, frozen=True, tag_field="type", tag="refusal"):
    """What an assistant said when it declined."""

    refusal: str


class InputImage(Struct, frozen=True, tag_field="type", tag="input_image", omit_defaults=True):
    """An image: a `data:` URI or an http(s) URL. `original` means `high`."""

    image_url: str | None = None
    detail: Literal["auto", "low", "high", "original"] | None = None
    file_id: str | None = None


class ReasoningText(Struct, frozen=True, tag_field="type", tag="reasoning_text"):
    """What another model thought; in a reasoning item only, and ignored with it."""

    text: str


Content: TypeAlias = InputText | OutputText | Refusal | InputImage | ReasoningText


class Item(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item of the conversation, of whatever type: `responses/items.py` says which fields which type needs."""

    type: str | None = None
    id: str | None = None
    role: Literal["system", "developer", "user", "assistant"] | None = None
    status: str | None = None
    content: str | list[Content] | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    output: str | list[Content] | None = None


# ── what the answer should be ───────────────────────────────────────────────────────────────────────────────────────


class SchemaFormat(Struct, frozen=True, tag_field="type", tag="json_schema"):
    """JSON that conforms to a schema; flat, unlike the one of chat completions. `strict` makes no difference."""

    name: Name
    schema: dict[str, Any] | bool
    description: str | None = None
    strict: bool | None = None


Format: TypeAlias = TextFormat | JsonObjectFormat | SchemaFormat


class TextOptions(Struct, frozen=True):
    """The form of the answer's text."""

    format: Format | None = None


class FunctionTool(Struct, frozen=True, tag_field="type", tag="function"):
    """A function that the model may call; flat, unlike the one of chat completions."""

    name: Name
    parameters: dict[str, Any] | bool | None = None
    strict: bool | None = None
    description: str | None = None


class FunctionChoice(Struct, frozen=True, tag_field="type", tag="function"):
    """The one function to call."""

    name: str


class AllowedToolsChoice(Struct, frozen=True, tag_field="type", tag="allowed_tools"):
    """A choice among some of the tools."""

    mode: Literal["auto", "required"]
    tools: Annotated[list[FunctionChoice], Meta(min_length=1)]


ToolChoice: TypeAlias = Literal["none", "auto", "required"] | FunctionChoice | AllowedToolsChoice


class ResponsesRequest(Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/responses`."""

    input: str | Annotated[list[Item], Meta(min_length=1)]
    model: str | None = None
    instructions: str | None = None
    max_output_tokens: TokenLimit | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    text: TextOptions | None = None
    tools: Annotated[list[FunctionTool], Meta(max_length=128)] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    stream: bool | None = None
    store: bool | None = None
    previous_response_id: str | None = None
    include: list[str] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    metadata: Annotated[dict[MetadataKey, MetadataValue], Meta(max_length=16)] | None = None
    # Not OpenAI's, and honoured all the same.
    logprobs: bool | None = None
    seed: SignedInteger64 | None = None
    stop: StopText | Annotated[list[StopText], Meta(max_length=4)] | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    logit_bias: dict[int, Annotated[float, Meta(ge=-100, le=100)]] | None = None
    evidence: bool | None = None
    grounding: bool | None = None
    verbatim: bool | None = None
    # Refused unless they ask for nothing: see `responses/fields.py`.
    background: Any = None
    context_management: Any = None
    conversation: Any = None
    function_call: Any = None
    functions: Any = None
    max_completion_tokens: Any = None
    max_tokens: Any = None
    messages: Any = None
    modalities: Any = None
    n: Any = None
    prompt: Any = None
    response_format: Any = None
    search_parameters: Any = None
