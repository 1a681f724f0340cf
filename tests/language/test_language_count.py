"""Counting without a model: the same counts as the prompt that the model would get."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_qwen import tiny_model

from beholder.evidence import Evidence
from beholder.language.count import TokenCounter
from beholder.language.prompt import PromptWriter
from beholder.language.tokenizer import TextTokenizer
from beholder.types import Image, ImageRef, Job, JsonOutput, TextPart, Tool, ToolOutput, Turn, Where


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    """The tiny model's tokenizer."""
    return tiny_model().tokenizer()


def test_a_text_s_tokens_are_spelled(tokenizer: TextTokenizer) -> None:
    """Bytes put together are the text; a part of a character has a replacement for its text."""
    tokens = TokenCounter(tokenizer).tokenize("the total: 5 €")
    assert "the total: 5 €".encode() == b"".join(spelled for _, _, spelled in tokens)
    assert ["�"] * 3 == [text for _, text, _ in tokens[-3:]]
    assert tokenizer.encode("the total: 5 €") == [token for token, _, _ in tokens]


@pytest.mark.parametrize(
    "output", [JsonOutput({"type": "object"}), ToolOutput((Tool("f", True),))], ids=["json", "tools"]
)
def test_text_is_counted_as_in_the_prompt(tokenizer: TextTokenizer, output: JsonOutput | ToolOutput) -> None:
    """Images that were not even loaded change nothing: what stands for them is not text."""
    where = Where(0, 1, "p")
    loaded = Image("d", "PNG", (40, 30), np.zeros((30, 40, 3), np.uint8), where)
    told = [
        Job((Turn("user", (TextPart("a"), image, TextPart("b"))),), output=output)
        for image in (loaded, ImageRef("data:", where))
    ]
    evidence = {"d": Evidence("d", (40, 30), (), "much text in the picture")}
    prompt = PromptWriter(tokenizer).write(told[0], evidence)
    counts = [TokenCounter(tokenizer).count_text(job) for job in told]
    assert [len(prompt.tokens) - prompt.evidence_tokens] * 2 == counts
