"""The rows of a bill that say who it is from, of what day it is and what it comes to: never those of single items."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from beholder.evidence import Evidence
from beholder.perception.addresses import APART, addresses_in
from beholder.perception.companies import company_in
from beholder.perception.totals import AMOUNT, CHANGE, PAID, PART, ROUNDING, TOTAL, amount_to_pay

MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
DAY: Final = re.compile(
    rf"\d{{1,4}} ?[-/.] ?(?:\d{{1,2}}|[^\W\d]{{3,9}}) ?[-/.] ?\d{{2,4}}|\d(?:st|nd|rd|th|\.)? ?{MONTH}"
    rf"|\b{MONTH}\.? ?\d",
    re.IGNORECASE,
)
"""A day as it may be printed, also with what a misread separator or a time without a space after it leaves of it."""
DATE: Final = re.compile(r"\b(?:date|datum|fecha|data|tarikh)\b", re.IGNORECASE)
"""Its label: the day itself may be read so badly that nothing tells it."""
NUMBERED: Final = re.compile(r"\d[\d -]{4,}\d|^[\W\d_]+$")
"""A row with a telephone number or a registration, or without a letter."""
HEAD: Final = 15
"""Rows from the top in which a bill names its company and its address."""
SUMS: Final = (TOTAL, PART, PAID, CHANGE, ROUNDING)
COUNT: Final = re.compile(r"qty|quantity|\bitems?\b", re.IGNORECASE)
"""Labels of a number of things."""


@dataclass(frozen=True, slots=True)
class BillRows:
    """What was found, and the rows about it as they are laid out, from top to bottom.

    `head` is what stands above and between the company and its address, `days` is whatever has a day or a day's label,
    `sums` are those that lead to the total.
    """

    head: tuple[str, ...]
    days: tuple[str, ...]
    sums: tuple[str, ...]
    company: str | None
    address: str | None
    total: str


def bill_rows(evidence: Evidence, wanted: Collection[str]) -> BillRows | None:
    """What a bill says of the `wanted` ones of "company", "address", "date" and "total".

    None where the page is no bill, or one of them was not found: then all of it must be read. Only a company may be
    missing: it stands above the address. Two addresses are a seller's and a buyer's.
    """
    total = amount_to_pay(evidence.lines)
    rows = [row for row in evidence.layout.split("\n") if row.strip()]
    company = company_in(evidence.layout) if "company" in wanted else None
    addresses = addresses_in(evidence.layout) if "address" in wanted else []
    found = [name for name in (company, *addresses) if name]
    is_headed = bool(found) or not {"company", "address"} & set(wanted)
    if total is None or len(addresses) != ("address" in wanted) or not is_headed:
        return None
    named = [number for number, row in enumerate(rows[:HEAD]) if any(_is_of(row, name) for name in found)]
    days = tuple(_days(rows)) if "date" in wanted else ()
    if (found and not named) or ("date" in wanted and not any(map(DAY.search, days))):
        return None
    above = set(range(max(named, default=-1) + 1)) - set(named)
    head = [rows[number] for number in sorted(above) if not NUMBERED.search(rows[number]) and not _day(rows[number])]
    sums = _sums(rows, total) if "total" in wanted else ()
    return BillRows(tuple(head), days, tuple(sums), company, next(iter(addresses), None), total)


def _is_of(row: str, name: str) -> bool:
    """Whether a row has the name in it, or is a part of it."""
    one, other = ("".join(text.split()).casefold() for text in (row, name))
    return one in other or other in one


def _days(rows: Sequence[str]) -> Iterator[str]:
    """The rows with a day or its label; without their other cells, if the day stands in one."""
    return (day for row in rows if (day := _day(row)))


def _day(row: str) -> str:
    cells = [cell for cell in APART.split(row) if DAY.search(cell) or DATE.search(cell)]
    return "  ".join(cells) if any(map(DAY.search, cells)) else row if cells else ""


def _sums(rows: Sequence[str], total: str) -> Iterator[str]:
    """The labelled sums down to the total that come to something else than it and nothing.

    Below it stand what was paid and the summary of taxes, with totals of their own.
    """
    amounts = {number: found for number, row in enumerate(rows) if (found := AMOUNT.findall(row))}
    labels = {number: AMOUNT.sub(" ", rows[number]) for number in amounts}
    sums = [number for number, label in labels.items() if any(pattern.search(label) for pattern in SUMS)]
    printed = [number for number in sums if total in rows[number]]
    last = max([number for number in printed if TOTAL.search(labels[number])] or printed, default=-1)
    for number in sums:
        is_sum = number not in printed and not COUNT.search(labels[number])
        if number <= last and is_sum and re.search("[1-9]", "".join(map("".join, amounts[number]))):
            yield rows[number]
