"""Numbers and dates as people print them: every way to read them, so that values can be compared and not spellings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

DIGITS: Final = re.compile(r"(?<![\d.,'’])\d{1,3}(?:[   ]\d{3})+(?:[.,]\d+)?(?![\d])|\d(?:[\d.,'’]*\d)?")
BEFORE: Final = re.compile(
    r"(?P<sign>[-+−–(])?\s?(?:[$€£¥₹₩₽¢]|\b[A-Z]{2,3}|\b[A-Z]{1,2}[$€£]|\bR|\bRp|\bFr\.?|\bkr\.?)?\s?(?P<late>[-−])?$"
)
AFTER: Final = re.compile(
    r"\s?(?:(?P<percent>%)|(?P<scale>[kKmMbB]|[mM]io|[bB]n|thousand|million|billion)(?![A-Za-z]))?(?P<end>[-)])?"
)
SCALES: Final = {"k": 3, "m": 6, "b": 9, "mio": 6, "bn": 9, "thousand": 3, "million": 6, "billion": 9}
AMOUNT: Final = re.compile(
    r"\s*[-+−(]?\s*(?:[$€£¥₹₩₽¢]|[A-Z]{1,3}[$€£]?|Rp|Fr\.?|kr\.?)?\s*[-−]?\s*"
    r"(?:\d(?:[\d.,'’]*\d)?|\d{1,3}(?: \d{3})+(?:[.,]\d+)?)"
    r"\s*(?:%|[kKmMbB]|[mM]io|[bB]n|thousand|million|billion|[A-Z]{3}|[$€£¥]|kr\.?)?\s*[-)]?\s*"
)
"""A text that is a number and nothing else but its sign, its currency and its unit."""

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH: Final = r"(?P<name>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})\.?"
GAP: Final = r"[\s,./'’-]*"
DATES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})[-/.](?P<first>\d{1,2})[-/.](?P<second>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<first>\d{1,2})\s?[-/.]\s?(?P<second>\d{1,2})\s?[-/.]\s?(?P<year>\d{4}|\d{2})(?!\d)",
        rf"(?<!\d)(?P<first>\d{{1,2}})(?:st|nd|rd|th)?{GAP}{MONTH}{GAP}(?P<year>\d{{4}}|\d{{2}})(?!\d)",
        rf"(?<![a-z]){MONTH}{GAP}(?P<first>\d{{1,2}})(?:st|nd|rd|th)?[\s,]+{GAP}(?P<year>\d{{4}})(?!\d)",
    )
)
TIME: Final = re.compile(r"[\sT,]*(?:\d{1,2}:\d{2}.*)?")


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """A number in a text: characters `start` to `end`, and what it may mean; percents also as a fraction."""

    start: int
    end: int
    readings: frozenset[Decimal]
    fraction: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date in a text, and the days that it may mean: two, where day and month could be the other way round."""

    start: int
    end: int
    days: frozenset[date]


def numbers(text: str) -> Iterator[PrintedNumber]:
    """Every number in `text`, without its currency and its sign."""
    for found in DIGITS.finditer(text):
        before, after = BEFORE.search(text[: found.start()]), AFTER.match(text, found.end())
        if text[: found.start()][-1:].isalpha() and (before is None or before.start() == found.start()):
            continue
        readings = read_digits(found[0])
        if after and after["scale"]:
            readings = readings | {value.scaleb(SCALES[after["scale"].lower()]) for value in readings}
        if _is_negative(text, found.start(), before, after):
            readings = frozenset(-value for value in readings)
        fraction = min(readings, key=abs) / 100 if readings and after and after["percent"] else None
        yield PrintedNumber(found.start(), found.end(), readings, fraction)


def read_digits(digits: str) -> frozenset[Decimal]:
    """What digits with separators may mean: `1.102` is a little over one, or eleven hundred and two."""
    plain = re.sub(r"[   '’]", "", digits)
    readings = {plain} if re.fullmatch(r"\d+(\.\d+)?", plain) else set()
    for separator, point in ((",", "."), (".", ",")):
        grouped = rf"\d{{1,3}}(\{separator}\d{{2,3}})*\{separator}\d{{3}}(\{point}\d+)?"
        if re.fullmatch(grouped, plain):
            readings.add(plain.replace(separator, "").replace(point, "."))
    if re.fullmatch(r"\d+,\d+", plain):
        readings.add(plain.replace(",", "."))
    return frozenset(Decimal(each) for each in readings)


def amount(text: str) -> frozenset[Decimal]:
    """What `text` may mean where it is one number, with a currency or a unit perhaps; empty where it is not."""
    if not AMOUNT.fullmatch(text):
        return frozenset()
    return frozenset().union(*(number.readings for number in numbers(text)))


def to_decimal(number: float | int) -> Decimal | None:
    """The number as JSON writes it; None for what is not finite."""
    try:
        value = Decimal(str(number))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def dates(text: str) -> Iterator[PrintedDate]:
    """Every date in `text`."""
    for pattern in DATES:
        for found in pattern.finditer(text):
            if days := _days(found):
                yield PrintedDate(found.start(), found.end(), days)


def whole_date(text: str) -> frozenset[date]:
    """The days that `text` may mean where it is a date, with a time perhaps; empty where it is not."""
    stripped = text.strip()
    for each in dates(stripped):
        if each.start == 0 and TIME.fullmatch(stripped, each.end):
            return each.days
    return frozenset()


def _is_negative(text: str, start: int, before: re.Match[str] | None, after: re.Match[str] | None) -> bool:
    ends_in = after["end"] if after else None
    if before is None:
        return False
    sign = before["late"] or before["sign"]
    if sign == "(":
        return ends_in == ")"
    # A hyphen after a letter or a digit joins: a range, a date, a telephone number.
    return bool(sign in {"-", "−", "–"} and not text[: before.start()][-1:].isalnum()) if sign else False


def _days(found: re.Match[str]) -> frozenset[date]:
    groups = found.groupdict()
    year = int(groups["year"])
    years = [year] if len(groups["year"]) == 4 else [2000 + year, 1900 + year]
    first = int(groups["first"])
    if groups.get("name"):
        orders = [(MONTHS.index(groups["name"][:3].lower()) + 1, first)]
    else:
        second = int(groups["second"])
        orders = [(first, second)] if found.re is DATES[0] else [(second, first), (first, second)]
    return frozenset(day for each in years for month, day_of in orders if (day := _day(each, month, day_of)))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
