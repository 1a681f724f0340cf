"""Where a claimed value may stand: every place in the pictures that agrees with it, and how well."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from beholder.evidence import Box, Cell
from beholder.grounding.claims import Claim
from beholder.grounding.printed import PrintedPage, Span, fold
from beholder.grounding.values import amount, dates, numbers, to_decimal, whole_date

Match = Literal["verbatim", "normalised", "inferred"]

MOST: Final = 64
"""Places of one value that are weighed against each other."""

LONG: Final = 8
"""Letters from which a text may also stand inside a longer word: readers lose spaces."""

CODE: Final = re.compile(r"0\d+")
"""A number that begins with 0 is a code: 007 is not 7."""

FIRST_UNSPACED: Final = "\u2e80"

LEAST_PART: Final = 4
MOST_PARTS: Final = 6
MOST_WORDS: Final = 60
"""Letters of a part of a scattered text at least; parts and words of one at most."""

SCATTERED: Final = 0.7
INSIDE_WORD: Final = 0.8
OTHER_SIGN: Final = 0.8
AS_FRACTION: Final = 0.8
EITHER_WAY: Final = 0.85
ESTIMATED: Final = 0.6
"""Factors on the confidence: in several places, inside a word, without the sign, 12 % for 0.12, day and month unclear,
measured only."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place. `quality`, 0 to 1, is how well it agrees with the value; `confidence` also how surely it was read."""

    image: int
    box: Box
    text: str
    match: Match
    quality: float
    confidence: float
    method: str
    rest: tuple[Candidate, ...] = ()
    """Further pieces of the same value that stand apart from this one."""


def candidates(claim: Claim, pages: Sequence[PrintedPage]) -> list[Candidate]:
    """The places of the claim's value, the best kind only: printed text before what was measured or recognised."""
    found: list[Candidate] = []
    for page in pages:
        found += _distinct(_printed(claim, page))
    if not found and not claim.must_be_printed:
        for page in pages:
            found += _drawn(claim, page)
    best = max((each.quality for each in found), default=0.0)
    return [each for each in found if each.quality > best - 0.15][:MOST]


def _printed(claim: Claim, page: PrintedPage) -> Iterator[Candidate]:
    value = claim.value
    if not isinstance(value, str):
        number = to_decimal(value)
        if number is not None:
            yield from _numbers(frozenset((number,)), str(value), page)
        return
    found: list[Candidate] = []
    if readings := amount(value):
        found = list(_numbers(readings, value, page))
    elif days := whole_date(value):
        found = list(_dates(days, value, page))
    if not found:
        found = list(_texts(value, page, may_be_inside=not claim.must_be_printed))
    if not found and not claim.must_be_printed:
        found = list(scattered(value, page))
    yield from found


def _numbers(wanted: frozenset[Decimal], spelling: str, page: PrintedPage) -> Iterator[Candidate]:
    for index, line in enumerate(page.lines):
        for number in numbers(line.text):
            printed = line.text[number.start : number.end]
            span = [Span(index, number.start, number.end)]
            if CODE.fullmatch(printed) or CODE.fullmatch(spelling.strip()):
                if printed == spelling.strip():
                    yield _written(page, span, spelling, 1.0)
                continue
            if wanted & number.readings:
                yield _written(page, span, spelling, 1.0)
            elif wanted & {-reading for reading in number.readings}:
                yield _written(page, span, spelling, OTHER_SIGN)
            elif number.fraction in wanted:
                yield _written(page, span, spelling, AS_FRACTION)


def _dates(wanted: frozenset[object], spelling: str, page: PrintedPage) -> Iterator[Candidate]:
    for index, line in enumerate(page.lines):
        for day in dates(line.text):
            if wanted & day.days:
                span = [Span(index, day.start, day.end)]
                is_same = fold(spelling) == fold(line.text[day.start : day.end])
                is_clear = is_same or len(day.days) == 1
                yield _written(page, span, spelling, 1.0 if is_clear else EITHER_WAY)


def _texts(value: str, page: PrintedPage, *, may_be_inside: bool) -> Iterator[Candidate]:
    wanted = fold(value)
    if not wanted:
        return
    for spans in page.find(wanted):
        is_whole = _is_whole(page, spans)
        if is_whole or (may_be_inside and len(wanted) >= LONG):
            yield _written(page, spans, value, 1.0 if is_whole else INSIDE_WORD)


def scattered(value: str, page: PrintedPage) -> Iterator[Candidate]:
    """A text whose parts stand in several places, an address with a stamp across it: each part as near as it gets."""
    words = value.split()[:MOST_WORDS]
    parts: list[Sequence[Span]] = []
    start = 0
    while start < len(words) and len(parts) < MOST_PARTS:
        end, places = _longest(words, start, page)
        if not places:
            return
        parts.append(min(places, key=lambda spans: page.distance(parts[-1], spans) if parts else 0.0))
        start = end
    if start < len(words) or len(parts) < 2:
        return
    first, *rest = (_written(page, part, value, SCATTERED) for part in parts)
    yield replace(first, rest=(*first.rest, *rest))


