"""What the server answers to a Responses request, as msgspec structs.

Shapes: openai-python, `types/responses/response.py` and the files beside it, with xAI's further usage keys.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType, field

from beholder.api.replies import Extension, TokenLogprob, Usage
from beholder.api.responses.wire import FunctionTool, ToolChoice

Status: TypeAlias = Literal["in_progress", "completed", "incomplete", "failed"]
ItemStatus: TypeAlias = Literal["in_progress", "completed", "incomplete"]


class TextContent(Struct, tag_field="type", tag="output_text", kw_only=True):
    """The text of an answer, or of a piece of it that has just begun."""

    text: str = ""
    annotations: list[Any] = field(default_factory=list)
    logprobs: list[TokenLogprob] = field(default_factory=list)


class MessageItem(Struct, tag_field="type", tag="message", kw_only=True):
    """An answer in text."""

    id: str
    status: ItemStatus
    role: Literal["assistant"] = "assistant"
    content: list[TextContent]


class CallItem(Struct, tag_field="type", tag="function_call", kw_only=True):
    """A call of a function; `call_id` is what its output must name."""

    id: str
    status: ItemStatus
    call_id: str
    name: str
    arguments: str


OutputItem: TypeAlias = MessageItem | CallItem


class InputTokensDetails(Struct, frozen=True):
    """Where the input's tokens come from."""

    cached_tokens: int
    text_tokens: int
    image_tokens: int
    cache_write_tokens: int = 0


class OutputTokensDetails(Struct, frozen=True):
    """A kind of token that Beholder never spends."""

    reasoning_tokens: int = 0


class ResponseUsage(Struct, frozen=True):
    """Tokens of the request."""

    input_tokens: int
    input_tokens_details: InputTokensDetails
    output_tokens: int
    total_tokens: int
    output_tokens_details: OutputTokensDetails = OutputTokensDetails()
    num_sources_used: int = 0
    num_server_side_tools_used: int = 0

    @classmethod
    def of(cls, usage: Usage) -> ResponseUsage:
        """The same counts as chat completions tell."""
        details = usage.prompt_tokens_details
        seen = InputTokensDetails(details.cached_tokens, details.text_tokens, details.image_tokens)
        return cls(usage.prompt_tokens, seen, usage.completion_tokens, usage.total_tokens)


class IncompleteDetails(Struct, frozen=True):
    """Why an answer ends early."""

    reason: Literal["max_output_tokens"]


class ResponseError(Struct, frozen=True):
    """Why there is no answer."""

    code: str
    message: str


class Reasoning(Struct, frozen=True):
    """Beholder thinks aloud or not at all."""

    effort: None = None
    summary: None = None


class TextReply(Struct, frozen=True):
    """The format that was asked for, as the client wrote it."""

    format: Any
    verbosity: str = "medium"


class Response(Struct, frozen=True, kw_only=True):
    """A response, at any point of its life."""

    id: str
    object: Literal["response"] = "response"
    created_at: int
    completed_at: int | None = None
    status: Status = "in_progress"
    background: Literal[False] = False
    error: ResponseError | None = None
    incomplete_details: IncompleteDetails | None = None
    instructions: str | None = None
    max_output_tokens: int | None = None
    max_tool_calls: None = None
    model: str
    output: list[OutputItem] = field(default_factory=list)
    parallel_tool_calls: bool = True
    previous_response_id: str | None = None
    prompt_cache_key: None = None
    reasoning: Reasoning = Reasoning()
    safety_identifier: None = None
    service_tier: Literal["default"] = "default"
    store: bool
    temperature: float = 0.0
    text: TextReply
    tool_choice: ToolChoice = "auto"
    tools: list[FunctionTool] = field(default_factory=list)
    top_logprobs: int = 0
    top_p: float = 1.0
    truncation: Literal["disabled"] = "disabled"
    usage: ResponseUsage | None = None
    user: None = None
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    metadata: dict[str, str] = field(default_factory=dict)
    x_beholder: Extension | UnsetType = UNSET


# ── events, each named by its `type` ────────────────────────────────────────────────────────────────────────────────


class _Event(Struct, frozen=True, kw_only=True, tag_field="type"):
    sequence_number: int


class Created(_Event, frozen=True, kw_only=True, tag="response.created"):
    """The first event."""

    response: Response


class InProgress(_Event, frozen=True, kw_only=True, tag="response.in_progress"):
    """The second event."""

    response: Response


class Completed(_Event, frozen=True, kw_only=True, tag="response.completed"):
    """The last event of an answer that is whole."""

    response: Response


class Incomplete(_Event, frozen=True, kw_only=True, tag="response.incomplete"):
    """The last event of an answer that was cut off."""

    response: Response


class Failed(_Event, frozen=True, kw_only=True, tag="response.failed"):
    """The last event when the machine failed under way."""

    response: Response


class ItemAdded(_Event, frozen=True, kw_only=True, tag="response.output_item.added"):
    """An item begins; it is empty."""

    output_index: int
    item: OutputItem


class ItemDone(_Event, frozen=True, kw_only=True, tag="response.output_item.done"):
    """An item, whole."""

    output_index: int
    item: OutputItem


class _Piece(_Event, frozen=True, kw_only=True):
    item_id: str
    output_index: int


class _TextPiece(_Piece, frozen=True, kw_only=True):
    content_index: int = 0


class PartAdded(_TextPiece, frozen=True, kw_only=True, tag="response.content_part.added"):
    """A message's text begins."""

    part: TextContent


class TextDelta(_TextPiece, frozen=True, kw_only=True, tag="response.output_text.delta"):
    """More of a message's text."""

    delta: str
    logprobs: list[TokenLogprob]


class TextDone(_TextPiece, frozen=True, kw_only=True, tag="response.output_text.done"):
    """A message's text, whole."""

    text: str
    logprobs: list[TokenLogprob]


class PartDone(_TextPiece, frozen=True, kw_only=True, tag="response.content_part.done"):
    """A message's text as a part, whole."""

    part: TextContent


class ArgumentsDelta(_Piece, frozen=True, kw_only=True, tag="response.function_call_arguments.delta"):
    """More of a call's arguments."""

    delta: str


class ArgumentsDone(_Piece, frozen=True, kw_only=True, tag="response.function_call_arguments.done"):
    """A call's arguments, whole."""

    name: str
    arguments: str


Event: TypeAlias = (
    Created
    | InProgress
    | ItemAdded
    | PartAdded
    | TextDelta
    | TextDone
    | PartDone
    | ArgumentsDelta
    | ArgumentsDone
    | ItemDone
    | Completed
    | Incomplete
    | Failed
)
