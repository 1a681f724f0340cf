"""Lists: texts of a screen that stand below each other in equal steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from beholder.evidence import Box, Element, Size, TextLine
from beholder.perception.screens.status import without_status_bar

FEWEST: Final = 3
"""Entries of a list at least: any two texts are one step apart."""

UNEVEN: Final = 0.06
"""Part of a step by which an entry may stand higher or lower: detected boxes are a pixel or two off."""

ASKEW: Final = 0.3
"""Heights of a line by which entries may begin, or have their middles, further left or right."""

UNLIKE: Final = 0.35
"""Part of a line's height by which another entry may be higher or lower: letters with and without descenders."""

LONGEST_STEP: Final = 0.25
"""Part of the screen's height; what is further apart is no list."""

HOLDERS: Final = frozenset({"button", "field", "bar", "card"})
NOTHING: Final = Element("text", (0.0, 0.0, 0.0, 0.0), "")

Chain = list[TextLine]


def longest_list(lines: Sequence[TextLine], elements: Sequence[Element], size: Size) -> tuple[str, ...]:
    """The entries of the longest list on a screen, from top to bottom, by the first or only text of each.

    All boxes and `size`, `(width, height)`, are in original pixels. Of lists that are as long the upper one is
    returned, so that titles stand for their captions. A paragraph is one text. `()` where there is no list.
    """
    kept, _ = without_status_bar(lines, size)
    texts = [line for line in kept if not _goes_on(line, kept, elements)]
    chains = (
        _without_head(chain, elements) for chain in _chains(texts, LONGEST_STEP * size[1]) if len(chain) >= FEWEST
    )
    longest = max((chain for chain in chains if _are_words(chain)), key=len, default=[])
    return tuple(line.text for line in longest) if len(longest) >= FEWEST else ()


def _goes_on(line: TextLine, lines: Sequence[TextLine], elements: Sequence[Element]) -> bool:
    """Whether a line is not the first of its paragraph."""
    paragraphs = [each.box for each in elements if each.kind in {"text", "button", "field"}]
    return any(
        _is_within(other.box, box) and _middle(other.box) < line.box[1] and other.box[0] < line.box[2]
        for box in paragraphs
        if _is_within(line.box, box)
        for other in lines
    )


def _are_words(chain: Chain) -> bool:
    """Whether most texts have two letters or digits at least: icons are read as single ones."""
    return 2 * sum(sum(map(str.isalnum, line.text)) >= 2 for line in chain) > len(chain)


def _chains(lines: Sequence[TextLine], longest_step: float) -> Iterator[Chain]:
    """For each two lines that are alike, the lines that go on below them in the same step."""
    ordered = sorted(lines, key=lambda line: _middle(line.box))
    for place, first in enumerate(ordered):
        below = [line for line in ordered[place + 1 :] if _is_alike(first, line)]
        for second in below:
            step = _middle(second.box) - _middle(first.box)
            if _height(first.box) < step <= longest_step:
                yield _continued([first, second], below, step)


def _continued(chain: Chain, below: Sequence[TextLine], step: float) -> Chain:
    while True:
        wanted = _middle(chain[-1].box) + step
        followers = [line for line in below if abs(_middle(line.box) - wanted) <= max(UNEVEN * step, 2)]
        if not followers:
            return chain
        chain.append(min(followers, key=lambda line: abs(_middle(line.box) - wanted)))


def _is_alike(one: TextLine, other: TextLine) -> bool:
    """Whether two lines are equally high, and aligned at the left or by their middles."""
    height = _height(one.box)
    left, middle = abs(one.box[0] - other.box[0]), abs(one.box[0] + one.box[2] - other.box[0] - other.box[2]) / 2
    return abs(_height(other.box) - height) <= UNLIKE * height and min(left, middle) <= ASKEW * height


def _without_head(chain: Chain, elements: Sequence[Element]) -> Chain:
    """A chain without a first text that stands in something else than the others: a search field, a heading."""
    head, second, third = (_holder(line, elements) for line in chain[:3])
    return chain[1:] if head != second == third else chain


def _holder(line: TextLine, elements: Sequence[Element]) -> str:
    """The kind of the smallest element that a line stands in, and is not."""
    around = [each for each in elements if each.kind in HOLDERS and _is_within(line.box, each.box)]
    return min(around, key=lambda each: _height(each.box), default=NOTHING).kind


def _is_within(inner: Box, outer: Box) -> bool:
    """Whether the middle of a box lies in another."""
    return outer[0] <= (inner[0] + inner[2]) / 2 <= outer[2] and outer[1] <= _middle(inner) <= outer[3]


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _height(box: Box) -> float:
    return box[3] - box[1]
