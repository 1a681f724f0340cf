"""The company that a page is from: the line near its top that ends with a legal form."""

from __future__ import annotations

import re
from typing import Final

NAME: Final = re.compile(
    r"^((?:(?!(?i:sdn))(?:[^\W\d_a-z]|\()[^\s:\d]* +|(?:of|the|and|de|la|le|du|und|&|y|e|van) +){2,7}?"
    r"(?i:sdn\.? ?bhd|bhd|berhad|ltd|limited|inc|llc|llp|plc|corp(?:oration)?|gmbh|ag|s\.?a\.?r\.?l|s\.?a\.?s|s\.?r\.?l"
    r"|s\.?p\.?a|b\.?v|n\.?v)\b\.?)\s*(?:\([^()]*\)\s*)?$"
)
"""Two words or more and a legal form; a registration number in brackets after it is no part of the name."""
TOP_ROWS: Final = 6


def company_in(layout: str) -> str | None:
    """The first company named in the top rows of a page's text as it is laid out; None where none is."""
    rows = [row.strip() for row in layout.split("\n") if row.strip()][:TOP_ROWS]
    return next((found[1] for row in rows if (found := NAME.match(row))), None)
