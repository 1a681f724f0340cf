"""The company that a page is from: the line near its top that ends with a legal form."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

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
BRACKETS: Final = str.maketrans({"（": " (", "）": ") "})
"""Wide brackets, as which the reader may take those of Latin letters, and the spaces that they stand for."""
TOP_ROWS: Final = 6
BROKEN_WORDS: Final = 3
"""Words of a row at least whose name may go on by a word in the next row."""


def company_in(layout: str) -> str | None:
    """The first company named in the top rows of a page's text as it is laid out; None where none is.

    A name may run over two rows, the second of which is its legal form alone, or one more word with it.
    """
    rows = [" ".join(row.translate(BRACKETS).split()) for row in layout.split("\n") if row.strip()][:TOP_ROWS]
    for above, row in pairwise(["", *rows]):
        if found := NAME.match(row) or NAME.match(_in_one(above, row)):
            return found[1]
    return None


def _in_one(above: str, row: str) -> str:
    """Both rows on one line if the second may end a name that the first begins; else nothing."""
    words = FORM.sub("", row).split()
    is_end = FORM.search(row) is not None and (not words or (len(words) == 1 and len(above.split()) >= BROKEN_WORDS))
    return f"{above} {row}" if is_end else ""
