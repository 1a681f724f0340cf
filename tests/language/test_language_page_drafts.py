"""Guesses from the page, under the grammar of a schema, with a real tokenizer."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_qwen import tiny_model

from beholder.language.constraint import Constraint, Grammars
from beholder.language.drafts import Drafts
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


BILL = """\
Harbour Tools Ltd
Ref 8812    Printed 04/02/2026 17:31
Hammer    18.00
Total: 18.00
Cash    20.00
Company: Harbour Tools Ltd
Amount to pay: 18.00
"""
BILL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("vendor", "invoice_date", "colour", "grand_total")},
    "required": ["vendor", "invoice_date", "colour", "grand_total"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    """A byte-level tokenizer."""
    return tiny_model().tokenizer()


def guessed(
    tokenizer: TextTokenizer, answer: str, schema: dict[str, Any] | None, asked: str = "", page: str = PAGE
) -> str:
    """The text of the draft after `answer`; that the grammar allows it is checked for all tests."""
    constraint: Constraint = Grammars(tokenizer).json(schema, "response_format")
    drafts = PageDrafts(Page(page), asked, tokenizer)
    tokens = tokenizer.encode(answer)
    constraint.consume(tokens)
    drafts.extend(tokens)
    draft = drafts.propose(constraint)
    assert constraint.allows(draft)
    return b"".join(map(tokenizer.token_bytes, draft)).decode()


def test_a_label_is_followed(tokenizer: TextTokenizer) -> None:
    """The value beside the key's own words."""
    assert guessed(tokenizer, '{"invoice_no":"', SCHEMA).startswith('INV-2041"')


def test_what_was_found_for_the_question_is_guessed(tokenizer: TextTokenizer) -> None:
    """Under keys that mean it, and on through what the schema forces to the date, without its time of day."""
    written = '{"vendor":"'
    guess = guessed(tokenizer, written, BILL_SCHEMA, page=BILL)
    assert 'Harbour Tools Ltd","invoice_date":"04/02/2026","colour":"'.startswith(guess)
    assert guess.startswith('Harbour Tools Ltd","invoice_date":"')
    written += 'Harbour Tools Ltd","invoice_date":"04/02/2026","colour":"red","grand_total":"'
    assert '18.00"}' == guessed(tokenizer, written, BILL_SCHEMA, page=BILL)


def test_what_was_found_goes_on_once_it_is_begun(tokenizer: TextTokenizer) -> None:
    """However little of it stands, and though other text begins so too."""
    page = BILL.replace("Company: Harbour", "H 12\nCompany: Harbour")
    assert guessed(tokenizer, '{"vendor":"H', BILL_SCHEMA, page=page).startswith('arbour Tools Ltd"')


@pytest.mark.parametrize(("day", "is_gone_beyond"), [("04/02/2026", True), ("04/02/2026 17:31, till 3", False)])
def test_a_day_that_stands_alone_is_hardly_doubtful(tokenizer: TextTokenizer, day: str, is_gone_beyond: bool) -> None:
    """Of what else stands there the model may take more."""
    keys = ("company", "date", "address")
    schema = {"type": "object", "properties": {key: {"type": "string"} for key in keys}, "required": list(keys)}
    page = f"Company: Harbour\nDate: {day}\nAddress: 12 Quay Street, 80300 Port Anne\n"
    assert is_gone_beyond == ("Quay" in guessed(tokenizer, '{"company":"', schema, page=page))


def test_behind_a_copied_run_the_page_guesses_on(tokenizer: TextTokenizer) -> None:
    """A run that the grammar ends is a value's; what comes next stands elsewhere on the page."""
    written = tokenizer.encode('{"vendor":"Harbour Tool')
    drafts = Drafts(tokenizer.encode(BILL), PageDrafts(Page(BILL), "", tokenizer))
    constraint: Constraint = Grammars(tokenizer).json(BILL_SCHEMA, "response_format")
    constraint.consume(written)
    drafts.extend(written)
    draft = b"".join(map(tokenizer.token_bytes, drafts.propose(constraint))).decode()
    assert draft.startswith('s Ltd","invoice_date":"')


def test_a_doubtful_guess_is_not_gone_beyond(tokenizer: TextTokenizer) -> None:
    """Behind the cell beside a label, which is right half the time, nothing long is guessed."""
    page = "First name  Ada\nSecond name  a rather long value that costs more than the pass that it may save\n"
    keys = ("first_name", "second_name")
    schema = {"type": "object", "properties": {key: {"type": "string"} for key in keys}, "required": list(keys)}
    assert '{"first_name":"Ada"' == '{"first_name":"' + guessed(tokenizer, '{"first_name":"', schema, page=page)[:4]
    assert "rather" not in guessed(tokenizer, '{"first_name":"', schema, page=page)
    assert "rather" in guessed(tokenizer, '{"first_name":"Ada","second_name":"', schema, page=page)


def test_a_value_goes_on_in_its_own_case(tokenizer: TextTokenizer) -> None:
    """What is printed in capitals and begun with one capital a word goes on so."""
    page = "HARBOUR TOOLS\n"
    assert guessed(tokenizer, '{"vendor":"Harb', BILL_SCHEMA, page=page).startswith('our Tools"')


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
