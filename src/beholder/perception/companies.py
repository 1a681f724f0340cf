"""The company that a page is from: the line near its top that ends with a legal form, or else names a trade."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from beholder.perception.totals import BILL

LEGAL_FORM: Final = (
    r"(?i:sdn\.? ?bhd|bhd|berhad|ltd|limited|inc|llc|llp|plc|corp(?:oration)?|gmbh|ag|s\.?a\.?r\.?l|s\.?a\.?s|s\.?r\.?l"
    r"|s\.?p\.?a|b\.?v|n\.?v)\b\.?"
)
FORM: Final = re.compile(rf"\b{LEGAL_FORM}\s*(?:\([^()]*\)\s*)?$")
NAME: Final = re.compile(
    r"^((?:(?!(?i:sdn))(?:[^\W\d_a-z]|\()[^\s:\d]* +|(?:of|the|and|de|la|le|du|und|&|y|e|van) +){2,7}?"
    rf"{LEGAL_FORM})\s*(?:\([^()]*\)\s*)?$"
)
"""Two words or more and a legal form; a registration number in brackets after it is no part of the name."""
WORD: Final = r"(?:[^\W\d_a-z][^\s:\d]*|&|of|the|and|de|la|le|du|und|y|e|van)"
TRADED: Final = re.compile(rf"^{WORD}(?: {WORD}){{1,6}}$")
"""A name of two words or more that begin with capitals."""
TRADE: Final = re.compile(
    # English, Malay and Indonesian
    r"\b(?:restaurants?|cafe|bistro|bakery|pharmacy|hotel|(?:super|mini)?mart|(?:super|mini)?market|stores?|shop|pub|grill"
    r"|kitchen|house|trading|enterprises?|hardware|suppl(?:y|ies)|services?|stationery|bookshop|machinery|motors?|clinic"
    r"|restoran|kedai|pasar|farmasi|klinik|perniagaan|toko|warung|apotek"
    # German, Dutch, French, Spanish, Portuguese, Italian
    r"|gasthaus|gasthof|\w*bäckerei|\w*metzgerei|apotheke|\w*supermarkt|buchhandlung|bakkerij|slagerij|apotheek"
    r"|café|brasserie|boulangerie|pharmacie|supermarché|librairie|garage|boutique|salon"
    r"|restaurante|panadería|farmacia|supermercado|librería|padaria|farmácia|ristorante|trattoria|pizzeria|panificio)\b",
    re.IGNORECASE,
)
"""Words of trades and shops, one of which stands in most names that have no legal form."""
BRACKETS: Final = str.maketrans({"（": " (", "）": ") "})
"""Wide brackets, as which the reader may take those of Latin letters, and the spaces that they stand for."""
TOP_ROWS: Final = 6
TRADED_ROWS: Final = 4
"""Rows from the top in which such a name stands."""
BROKEN_WORDS: Final = 3
"""Words of a row at least whose name may go on by a word in the next row."""


def company_in(layout: str) -> str | None:
    """The first company named in the top rows of a page's text as it is laid out; None where none is.

    A name may run over two rows, the second of which is its legal form alone, or one more word with it. Where none has
    a legal form, the first of a bill that names a trade is told, with the row below if that does too: elsewhere such
    words may be a title.
    """
    rows = [" ".join(row.translate(BRACKETS).split()) for row in layout.split("\n") if row.strip()][:TOP_ROWS]
    for above, row in pairwise(["", *rows]):
        if found := NAME.match(row) or NAME.match(_in_one(above, row)):
            return found[1]
    return _traded(rows[:TRADED_ROWS]) if BILL.search(layout) else None


def _traded(rows: Sequence[str]) -> str | None:
    """The first name of a trade or shop, over one row or two."""
    are_names = [TRADED.match(row) and TRADE.search(row) and not FORM.search(row) for row in rows]
    first = next((place for place, is_name in enumerate(are_names) if is_name), None)
    if first is None:
        return None
    return " ".join(rows[first : first + 2] if all(are_names[first : first + 2]) else rows[first : first + 1])


def _in_one(above: str, row: str) -> str:
    """Both rows on one line if the second may end a name that the first begins; else nothing."""
    words = FORM.sub("", row).split()
    is_end = FORM.search(row) is not None and (not words or (len(words) == 1 and len(above.split()) >= BROKEN_WORDS))
    return f"{above} {row}" if is_end else ""
