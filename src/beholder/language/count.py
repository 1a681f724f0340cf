"""Counting tokens without a model: only the tokenizer is needed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from beholder.evidence import Evidence
from beholder.language.prompt import PromptWriter
from beholder.language.tokenizer import TextTokenizer
from beholder.types import Image, ImageRef, Job, Part

UNSEEN = Evidence("", (1, 1), (), "")


class TokenCounter:
    """Counts for one tokenizer; safe to use from several threads."""

    def __init__(self, tokenizer: TextTokenizer) -> None:
        self._tokenizer = tokenizer
        self._writer = PromptWriter(tokenizer)

    def tokenize(self, text: str) -> list[tuple[int, str, bytes]]:
        """Id, text and bytes of each token; a token that is a part of a character has U+FFFD in its text."""
        return [self._spelled(token) for token in self._tokenizer.encode(text)]

    def count_text(self, job: Job) -> int:
        """Tokens of the prompt but for what stands for the images, loaded or not: our instructions included."""
        turns = tuple(replace(turn, parts=tuple(_unseen(part) for part in turn.parts)) for turn in job.turns)
        prompt = self._writer.write(replace(job, turns=turns), {UNSEEN.image_digest: UNSEEN})
        return len(prompt.tokens) - prompt.evidence_tokens

    def _spelled(self, token: int) -> tuple[int, str, bytes]:
        spelled = self._tokenizer.token_bytes(token)
        return token, spelled.decode("utf-8", errors="replace"), spelled


def _unseen(part: Part) -> Part:
    if not isinstance(part, ImageRef | Image):
        return part
    return Image(UNSEEN.image_digest, "PNG", UNSEEN.size, np.zeros((1, 1, 3), np.uint8), part.where)
