"""Arrangement: spacing between siblings, edges that nearly align, margins, and how full the screen is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from beholder.evidence import Element, Finding
from beholder.perception.critique.findings import Seen, Weighed, named

BLOCKS: Final = frozenset({"button", "field", "card", "image"})
"""Kinds whose outlines are measured from drawn edges, exactly enough to speak of single pixels."""

SAME: Final = 2.0
"""Pixels that edges and gaps may differ by and still count as equal: antialiasing and resampling."""

NEARLY: Final = 8.0
"""CSS pixels up to which two edges look as if they were meant to align."""

DENSE: Final = 0.3
"""Part of the screen under text from which it is called dense; pages of running text have a quarter."""

SPARSE: Final = 0.03
"""Part of the screen under text below which it is called sparse."""


def judge_spacing(seen: Seen) -> Iterator[Weighed]:
    """Gaps between siblings, elements of one kind and size in a column or row: the odd ones out, or their evenness."""
    for axis, siblings in _sibling_groups(seen.elements):
        gaps = [after.box[axis] - before.box[axis + 2] for before, after in pairwise(siblings)]
        usual = median(gaps)
        odd = [number for number, gap in enumerate(gaps) if abs(gap - usual) > max(SAME, 0.08 * abs(usual))]
        kind = f"{len(siblings)} {siblings[0].kind}s"
        direction = "below each other" if axis == 1 else "side by side"
        if not odd and len(siblings) >= 3:
            statement = f"Even spacing: the gaps between {kind} {direction} are all {usual:.0f} px."
            yield 1.0 + 0.1 * len(siblings), Finding("spacing", statement, "good", siblings[0].box)
        elif len(odd) <= len(gaps) // 2 and len(gaps) >= 2:
            number = max(odd, key=lambda number: abs(gaps[number] - usual))
            before, after = siblings[number], siblings[number + 1]
            statement = (
                f"Uneven spacing: {gaps[number]:.0f} px between {named(before)} and {named(after)}, where the other "
                f"gaps of these {kind} {direction} are {usual:.0f} px."
            )
            yield 2.5 + abs(gaps[number] - usual) / max(8.0, usual), Finding("spacing", statement, "problem", after.box)


def _sibling_groups(elements: Sequence[Element]) -> Iterator[tuple[int, list[Element]]]:
    """Elements of one kind and about one size that share a column (axis 1) or a row (axis 0), three at least."""
    for axis, across in ((1, 0), (0, 1)):
        groups: list[list[Element]] = []
        for element in sorted((e for e in elements if e.kind in BLOCKS), key=lambda e: e.box[axis]):
            group = next((g for g in groups if _are_siblings(g[-1], element, axis, across)), None)
            if group is None:
                groups.append([element])
            else:
                group.append(element)
        yield from ((axis, group) for group in groups if len(group) >= 3)


def _are_siblings(first: Element, second: Element, axis: int, across: int) -> bool:
    sizes = [[element.box[a + 2] - element.box[a] for a in (0, 1)] for element in (first, second)]
    is_sized_alike = all(abs(a - b) <= 0.06 * max(a, b) + SAME for a, b in zip(*sizes, strict=True))
    gap = second.box[axis] - first.box[axis + 2]
    is_in_line = abs(first.box[across] - second.box[across]) <= 0.1 * sizes[0][across]
    return first.kind == second.kind and is_sized_alike and is_in_line and -SAME <= gap <= 3 * sizes[0][axis]


def judge_alignment(seen: Seen) -> Iterator[Weighed]:
    """Left edges of blocks that are nearly, not quite, in line; or how few edges all blocks share."""
    blocks = [element for element in seen.elements if element.kind in BLOCKS]
    edges = _clusters(sorted(blocks, key=lambda block: block.box[0]), SAME)
    for one, other in pairwise(edges):
        distance = other[0].box[0] - one[0].box[0]
        if SAME < distance <= NEARLY * seen.density and not _is_nested(one[0], other[0]):
            few = min(one, other, key=len)[0]
            statement = (
                f"Nearly aligned: the left edge of {named(few)} is at {few.box[0]:.0f} px, {distance:.0f} px beside "
                f"that of {named((other if few is one[0] else one)[0])}."
            )
            yield 2.0, Finding("alignment", statement, "problem", few.box)
    texts = [element for element in seen.elements if element.kind == "text"]
    starts = _clusters(sorted(texts, key=lambda text: text.box[0]), 4 * seen.density)
    shared = [group for group in starts if len(group) >= 3]
    if texts and shared:
        most = max(shared, key=len)
        statement = (
            f"{len(most)} of {len(texts)} blocks of text begin at one left edge, {most[0].box[0]:.0f} px; "
            f"there are {len(starts)} left edges in all."
        )
        is_good = sum(map(len, shared)) >= 0.6 * len(texts)
        yield 1.0, Finding("alignment", statement, "good" if is_good else "note", most[0].box)


def _clusters(elements: Sequence[Element], within: float) -> list[list[Element]]:
    """Elements sorted by their left edges, grouped where the edges follow each other within so many pixels."""
    groups: list[list[Element]] = []
    for element in elements:
        if groups and element.box[0] - groups[-1][-1].box[0] <= within:
            groups[-1].append(element)
        else:
            groups.append([element])
    return groups


def _is_nested(first: Element, second: Element) -> bool:
    """Whether one lies in the other: then the distance of their edges is padding."""
    a, b = first.box, second.box
    return (a[1] <= b[1] and b[3] <= a[3] and b[2] <= a[2]) or (b[1] <= a[1] and a[3] <= b[3] and a[2] <= b[2])


def judge_margins(seen: Seen) -> Iterator[Weighed]:
    """Content that keeps unequal distances from the left and right edges of the screen."""
    inner = [
        e for e in seen.elements if e.box[2] - e.box[0] < 0.97 * seen.width and e.kind in {"button", "card", "field"}
    ]
    wide = [element for element in inner if element.box[2] - element.box[0] >= 0.6 * seen.width]
    if len(wide) < 2:
        return
    left, right = median(e.box[0] for e in wide), seen.width - median(e.box[2] for e in wide)
    if abs(left - right) <= max(SAME, 0.01 * seen.width):
        statement = f"Equal margins: the main blocks keep {left:.0f} px on both sides."
        yield 0.8, Finding("spacing", statement, "good", None)
    elif min(left, right) >= 0 and max(left, right) <= 0.2 * seen.width:
        statement = f"Unequal margins: the main blocks keep {left:.0f} px on the left and {right:.0f} px on the right."
        yield 2.0, Finding("spacing", statement, "problem", wide[0].box)


def judge_density(seen: Seen) -> Iterator[Weighed]:
    """How much of the screen is under text, and how many elements there are."""
    covered = sum((line.box[2] - line.box[0]) * (line.box[3] - line.box[1]) for line in seen.lines)
    share = covered / (seen.width * seen.height)
    controls = sum(element.kind in {"button", "field", "checkbox", "switch", "icon"} for element in seen.elements)
    figures = f"text covers {share:.0%} of the screen, with {len(seen.lines)} lines and {controls} controls and icons"
    if share > DENSE:
        yield 2.5, Finding("density", f"Dense: {figures}.", "problem", None)
    elif share < SPARSE:
        yield 1.2, Finding("density", f"Sparse: {figures}.", "note", None)
    else:
        yield 1.2, Finding("density", f"Density: {figures}.", "note", None)
