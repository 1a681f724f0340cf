"""What a question about a screen asks for, told beside its text: its title, how many entries a list has, a state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from beholder.evidence import Element, Evidence
from beholder.grounding.locate import plain
from beholder.language.brevity import last_sentence
from beholder.perception.screens import inventory, longest_list

LOWEST: Final = 0.23
"""Where an app bar ends, as part of an upright screen's width: 80 of Android's units below the top, of 360 across."""

SHORTEST: Final = 4
"""Letters of a label that a question names: shorter ones stand in many words."""

STATE: Final = re.compile(r"(.*) \((.*)\)", re.DOTALL)
"""A control's label and its state."""

COUNTED: Final = re.compile(r"\b(?:how many|number of) (\w+)(?: (\w+))?", re.IGNORECASE)
"""A question's words for what it counts."""

POSITION: Final = re.compile(r"(\d{1,5}) ?(?:/|of) ?(\d{1,5})")
"""Where one is in a series: `3/20`, `3 of 20`."""


def tell_screen(evidence: Evidence, aspects: frozenset[str], asked: str) -> Iterator[str]:
    """Lines of evidence for what the `aspects` of the question `asked` ask for; some may be empty."""
    if "screen" not in aspects:
        return
    if "title" in aspects and (title := title_of(evidence)):
        yield f"Title at the top of the screen: {title}"
    if "controls" in aspects and (state := _state(evidence.elements, asked)):
        yield f"The state that is asked for: {state}"
    if "count" in aspects:
        if "controls" not in aspects and not _is_printed(evidence, asked):
            yield _counted(longest_list(evidence.lines, evidence.elements, evidence.size))
        yield from _positions(evidence)


def title_of(evidence: Evidence) -> str:
    """The first text of a screen that is a word, if it stands at its top; the status bar is no part of it."""
    texts, _ = inventory(evidence.elements, evidence.size)
    lowest = LOWEST * min(evidence.size)
    top = [each for each in evidence.elements if each.kind == "text" and each.box[3] < lowest]
    high = {each.text for each in top}
    return next((_without_sign(text) for text in texts if text in high and sum(map(str.isalpha, text)) >= 3), "")


def _without_sign(title: str) -> str:
    """A title without the sign of a button before it, as it is read: an arrow, the three lines of a menu."""
    first, _, rest = title.partition(" ")
    is_sign = not any(map(str.isalnum, first)) or (len(first) == 1 and not first.isascii())
    return rest if rest and is_sign else title


def _is_printed(evidence: Evidence, asked: str) -> bool:
    """Whether a line has a number beside a word for what the question counts: the number is then to be read."""
    found = COUNTED.search(last_sentence(asked))
    words = {word.casefold() for word in found.groups() if word and len(word) >= SHORTEST} if found else set()
    return any(
        any(map(str.isdigit, line.text)) and words & set(re.findall(r"\w+", line.text.casefold()))
        for line in evidence.lines
    )


def _counted(entries: Sequence[str]) -> str:
    """A list that is cut off counts as far as it is shown."""
    return f"Counted in a list: {len(entries)}: from {entries[0]} to {entries[-1]}" if entries else ""


def _positions(evidence: Evidence) -> Iterator[str]:
    """What a text such as `3/20` says in words."""
    for line in evidence.lines:
        if (found := POSITION.fullmatch(line.text.strip())) and 0 < int(found[1]) <= int(found[2]):
            yield f"{line.text}: number {found[1]} of {found[2]} in total"


def _state(elements: Sequence[Element], asked: str) -> str:
    """The state of the one switch or check box that the question names; empty where it names none, or several."""
    words = plain(last_sentence(asked))
    named = [
        found
        for each in elements
        if each.kind in {"switch", "checkbox"} and (found := STATE.fullmatch(each.text)) and plain(found[1]) in words
    ]
    longest = max(named, key=lambda found: len(found[1]), default=None)
    return longest[2] if longest is not None and len(plain(longest[1])) >= SHORTEST else ""
