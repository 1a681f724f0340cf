"""Guesses from the page, under the grammar of a schema, with a real tokenizer."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_qwen import tiny_model

from beholder.language.constraint import Constraint, Grammars
from beholder.language.page import Page
from beholder.language.page_drafts import PageDrafts
from beholder.language.tokenizer import TextTokenizer

PAGE = """\
Invoice No:  INV-2041
Item       Qty   Total
Folder       5   62.50
Chair        1   1,102.00
"""
ROW: dict[str, Any] = {
    "type": "object",
    "properties": {"item": {"type": "string"}, "qty": {"type": "integer"}, "total": {"type": "number"}},
    "required": ["item", "qty", "total"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"invoice_no": {"type": "string"}, "rows": {"type": "array", "items": ROW}},
    "required": ["invoice_no", "rows"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    """A byte-level tokenizer."""
    return tiny_model().tokenizer()


def guessed(tokenizer: TextTokenizer, answer: str, schema: dict[str, Any] | None, asked: str = "") -> str:
    """The text of the draft after `answer`; that the grammar allows it is checked for all tests."""
    constraint: Constraint = Grammars(tokenizer).json(schema, "response_format")
    drafts = PageDrafts(Page(PAGE), asked, tokenizer)
    tokens = tokenizer.encode(answer)
    constraint.consume(tokens)
    drafts.extend(tokens)
    draft = drafts.propose(constraint)
    assert constraint.allows(draft)
    return b"".join(map(tokenizer.token_bytes, draft)).decode()


def test_a_label_is_followed(tokenizer: TextTokenizer) -> None:
    """The value beside the key's own words, and the keys that the schema forces after it."""
    assert guessed(tokenizer, '{"invoice_no":"', SCHEMA).startswith('INV-2041","rows":[')


def test_a_begun_value_goes_on(tokenizer: TextTokenizer) -> None:
    """To the end of its cell, and into the next value of the row."""
    assert guessed(tokenizer, '{"invoice_no":"x","rows":[{"item":"Fo', SCHEMA).startswith('lder","qty":5')


def test_the_next_row_is_guessed_whole(tokenizer: TextTokenizer) -> None:
    """Once one row is there, the next stands under it."""
    written = '{"invoice_no":"x","rows":[{"item":"Folder","qty":5,"total":62.50}'
    assert guessed(tokenizer, written, SCHEMA).startswith(',{"item":"Chair","qty":1,"total":1')


def test_without_a_schema_the_object_before_tells_the_keys(tokenizer: TextTokenizer) -> None:
    """Any object: keys and kinds of values are those of the row before."""
    written = '{"rows":[{"item":"Folder","qty":"5"},{'
    assert guessed(tokenizer, written, None).startswith('"item":"Chair","qty":"1"')


def test_the_question_tells_the_keys(tokenizer: TextTokenizer) -> None:
    """In the order in which it names them."""
    asked = "List the rows: item, qty, total"
    assert guessed(tokenizer, '{"rows":[{"item":"Folder"', None, asked).startswith(',"qty":5')


def test_a_table_ends_where_the_page_ends_it(tokenizer: TextTokenizer) -> None:
    """No row is guessed below the last."""
    written = (
        '{"invoice_no":"x","rows":[{"item":"Folder","qty":5,"total":62.50},{"item":"Chair","qty":1,"total":1102.00}'
    )
    assert "]}" == guessed(tokenizer, written, SCHEMA)


def test_nothing_is_guessed_without_a_hint(tokenizer: TextTokenizer) -> None:
    """A key that the page does not know."""
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}, "required": ["colour"]}
    assert "" == guessed(tokenizer, '{"colour":"', schema)
