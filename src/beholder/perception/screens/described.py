"""Elements in words, for a prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from beholder.evidence import Element

MOST: Final = 60
"""Elements that are listed at most; how many were left out is said."""

STATE: Final = re.compile(r"(.*) \((.*)\)", re.DOTALL)
SELECTED: Final = " (selected)"

ORDER: Final = ("switch", "checkbox", "field", "button", "bar", "card", "image", "icon")
"""Kinds by what a reader of the text alone would miss most."""


def describe_elements(elements: Sequence[Element]) -> str:
    """What stands on a screen besides its text, a line for each kind; icons and images, which have no text, by number
    and place, cards by number. Plain text is left out: the page's layout has it."""
    lines = []
    left_out = 0
    for kind in ORDER:
        members = [each for each in elements if each.kind == kind and not each.text.startswith("status bar")]
        named = [element for element in members if element.text]
        if named and kind == "card":
            lines.append(_counted(kind, len(named)))
        elif named:
            kept = named[: MOST // 4]
            left_out += len(named) - len(kept)
            lines.append(f"{_counted(kind, len(named))}: " + "; ".join(_told(element) for element in kept))
        unnamed = len(members) - len(named)
        if unnamed and kind in {"icon", "image"}:
            places = [_place(element) for element in members if not element.text][:12]
            lines.append(f"{kind}s without text: {unnamed}, at {', '.join(places)}")
    if left_out:
        lines.append(f"{left_out} more are not listed")
    return "\n".join(lines)


def _counted(kind: str, count: int) -> str:
    """`1 switch`, `2 switches`."""
    return f"{count} {kind}" + ("es" if kind.endswith(("x", "ch")) else "s") * (count > 1)


def _told(element: Element) -> str:
    """A control's state after a colon, a bar's entries with the selected one at their end: as a person answers."""
    if element.kind in {"switch", "checkbox"} and (found := STATE.fullmatch(element.text)):
        return f"{found[1]}: {found[2]}"
    entries = element.text.split(" | ")
    chosen = [entry.removesuffix(SELECTED) for entry in entries if entry.endswith(SELECTED)]
    if element.kind != "bar" or not chosen:
        return element.text
    return f"{' | '.join(entry.removesuffix(SELECTED) for entry in entries)}, selected: {chosen[0]}"


def _place(element: Element) -> str:
    return f"({round((element.box[0] + element.box[2]) / 2)},{round((element.box[1] + element.box[3]) / 2)})"
