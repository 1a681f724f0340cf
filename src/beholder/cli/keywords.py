"""What becomes of each JSON Schema keyword, found out by trying it on the grammars that answers are written under."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from beholder.errors import UnsupportedSchema
from beholder.language.constraint import Grammars
from beholder.language.tokenizer import TextTokenizer

Verdict: TypeAlias = Literal["enforced", "ignored", "refused"]
"""`ignored`: JSON that breaks the keyword can be written; `refused`: a 400 that names the keyword."""

END = "<end>"


@dataclass(frozen=True, slots=True)
class Trial:
    """A keyword's schema, JSON that conforms to it, and JSON that does not; None for a keyword that forbids nothing."""

    keyword: str
    schema: dict[str, Any]
    good: Any
    bad: Any = None
    is_annotation: bool = False


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _format(name: str, good: str) -> Trial:
    return Trial(f"format: {name}", {"type": "string", "format": name}, good, "no such thing!")


def _annotation(name: str, value: Any) -> Trial:
    return Trial(name, {"type": "integer", name: value}, 1, is_annotation=True)


INTEGER, STRING = {"type": "integer"}, {"type": "string"}
LINK = {"type": "object", "properties": {"next": {"$ref": "#/$defs/link"}}, "additionalProperties": False}
OPEN = {"type": "object", "properties": {"a": INTEGER}, "required": ["a"]}
ARRAY = {"type": "array", "items": INTEGER}

