"""Numbers as charts print them: separators, signs, currencies, percent, K/M/B; and the reverse for estimates."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

MULTIPLIERS: Final = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mil": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "t": 1e12,
    "tn": 1e12,
    "trillion": 1e12,
}

TICKS: Final = " -–—¬一十"
"""What the tick beside an axis's label is read as."""

_NUMBER: Final = re.compile(
    r"^[~≈<>]?\s*(?P<sign>[-−–+(])?\s*(?P<currency>[$€£¥₹]|US\$|A\$|C\$)?\s*(?P<minus>[-−–])?\s*"
    r"(?P<digits>\d[\d\s.,'’]*?|[.,]\d+)"
    r"(?:\s*[x×]\s*10\^?\s*(?P<power>[-−]?\d{1,2}))?"
    r"\s*(?P<percent>%)?\s*(?P<unit>[A-Za-zµ°/²³. ]{0,22}?)\s*[)]?[*†‡¹²]*$"
)
_YEARS: Final = (1500, 2200)


@dataclass(frozen=True, slots=True)
class Number:
    """A printed number: `value` includes its multiplier (1.5M is 1500000); `unit` is what stood beside the digits."""

    value: float
    multiplier: float = 1.0
    unit: str = ""
    currency: str = ""
    decimals: int = 0

    @property
    def is_year(self) -> bool:
        """Whether it looks like a calendar year."""
        return not self.unit and not self.currency and self.value.is_integer() and _YEARS[0] <= self.value <= _YEARS[1]


def parse_number(text: str) -> Number | None:
    """The number that `text` is, or None when it is anything else (a range, a date, a word with a digit)."""
    match = _NUMBER.match(text.strip().strip("|·•").rstrip(TICKS))
    if match is None:
        return None
    digits, decimals = _plain(match["digits"].strip())
    if digits is None:
        return None
    unit = match["unit"].strip()
    multiplier = _multiplier(unit)
    if match["power"]:
        multiplier *= 10.0 ** int(match["power"].replace("−", "-"))
    is_negative = (match["sign"] or "") in "-−–(" and bool(match["sign"])
    value = float(digits) * multiplier * (-1 if is_negative or match["minus"] else 1)
    return Number(value, multiplier, "%" if match["percent"] else unit, match["currency"] or "", decimals)


def _multiplier(unit: str) -> float:
    first = unit.split(maxsplit=1)[0].lower().rstrip(".") if unit else ""
    if len(unit) == 1 and unit.islower() and unit != "k":
        return 1.0
    return MULTIPLIERS.get(first, 1.0)


def _plain(digits: str) -> tuple[str | None, int]:
    """Digits with thousands separators taken out and a point for the decimals, and the number of decimals."""
    compact = re.sub(r"(?<=\d)[\s'’](?=\d{3}(?!\d))", "", digits)
    if re.search(r"\s|'|’", compact):
        compact = re.sub(r"\s*([.,])\s*", r"\1", compact)
        if re.search(r"\s|'|’", compact):
            return None, 0
    compact = compact.rstrip(".,")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", compact):
        compact = compact.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}(,\d+)?", compact):
        compact = compact.replace(".", "").replace(",", ".")
    elif compact.count(",") == 1 and "." not in compact:
        compact = compact.replace(",", ".")
    if not re.fullmatch(r"\d*\.?\d+", compact):
        return None, 0
    return compact, len(compact.partition(".")[2])


def format_estimate(value: float, *, step: float, unit: str = "", multiplier: float = 1.0, currency: str = "") -> str:
    """`value` rounded to what a drawing tells, `step` being the worth of half a pixel, in the axis's own unit."""
    scaled, step = value / multiplier, abs(step / multiplier) or 1e-9
    places = -math.floor(math.log10(step)) if math.isfinite(step) else 0
    rounded = round(scaled, places) + 0.0
    text = f"{rounded:.{max(places, 0)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in {"-0", ""}:
        text = "0"
    joint = "" if unit in {"", "%"} or len(unit) == 1 else " "
    return f"{currency}{text}{joint}{unit}"
