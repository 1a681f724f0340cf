"""Numbers that the page prints with thousands separators."""

from __future__ import annotations

import pytest
from tiny_qwen import tiny_model

from beholder.language.separators import Separators
from beholder.language.tokenizer import TextTokenizer

PAGE = "Chair  4  275.50  1,102.00\nTurnover 1,250,000\nFlat 12, 345 Road\nPair 7,99\nBox [147,350,161,403]"


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    """A real byte-level tokenizer of a small model."""
    return tiny_model().tokenizer()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"total":1', True),
        ('{"total":1250', True),
        ("[1", True),
        ("[147", False),
        ('{"total":1102', False),
        ('{"total":1102.00', False),
        ('{"total":275', False),
        ('{"total":2', False),
        ('{"total":7', False),
        ('{"total":12', False),
        ('{"total":"1', False),
        ('{"a \\" b":1', True),
        ('{"total":1,', False),
    ],
)
def test_a_comma_is_doubted_where_the_page_goes_on(tokenizer: TextTokenizer, answer: str, expected: bool) -> None:
    """Only after a whole number, outside strings, that the page continues with a comma and three digits."""
    separators = Separators(PAGE, tokenizer)
    separators.feed(tokenizer.encode(answer))
    assert expected == separators.is_doubtful(separators.comma)
    assert not separators.is_doubtful(tokenizer.encode("}")[0])