def _longest(words: Sequence[str], start: int, page: PrintedPage) -> tuple[int, list[tuple[Span, ...]]]:
    """Where the longest run of words from `start` that is printed ends, and where it is printed."""
    for end in range(len(words), start, -1):
        wanted = fold(" ".join(words[start:end]))
        if len(wanted) >= LEAST_PART and (places := _places(wanted, page)):
            return end, places
    return start, []


def _places(wanted: str, page: PrintedPage) -> list[tuple[Span, ...]]:
    return [spans for spans in page.find(wanted) if _is_whole(page, spans)]


def _is_whole(page: PrintedPage, spans: Sequence[Span]) -> bool:
    """Whether no word and no number goes on before or after the spans."""
    first, last = page.lines[spans[0].line].text, page.lines[spans[-1].line].text
    start, end = spans[0].start, spans[-1].end
    return not (
        (start > 0 and _goes_on(first[start - 1], first[start], first[max(start - 2, 0) : start - 1]))
        or (end < len(last) and _goes_on(last[end], last[end - 1], last[end + 1 : end + 2]))
    )


def _goes_on(outer: str, inner: str, beyond: str) -> bool:
    """Whether a character outside continues what the one inside belongs to: a letter a word, a digit a number."""
    if inner.isdigit():
        return outer.isdigit() or (outer in ".," and beyond.isdigit())
    # Scripts from CJK on are written without spaces: every letter may begin a word.
    return outer.isalpha() and inner.isalpha() and max(outer, inner) < FIRST_UNSPACED


def _written(page: PrintedPage, spans: Sequence[Span], spelling: str, quality: float) -> Candidate:
    """A candidate for what is printed at `spans`; what stands apart on the page becomes a piece of its own."""
    spans = _with_ends(page, spans, spelling.strip())
    is_verbatim = _spaced(page.text(spans)) == _spaced(spelling)
    first, *rest = (
        Candidate(
            image=page.image,
            box=page.box(part),
            text=page.text(part),
            match="verbatim" if is_verbatim else "normalised",
            # Of two places that agree, the one that is spelt the same is the better one.
            quality=quality if is_verbatim else quality * 0.95,
            confidence=quality * page.confidence(part),
            method=page.lines[part[0].line].method,
        )
        for part in page.parts(spans)
    )
    return replace(first, rest=tuple(rest))


def _with_ends(page: PrintedPage, spans: Sequence[Span], spelling: str) -> list[Span]:
    """The spans with what the value has besides, where it is printed too: a currency, a bracket, a full stop."""
    first, last = spans[0], spans[-1]
    begins = _place(page.lines[first.line].text[first.start : first.end], spelling)
    head = spelling[:begins]
    tail = spelling[len(spelling) - _place(page.lines[last.line].text[last.start : last.end][::-1], spelling[::-1]) :]
    before, after = page.lines[first.line].text[: first.start], page.lines[last.line].text[last.end :]
    # Where the text goes on in the next line, the punctuation at the line's end belongs to it.
    longer = [replace(span, end=len(page.lines[span.line].text)) for span in spans[:-1]] + [last]
    if head and before.endswith(head):
        longer[0] = replace(longer[0], start=first.start - len(head))
    if tail and after.startswith(tail):
        longer[-1] = replace(longer[-1], end=last.end + len(tail))
    return longer


def _place(part: str, spelling: str) -> int:
    """Where `part` begins in the value's spelling; where it is spelt otherwise, its first letter or digit."""
    found = spelling.find(part)
    return found if found >= 0 else next((place for place, letter in enumerate(spelling) if letter.isalnum()), 0)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _drawn(claim: Claim, page: PrintedPage) -> Iterator[Candidate]:
    """Values of tables and charts that are printed nowhere, and things that were recognised as a whole."""
    is_same = _comparison(claim.value)
    tables = [*page.evidence.tables, *(chart.table for chart in page.evidence.charts)]
    for table in tables:
        for cell in table.cells:
            if cell.box is not None and is_same(cell.text):
                yield _cell(page, cell, cell.box, f"table:{table.method}")
    for label in page.evidence.labels:
        if label.box is not None and is_same(label.name):
            yield Candidate(page.image, label.box, label.name, "inferred", 1.0, label.score, label.method)


def _cell(page: PrintedPage, cell: Cell, box: Box, method: str) -> Candidate:
    factor = ESTIMATED if cell.estimated else 1.0
    match: Match = "inferred" if cell.estimated else "normalised"
    return Candidate(page.image, box, cell.text, match, factor, factor * cell.confidence, method)


def _comparison(value: str | int | float) -> Callable[[str], bool]:
    """Whether a text means the value."""
    if isinstance(value, str):
        wanted, readings = fold(value), amount(value)
        return lambda text: (bool(wanted) and fold(text) == wanted) or bool(readings & amount(text))
    number = to_decimal(value)
    return lambda text: number is not None and number in amount(text)


def _distinct(found: Iterator[Candidate]) -> Iterator[Candidate]:
    """Each place once, the best agreement first."""
    seen: set[Box] = set()
    for each in sorted(found, key=lambda candidate: -candidate.quality):
        if each.box not in seen:
            seen.add(each.box)
            yield each
