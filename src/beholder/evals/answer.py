"""What came back, and how it is read: an answer's text, the JSON in it, the short answer in it, its boxes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from beholder.evidence import Box

FENCE = re.compile(r"```[\w-]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
LABEL = re.compile(r"\b(?:final\s+)?answer\s*(?:is)?\s*[:：]", re.IGNORECASE)
MOST_STARTS = 32
"""Brackets tried as the beginning of JSON: each try may take as long as the text."""
WRAPPING = "*_`\"'“”‘’ \t\n"


@dataclass(frozen=True, slots=True)
class GroundedBox:
    """A box that the answer claims for a value: `read` is what stands in it when it is read by itself."""

    pointer: str
    text: str
    image: int
    box: Box
    match: str = ""
    read: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. `grounding` and `lines` (of the evidence) are None where the server gave none.

    `flag_score` and `flagged` come from `/v1/moderations`. `error` is why there is no answer.
    """

    text: str = ""
    seconds: float = 0.0
    finish_reason: str | None = None
    grounding: tuple[GroundedBox, ...] | None = None
    lines: tuple[str, ...] | None = None
    flag_score: float | None = None
    flagged: bool | None = None
    error: str | None = None


def find_json(text: str) -> Any:
    """The JSON value in `text`: all of it, else a fenced block, else the first object or array; else None."""
    for candidate in (text, *FENCE.findall(text)):
        try:
            return json.loads(candidate)
        except (ValueError, RecursionError):
            continue
    return _embedded(text)


def _embedded(text: str) -> Any:
    decoder = json.JSONDecoder()
    for start in islice((match.start() for match in re.finditer(r"[\[{]", text)), MOST_STARTS):
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        return value
    return None


def member(value: Any, name: str) -> Any:
    """`value[name]` if `value` is an object that has it, else None."""
    return value.get(name) if isinstance(value, dict) else None


def as_text(value: Any) -> str:
    """A scalar as the text that a person would write; empty for anything else."""
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    return str(value)


def find_list(value: Any) -> list[Any]:
    """`value` if it is a list, else the first list among its members, else nothing."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return next((inner for inner in value.values() if isinstance(inner, list)), [])
    return []


def short_answer(text: str) -> str:
    """What stands after the last "Answer:", without Markdown, quotation marks and a full stop around it."""
    fenced = FENCE.findall(text)
    said = fenced[0] if len(fenced) == 1 and not FENCE.sub("", text).strip() else text
    said = LABEL.split(said)[-1].strip(WRAPPING)
    return said.removesuffix(".").strip(WRAPPING)


def find_numbers(value: Any, count: int) -> tuple[float, ...] | None:
    """`count` numbers if `value` is a list of just so many, else None."""
    if not isinstance(value, list) or len(value) != count:
        return None
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in value):
        return None
    return tuple(float(each) for each in value)


def find_box(value: Any) -> Box | None:
    """`[left, top, right, bottom]`, or an object's member `box`, `bbox` or `box_2d` of that form; else None."""
    if isinstance(value, dict):
        value = next((value[name] for name in ("box", "bbox", "box_2d") if name in value), None)
    numbers = find_numbers(value, 4)
    if numbers is None:
        return None
    left, top, right, bottom = numbers
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)


def resolve(value: Any, pointer: str) -> Any:
    """What the JSON pointer (RFC 6901) leads to in `value`; None if it leads nowhere."""
    for name in _steps(pointer):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _steps(pointer: str) -> Iterator[str]:
    return (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
