"""Tokens as the wire reports them: the model's true count for text, the documented formula for images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from beholder import types
from beholder.api import replies
from beholder.evidence import Size

TILE_EDGE = 448
TILE_TOKENS = 256
MAX_TILES = 6
"""docs.x.ai, image understanding: tiles of 448 x 448, 256 tokens each, at most 6, and one tile more for the whole."""


def image_tokens(original_size: Size, detail: types.Detail) -> int:
    """Tokens reported for one image, on its size after orientation; `detail: low` is one tile."""
    if detail == "low":
        return TILE_TOKENS
    width, height = original_size
    tiles = -(-width // TILE_EDGE) * -(-height // TILE_EDGE)
    return (min(tiles, MAX_TILES) + 1) * TILE_TOKENS


def to_usage(spent: Sequence[types.Usage], images: Iterable[types.Image]) -> replies.Usage:
    """The usage of a request from that of its choices, at least one, which all had the same prompt.

    What was seen in the images is part of the engine's prompt; the wire counts it by the formula instead.
    """
    prompt = spent[0]
    text_tokens = prompt.prompt_tokens - prompt.evidence_tokens
    seen_tokens = sum(image_tokens(image.original_size, image.detail) for image in images)
    prompt_tokens = text_tokens + seen_tokens
    completion_tokens = sum(each.completion_tokens for each in spent)
    return replies.Usage(
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        total_tokens=prompt_tokens + completion_tokens,
        prompt_tokens_details=replies.PromptTokensDetails(
            text_tokens=text_tokens,
            image_tokens=seen_tokens,
            cached_tokens=min(prompt.cached_tokens, prompt_tokens),
        ),
    )
