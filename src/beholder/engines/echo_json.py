"""The smallest JSON that conforms to a schema, for the echo engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from beholder.errors import UnsupportedSchema
from beholder.types import JsonSchema

UNSUPPORTED = ("pattern", "format", "not", "if", "contains", "patternProperties", "multipleOf", "uniqueItems")
"""Keywords that would take more than writing down the least value."""

MAX_DEPTH = 64
"""References followed inside each other; a schema that needs more has no finite instance."""


MAX_VALUES = 10_000
"""Values and characters written in one instance, so that no schema can ask for more than there is memory for."""


def minimal_instance(schema: JsonSchema, param: str) -> Any:
    """A small value that conforms to `schema`. Raises `UnsupportedSchema` naming the keyword that is in the way."""
    try:
        return _Writer(schema, param).write(schema, 0)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise UnsupportedSchema(f"{param}: not a JSON Schema: {error}", param=param) from error


class _Writer:
    def __init__(self, root: JsonSchema, param: str) -> None:
        self._root = root
        self._param = param
        self._left = MAX_VALUES

    def write(self, schema: JsonSchema, depth: int) -> Any:
        if isinstance(schema, bool):
            if not schema:
                raise self._unsupported("false")
            return None
        self._check(schema, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for keyword in ("anyOf", "oneOf", "allOf"):
            if keyword in schema:
                return self._first_that_ends(schema[keyword], depth)
        if "$ref" in schema:
            return self.write(self._resolve(schema["$ref"]), depth + 1)
        return self._write_type(schema, depth)

    def _check(self, schema: Mapping[str, Any], depth: int) -> None:
        for keyword in UNSUPPORTED:
            if keyword in schema:
                raise self._unsupported(keyword)
        if depth > MAX_DEPTH:
            raise self._unsupported("$ref")
        if len(schema.get("allOf", ())) > 1:
            raise self._unsupported("allOf")
        self._spend("minItems", 1)

    def _spend(self, keyword: str, count: int) -> int:
        if count > self._left:
            raise self._unsupported(keyword)
        self._left -= count
        return count

    def _write_type(self, schema: Mapping[str, Any], depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else "null")
        kind = kind[0] if isinstance(kind, list) else kind
        match kind:
            case "object":
                properties = schema.get("properties", {})
                return {name: self.write(properties.get(name, True), depth + 1) for name in schema.get("required", ())}
            case "array":
                return [
                    self.write(schema.get("items", True), depth + 1)
                    for _ in range(self._spend("minItems", schema.get("minItems", 0)))
                ]
            case "string":
                return "x" * self._spend("minLength", schema.get("minLength", 0))
            case "integer" | "number":
                return _least_number(schema)
            case "boolean":
                return False
        return None

    def _first_that_ends(self, schemas: list[JsonSchema], depth: int) -> Any:
        """The first alternative with a finite instance, as a list's end has and its next link has not."""
        fault = self._unsupported("anyOf")
        # References last: they may lead round in a circle, where a plain alternative ends at once.
        for schema in sorted(schemas, key=lambda each: isinstance(each, Mapping) and "$ref" in each):
            try:
                return self.write(schema, depth + 1)
            except UnsupportedSchema as error:
                fault = error
        raise fault

    def _resolve(self, reference: str) -> JsonSchema:
        if not reference.startswith("#"):
            raise self._unsupported("$ref")
        found: Any = self._root
        for name in reference.split("/")[1:]:
            found = found.get(name.replace("~1", "/").replace("~0", "~"))
            if not isinstance(found, dict | bool):
                raise self._unsupported("$ref")
        schema: JsonSchema = found
        return schema

    def _unsupported(self, keyword: str) -> UnsupportedSchema:
        return UnsupportedSchema(
            f"{self._param}: the echo engine cannot write an instance for {keyword!r}", param=self._param
        )


def _least_number(schema: Mapping[str, Any]) -> Any:
    """0 where it is allowed, else the nearest bound; an exclusive bound is stepped over by 1."""
    lowest = schema.get("minimum", 0)
    if "exclusiveMinimum" in schema:
        lowest = max(lowest, schema["exclusiveMinimum"] + 1)
    highest = schema.get("maximum", lowest)
    if "exclusiveMaximum" in schema:
        highest = min(highest, schema["exclusiveMaximum"] - 1)
    return min(max(0, lowest), highest)
