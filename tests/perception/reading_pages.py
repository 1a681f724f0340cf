"""Lines as a reader would hand them on, placed by hand, for tests of what is made of them."""

from __future__ import annotations

from beholder.evidence import TextLine, Word


def line(text: str, left: float, top: float, *, advance: float = 10, height: float = 20) -> TextLine:
    """A line whose letters are `advance` pixels wide, its words where their letters are."""
    words, place = [], left
    for word in text.split(" "):
        words.append(Word(word, (place, top, place + advance * len(word), top + height), 0.9))
        place += advance * (len(word) + 1)
    return TextLine(text, (left, top, left + advance * len(text), top + height), 0.9, "drawn", tuple(words))


def table_lines(rows: list[list[str]], columns: list[float], *, top: float = 0, pitch: float = 30) -> list[TextLine]:
    """A line for each cell that is not empty."""
    return [
        line(cell, columns[column], top + pitch * number)
        for number, row in enumerate(rows)
        for column, cell in enumerate(row)
        if cell
    ]
