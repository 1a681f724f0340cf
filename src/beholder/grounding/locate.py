"""Locating: which element of a screen a few words describe, by its text, its kind and its place. No pixels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

from beholder.evidence import Box, Element, TextLine

LEAST: Final = 0.62
"""Similarity, 0 to 1, below which nothing on the screen is what was described."""

LIKELY: Final = 0.97
"""A candidate this similar ends the search for texts that go on in the next line."""

MOST_JOINED: Final = 4
"""Lines of one text that are joined at most: longer texts are found by their beginning."""

KINDS: Final = {
    "button": "button", "link": "button", "field": "field", "input": "field", "textbox": "field", "box": "field",
    "icon": "icon", "image": "image", "picture": "image", "photo": "image", "logo": "image", "card": "card",
    "bar": "bar", "toolbar": "bar", "checkbox": "checkbox", "radio": "checkbox", "switch": "switch",
    "toggle": "switch",
}  # fmt: skip
"""What people call the kinds of elements."""

SIDES: Final = {
    "top": (1, 0.0), "upper": (1, 0.0), "bottom": (1, 1.0), "lower": (1, 1.0), "left": (0, 0.0), "right": (0, 1.0),
    "first": (1, 0.0), "last": (1, 1.0),
}  # fmt: skip
"""Words for a place: the axis (0 across, 1 down) and its end."""

FILLING: Final = frozenset(
    (
        "a", "an", "and", "at", "called", "choose", "click", "element", "find", "in", "is", "it", "labeled", "labelled",
        "named", "of", "on", "open", "page", "point", "press", "says", "screen", "select", "tap", "text", "that", "the",
        "this", "to", "what", "where", "which", "with",
    )
)  # fmt: skip
"""Words of a request that describe nothing."""


@dataclass(frozen=True, slots=True)
class _Description:
    """A query taken apart: the text to look for, the kinds that would do, and the place."""

    text: str
    kinds: frozenset[str]
    sides: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    element: Element
    likeness: float


def locate(query: str, lines: Sequence[TextLine], elements: Sequence[Element]) -> Element | None:
    """The element that `query` describes best, or None if nothing on the screen is like it.

    `query` is a text as it stands on the screen or a request for it (`click on "Sign in"`, `the search icon at the
    top right`). A line of text that belongs to no element is returned as an element of kind `text`. Boxes are in
    original pixels, as those of `lines` and `elements` are. For clicking, take the middle of the box.
    """
    description = _understood(query)
    candidates = list(_by_text(description, lines, elements)) if description.text else []
    candidates = candidates or list(_by_kind(description, elements))
    if not candidates:
        return None
    extent = _extent([*(line.box for line in lines), *(element.box for element in elements)])
    return max(candidates, key=lambda candidate: _rank(candidate, description, extent)).element


def _understood(query: str) -> _Description:
    quoted = re.search(r"[\"“„«]([^\"”»]+)[\"”»]", query) or re.search(r"(?:^|\s)'([^']+)'(?:$|[\s?.!,])", query)
    outside = query if quoted is None else query[: quoted.start()] + " " + query[quoted.end() :]
    words = re.findall(r"\w+", outside.casefold())
    kinds = frozenset(KINDS[word] for word in words if word in KINDS)
    sides = tuple(SIDES[word] for word in words if word in SIDES)
    if quoted is not None:
        return _Description(quoted[1].strip(), kinds, sides)
    if not (kinds or sides or words[:1] in (["click"], ["tap"], ["press"])):
        return _Description(query.strip(), kinds, sides)
    rest = [word for word in words if word not in KINDS and word not in SIDES and word not in FILLING]
    return _Description(" ".join(rest), kinds, sides)


def _by_text(description: _Description, lines: Sequence[TextLine], elements: Sequence[Element]) -> Iterator[_Candidate]:
    """What carries the text: single lines and elements, then texts that go on below, then texts within a line."""
    wanted = plain(description.text)
    found = [_Candidate(element, likeness(wanted, plain(element.text))) for element in elements if element.text]
    found += [_Candidate(_as_element(line.text, line.box), likeness(wanted, plain(line.text))) for line in lines]
    if all(candidate.likeness < LIKELY for candidate in found):
        found += [_Candidate(_as_element(text, box), likeness(wanted, plain(text))) for text, box in _joined(lines)]
        found += [part for line in lines if (part := _within(wanted, line)) is not None]
    yield from (candidate for candidate in found if candidate.likeness >= LEAST)


def _by_kind(description: _Description, elements: Sequence[Element]) -> Iterator[_Candidate]:
    """Without a text that stands anywhere, the kind and the place decide; one of them at least must be given."""
    if description.text and not description.sides:
        return
    for element in elements:
        if element.kind in description.kinds:
            yield _Candidate(element, 0.5)


def _rank(candidate: _Candidate, description: _Description, extent: Box) -> float:
    score = candidate.likeness
    if candidate.element.kind in description.kinds:
        score += 0.15
    # Of equally named things, what can be pressed is meant more often than what merely says so.
    score += {"button": 0.02, "field": 0.02, "checkbox": 0.02, "switch": 0.02}.get(candidate.element.kind, 0.0)
    score -= 0.05 if candidate.element.kind in {"card", "bar"} else 0.0
    for axis, end in description.sides:
        low, high = extent[axis], extent[axis + 2]
        middle = (candidate.element.box[axis] + candidate.element.box[axis + 2]) / 2
        score += 0.25 * (1 - abs((middle - low) / max(1.0, high - low) - end))
    return score


def likeness(wanted: str, text: str) -> float:
    """Similarity of two plain texts, 0 to 1; a text that the other begins with counts by how much of it that is."""
    if not wanted or not text:
        return 0.0
    if wanted == text:
        return 1.0
    matcher = SequenceMatcher(None, wanted, text, autojunk=False)
    if matcher.real_quick_ratio() < LEAST:
        return 0.7 + 0.2 * min(len(wanted), len(text)) / max(len(wanted), len(text)) if _begins(wanted, text) else 0.0
    return matcher.ratio()


def plain(text: str) -> str:
    """Letters and digits alone, case and accents apart: readers lose spaces, and take one dash for another."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(letter for letter in folded if letter.isalnum())
    return kept or "".join(folded.split())


