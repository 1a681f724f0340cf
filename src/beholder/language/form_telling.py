"""A form's fields in the words that the text model reads: as the list of pairs that is asked for, if one is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from beholder.evidence import Box, Evidence, FormField, TextLine
from beholder.types import JsonOutput, Output


def pair_names(output: Output) -> tuple[str, str] | None:
    """The two keys of the objects in the list that JSON output asks for; None where no list of such pairs is asked."""
    schema = output.schema if isinstance(output, JsonOutput) else None
    for inner in _schemas(schema):
        names = list(inner.get("properties") or ()) if inner.get("type") == "object" else []
        if len(names) == 2 and all(inner["properties"][name] == {"type": "string"} for name in names):
            return names[0], names[1]
    return None


def _schemas(schema: Any) -> Iterator[Mapping[str, Any]]:
    """The schemas of the items of all lists in `schema`, the outermost first."""
    if not isinstance(schema, Mapping):
        return
    if isinstance(items := schema.get("items"), Mapping):
        yield items
        yield from _schemas(items)
    for inner in (schema.get("properties") or {}).values():
        yield from _schemas(inner)


def tell_fields(fields: Sequence[FormField], names: tuple[str, str] | None) -> str:
    """The fields in reading order; `names` are the keys of the pairs, see `pair_names`."""
    if names is None:
        return "\n".join(["Form fields, label | value:", *(f"{field.label} | {field.value}" for field in fields)])
    pairs = [{names[0]: field.label, names[1]: field.value} for field in fields]
    return f"Form fields: {json.dumps(pairs, ensure_ascii=False, separators=(',', ':'))}"


def text_beside(evidence: Evidence, fields: Sequence[FormField]) -> str:
    """The lines that are in none of the fields."""
    boxes = [box for field in fields for box in (field.label_box, field.value_box) if box]
    return "\n".join(line.text for line in evidence.lines if not any(_touches(line, box) for box in boxes))


def _touches(line: TextLine, box: Box) -> bool:
    """Whether the box lies in the line, or the line in the box."""
    left, top, right, bottom = line.box
    width = min(right, box[2]) - max(left, box[0])
    height = min(bottom, box[3]) - max(top, box[1])
    return width > 0 and height > 0.5 * min(bottom - top, box[3] - box[1])
