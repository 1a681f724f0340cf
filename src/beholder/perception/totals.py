"""The amount to pay of a receipt or bill: by its label, or by what was paid less the change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from beholder.evidence import TextLine
from beholder.perception.layout import rows_of

AMOUNT: Final = re.compile(r"(?<![\d.,/-])(-?)((?:\d{1,3}(?:[,.' ]\d{3})+|\d+)[.,] ?\d\d)(?![\d/]|[.,]\d)")
TOTAL: Final = re.compile(
    r"total|totaal|gesamt|summe|zu zahlen|betrag|à payer|montant|importe|te betalen|jumlah|payable|\bdue\b"
    r"|\bpay\b|\bnett?\b|\bsum\b",
    re.IGNORECASE,
)
FINAL: Final = re.compile(
    r"grand|\bnett?\b|nett?o|payable|\bdue\b|to pay|round|after|incl|zu zahlen|à payer|te betalen|a pagar",
    re.IGNORECASE,
)
"""Labels of the last total, after taxes, discounts and rounding."""
PART: Final = re.compile(
    r"sub|zwischen|qty|quantity|\bitems?\b|disc|rabatt|saving|excl|before|without|points|change|tender|\bcash\b|\bpaid\b"
    r"|^(?!.*incl).*\b(?:tax(?:es|able)?|gst|vat|mwst|tva|iva|btw)\b|^(?!.*(?:total|after)).*\badj",
    re.IGNORECASE,
)
"""Labels of amounts that are no final total, whatever else they say."""
PAID: Final = re.compile(
    r"\bcash\b|tender|\bpaid\b|received|gegeben|\bbar\b|espèces|efectivo|contant|tunai", re.IGNORECASE
)
CHANGE: Final = re.compile(r"\bchange\b|rückgeld|wechselgeld|rendu|cambio|wisselgeld|\bbaki\b", re.IGNORECASE)
ROUNDING: Final = re.compile(r"round|rundung|arrondi|redonde|afrond|pembundaran", re.IGNORECASE)
BILL: Final = re.compile(
    r"invoice|receipt|\bcash\b|\bbill\b|\b(?:tax|vat|gst)\b|rechnung|quittung|beleg|mwst|facture|reçu|\btva\b|factura"
    r"|recibo|\biva\b|factuur|kassabon|\bbtw\b|resit|tunai",
    re.IGNORECASE,
)
LEAST_AMOUNTS: Final = 3
"""A page with fewer amounts is no bill; a bill says so."""


class _Sum(NamedTuple):
    """A row's label and its largest amount, as printed and as a number."""

    label: str
    printed: str
    value: Decimal


def amount_to_pay(lines: Sequence[TextLine]) -> str | None:
    """The final total as it is printed; None where none is labelled, or the page is no bill.

    What was paid less the change is sure; else the label that says most of being final decides, then how often its
    amount is printed, and a rounding that leads to another printed amount is followed.
    """
    sums = list(_sums(lines))
    if len(sums) < LEAST_AMOUNTS or not any(BILL.search(line.text) for line in lines):
        return None
    totals = [each for each in sums if TOTAL.search(each.label) and not PART.search(each.label)]
    printed = {each.value: each.printed for each in sums}
    settled = _settled(sums, printed)
    if settled is not None:
        return printed[settled]
    if not totals:
        return None
    chosen = _chosen(totals, Counter(each.value for each in sums))
    rounded = [chosen + each.value for each in sums if ROUNDING.search(each.label) and abs(each.value) < Decimal("0.1")]
    return next((printed[value] for value in rounded if value in printed and value != chosen), printed[chosen])


def _settled(sums: Sequence[_Sum], printed: dict[Decimal, str]) -> Decimal | None:
    """What was paid less the change, if that is printed."""
    paid = [each.value for each in sums if PAID.search(each.label)]
    change = [each.value for each in sums if CHANGE.search(each.label)]
    found = {high - low for high in paid for low in change if low > 0 and high > low and high - low in printed}
    return found.pop() if len(found) == 1 else None


def _chosen(totals: Sequence[_Sum], times: Counter[Decimal]) -> Decimal:
    final = [each.value for each in totals if FINAL.search(each.label)]
    values = final or [each.value for each in totals]
    return max(reversed(values), key=lambda value: times[value])


def _sums(lines: Sequence[TextLine]) -> Iterator[_Sum]:
    for row in rows_of(lines):
        text = " ".join(line.text for line in row)
        found = [(_value(match), match.group(2)) for match in AMOUNT.finditer(text)]
        if found:
            value, printed = max(found, key=lambda each: abs(each[0]))
            yield _Sum(AMOUNT.sub(" ", text), printed, value)


def _value(match: re.Match[str]) -> Decimal:
    value = Decimal(re.sub(r"\D", "", match.group(2))) / 100
    return -value if match.group(1) else value
