"""Postal addresses: which rows of a page are one address, so that it is laid out on one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median
from typing import Final

from beholder.evidence import TextLine

STREETS: Final = re.compile(
    # English, Malay and Indonesian
    r"\b(?:streets?|st|roads?|rd|avenue|ave?|boulevard|blvd|lane|ln|drive|dr|highway|hwy|square|court|plaza|mall"
    r"|jalan|jln?|lorong|lrg|taman|tmn|kampung|kg|persiaran|lebuh(?:raya)?|bandar|kawasan|wisma|kompleks"
    r"|floor|flr|level|suite|unit|lots?|block|blk|p\.?o\.? ?box"
    # German, Dutch, French, Spanish, Portuguese, Italian
    r"|allee|platz|weg|gasse|\w+(?:stra(?:ß|ss)e|str|weg|gasse|platz|straat|laan|plein|gracht)|strasse|straße"
    r"|rue|avenida|avda|calle|plaza|paseo|carrer|rua|praça|travessa|via|viale|corso|piazza)\b",
    re.IGNORECASE,
)
"""Words of streets, places and parts of buildings."""

POSTCODE: Final = re.compile(
    r"(?<![\w-])(?:(?:[A-Z]{1,2}-)?(?:(?!(?:19|20)\d\d )\d{4}(?:-\d{3})?,? |\d{5}(?:-\d{3,4})?,? ?)[^\W\d]{2}"
    r"|[^\W\d]{2,},? \d{4,6}(?:-\d{4})?[.,]?$"
    r"|\d{4} ?[A-Z]{2}\b|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|[A-Z]\d[A-Z] ?\d[A-Z]\d\b)"
)
"""A postcode, and no year, beside the name of a place; or one of letters and digits."""

UNFINISHED: Final = re.compile(r"(?:,|, ?\d{5})\W?$")
ELSE: Final = re.compile(
    r"(?<!^no)[:：@]|\bwww\.|\.com\b|\b(?:tel|fax|phone|gst|vat|reg|total|cash|date|bill|menu|order|table|check|slip|copy|ticket)\b"
    r"|\btax|invoice|receipt|welcome|thank"
    r"|\d[.,]\d\d\b(?!\d)|\b\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\b|\d{7}|\d[\d -]{8,}\d",
    re.IGNORECASE,
)
"""What no address has: labels, telephone numbers, amounts, dates, registrations."""

LABEL: Final = re.compile(
    r"^\W*(?:address|alamat|anschrift|adresse|dirección|adres|indirizzo|endereço)\W+", re.IGNORECASE
)
TAKEN_FOR_I: Final = re.compile(r"(?<=\b[A-Z])I(?=[a-z])")
"""A capital I between a word's first capital and a small letter: an l of an abbreviation such as Blk, misread."""
APART: Final = re.compile(r" {2,}")
FEWEST_COMMAS: Final = 2
"""Between the parts of an address without a postcode."""
MOST_ROWS, MOST_WORDS = 7, 3
"""Of an address, and of the name of a state or a country."""
LEADING: Final = 1.0
"""Heights of empty space between two rows of one address at most."""
LARGER: Final = 1.5
"""Rows of one address are at most so many times as high as each other."""


def join_addresses(rows: Sequence[Sequence[TextLine]], texts: Sequence[str]) -> list[str]:
    """The rows' `texts` from top to bottom, with the rows of one address on one line; what follows is left empty.

    Rows belong together that follow each other closely, say nothing else than an address, and either end with a comma
    or stand between rows that name a street or a postcode.
    """
    joined = list(texts)
    start = 0
    while start < len(rows):
        end = _end(rows, texts, start)
        if end > start:
            joined[start] = " ".join(texts[start : end + 1])
            joined[start + 1 : end + 1] = [""] * (end - start)
        start = end + 1
    return joined


def _end(rows: Sequence[Sequence[TextLine]], texts: Sequence[str], start: int) -> int:
    """The last row of the address that begins in row `start`; `start` itself where none of several rows does."""
    if not _may_be(texts[start]) or not (_is_place(texts[start]) or _goes_on(texts[start])):
        return start
    last, is_address = start, _is_place(texts[start])
    for row in range(start + 1, min(start + MOST_ROWS, len(rows))):
        if not _follows(rows[row - 1], rows[row]) or ELSE.search(texts[row]):
            break
        if _is_place(texts[row]):
            last, is_address = row, True
        elif last == row - 1 and (_goes_on(texts[last]) or _ends_address(texts, last)):
            last = row
        elif row - last > 1:
            break
    has_street = any(STREETS.search(text) or "," in text for text in texts[start : last + 1])
    return last if is_address and has_street else start


def _ends_address(texts: Sequence[str], above: int) -> bool:
    """Whether the row below a postcode is a state or a country: a few words, and what is no address after it."""
    words, after = texts[above + 1].replace(".", " ").split(), texts[above + 2 : above + 3]
    is_name = len(words) <= MOST_WORDS and all(word.isalpha() for word in words)
    return is_name and bool(POSTCODE.search(texts[above])) and any(ELSE.search(text) for text in after)


def _goes_on(text: str) -> bool:
    """Whether a row ends with a comma, or with a postcode whose place is still to come."""
    return bool(UNFINISHED.search(text))


def _may_be(text: str) -> bool:
    return not ELSE.search(LABEL.sub("", text))


def _is_place(text: str) -> bool:
    """Whether a row names a street with a number or in a list, or a postcode."""
    if POSTCODE.search(text):
        return True
    return bool(STREETS.search(text)) and ("," in text or any(character.isdigit() for character in text))


def _follows(above: Sequence[TextLine], below: Sequence[TextLine]) -> bool:
    """Whether two rows stand as closely, and are written as large, as lines of one text, one under the other."""
    heights = [median(line.box[3] - line.box[1] for line in row) for row in (above, below)]
    gap = min(line.box[1] for line in below) - max(line.box[3] for line in above)
    if gap > LEADING * min(heights) or max(heights) > LARGER * min(heights):
        return False
    (left, right), (under, end) = ((min(o.box[0] for o in row), max(o.box[2] for o in row)) for row in (above, below))
    return min(right, end) - max(left, under) > 0.5 * min(right - left, end - under)


def addresses_in(layout: str) -> list[str]:
    """The addresses in a page's text as it is laid out, each once, their labels left out."""
    read = TAKEN_FOR_I.sub("l", layout)
    pieces = (LABEL.sub("", piece.strip()) for row in read.split("\n") for piece in APART.split(row))
    return list(dict.fromkeys(piece for piece in pieces if _is_whole(piece)))


def _is_whole(text: str) -> bool:
    """Whether a text is an address by itself: a street or a building, and a postcode or a list of places."""
    has_place = POSTCODE.search(text) is not None or text.count(",") >= FEWEST_COMMAS
    return has_place and _is_place(text) and bool(STREETS.search(text)) and _may_be(text)
