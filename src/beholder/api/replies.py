"""What the server answers to a chat request, as msgspec structs; `UNSET` fields are left out of the JSON.

Shapes: openai-python, `types/chat/chat_completion.py` and `chat_completion_chunk.py`, with xAI's further usage keys.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from beholder.evidence import Box, Size

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "function_call"]


class PromptTokensDetails(Struct, frozen=True):
    """Where the prompt's tokens come from."""

    text_tokens: int
    image_tokens: int
    cached_tokens: int
    audio_tokens: int = 0


class CompletionTokensDetails(Struct, frozen=True):
    """Kinds of tokens that Beholder never spends, which xAI's clients look for."""

    reasoning_tokens: int = 0
    audio_tokens: int = 0
    accepted_prediction_tokens: int = 0
    rejected_prediction_tokens: int = 0


class Usage(Struct, frozen=True):
    """Tokens of the request: `prompt_tokens` is text and images, `total_tokens` prompt and completion."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails
    completion_tokens_details: CompletionTokensDetails = CompletionTokensDetails()
    num_sources_used: int = 0


class TopLogprob(Struct, frozen=True):
    """A likely token; `bytes` are its UTF-8 bytes."""

    token: str
    logprob: float
    bytes: list[int]


class TokenLogprob(Struct, frozen=True):
    """The chosen token and the likeliest alternatives."""

    token: str
    logprob: float
    bytes: list[int]
    top_logprobs: list[TopLogprob]


class Logprobs(Struct, frozen=True):
    """Log-probabilities of an answer or of a piece of it."""

    content: list[TokenLogprob]
    refusal: None = None


class FunctionText(Struct, omit_defaults=True):
    """A function call, or a piece of one; `arguments` is JSON text, whole or a piece."""

    name: str | UnsetType = UNSET
    arguments: str | UnsetType = UNSET


class ToolCallDelta(Struct, omit_defaults=True):
    """A piece of a tool call; the first piece of a call carries `id`, `type` and the name."""

    index: int
    id: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    function: FunctionText | UnsetType = UNSET


class Delta(Struct, omit_defaults=True):
    """What a chunk adds to the message."""

    role: str | UnsetType = UNSET
    content: str | UnsetType | None = UNSET
    refusal: UnsetType | None = UNSET
    tool_calls: list[ToolCallDelta] | UnsetType = UNSET
    function_call: FunctionText | UnsetType = UNSET


class ChunkChoice(Struct):
    """One choice's part of a chunk."""

    index: int
    delta: Delta
    logprobs: Logprobs | None = None
    finish_reason: FinishReason | None = None


class LineReport(Struct, frozen=True):
    """A line of text as read; `box` is in original pixels."""

    text: str
    box: Box
    confidence: float
    method: str


class EvidenceReport(Struct, frozen=True):
    """What was read in one image; `size` is its original width and height.

    `suspicious` are those of its lines that address the model instead of the reader; they are not obeyed.
    """

    size: Size
    lines: list[LineReport]
    suspicious: list[LineReport] = []


class ImageReport(Struct, frozen=True):
    """What was done to one image."""

    format: str
    original_size: Size
    size: Size
    report: list[str]


class GroundingReport(Struct, frozen=True):
    """Where a value of the answer stands, and what is printed there: `image` counts from 0, `box` is in its pixels.

    `pointer` is an RFC 6901 pointer into a JSON answer, `#char=12,17` (RFC 5147) into a text, and begins with
    `/tool_calls/0/arguments` for the first call of a function.
    """

    choice: int
    pointer: str
    text: str
    image: int
    box: Box
    confidence: float
    method: str
    match: Literal["verbatim", "normalised", "inferred"]


class PromptTurn(Struct, frozen=True):
    """A turn as the model read it, images as what was seen in them."""

    role: str
    content: str


class Work(Struct, frozen=True):
    """What the answer took, all choices together; tokens are the serving model's own.

    `passes` are runs over its weights, `prompt_passes` those of them that read the prompt. Of the completion's tokens
    `forced_tokens` left no choice and `copied_tokens` were verified many a pass; the rest was decided one by one.
    """

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    forced_tokens: int
    copied_tokens: int
    passes: int
    prompt_passes: int


class Extension(Struct, frozen=True):
    """`x_beholder`, our own: if the request says `evidence: true`, or `grounding: true`, which gives that alone."""

    grounding: list[GroundingReport]
    evidence: list[EvidenceReport] | UnsetType = UNSET
    images: list[ImageReport] | UnsetType = UNSET
    prompt: list[PromptTurn] | UnsetType = UNSET
    work: Work | UnsetType = UNSET


class Chunk(Struct, kw_only=True):
    """One event of a streamed answer."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    system_fingerprint: str
    choices: list[ChunkChoice]
    usage: Usage | UnsetType | None = UNSET
    x_beholder: Extension | UnsetType = UNSET


class FunctionCallReply(Struct):
    """A whole function call."""

    name: str
    arguments: str


class ToolCallReply(Struct):
    """A whole tool call."""

    id: str
    function: FunctionCallReply
    type: Literal["function"] = "function"


class Message(Struct, kw_only=True):
    """The answer's message."""

    role: Literal["assistant"] = "assistant"
    content: str | None
    refusal: None = None
    tool_calls: list[ToolCallReply] | UnsetType = UNSET
    function_call: FunctionCallReply | UnsetType = UNSET


class Choice(Struct):
    """One answer."""

    index: int
    message: Message
    logprobs: Logprobs | None
    finish_reason: FinishReason


class ChatCompletion(Struct, kw_only=True):
    """The whole answer to a chat request."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    system_fingerprint: str
    choices: list[Choice]
    usage: Usage
    x_beholder: Extension | UnsetType = UNSET
