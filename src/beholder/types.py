"""The words that pass between the rooms: every hop of a request is one of these frozen dataclasses.

    api ──Job (ImageRefs)──► images ──Job (Images)──► engine ──Event──► api

Layer rule: this module imports nothing of Beholder but `evidence`, which has what was seen and the frame of boxes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Box, Evidence, Size

Detail: TypeAlias = Literal["auto", "low", "high"]
Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
FinishReason: TypeAlias = Literal["stop", "length", "tool_calls"]
JsonSchema: TypeAlias = Mapping[str, Any] | bool


# ── what a client says ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Where:
    """The place in a request that a part came from, so that every error can name it.

    `param` is the path as the client wrote it, `messages[0].content[1].image_url.url`; `message` and `part` count
    from 0 and are spoken from 1 ("message 2, part 1").
    """

    message: int
    part: int
    param: str

    def __str__(self) -> str:
        return f"message {self.message + 1}, part {self.part + 1}"


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of text, exactly as sent."""

    text: str


@dataclass(frozen=True, slots=True)
class ImageRef:
    """An image as the client named it: a data URI, an http(s) URL, or (from the command line only) a file path."""

    source: str
    where: Where
    detail: Detail = "auto"
    is_path: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A decoded image; the pixels are decoded once and shared, read only, by all who need them.

    `pixels` is `(height, width, 3)` uint8 sRGB at the delivered size. `original_size` is the frame of every box.
    `digest` is the BLAKE3 of the encoded bytes. `report` says in a user's words what was done to the picture.
    """

    digest: str
    format: str
    original_size: Size
    pixels: NDArray[np.uint8]
    where: Where
    detail: Detail = "auto"
    report: tuple[str, ...] = ()

    @property
    def size(self) -> Size:
        """Delivered `(width, height)`."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def scale(self) -> tuple[float, float]:
        """Factors from delivered to original pixels, horizontally and vertically."""
        return self.original_size[0] / self.size[0], self.original_size[1] / self.size[1]


Part: TypeAlias = TextPart | ImageRef | Image


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a function that the model made; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation, its parts in the order sent."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `parameters` is a JSON Schema."""

    name: str
    parameters: JsonSchema
    description: str = ""
    param: str = "tools"
    """Where the client wrote the parameters' schema, `tools[0].function.parameters`, for the error about a keyword."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen. `max_tokens=None` means: as many as the context window leaves."""

    max_tokens: int | None = None
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    logit_bias: Mapping[int, float] = field(default_factory=dict)
    top_logprobs: int | None = None
    """None: no log-probabilities; 0 or more: the chosen token's, and that many alternatives."""


@dataclass(frozen=True, slots=True)
class TextOutput:
    """Free text."""


@dataclass(frozen=True, slots=True)
class JsonOutput:
    """JSON text. `schema=None` means any JSON object; otherwise the text conforms to the schema."""

    schema: JsonSchema | None = None
    param: str = "response_format"
    """Where the client wrote the schema, for the error that says which keyword is not supported."""


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """One or more calls of the named tools; `required=False` lets the model answer `otherwise` instead."""

    tools: tuple[Tool, ...]
    required: bool = False
    parallel: bool = True
    otherwise: TextOutput | JsonOutput = field(default_factory=TextOutput)


Output: TypeAlias = TextOutput | JsonOutput | ToolOutput


@dataclass(frozen=True, slots=True)
class Job:
    """One request, whatever protocol it came by. An engine receives it with every `ImageRef` replaced by an `Image`."""

    turns: tuple[Turn, ...]
    model: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    output: Output = field(default_factory=TextOutput)
    grounding: bool = False
    verbatim: bool = False
    """Whether the strings of a JSON answer may only be what is printed in the images."""
    owner: str = ""
    """Who asks, as a digest of the API key: nothing that is kept is shared across owners."""

    def image_refs(self) -> Iterator[ImageRef]:
        """The images still to be loaded, in the order sent."""
        return (part for turn in self.turns for part in turn.parts if isinstance(part, ImageRef))

    def images(self) -> Iterator[Image]:
        """The decoded images, in the order sent."""
        return (part for turn in self.turns for part in turn.parts if isinstance(part, Image))

    def with_images(self, loaded: Mapping[Where, Image]) -> Job:
        """The same job with each `ImageRef` replaced by its `Image`, order kept."""
        turns = tuple(
            replace(turn, parts=tuple(loaded[p.where] if isinstance(p, ImageRef) else p for p in turn.parts))
            for turn in self.turns
        )
        return replace(self, turns=turns)


# ── what an engine says ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A chosen token with its natural-log probability and the likeliest alternatives."""

    token: str
    token_bytes: bytes
    logprob: float
    top: tuple[tuple[str, bytes, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of a tool call. The first delta of a call carries `id` and `name`, later ones only `arguments`."""

    index: int
    arguments: str = ""
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The prompt fits and was accepted: the first event of every stream. Before it, every fault is a plain error."""

    evidence: tuple[Evidence, ...] = ()
    prompt: tuple[tuple[str, str], ...] = ()
    """The turns as the model reads them, `(role, text)`, images as what was seen in them; empty if not told."""


@dataclass(frozen=True, slots=True)
class Grounding:
    """Where a value of the answer stands: `pointer` is a JSON pointer into the answer, `box` in original pixels.

    `match` says how the value and what stands there agree: letter by letter, after normalising (spaces, case, number
    and date forms), or only by inference.
    """

    pointer: str
    text: str
    image: int
    box: Box
    confidence: float
    method: str
    match: Literal["verbatim", "normalised", "inferred"] = "verbatim"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the serving model. `passes` counts runs over the weights, `prompt_passes` those that read the prompt.

    `evidence_tokens` is the part of `prompt_tokens` that stands for the images: what was seen in them.
    `forced_tokens` and `copied_tokens` are the parts of `completion_tokens` that the grammar left no choice for, and
    that were drafted from what was seen and then verified; the rest was decided one by one.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    passes: int = 0
    evidence_tokens: int = 0
    prompt_passes: int = 0
    forced_tokens: int = 0
    copied_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of the answer: the last event of every stream, after `Usage`."""

    reason: FinishReason


Event: TypeAlias = Started | TextDelta | ToolCallDelta | Grounding | Usage | Finish