TRIALS: tuple[Trial, ...] = (
    Trial("type", {"type": "integer"}, 1, "x"),
    Trial("type: a list", {"type": ["string", "null"]}, None, 1),
    Trial("enum", {"enum": ["red", 1, None]}, "red", "blue"),
    Trial("const", {"const": "red"}, "red", "blue"),
    Trial("properties", _object(a=INTEGER), {"a": 1}, {"a": "x"}),
    Trial("required", OPEN, {"a": 1}, {}),
    Trial("additionalProperties: false", _object(a=INTEGER), {"a": 1}, {"a": 1, "b": 2}),
    Trial(
        "additionalProperties: a schema", OPEN | {"additionalProperties": STRING}, {"a": 1, "b": "x"}, {"a": 1, "b": 2}
    ),
    Trial("patternProperties", {"type": "object", "patternProperties": {"^a": INTEGER}}, {"ab": 1}, {"ab": "x"}),
    Trial("propertyNames", {"type": "object", "propertyNames": {"pattern": "^a+$"}}, {"aa": 1}, {"b": 1}),
    Trial("minProperties", {"type": "object", "minProperties": 1}, {"a": 1}, {}),
    Trial("maxProperties", {"type": "object", "maxProperties": 1}, {"a": 1}, {"a": 1, "b": 2}),
    Trial("dependentRequired", OPEN | {"dependentRequired": {"a": ["b"]}}, {"a": 1, "b": 2}, {"a": 1}),
    Trial("dependentSchemas", OPEN | {"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1, "b": 2}, {"a": 1}),
    Trial("unevaluatedProperties", OPEN | {"unevaluatedProperties": False}, {"a": 1}, {"a": 1, "b": 2}),
    Trial("items", ARRAY, [1], ["x"]),
    Trial("prefixItems", {"type": "array", "prefixItems": [STRING, INTEGER]}, ["x", 1], [1, "x"]),
    Trial("minItems", ARRAY | {"minItems": 2}, [1, 2], [1]),
    Trial("maxItems", ARRAY | {"maxItems": 1}, [1], [1, 2]),
    Trial("uniqueItems", ARRAY | {"uniqueItems": True}, [1, 2], [1, 1]),
    Trial("contains", ARRAY | {"contains": {"const": 3}}, [3], [1]),
    Trial("minContains", ARRAY | {"contains": {"const": 3}, "minContains": 2}, [3, 3], [3]),
    Trial("maxContains", ARRAY | {"contains": {"const": 3}, "maxContains": 1}, [3], [3, 3]),
    Trial("unevaluatedItems", {"type": "array", "prefixItems": [INTEGER], "unevaluatedItems": False}, [1], [1, 2]),
    Trial("minLength", STRING | {"minLength": 2}, "ab", "a"),
    Trial("maxLength", STRING | {"maxLength": 2}, "ab", "abc"),
    Trial("pattern", STRING | {"pattern": "^a+$"}, "aa", "b"),
    Trial("minimum", INTEGER | {"minimum": 3}, 3, 2),
    Trial("maximum", INTEGER | {"maximum": 3}, 3, 4),
    Trial("exclusiveMinimum", INTEGER | {"exclusiveMinimum": 3}, 4, 3),
    Trial("exclusiveMaximum", INTEGER | {"exclusiveMaximum": 3}, 2, 3),
    Trial("multipleOf", INTEGER | {"multipleOf": 3}, 6, 7),
    Trial("anyOf", {"anyOf": [STRING, INTEGER]}, 1, True),
    Trial("oneOf: alternatives apart", {"oneOf": [STRING, INTEGER]}, 1, True),
    Trial("oneOf: alternatives overlap", {"oneOf": [{"minimum": 0} | INTEGER, {"maximum": 5} | INTEGER]}, 7, 3),
    Trial("allOf", {"allOf": [INTEGER, {"minimum": 3}]}, 3, 2),
    Trial("not", {"type": "integer", "not": {"const": 3}}, 4, 3),
    Trial("if / then / else", {"if": STRING, "then": {"const": "a"}, "else": INTEGER}, "a", "b"),
    Trial("$ref into $defs", {"$ref": "#/$defs/n", "$defs": {"n": INTEGER}}, 1, "x"),
    Trial("$ref into definitions", {"$ref": "#/definitions/n", "definitions": {"n": INTEGER}}, 1, "x"),
    Trial("$ref: recursive", {"$ref": "#/$defs/link", "$defs": {"link": LINK}}, {"next": {"next": {}}}, {"next": 1}),
    Trial("$ref with siblings", {"$ref": "#/$defs/n", "minimum": 3, "$defs": {"n": INTEGER}}, 3, 2),
    Trial("$anchor", {"$ref": "#n", "$defs": {"n": INTEGER | {"$anchor": "n"}}}, 1, "x"),
    Trial("$dynamicRef", {"$dynamicRef": "#n", "$defs": {"n": INTEGER | {"$dynamicAnchor": "n"}}}, 1, "x"),
    _format("date", "2024-02-29"),
    _format("time", "12:30:00Z"),
    _format("date-time", "2024-02-29T12:30:00Z"),
    _format("duration", "P3D"),
    _format("email", "ann@example.com"),
    _format("hostname", "example.com"),
    _format("ipv4", "127.0.0.1"),
    _format("ipv6", "::1"),
    _format("uri", "https://example.com/a"),
    _format("uuid", "12345678-1234-1234-1234-123456789abc"),
    Trial("format: any other", {"type": "string", "format": "colour"}, "x", "no such thing!"),
    Trial("contentEncoding", STRING | {"contentEncoding": "base64"}, "YQ==", "no such thing!"),
    _annotation("$schema", "http://json-schema.org/draft-07/schema#"),
    _annotation("$id", "https://example.com/schema"),
    _annotation("$comment", "a remark"),
    _annotation("title", "a title"),
    _annotation("description", "words"),
    _annotation("default", 1),
    _annotation("examples", [1]),
    _annotation("deprecated", True),
    _annotation("readOnly", True),
    _annotation("x-anything", {"unknown": "keywords"}),
)


def verdicts() -> Iterator[tuple[Trial, Verdict]]:
    """What becomes of each trial's keyword."""
    tokenizer = _bytewise()
    grammars = Grammars(tokenizer)
    for trial in TRIALS:
        yield trial, _verdict(grammars, tokenizer, trial)


def _verdict(grammars: Grammars, tokenizer: TextTokenizer, trial: Trial) -> Verdict:
    try:
        is_good = _accepts(grammars, tokenizer, trial.schema, trial.good)
    except UnsupportedSchema:
        return "refused"
    if not is_good:
        raise RuntimeError(f"{trial.keyword}: {trial.good!r} conforms to {trial.schema!r} and cannot be written")
    if trial.is_annotation:
        return "ignored"
    return "ignored" if _accepts(grammars, tokenizer, trial.schema, trial.bad) else "enforced"


def _accepts(grammars: Grammars, tokenizer: TextTokenizer, schema: dict[str, Any], value: Any) -> bool:
    """Whether the grammar lets `value` be written, whole."""
    constraint = grammars.json(schema, "schema")
    for token in tokenizer.encode(json.dumps(value, separators=(",", ":"))):
        if not constraint.allowed()[token]:
            return False
        constraint.consume([token])
    return constraint.is_complete or bool(constraint.allowed()[tokenizer.end_of_turn])


def _bytewise() -> TextTokenizer:
    """A tokenizer with a token for each byte: what a grammar allows does not depend on the model's own tokens."""
    vocabulary = {letter: index for index, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(END, special=True, normalized=False)])
    return TextTokenizer(tokenizer.to_str(), len(vocabulary), len(vocabulary) + 1)
