"""Whether an answer is right, by rules that are the same for everybody who answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from beholder.bench.answer_task import Task

NUMERIC: Final = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d-%m-%y", "%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%Y/%m/%d")
SPELLED: Final = ("%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%d %b %y")
TOLERANCE: Final = Decimal("0.05")
"""Relative error of a right number in an answer about a chart: ChartQA's relaxed accuracy (Masry et al., 2022)."""


def score(task: Task, text: str) -> float | None:
    """The part of `task.expected` that the answer has right, 0 to 1; None where nothing is expected."""
    if task.expected is None:
        return None
    if task.schema is None:
        return float(_is_short_answer(task.expected, text))
    try:
        answer = json.loads(text)
    except ValueError:
        return 0.0
    pairs = list(_pairs(task.expected, answer))
    return sum(is_same(expected, got) for expected, got in pairs) / len(pairs)


def is_same(expected: Any, got: Any) -> bool:
    """Whether two values agree: as numbers, as days (day first), or letter by letter without case and punctuation."""
    one, other = str(expected), str(got)
    if (number := _number(one)) is not None:
        return number == _number(other)
    if (day := _day(one)) is not None:
        return day == _day(other)
    return _letters(one) == _letters(other)


def _pairs(expected: Any, got: Any) -> Iterator[tuple[Any, Any]]:
    """Every expected value with what stands in its place."""
    if isinstance(expected, Mapping):
        for key, value in expected.items():
            yield from _pairs(value, got.get(key, "") if isinstance(got, Mapping) else "")
    elif isinstance(expected, list):
        for index, value in enumerate(expected):
            there = isinstance(got, list) and index < len(got)
            yield from _pairs(value, got[index] if there else "")
        if isinstance(got, list):
            # A row too many is as wrong as a row too few.
            yield from (("no further item", value) for value in got[len(expected) :])
    else:
        yield expected, got


def _is_short_answer(expected: Any, text: str) -> bool:
    """A list holds every answer that would be right; "[A, B]" is one answer of several parts in any order."""
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        return any(_words(text) == _words(str(each)) for each in expected)
    if expected.startswith("["):
        return sorted(_letters(part) for part in text.strip("[] ").split(",")) == sorted(
            _letters(part) for part in expected.strip("[]").split(",")
        )
    wanted, got = _number(expected), _number(text.rstrip(". "))
    if wanted is not None and got is not None:
        return abs(got - wanted) <= abs(wanted) * TOLERANCE
    return _words(expected) == _words(text)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(re.sub(r"(?i)RM|[$€£%,\s]", "", text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _day(text: str) -> date | None:
    for form in (*NUMERIC, *SPELLED):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    return None


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).upper()


def _words(text: str) -> str:
    """SQuAD's normal form: lower case, without punctuation and articles (Rajpurkar et al., 2016)."""
    plain = re.sub(r"[^\w\s]", "", text.lower())
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", plain).split())
