"""What an answer claims: the values of a JSON document, or the facts that a free text quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from beholder.grounding.values import DIGITS, dates

Value: TypeAlias = str | int | float

QUOTED: Final = re.compile(
    r'"([^"\n]{2,200})"|“([^”\n]{2,200})”|«([^»\n]{2,200})»|`([^`\n]{2,200})`|\*\*([^*\n]{2,80})\*\*'
)
ADDRESS: Final = re.compile(r"https?://[^\s<>\"')]+|\bwww\.[^\s<>\"')]+|[\w.+-]+@[\w-]+\.[\w.-]*\w")
NAME_WORD: Final = r"[A-Z][\w&'’+/-]*"
NAME: Final = re.compile(rf"{NAME_WORD}(?:[  ](?:{NAME_WORD}|(?:of|and|the|de|la|van|von|&)(?=[  ]{NAME_WORD})))*")
SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])|\n+")
ENUMERATOR: Final = re.compile(r"\s*(?:[-*•]\s*)?\d{1,3}[.)]\s")
AMOUNT_AROUND: Final = re.compile(r"[$€£¥₹]\s?$|\b[A-Z]{2,3}\s?$|[-−]$")
UNIT: Final = re.compile(r"\s?%|[kKmMbB]\b|\s?(?:thousand|million|billion)\b")
SHORTEST_NAME: Final = 3
"""Letters of a single capitalised word that is taken for a name; shorter ones are mostly pronouns and articles."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A value to be found. `group` is what stands together: a JSON object, a sentence; `labels` say what it is.

    `series` is the pointer with a star for each place in an array: the same value of all objects of a list.
    """

    pointer: str
    value: Value
    group: str
    labels: tuple[str, ...] = ()
    series: str = ""
    must_be_printed: bool = False
    """Whether only what is printed letter for letter counts: a name in a text is a guess until it is found."""


def json_claims(document: Any) -> list[Claim]:
    """A claim for each string and number in `document`, by RFC 6901 pointer; booleans and null stand nowhere."""
    return list(_leaves(document, "", "", "", ()))


def text_claims(text: str) -> list[Claim]:
    """A claim for each number, date, quotation, address and name in `text`.

    Pointers are fragments of RFC 5147, `#char=12,17`: from the twelfth character to the seventeenth, exclusive.
    """
    taken: list[tuple[int, int]] = []
    claims: list[tuple[int, Claim]] = []
    for start, end, is_name in _facts(text):
        if any(start < other_end and other_start < end for other_start, other_end in taken):
            continue
        taken.append((start, end))
        sentence, words = _around(text, start, end)
        claim = Claim(f"#char={start},{end}", text[start:end], sentence, words, must_be_printed=is_name)
        claims.append((start, claim))
    return [claim for _, claim in sorted(claims, key=lambda each: each[0])]


def parse(text: str) -> Any:
    """The JSON document that `text` is; None where it is none, or one without members."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict | list) else None


def _leaves(value: Any, pointer: str, group: str, series: str, labels: tuple[str, ...]) -> Iterator[Claim]:
    if isinstance(value, dict):
        for key, item in value.items():
            escaped = key.replace("~", "~0").replace("/", "~1")
            # What is nested keeps the names above it, the nearest last.
            yield from _leaves(item, f"{pointer}/{escaped}", pointer, f"{series}/{escaped}", (*labels[-1:], key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/{index}", group, f"{series}/*", labels)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield Claim(pointer, value, group, labels, series)


def _facts(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start, end, and whether it is only perhaps a fact; what claims characters first keeps them."""
    for found in QUOTED.finditer(text):
        group = next(number for number in range(1, 6) if found[number] is not None)
        yield *found.span(group), text[found.start()] == "*"
    for found in ADDRESS.finditer(text):
        yield *found.span(), False
    for day in dates(text):
        yield day.start, day.end, False
    for found in DIGITS.finditer(text):
        if _is_fact(text, found):
            yield *found.span(), False
    for found in NAME.finditer(text):
        yield from _names(text, found)


def _is_fact(text: str, found: re.Match[str]) -> bool:
    """Whether a number says something of the picture: not a list's numbering, and no bare digit."""
    line_start = text.rfind("\n", 0, found.start()) + 1
    if (numbering := ENUMERATOR.match(text, line_start)) and found.start() < numbering.end():
        return False
    if text[: found.start()][-1:].isalpha() and not AMOUNT_AROUND.search(text[: found.start()]):
        return False
    is_bare = len(found[0]) == 1 and not AMOUNT_AROUND.search(text[: found.start()])
    return not is_bare or UNIT.match(text, found.end()) is not None


def _names(text: str, found: re.Match[str]) -> Iterator[tuple[int, int, bool]]:
    """Capitalised words; the first of a sentence is capitalised anyway, so the run is also tried without it."""
    start, end = found.span()
    begins = _begins_sentence(text, start)
    words = found[0].split()
    if len(words) == 1:
        if not begins and len(words[0]) >= SHORTEST_NAME:
            yield start, end, True
        return
    if begins:
        start += len(words[0]) + 1
    yield start, end, True


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(' \t*#-•"“(')
    return not before or before[-1] in ".!?:\n"


def _around(text: str, start: int, end: int) -> tuple[str, tuple[str, ...]]:
    """The sentence's number and its other words."""
    begin, number = 0, 0
    for boundary in SENTENCE.finditer(text):
        if boundary.start() >= end:
            sentence_end = boundary.start()
            break
        begin, number = boundary.end(), number + 1
    else:
        sentence_end = len(text)
    words = re.findall(r"[^\W\d_]{3,}", f"{text[begin:start]} {text[end:sentence_end]}")
    return str(number), tuple(words)
