"""The one table of chat request fields: what becomes of each. The support page in docs is written from it.

Fields: OpenAI's (openai-python, `types/chat/completion_create_params.py`), xAI's (its ChatRequest) and our own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from beholder.errors import InvalidRequest

Handling: TypeAlias = Literal["honoured", "capability", "refused", "no-op"]
"""`capability`: honoured if the engine can, else refused. `refused`: a 400 that names the field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `is_harmless` tells the values of a refused field that ask for nothing, besides null.

    `needs` names the attribute of `Capabilities` that a field of the handling `capability` depends on.
    """

    name: str
    handling: Handling
    note: str
    is_harmless: Callable[[Any], bool] = lambda _value: False
    needs: str = ""


def asks_for_text_only(modalities: Any) -> bool:
    """Whether these are the modalities that every answer has."""
    return bool(modalities == ["text"])


def leaves_search_to_us(parameters: Any) -> bool:
    """Whether xAI's search parameters do not insist on a search."""
    return isinstance(parameters, dict) and parameters.get("mode", "auto") in ("auto", "off")


OUR_OWN: tuple[Field, ...] = (
    Field(
        "evidence",
        "honoured",
        "our own: true adds x_beholder: what was read where, the prompt, and what the answer took",
    ),
    Field(
        "grounding",
        "capability",
        "our own: true adds x_beholder.grounding, the place of each value of the answer",
        needs="grounding",
    ),
    Field(
        "verbatim",
        "capability",
        "our own: true allows strings of a JSON answer only as they are printed in the images",
        needs="verbatim",
    ),
)
"""What both protocols have besides."""

FIELDS: tuple[Field, ...] = (
    Field("model", "honoured", "one of the names listed by /v1/models"),
    Field("messages", "honoured", "text and images in any order; images in system and user messages"),
    Field("max_tokens", "honoured", "at least 1; the old name of max_completion_tokens"),
    Field("max_completion_tokens", "honoured", "at least 1; wins over max_tokens"),
    Field("temperature", "honoured", "0 to 2; by default 0, or 1 when n is over 1"),
    Field("top_p", "honoured", "over 0, up to 1"),
    Field("n", "honoured", "1 to 8 choices, one after the other, with seed, seed + 1, …"),
    Field("seed", "honoured", "a 64-bit integer"),
    Field("stop", "honoured", "a text or up to 4, none of them empty"),
    Field(
        "response_format",
        "honoured",
        "text, json_object or json_schema; a schema is always enforced; with tools, it is what may be answered instead",
    ),
    Field("stream", "honoured", "server-sent events"),
    Field("stream_options", "honoured", "include_usage; other options are ignored"),
    *OUR_OWN,
    Field("frequency_penalty", "capability", "-2 to 2", needs="penalties"),
    Field("presence_penalty", "capability", "-2 to 2", needs="penalties"),
    Field("logit_bias", "capability", "token ids of the served model to -100 … 100", needs="logit_bias"),
    Field("logprobs", "capability", "log-probabilities of the tokens", needs="logprobs"),
    Field("top_logprobs", "capability", "0 to 20, with logprobs", needs="logprobs"),
    Field(
        "tools",
        "capability",
        "up to 128 functions; a streamed call comes whole, in one chunk, as xAI's do",
        needs="tools",
    ),
    Field("tool_choice", "capability", "none, auto, required, a function or allowed_tools", needs="tools"),
    Field("parallel_tool_calls", "capability", "false allows one call at most", needs="tools"),
    Field("functions", "capability", "the old name of tools; the answer is a function_call", needs="tools"),
    Field("function_call", "capability", "the old name of tool_choice", needs="tools"),
    Field("audio", "refused", "Beholder answers in text, not in sound"),
    Field("modalities", "refused", 'only ["text"] can be answered', asks_for_text_only),
    Field("deferred", "refused", "answers are not kept for later", lambda value: value is False),
    Field("search_parameters", "refused", "Beholder does not search; mode off and auto pass", leaves_search_to_us),
    Field("web_search_options", "refused", "Beholder does not search the web"),
    Field("metadata", "no-op", "nothing is stored"),
    Field("moderation", "no-op", "nothing is filtered"),
    Field("prediction", "no-op", "a hint for speed"),
    Field("prompt_cache_key", "no-op", "a hint for speed"),
    Field("prompt_cache_options", "no-op", "a hint for speed"),
    Field("prompt_cache_retention", "no-op", "a hint for speed"),
    Field("reasoning_effort", "no-op", "the model answers without hidden reasoning"),
    Field("safety_identifier", "no-op", "nobody is reported"),
    Field("service_tier", "no-op", "there is one tier"),
    Field("store", "no-op", "nothing is stored"),
    Field("user", "no-op", "nobody is tracked"),
    Field("verbosity", "no-op", "say it in the prompt"),
)


def refuse_unsupported(request: Struct, fields: Iterable[Field] = FIELDS) -> None:
    """Raise `InvalidRequest` naming the first of `fields` that is set in `request` and cannot be honoured."""
    for field in fields:
        if field.handling != "refused":
            continue
        value = getattr(request, field.name)
        if value is not None and not field.is_harmless(value):
            raise InvalidRequest(
                f"{field.name} is not supported: {field.note}; leave it out",
                param=field.name,
                code="unsupported_parameter",
            )
