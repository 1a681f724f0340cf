"""Targets: whether what is to be pressed is large enough, in CSS pixels, whose size a picture only suggests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from beholder.evidence import Element, Finding
from beholder.perception.critique.findings import Seen, Weighed, named

LEAST: Final = 24.0
"""CSS pixels of the smaller side: WCAG 2.2, success criterion 2.5.8 Target Size (Minimum), level AA."""

COMFORTABLE: Final = 44.0
"""CSS pixels: WCAG 2.2, 2.5.5 Target Size (Enhanced), level AAA; Apple asks 44 points, Material Design 48 dp."""

PRESSED: Final = frozenset({"button", "checkbox", "switch", "icon", "field"})
"""Kinds that are pressed; an icon may be a picture only, or react beyond what is drawn of it."""


LEAST_ICON: Final = 12.0
"""CSS pixels below which a drawn icon is taken for a detail of something else, not for a target."""


def judge_targets(seen: Seen) -> Iterator[Weighed]:
    """Controls below the minimum and below what is comfortable, the smallest named."""
    targets = sorted((element for element in seen.elements if _is_target(element, seen)), key=_side)
    assumed = f"taking a CSS pixel as {seen.density:.1f} px"
    small = [t for t in targets if _side(t) / seen.density < LEAST and _is_crowded(t, targets, seen)]
    if small:
        statement = (
            f"Small targets: {len(small)} of {len(targets)} under 24 CSS px and close to others, the smallest "
            f"{named(small[0])} with {_side(small[0]) / seen.density:.0f} (WCAG 2.2 AA, 2.5.8; {assumed}, and what "
            "reacts may be larger than what is drawn)."
        )
        yield 2.0 + 0.1 * len(small), Finding("target", statement, "problem", small[0].box)
    buttons = [target for target in targets if target.kind in {"button", "field"}]
    low = [button for button in buttons if _side(button) / seen.density < COMFORTABLE]
    if low:
        statement = (
            f"Low targets: {len(low)} of {len(buttons)} buttons and fields under the recommended 44 CSS px, the "
            f"smallest {named(low[0])} with {_side(low[0]) / seen.density:.0f} (2.5.5; {assumed})."
        )
        yield 1.4, Finding("target", statement, "note", low[0].box)
    elif len(buttons) >= 2:
        statement = f"All {len(buttons)} buttons and fields are at least 44 CSS px high ({assumed})."
        yield 1.5, Finding("target", statement, "good", None)


def _is_target(element: Element, seen: Seen) -> bool:
    return element.kind in PRESSED and (element.kind != "icon" or _side(element) / seen.density >= LEAST_ICON)


def _is_crowded(target: Element, targets: Sequence[Element], seen: Seen) -> bool:
    """Whether a circle of 24 CSS pixels on the middle would meet another's: 2.5.8 excepts small targets set apart."""
    x, y = _middle(target)
    reach = LEAST * seen.density
    others = (_middle(other) for other in targets if other is not target)
    return any((x - a) ** 2 + (y - b) ** 2 < reach**2 for a, b in others)


def _middle(element: Element) -> tuple[float, float]:
    left, top, right, bottom = element.box
    return (left + right) / 2, (top + bottom) / 2


def _side(element: Element) -> float:
    left, top, right, bottom = element.box
    return min(right - left, bottom - top)
