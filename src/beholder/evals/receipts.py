"""Receipts (SROIE): four fields, compared after normalising; and whether each grounded box contains its value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from beholder.evals.answer import Answer, GroundedBox, as_text, find_json, member, resolve
from beholder.evals.rows import Row
from beholder.evals.similarity import ALIKE, letters, similarity, stands_in
from beholder.evals.task import Metrics, Parts, Question, Scored, Task, f1, mean, mean_of, share

FIELDS: Final = ("company", "date", "address", "total")
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in FIELDS},
    "required": list(FIELDS),
    "additionalProperties": False,
}
CURRENCY = re.compile(r"(?i)RM|[$,\s]")
DAY_FIRST: Final = (
    *("%d/%m/%Y", "%d/%m/%y", "%d%m%Y", "%d%m%y", "%d/%b/%Y", "%d/%b/%y", "%d/%B/%Y", "%d/%B/%y", "%d%b%Y", "%d%b%y"),
    *("%b/%d/%Y", "%B/%d/%Y", "%Y/%m/%d", "%Y/%b/%d"),
)
"""Forms of a date with its separators made slashes; a day before a month, as the receipts have them."""


def same_field(name: str, value: str, expected: str) -> bool:
    """Whether a field is right: letters and digits agree; for a total the amount, for a date also the day."""
    if name == "total":
        return amount(value) == amount(expected)
    if letters(value) == letters(expected):
        return True
    return name == "date" and (day := parse_day(value)) is not None and day == parse_day(expected)


def amount(text: str) -> Decimal | str:
    """A total as a number, without RM, $, spaces and thousands commas; as text where it is none."""
    try:
        return Decimal(CURRENCY.sub("", text))
    except InvalidOperation:
        return text


def parse_day(text: str) -> date | None:
    """The date in `text`, day first; None where it is none."""
    plain = re.sub(r"[\s./,\-]+", "/", text.strip()).strip("/")
    for form in DAY_FIRST:
        try:
            return datetime.strptime(plain, form).date()
        except ValueError:
            continue
    return None


def _ask(row: Row) -> Question:
    return Question(row.prompt, SCHEMA, 1_024, grounding=True, evidence=True)


def _score(row: Row, answer: Answer) -> Parts:
    said = find_json(answer.text)
    values = {name: as_text(member(said, name)) for name in FIELDS}
    right = {name: same_field(name, values[name], str(row.expected[name])) for name in FIELDS}
    return {
        "score": sum(right.values()) / len(FIELDS),
        **right,
        "all_four": all(right.values()),
        "address_f1": token_f1(values["address"], str(row.expected["address"])),
        "ocr_word_recall": word_recall(answer.lines, str(row.fields.get("ocr_text", "")).split()),
        **grounding_parts(said, answer.grounding, [f"/{name}" for name in FIELDS if values[name]]),
    }


def token_f1(value: str, expected: str) -> float:
    """F1 of the words of letters and digits, order free."""
    said, true = (Counter(re.findall(r"[A-Z0-9]+", text.upper())) for text in (value, expected))
    shared = (said & true).total()
    return f1(share(shared, said.total()) or 0.0, share(shared, true.total()) or 0.0) or 0.0


def word_recall(lines: Sequence[str] | None, words: Sequence[str]) -> float | None:
    """The share of `words` that were read, each as often as it stands there; None without evidence."""
    if lines is None:
        return None
    wanted = Counter(letters(word) for word in words if letters(word))
    read = Counter(letters(word) for line in lines for word in line.split())
    return share((wanted & read).total(), wanted.total())


def grounding_parts(said: Any, boxes: Sequence[GroundedBox] | None, pointers: Sequence[str]) -> Parts:
    """Counts over the boxes of an answer: how many there are, how many contain what they claim, how tight they are."""
    if boxes is None:
        return {"values": len(pointers)}
    contained = [is_contained(said, box) for box in boxes]
    return {
        "boxes": len(boxes),
        "boxes_contained": sum(contained),
        "tightness": mean(tightness(box) for box, is_right in zip(boxes, contained, strict=True) if is_right),
        "values": len(pointers),
        "values_grounded": len({box.pointer for box in boxes} & set(pointers)),
    }


def is_contained(said: Any, box: GroundedBox) -> bool:
    """Whether the claimed text stands in the box, and is the value that the pointer leads to, or a piece of it."""
    if box.read is None or not stands_in(box.text, box.read):
        return False
    value, claimed = letters(as_text(resolve(said, box.pointer))), letters(box.text)
    agrees = value in claimed or claimed in value or similarity(value, claimed) >= ALIKE
    return box.match == "inferred" or (bool(value) and agrees)


def tightness(box: GroundedBox) -> float | None:
    """The claimed letters' share of those that stand in the box, at most 1: a box around the page has next to none."""
    read = len(letters(box.read or ""))
    return min(1.0, len(letters(box.text)) / read) if read else None


def _summarise(items: Sequence[Scored]) -> Metrics:
    boxes, contained, values, grounded = (
        sum(int(parts.get(name, 0)) for _, parts in items)
        for name in ("boxes", "boxes_contained", "values", "values_grounded")
    )
    return {
        "field_accuracy": mean_of(items),
        "all_four": mean_of(items, "all_four"),
        **{name: mean_of(items, name) for name in FIELDS},
        "address_f1": mean_of(items, "address_f1"),
        "ocr_word_recall": mean_of(items, "ocr_word_recall"),
        "grounding": share(contained, boxes),
        "grounding_tightness": mean_of(items, "tightness"),
        "values_grounded": share(grounded, values) if boxes else None,
    }


RECEIPTS = Task("receipt_kie", "field_accuracy", _ask, _score, _summarise, checks_boxes=True)
