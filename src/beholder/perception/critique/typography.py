"""Typography: how many sizes of text there are, what stands out, and texts that are cut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from beholder.evidence import Finding, TextLine
from beholder.perception.critique.findings import Seen, Weighed, listed

STEP: Final = 1.22
"""Heights within this factor count as one size: a line without tall letters measures a fifth lower."""

MOST_SIZES: Final = 5
"""Sizes of text from which a scale looks arbitrary; type scales of design systems use four to six on one screen."""

CLEAR_TITLE: Final = 1.4
"""A title is at least this many times as high as running text to be seen as one: two steps of a major-third scale."""

ELLIPSIS: Final = re.compile(r"(…|\.\.\.)$")


def judge_hierarchy(seen: Seen) -> Iterator[Weighed]:
    """The sizes of text, the largest against running text, and what the largest is."""
    lines = [line for line in seen.lines if sum(letter.isalnum() for letter in line.text) >= 2]
    if len(lines) < 3:
        return
    sizes = _sizes(lines)
    body = max(sizes, key=lambda group: sum(len(line.text) for line in group))
    largest = max(sizes, key=_height)
    ratio = _height(largest) / _height(body)
    heights = ", ".join(f"{_height(group):.0f}" for group in sorted(sizes, key=_height))
    told = f"{len(sizes)} sizes of text ({heights} px high)"
    if len(sizes) > MOST_SIZES:
        yield (
            2.2,
            Finding("hierarchy", f"Many text sizes: {told}; {MOST_SIZES} or fewer read as a scale.", "problem", None),
        )
    yield _title(largest, ratio, told, is_only=largest is body)


def _title(largest: Sequence[TextLine], ratio: float, told: str, *, is_only: bool) -> Weighed:
    top = min(largest, key=lambda line: line.box[1])
    if is_only or ratio < 1.15:
        statement = f"Flat hierarchy: no text is clearly larger than the running text; there are {told}."
        return 3.0, Finding("hierarchy", statement, "problem", top.box)
    what = listed([line.text for line in sorted(largest, key=lambda line: line.box[1])], most=2)
    if ratio < CLEAR_TITLE:
        statement = f"Weak hierarchy: the largest text, {what}, is only {ratio:.2f} times as high as the running text."
        return 2.0, Finding("hierarchy", statement, "problem", top.box)
    statement = f"Clear hierarchy: {what} is {ratio:.1f} times as high as the running text; there are {told}."
    return 2.0, Finding("hierarchy", statement, "good", top.box)


def _sizes(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Lines by height, a new group where a height is a clear step above the group's lowest."""
    groups: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda line: line.box[3] - line.box[1]):
        if groups and line.box[3] - line.box[1] <= STEP * (groups[-1][0].box[3] - groups[-1][0].box[1]):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _height(group: Sequence[TextLine]) -> float:
    heights = sorted(line.box[3] - line.box[1] for line in group)
    return heights[len(heights) // 2]


def judge_truncation(seen: Seen) -> Iterator[Weighed]:
    """Texts that end in an ellipsis, or at the very edge of the screen."""
    shortened = [line for line in seen.lines if ELLIPSIS.search(line.text) and len(line.text) > 4]
    if shortened:
        statement = f"Truncated: ellipsis at the end of {listed([line.text for line in shortened])}."
        yield 1.8 + 0.1 * len(shortened), Finding("text", statement, "problem", shortened[0].box)
    edge = max(2.0, 0.002 * seen.width)
    cut = [line for line in seen.lines if line.box[2] >= seen.width - edge and len(line.text) >= 2]
    if cut:
        statement = f"Cut off: the right edge of the screen cuts {listed([line.text for line in cut])}."
        yield 1.6, Finding("text", statement, "problem", cut[0].box)
