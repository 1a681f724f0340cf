"""What the grammar allows, forces and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_qwen import tiny_model

from beholder.errors import UnsupportedSchema
from beholder.language.constraint import Constraint, Grammars
from beholder.language.tokenizer import TextTokenizer

INVOICE: dict[str, Any] = {
    "type": "object",
    "properties": {"kind": {"enum": ["invoice", "receipt"]}, "total": {"type": "number"}},
    "required": ["kind", "total"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    """The tiny model's tokenizer."""
    return tiny_model().tokenizer()


@pytest.fixture(scope="module")
def grammars(tokenizer: TextTokenizer) -> Grammars:
    """Grammars over it."""
    return Grammars(tokenizer)


def accepts(constraint: Constraint, tokenizer: TextTokenizer, text: str) -> bool:
    """Whether `text` may be written from here on."""
    tokens = tokenizer.encode(text)
    return constraint.longest_valid(tokens) == len(tokens)


def spelled(tokenizer: TextTokenizer, tokens: list[int]) -> str:
    """The tokens' text."""
    return b"".join(map(tokenizer.token_bytes, tokens)).decode()


def test_syntax_and_keys_are_forced(grammars: Grammars, tokenizer: TextTokenizer) -> None:
    """What can only be written in one way needs no choice."""
    constraint = grammars.json(INVOICE, "response_format")
    begun = spelled(tokenizer, constraint.forced())
    assert '{"kind":"'.startswith(begun)
    assert begun.startswith('{"')
    constraint.consume(tokenizer.encode('{"kind":"r'[len(begun) :]))
    assert 'eceipt","total":'.startswith(spelled(tokenizer, constraint.forced()))


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        (None, '{"anything":[1,null,{"a":"ä"}]}', True),
        (None, "[1]", False),
        (None, '{ "a": 1}', False),
        (None, '{"a":\n1}', False),
        (True, "[1]", True),
        (INVOICE, '{"kind":"receipt","total":-1.5e3}', True),
        (INVOICE, '{"kind":"letter","total":1}', False),
        (INVOICE, '{"total":1,"kind":"receipt"}', False),
        (INVOICE, '{"kind":"receipt"}', False),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 2}, "[1,2]", True),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 2}, "[1,2,3]", False),
        ({"type": "string", "pattern": "^[A-Z]{2}$"}, '"AB"', True),
        ({"type": "string", "pattern": "^[A-Z]{2}$"}, '"Ab"', False),
        ({"anyOf": [{"type": "null"}, {"const": 7}]}, "7", True),
        ({"anyOf": [{"type": "null"}, {"const": 7}]}, "8", False),
        ({"$ref": "#/$defs/n", "$defs": {"n": {"type": "boolean"}}}, "true", True),
        ({"type": "integer", "minimum": 10, "maximum": 20}, "9", False),
        ({"type": "string", "format": "no-such-format"}, '"x"', True),
    ],
)
def test_schemas_are_enforced(
    grammars: Grammars, tokenizer: TextTokenizer, schema: Any, text: str, expected: bool
) -> None:
    """Only compact JSON that conforms can be written."""
    assert expected == accepts(grammars.json(schema, "response_format"), tokenizer, text)


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"type": "object", "properties": {"a": {"not": {"type": "string"}}}}, "not"),
        ({"if": {"type": "object"}, "then": {"type": "object"}}, "if"),
        ({"type": "array", "uniqueItems": True}, "uniqueItems"),
        ({"type": "object", "dependentRequired": {"a": ["b"]}}, "dependentRequired"),
        ({"type": "nonsense"}, "nonsense"),
        ({"$ref": "#/$defs/missing"}, "missing"),
        (False, "false"),
    ],
)
def test_what_cannot_be_enforced_is_named(grammars: Grammars, schema: Any, keyword: str) -> None:
    """The message names the keyword or value, the error the place in the request."""
    with pytest.raises(UnsupportedSchema, match=keyword) as caught:
        grammars.json(schema, "response_format.json_schema.schema")
    assert ("response_format.json_schema.schema", 400) == (caught.value.param, caught.value.status)


def test_the_end_is_known(grammars: Grammars, tokenizer: TextTokenizer) -> None:
    """Complete JSON is complete: nothing more is forced, drafted or allowed but the turn's end."""
    constraint = grammars.json(INVOICE, "response_format")
    constraint.consume(tokenizer.encode('{"kind":"receipt","total":1'))
    assert not constraint.is_complete
    allowed = {tokenizer.token_bytes(int(token)) for token in constraint.allowed().nonzero()[0]}
    assert {b"}", b"0", b"9", b"."} <= allowed
    assert not allowed & {b"{", b'"', b" ", b"\n"}
    constraint.consume(tokenizer.encode("}"))
    assert constraint.is_complete or [tokenizer.end_of_turn] == list(constraint.allowed().nonzero()[0])
    assert [] == constraint.forced()
    assert 0 == constraint.longest_valid(tokenizer.encode(" "))


@pytest.mark.weights
def test_the_real_vocabulary_is_held_to_the_schema(real_tokenizer: TextTokenizer) -> None:
    """Of 151,936 tokens only those that can go on are allowed, and long keys are forced whole."""
    constraint = Grammars(real_tokenizer).json(INVOICE, "response_format")
    begun = spelled(real_tokenizer, constraint.forced())
    constraint.consume(real_tokenizer.encode('{"kind":"invoice'[len(begun) :]))
    constraint.consume(real_tokenizer.encode('","'[len(spelled(real_tokenizer, constraint.forced())) :]))
    rest = '{"kind":"invoice","total":1102.5}'
    assert accepts(Grammars(real_tokenizer).json(INVOICE, "response_format"), real_tokenizer, rest)
    assert not accepts(Grammars(real_tokenizer).json(INVOICE, "response_format"), real_tokenizer, rest.upper())