def _begins(wanted: str, text: str) -> bool:
    """Whether a long description names a text that is cut on the screen, or only its beginning."""
    shorter, longer = sorted((wanted, text), key=len)
    return len(shorter) >= 6 and longer.startswith(shorter)


def _joined(lines: Sequence[TextLine]) -> Iterator[tuple[str, Box]]:
    """Texts of several lines that stand under or next to each other, as one."""
    ordered = sorted(lines, key=lambda line: (line.box[1], line.box[0]))
    for start, line in enumerate(ordered):
        text, box, last = line.text, line.box, line
        for _ in range(MOST_JOINED - 1):
            follower = _follower(last, ordered[start + 1 :])
            if follower is None:
                break
            text, box, last = f"{text} {follower.text}", _around(box, follower.box), follower
            yield text, box
    for before, after in pairwise(sorted(lines, key=lambda line: (round(line.box[1] / 20), line.box[0]))):
        if _shares_row(before.box, after.box):
            yield f"{before.text} {after.text}", _around(before.box, after.box)


def _follower(line: TextLine, below: Sequence[TextLine]) -> TextLine | None:
    """The line that goes on directly under `line`."""
    height = line.box[3] - line.box[1]
    for other in below:
        overlaps = min(line.box[2], other.box[2]) > max(line.box[0], other.box[0])
        lower = (other.box[1] + other.box[3]) / 2 - (line.box[1] + line.box[3]) / 2
        if overlaps and lower >= 0.5 * height:
            gap = other.box[1] - line.box[3]
            return other if gap < 1.2 * height else None
    return None


def _shares_row(first: Box, second: Box) -> bool:
    shared = min(first[3], second[3]) - max(first[1], second[1])
    return shared > 0.5 * min(first[3] - first[1], second[3] - second[1])


def _within(wanted: str, line: TextLine) -> _Candidate | None:
    """The part of a longer line that is the text, its box by the letters' share of the line's width."""
    text = plain(line.text)
    start = text.find(wanted)
    if start < 0 or len(wanted) < 3 or len(text) == len(wanted):
        return None
    left, top, right, bottom = line.box
    width = (right - left) / len(text)
    box = (left + start * width, top, left + (start + len(wanted)) * width, bottom)
    return _Candidate(_as_element(line.text, box), 0.8 + 0.15 * len(wanted) / len(text))


def _as_element(text: str, box: Box) -> Element:
    return Element("text", box, text)


def _around(first: Box, second: Box) -> Box:
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    )


def _extent(boxes: Sequence[Box]) -> Box:
    whole = boxes[0]
    for box in boxes[1:]:
        whole = _around(whole, box)
    return whole
