"""A page's text as cells, and which cell a value of the answer most likely comes from next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from beholder.grounding.values import dates

CELL: Final = re.compile(r"[^\s|]+(?: ?[^\s|]+)*")
"""Words with single spaces between them: wider gaps and bars part cells."""

NUMBER: Final = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
LABEL: Final = re.compile(r"([^:]{1,40}?)\s*:\s*(?=\S)")
"""A label and its colon in one cell with the value."""

LOOK_AHEAD: Final = 3
"""Lines below a row in which the next row is looked for."""

LEAST_OVERLAP: Final = 0.6
"""Of a row's columns, this part must be filled in the next row, or it is not one."""

LEAST_CONTEXT: Final = 3
"""Characters that must agree before what follows them is taken for a guess."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell: line and place in it from 0, columns `start` to `end` in characters."""

    line: int
    place: int
    start: int
    end: int
    text: str


class Page:
    """All evidence of a prompt, as it is laid out."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._rows = [_cells(number, line) for number, line in enumerate(self._lines)]
        self._by_text: dict[str, list[Spot]] = {}
        for row in self._rows:
            for spot in row:
                self._by_text.setdefault(_plain(spot.text), []).append(spot)

    def locate(self, value: str, near: Spot | None) -> Spot | None:
        """The cell that holds `value`: the next one after `near` in reading order, or else the first."""
        spots = self._by_text.get(_plain(value), ())
        if near is None:
            return spots[0] if spots else None
        after = [spot for spot in spots if (spot.line, spot.place) > (near.line, near.place)]
        return next(iter(after or spots), None)

    def beside(self, spot: Spot) -> Spot | None:
        """The next cell on the same line."""
        row = self._rows[spot.line]
        return row[spot.place + 1] if spot.place + 1 < len(row) else None

    def next_row(self, columns: Mapping[str, Spot]) -> dict[str, Spot] | None:
        """The row below one whose values, by key, stood in `columns`, or None where the table ends."""
        line = max(spot.line for spot in columns.values())
        for below in self._rows[line + 1 : line + 1 + LOOK_AHEAD]:
            found = {key: spot for key, column in columns.items() if (spot := self._below(column, below)) is not None}
            if len({spot.place for spot in found.values()}) >= LEAST_OVERLAP * len(columns):
                return found
        return None

    def _below(self, column: Spot, row: list[Spot]) -> Spot | None:
        """The cell of `row` under `column`, if both are numbers or neither is: the same place where rows are alike."""
        if len(row) == len(self._rows[column.line]):
            spot: Spot | None = row[column.place]
        else:
            spot = _under(column, row)
        return spot if spot and is_numeric(spot.text) == is_numeric(column.text) else None

    def after_label(self, key: str) -> Spot | None:
        """What stands beside the label that reads like `key`: `invoice_no` finds `Invoice No:  INV-7`."""
        words = _words(key)
        for row in self._rows:
            for spot in row:
                if (label := LABEL.match(spot.text)) and words == _words(label[1]):
                    return _part(spot, label.end(), len(spot.text))
            for spot, following in pairwise(row):
                if words == _words(spot.text):
                    return following
        return None

    def told(self, name: str) -> Spot | None:
        """The value of the last line that begins with the label `name`: what was found for a question is told last."""
        for row in reversed(self._rows):
            if row and (label := LABEL.match(row[0].text)) and label[1] == name:
                return _part(row[0], label.end(), len(row[0].text))
        return None

    def date(self, near: Spot | None = None) -> Spot | None:
        """The date in the cell `near`, or else the first one on the page."""
        for spot in (near,) if near else (spot for row in self._rows for spot in row):
            if found := next(dates(spot.text), None):
                return _part(spot, found.start, found.end)
        return None

    def next_line(self, beginning: str) -> str | None:
        """What goes on below, where `beginning` ends with a whole cell that a comma ends, or with a cell and then the
        first letters of the one below it: values that run over several lines are written so."""
        for row, below in pairwise(self._rows):
            for spot in row:
                whole = spot.text.rstrip(" ,.;")
                at = beginning.rfind(whole)
                under = _under(spot, below)
                if at < 0 or under is None or len(whole) < LEAST_CONTEXT:
                    continue
                after = beginning[at + len(whole) :]
                begun = after.lstrip(" ,.;\n")
                if not after.endswith((",", " ", "\n")) and not begun:
                    continue
                if len(begun) < len(under.text) and under.text.startswith(begun):
                    return ("" if begun or after[-1] in " \n" else " ") + under.text[len(begun) :]
        return None

    def continuations(self, beginning: str, near: Spot | None) -> Iterator[str]:
        """What follows `beginning` to the end of its cell, likeliest first: cells that begin so, then any text; last,
        cells that begin so but for the case, in the case of the beginning."""
        begins = [spot for row in self._rows for spot in row if spot.text.startswith(beginning)]
        begins.sort(key=lambda spot: near is not None and (spot.line, spot.place) <= (near.line, near.place))
        yield from (spot.text[len(beginning) :] for spot in begins)
        for size in range(min(len(beginning), 24), LEAST_CONTEXT - 1, -3):
            tail = beginning[-size:]
            for row in self._rows:
                for spot in row:
                    if (at := spot.text.find(tail)) >= 0:
                        yield spot.text[at + size :]
        if len(beginning) >= LEAST_CONTEXT and (recase := _case_of(beginning)) is not None:
            for row in self._rows:
                for spot in row:
                    if (text := recase(spot.text)).startswith(beginning):
                        yield text[len(beginning) :]


def number_in(text: str) -> str | None:
    """The number in a cell as JSON writes it: `$ 1,102.00` is 1102.00."""
    found = NUMBER.search(text)
    return found[0].replace(",", "") if found else None


def is_numeric(text: str) -> bool:
    """Whether a cell holds a number and nothing else but a currency sign, a sign or a percent sign."""
    return re.fullmatch(r"[^\w]*\d[\d,.]*[^\w]*", text) is not None


def _part(spot: Spot, start: int, end: int) -> Spot:
    """The characters `start` to `end` of a cell."""
    return replace(spot, start=spot.start + start, end=spot.start + end, text=spot.text[start:end])


def _case_of(text: str) -> Callable[[str], str] | None:
    """How letters are written in `text`: each word with a capital, all small, all capitals; None for anything else."""
    ways: tuple[Callable[[str], str], ...] = (str.title, str.lower, str.upper)
    return next((way for way in ways if way(text) == text), None)


def _cells(number: int, line: str) -> list[Spot]:
    found = CELL.finditer(line)
    return [Spot(number, place, match.start(), match.end(), match[0]) for place, match in enumerate(found)]


def _under(column: Spot, row: list[Spot]) -> Spot | None:
    """The cell of `row` that shares most columns with `column`."""
    overlaps = [(min(spot.end, column.end) - max(spot.start, column.start), spot) for spot in row]
    overlap, best = max(overlaps, key=lambda pair: pair[0], default=(0, None))
    return best if overlap > 0 else None


def _plain(text: str) -> str:
    return (number_in(text) or text) if is_numeric(text) else text


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+|\d+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower())
