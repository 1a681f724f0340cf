"""Strings that are printed: a JSON Schema's strings narrowed to what stands in the images, for `verbatim: true`.

A span is whole words, numbers and signs that follow one another in a line and, over line ends, in up to six lines;
lines are joined by a space. The empty string is always one, for what is not printed. A string that the schema itself
tells more of (`enum`, `const`, `pattern`, `format`) is left as it is; so are the keys of objects.

The spans are one regular expression, since that is what schemas have, and llguidance compiles it like any other. All
spans of n pieces one by one would take n² of them. So a line is halved: a span lies in the first half, or in the
second, or is an end of the one and a beginning of the other; that is n log n. An end is `((a )?b )?c`, a beginning
`a( b( c)?)?`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final, TypeAlias

from beholder.grounding.printed import PrintedPage
from beholder.types import Evidence, JsonOutput, JsonSchema, Output, ToolOutput

PIECE: Final = re.compile(r"([^\W\d_]+|\d+|[^\s])(\s*)")
"""A word, a number or a sign, and the space after it."""

MOST_LINES: Final = 6
"""Lines that one span may go over."""

MOST_PIECES: Final = 32
"""Pieces of a line that are taken together; a longer line counts as several. Patterns nest at most 250 levels."""

SPAN: Final = "x-printed-span"
VALUE: Final = "x-printed-value"
TOLD_BY_SCHEMA: Final = frozenset({"enum", "const", "pattern", "format"})
ELSEWHERE: Final = frozenset({"$ref", "anyOf", "oneOf", "allOf"})
MEMBERS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
NAMED: Final = ("properties", "patternProperties", "$defs", "definitions")

TYPES: Final = ("string", "number", "boolean", "null", "array", "object")

Pieces: TypeAlias = Sequence[tuple[str, str]]


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
    spans: dict[str, None] = {}
    for each in evidence:
        page = PrintedPage(0, each)
        lines = [_pieces(line.text) for line in page.lines]
        for pieces in lines:
            for start in range(0, len(pieces), MOST_PIECES):
                spans[_within(pieces[start : start + MOST_PIECES])] = None
            for before, after in pairwise(range(0, len(pieces), MOST_PIECES)):
                both = pieces[before:after], pieces[after : after + MOST_PIECES]
                spans[_ends(both[0]) + _begins(both[1])] = None
        for order in page.orders:
            for place, line in enumerate(order[:-1]):
                following = [lines[other] for other in order[place + 1 : place + MOST_LINES] if lines[other]]
                spans[_ends(lines[line][-MOST_PIECES:]) + _on(following)] = None
    return f"^(?:{'|'.join(filter(None, spans))})?$"


def _pieces(text: str) -> Pieces:
    found = [(re.escape(piece), re.escape(" " if space else "")) for piece, space in PIECE.findall(text)]
    return [*found[:-1], *((piece, "") for piece, _ in found[-1:])]


def _within(pieces: Pieces) -> str:
    """All spans of a line."""
    if len(pieces) < 2:
        return "".join(piece for piece, _ in pieces)
    middle = len(pieces) // 2
    first, second = pieces[:middle], pieces[middle:]
    return f"{_within(first)}|{_within(second)}|{_ends(first)}{_begins(second)}"


def _ends(pieces: Pieces) -> str:
    """All spans that end where the pieces do, with the space after them."""
    ends = ""
    for piece, space in pieces:
        ends = f"(?:{ends})?{piece}{space}" if ends else f"{piece}{space}"
    return ends


def _begins(pieces: Pieces) -> str:
    """All spans that begin where the pieces do."""
    begins = ""
    for place in range(len(pieces) - 1, -1, -1):
        before = pieces[place - 1][1] if place else ""
        begins = f"{before}{pieces[place][0]}{begins}"
        begins = f"(?:{begins})?" if place else begins
    return begins


def _on(lines: Sequence[Pieces]) -> str:
    """How a span goes on in the next lines: it ends in the first, or takes it whole and goes on."""
    on = ""
    for pieces in reversed(lines):
        begins = _begins(pieces[:MOST_PIECES])
        whole = "".join(f"{piece}{space}" for piece, space in pieces)
        on = f"\\ (?:{begins}|{whole}{on})" if on else f"\\ {begins}"
        on = f"(?:{on})"
    return on


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
