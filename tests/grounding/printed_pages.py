"""Pages as a reader would hand them over, written down line by line."""

from __future__ import annotations

from collections.abc import Iterable

from beholder.evidence import Evidence, TextLine, Word

HEIGHT = 20.0
ADVANCE = 10.0
"""Pixels of a line and of each of its characters."""


def line(text: str, left: float, top: float, *, confidence: float = 0.9, has_words: bool = False) -> TextLine:
    """A line of type with ten pixels to a character."""
    words: list[Word] = []
    at = 0
    for word in text.split() if has_words else ():
        at = text.index(word, at)
        box = (left + at * ADVANCE, top, left + (at + len(word)) * ADVANCE, top + HEIGHT)
        words.append(Word(word, box, confidence))
        at += len(word)
    box = (left, top, left + len(text) * ADVANCE, top + HEIGHT)
    return TextLine(text, box, confidence, "reader", tuple(words))


def page(lines: Iterable[TextLine], **others: object) -> Evidence:
    """The evidence of a page of 1000 by 1000 pixels."""
    kept = tuple(lines)
    return Evidence("digest", (1000, 1000), kept, "\n".join(each.text for each in kept), **others)  # type: ignore[arg-type]  # fields of any name


def rows(*texts: tuple[str, ...], columns: tuple[float, ...] = (20, 300, 450, 600), has_words: bool = True) -> Evidence:
    """A page of rows 30 pixels apart, each text a line of its own."""
    return page(
        line(text, columns[column], 30.0 * (row + 1), has_words=has_words)
        for row, cells in enumerate(texts)
        for column, text in enumerate(cells)
        if text
    )
