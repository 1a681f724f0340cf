"""Strings that are printed: a JSON Schema's strings narrowed to what stands in the images, for `verbatim: true`.

A span is whole words, numbers and signs that follow one another in a line and, over line ends, in up to six lines;
lines are joined by a space. The empty string is always one, for what is not printed. A string that the schema itself
tells more of (`enum`, `const`, `pattern`, `format`) is left as it is; so are the keys of objects.

The spans are one regular expression, since that is what schemas have. It is written as a tree of characters,
`a(b|cd)?`, so that after each character one branch is left: a plain list of all spans costs llguidance its whole budget
at the first character of a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from beholder.evidence import Evidence
from beholder.grounding.printed import PrintedPage
from beholder.types import JsonOutput, JsonSchema, Output, ToolOutput

PIECE: Final = re.compile(r"([^\W\d_]+|\d+|[^\s])(\s*)")
"""A word, a number or a sign, and the space after it."""

MOST_LINES: Final = 6
"""Lines that one span may go over."""

MOST_PIECES: Final = 40
"""Pieces of one span at most. Each nests the expression by up to four levels, and 250 are the most there may be."""

LEAST_PIECES: Final = 10
ALL_PIECES: Final = 8_000
"""On a page of many pieces spans are shorter, so that all of them together stay about this many: it is a second to
compile. None is limited to fewer than `LEAST_PIECES`."""

SPAN: Final = "x-printed-span"
VALUE: Final = "x-printed-value"
TOLD_BY_SCHEMA: Final = frozenset({"enum", "const", "pattern", "format"})
ELSEWHERE: Final = frozenset({"$ref", "anyOf", "oneOf", "allOf"})
MEMBERS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
NAMED: Final = ("properties", "patternProperties", "$defs", "definitions")

TYPES: Final = ("string", "number", "boolean", "null", "array", "object")

END: Final = ""
"""In place of a character: a span may end here."""

Pieces: TypeAlias = Sequence[tuple[str, str]]
Node: TypeAlias = dict[str, "Node"]


def narrowed(schema: JsonSchema | None, evidence: Sequence[Evidence]) -> JsonSchema:
    """`schema` with its strings narrowed to spans of what is printed in `evidence`; None means any object."""
    if schema is None:
        schema = {"type": "object"}
    if schema is False:
        return False
    whole = _narrow(schema)
    span = {"type": "string", "pattern": pattern(evidence)}
    anything = {"anyOf": [{"$ref": f"#/$defs/{SPAN}"}, *map(_narrow_type, _other_types({}))]}
    return {**whole, "$defs": {**whole.get("$defs", {}), SPAN: span, VALUE: anything}}


def narrowed_output(output: Output, evidence: Sequence[Evidence]) -> Output:
    """`output` with its JSON narrowed; the arguments of calls are the model's own words and stay as they are."""
    if isinstance(output, JsonOutput):
        return replace(output, schema=narrowed(output.schema, evidence))
    if isinstance(output, ToolOutput):
        otherwise = narrowed_output(output.otherwise, evidence)
        assert not isinstance(otherwise, ToolOutput)
        return replace(output, otherwise=otherwise)
    return output


def pattern(evidence: Sequence[Evidence]) -> str:
    """The regular expression of all spans of what is printed, and of the empty string."""
    root: Node = {}
    count = sum(len(PIECE.findall(line.text)) for each in evidence for line in each.lines)
    longest = max(LEAST_PIECES, min(MOST_PIECES, ALL_PIECES // max(count, 1)))
    for each in evidence:
        page = PrintedPage(0, each)
        lines = [PIECE.findall(line.text) for line in page.lines]
        for order in page.orders:
            for place in range(len(order)):
                _add_spans(root, [lines[line] for line in order[place : place + MOST_LINES]], longest)
    return f"^(?:{_expression(root)})?$" if root else "^$"


def _add_spans(root: Node, lines: Sequence[Pieces], longest: int) -> None:
    """Grow the tree by the spans of up to `longest` pieces that begin in the first of `lines`."""
    text: list[tuple[str, bool]] = []
    for pieces in lines:
        text += [(piece, bool(space)) for piece, space in pieces[:-1]]
        text += [(piece, True) for piece, _ in pieces[-1:]]
    for start in range(len(lines[0])):
        node = root
        for piece, has_space in text[start : start + longest]:
            for character in piece:
                node = node.setdefault(character, {})
            node[END] = {}
            if has_space:
                node = node.setdefault(" ", {})


def _expression(node: Node) -> str:
    """The tree from `node` on as a regular expression, without the outermost group."""
    branches: list[str] = []
    for character, after in node.items():
        if character == END:
            continue
        run, below = character, after
        while len(below) == 1 and END not in below:
            ((following, below),) = below.items()
            run += following
        inner = _expression(below)
        branches.append(re.escape(run) + (f"(?:{inner}){'?' if END in below else ''}" if inner else ""))
    return "|".join(branches)


def _narrow(schema: Any) -> Any:
    """A schema with all its strings narrowed, those of the schemas in it as well."""
    if schema is True or schema == {}:
        return {"$ref": f"#/$defs/{VALUE}"}
    if not isinstance(schema, Mapping):
        return schema
    types = _types(schema)
    if ELSEWHERE & schema.keys():
        # The members say which strings there are; but beside another type they only say more about that.
        inner = _narrow_inner(schema, _narrow if "string" in types else _narrow_beside)
        return inner if "string" in types else _narrow_type(inner)
    return _narrow_plain(schema, types)


def _narrow_plain(schema: Mapping[str, Any], types: list[str]) -> Any:
    inner = _narrow_inner(schema, _narrow)
    if {"enum", "const"} & inner.keys():
        return inner
    if types == ["string"]:
        return inner if TOLD_BY_SCHEMA & inner.keys() else {**inner, "$ref": f"#/$defs/{SPAN}"}
    if "string" not in types:
        return _narrow_type(inner)
    return {"anyOf": [_narrow({**schema, "type": "string"}), *map(_narrow_type, _other_types(inner))]}


def _narrow_beside(schema: Any) -> Any:
    """A member that stands beside a type which is no string: what is in it, but not itself."""
    if not isinstance(schema, Mapping) or "type" in schema:
        return _narrow(schema)
    return _narrow_inner(schema, _narrow_beside)


def _narrow_inner(schema: Mapping[str, Any], narrow: Callable[[Any], Any]) -> dict[str, Any]:
    """The schema with the schemas in it narrowed: with `narrow` the members, whose words are about the same value."""
    inner = dict(schema)
    for name in NAMED:
        if isinstance(inner.get(name), Mapping):
            inner[name] = {key: _narrow(value) for key, value in inner[name].items()}
    for name in MEMBERS:
        if isinstance(inner.get(name), list | tuple):
            inner[name] = [(_narrow if name == "prefixItems" else narrow)(value) for value in inner[name]]
    for name in ("items", "additionalProperties"):
        if name in inner:
            inner[name] = _narrow(inner[name])
    return inner


def _narrow_type(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of objects or lists that may have members nobody named: those are narrowed too."""
    types = _types(schema)
    opened = {"object": "additionalProperties", "array": "items"}
    unnamed = {key: {"$ref": f"#/$defs/{VALUE}"} for kind, key in opened.items() if kind in types and key not in schema}
    return {**schema, **unnamed}


def _types(schema: Mapping[str, Any]) -> list[str]:
    """The types that a schema allows."""
    types = schema.get("type", TYPES)
    return [types] if isinstance(types, str) else list(types)


def _other_types(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema for each type but strings."""
    return [{**schema, "type": kind} for kind in _types(schema) if kind != "string"]
