"""Boxes and lines that are ticked: the option beside each mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from beholder.evidence import Box
from beholder.perception.form_pieces import Piece, is_name

APART: Final = 0.45
"""Heights between a mark and its option at least where nothing is drawn around it: an ordinary space is a third."""
WIDE: Final = 1.4
"""Heights that a cross is wide at least if the line that it stands on was read with it."""
NEAR: Final = 3.0
"""Heights between a mark, or the line it stands on, and its option at most."""
OPTION_WORDS: Final = 4
"""Words of an option at most."""


def ticked(pieces: Sequence[Piece], rules: Sequence[Box]) -> Iterator[tuple[Piece, list[Piece]]]:
    """Each mark with its option: the nearest in its row, on the side where the row's lines have theirs."""
    options = [piece for piece in pieces if _is_option(piece)]
    for mark in pieces:
        if not mark.is_mark:
            continue
        row = [option for option in options if _is_beside(mark, option)]
        gaps = _gaps(mark.rule or mark.box, row, mark.height)
        before = _is_before(mark, row, rules)
        fitting = [
            (gap, option)
            for gap, option in gaps
            if (_is_drawn(mark) or gap > APART * mark.height)
            and (before is None or before == (option.box[0] < mark.box[0]))
        ]
        if fitting:
            option = min(fitting, key=lambda each: each[0])[1]
            options.remove(option)
            yield option, [mark]


def _is_option(piece: Piece) -> bool:
    return not piece.is_label and not piece.is_mark and is_name(piece) and len(piece.text.split()) <= OPTION_WORDS


def _is_drawn(mark: Piece) -> bool:
    """Whether it stands on a line or in a box."""
    return mark.rule is not None or not mark.text.isalpha() or mark.box[2] - mark.box[0] > WIDE * mark.height


def _is_beside(mark: Piece, option: Piece) -> bool:
    return abs(mark.middle - option.middle) < 0.5 * max(mark.height, option.height)


def _gaps(place: Box, row: Sequence[Piece], height: float) -> list[tuple[float, Piece]]:
    """The options close to a place in their row, each with the pixels between."""
    gaps = [(max(place[0] - option.box[2], option.box[0] - place[2]), option) for option in row]
    return [(gap, option) for gap, option in gaps if -height < gap < NEAR * height]


def _is_before(mark: Piece, row: Sequence[Piece], rules: Sequence[Box]) -> bool | None:
    """Whether the row's lines have their options before them; None if that is open.

    The lines are about as long as the mark's. An option stands before the first of them, or after the last.
    """
    if mark.rule is None:
        return None
    length, level = mark.rule[2] - mark.rule[0], mark.rule[1] + mark.rule[3]
    alike = [
        rule
        for rule in (mark.rule, *rules)
        if abs(rule[1] + rule[3] - level) < mark.height and length / 2 < rule[2] - rule[0] < 2 * length
    ]
    first, last = min(alike), max(alike)
    begins = any(option.box[0] < first[0] for _, option in _gaps(first, row, mark.height))
    ends = any(option.box[0] > last[0] for _, option in _gaps(last, row, mark.height))
    return None if begins == ends else begins
