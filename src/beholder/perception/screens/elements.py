"""Elements of a screen: surfaces, marks and text made into buttons, fields, icons, cards, images, bars and controls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from beholder.evidence import Box, Element, TextLine
from beholder.perception.screens.controls import Control, recognise
from beholder.perception.screens.lines import Line, Words, cut_lines
from beholder.perception.screens.paragraphs import Surroundings, paragraphs
from beholder.perception.screens.selection import SPREAD, accented, selected
from beholder.perception.screens.surfaces import RECTANGULAR, Drawn, Pixels, Rectangle, Surface, take_apart

Scale = tuple[float, float]

WORKING_EDGE: Final = 1440
"""Long edge in pixels that screens are looked at: a check box of 13 pixels on a 4K desktop still has 5."""

WIDEST_BUTTON: Final = 4.2
"""A button is at most this many times as high as its text."""

LARGEST_ICON: Final = 0.13
"""Largest side of an icon, as part of the screen's shorter side; what is larger is an image."""

LEAST_ICON: Final = 8
"""Working pixels of an icon's smaller side at least: corners of rounded surfaces leave smaller marks."""

NEAR: Final = 3.5
"""A control's label stands within this many times the control's size beside it."""

LONGEST_CARD_TEXT: Final = 160
"""Letters of a card's text that are kept."""


CLOCK: Final = re.compile(r"\b\d{1,2}:\d\d\b")
"""What the status bar of a phone shows besides its icons."""


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """A screen in working pixels: its picture, its lines and its parts."""

    pixels: Pixels
    lines: tuple[Line, ...]
    drawn: Drawn

    @property
    def width(self) -> int:
        """Working pixels across."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Working pixels down."""
        return int(self.pixels.shape[0])


def find_elements(pixels: Pixels, lines: Sequence[TextLine], scale: Scale = (1.0, 1.0)) -> tuple[Element, ...]:
    """The elements of a screen from top to bottom, boxes in original pixels.

    `pixels` is `(height, width, 3)` uint8 sRGB as delivered, `lines` its text with boxes in original pixels, `scale`
    the factors from delivered to original pixels, as `Image.scale` gives them. A control's state stands after its
    label: `Wi-Fi (on)`, `I agree (checked)`; of a bar's entries the selected one is marked `(selected)`. A card's text
    is that of everything in it, a paragraph's lines are one element of kind text. A button of several texts has its
    own text and an element of kind text for each. Confidence is what shape and surroundings say, not a probability.
    """
    factor = min(1.0, WORKING_EDGE / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else pixels
    ratio = (scale[0] / factor, scale[1] / factor)
    working = cut_lines(np.asarray(small), [_words(line, ratio, small.shape) for line in lines])
    screen = Screen(np.asarray(small, np.uint8), working, take_apart(np.asarray(small), [line.box for line in working]))
    limits = (pixels.shape[1] * scale[0], pixels.shape[0] * scale[1])
    found = sorted(_elements(screen), key=lambda element: (element.box[1], element.box[0]))
    return tuple(replace(element, box=_to_original(element.box, ratio, limits)) for element in found)


def _elements(screen: Screen) -> list[Element]:
    """Containers first, then what is in them; a line of text belongs to one element besides its cards and bars."""
    used: set[Line] = set()
    found: list[Element] = []
    for surface in _distinct(screen.drawn.surfaces):
        element = _contained(screen, surface)
        if element is not None:
            found.append(element)
            inside = _inside(screen.lines, surface.box)
            if element.kind in {"button", "field"} and len(_blocks(screen, inside)) == 1:
                used |= set(inside)
    found += _underlined_fields(screen, used)
    found += _tab_rows(screen, found)
    found += _marked(screen, found)
    rest = [line for line in screen.lines if line not in used]
    return found + [Element("text", box, text) for text, box in _blocks(screen, rest)]


def _distinct(surfaces: Sequence[Surface]) -> list[Surface]:
    """Rectangular surfaces, the largest first, without those that repeat a larger one but for its border."""
    kept: list[Surface] = []
    for surface in sorted(surfaces, key=lambda surface: -_area(surface.box)):
        if surface.fill < RECTANGULAR:
            continue
        if not any(_is_border_of(other.box, surface.box) for other in kept):
            kept.append(surface)
    return kept


def _is_border_of(outer: Rectangle, inner: Rectangle) -> bool:
    return all(abs(outer[side] - inner[side]) <= 5 for side in range(4))


def _contained(screen: Screen, surface: Surface) -> Element | None:
    """What a rectangular surface is, by its size and what stands in it."""
    left, top, right, bottom = surface.box
    wide, high = right - left, bottom - top
    lines = _inside(screen.lines, surface.box)
    marks = [mark for mark in screen.drawn.marks if _holds(surface.box, mark)]
    if not lines:
        return Element("bar", surface.box, "", 0.5) if _is_bar(screen, surface.box) and marks else None
    text = " ".join(line.text for line in lines)
    line_height = float(np.median([line.box[3] - line.box[1] for line in lines]))
    is_one_row = high <= WIDEST_BUTTON * line_height and len(lines) <= 2
    if _is_bar(screen, surface.box) and top <= 2 and CLOCK.search(text):
        return Element("bar", surface.box, "status bar " + CLOCK.findall(text)[-1], 0.8)
    if _is_bar(screen, surface.box):
        return Element("bar", surface.box, _bar_text(screen, lines, has_ground=True), 0.8)
    if is_one_row and wide < 0.97 * screen.width and high >= 1.15 * line_height:
        return Element(_button_or_field(screen, surface, lines, marks), surface.box, text, 0.8)
    if (
        wide >= 0.97 * screen.width
        or len(lines) + len(marks) < 2
        or _area(surface.box) > 0.75 * screen.width * screen.height
    ):
        return None
    return Element("card", surface.box, text[:LONGEST_CARD_TEXT], 0.7)


def _is_bar(screen: Screen, box: Rectangle) -> bool:
    """Across the whole screen, and low: an app bar, a row of tabs, a navigation bar."""
    return box[2] - box[0] >= 0.97 * screen.width and box[3] - box[1] <= 0.12 * screen.height


def _button_or_field(screen: Screen, surface: Surface, lines: Sequence[Line], marks: Sequence[Rectangle]) -> str:
    """A field's text begins at its left and leaves room; a button's stands in the middle, or fills it."""
    left, top, right, bottom = surface.box
    # What an encoder leaves at rounded corners is no icon beside the text.
    marks = [mark for mark in marks if mark[1] < (top + bottom) / 2 < mark[3]]
    start = min([line.box[0] for line in lines] + [mark[0] for mark in marks])
    end = max(line.box[2] for line in lines)
    before, after = start - left, right - end
    is_centred = abs(before - after) <= 0.12 * (right - left) + 4
    last = max((mark for mark in marks if mark[0] >= end), key=lambda mark: mark[2], default=None)
    leads_on = (
        last is not None and last[2] - last[0] < 0.75 * (last[3] - last[1]) and last[2] > right - 0.2 * (right - left)
    )
    if leads_on or sum(mark[0] >= end for mark in marks) > 1:
        return "button"
    return "field" if not is_centred and after > 1.8 * max(before, 4) and before < 0.25 * (right - left) else "button"


def _bar_text(screen: Screen, lines: Sequence[Line], *, has_ground: bool) -> str:
    """The entries of a bar, the one that stands out marked as selected if exactly one does."""
    ordered = sorted(lines, key=lambda line: line.box[0])
    marked = _marked_entry(screen, [line for line in ordered if line.box[2] < screen.width - 2], has_ground)
    return " | ".join(f"{line.text} (selected)" if line is marked else line.text for line in ordered)


def _marked_entry(screen: Screen, entries: Sequence[Line], has_ground: bool) -> Line | None:
    """The entry that is marked by a line or by its ground; or, in a bar that has a ground, by its writing's colour."""
    if not _is_row(entries):
        return None
    chosen = selected(screen.pixels, [entry.box for entry in entries], spread=SPREAD if has_ground else 0.0)
    inks = [entry.colour for entry in entries if entry.colour is not None]
    if chosen is None and has_ground and len(inks) == len(entries):
        chosen = accented(inks)
    return None if chosen is None else entries[chosen]


def _is_row(lines: Sequence[Line]) -> bool:
    """Whether all lines stand beside each other in one row and are words, equally high."""
    heights = [line.box[3] - line.box[1] for line in lines]
    middles = [(line.box[1] + line.box[3]) / 2 for line in lines]
    are_words = all(sum(letter.isalpha() for letter in line.text) >= 2 and len(line.text) <= 24 for line in lines)
    return (
        len(lines) >= 2
        and are_words
        and min(heights) >= 0.65 * max(heights)
        and max(middles) - min(middles) <= 0.5 * max(heights)
    )


def _tab_rows(screen: Screen, found: Sequence[Element]) -> list[Element]:
    """Rows of three and more words of which exactly one is marked as selected: tabs that have no bar of their own."""
    bars = [_whole(element) for element in found if element.kind == "bar"]
    free = [line for line in screen.lines if not any(_holds(bar, line.box) for bar in bars)]
    rows: list[list[Line]] = []
    for line in sorted(free, key=lambda line: line.box[1] + line.box[3]):
        if rows and line.box[1] + line.box[3] - rows[-1][0].box[1] - rows[-1][0].box[3] <= line.height:
            rows[-1].append(line)
        else:
            rows.append([line])
    tabs = []
    for row in rows:
        ordered = sorted(row, key=lambda line: line.box[0])
        if (
            len(ordered) >= 3
            and _is_row(ordered)
            and "(selected)" in (text := _bar_text(screen, ordered, has_ground=False))
        ):
            boxes = [line.box for line in ordered]
            box = (boxes[0][0], min(b[1] for b in boxes), boxes[-1][2], max(b[3] for b in boxes))
            tabs.append(Element("bar", box, text, 0.6))
    return tabs


def _underlined_fields(screen: Screen, used: set[Line]) -> list[Element]:
    """Texts that stand close above a rule which begins where they do and goes on further: fields without a frame."""
    found = []
    for rule in screen.drawn.rules:
        if rule[2] - rule[0] < 0.25 * screen.width or rule[2] - rule[0] > 0.97 * screen.width:
            continue
        if any(
            abs(surface.box[1] - rule[3]) <= 8 and surface.box[2] >= rule[2] - 8 for surface in screen.drawn.surfaces
        ):
            continue
        for line in screen.lines:
            height = line.box[3] - line.box[1]
            is_close = -2 <= rule[1] - line.box[3] <= 0.75 * height
            begins = -0.5 * height <= line.box[0] - rule[0] <= 1.5 * height
            if line not in used and is_close and begins and line.box[2] < rule[2] - height:
                used.add(line)
                box = (min(rule[0], line.box[0]), line.box[1], rule[2], rule[3])
                found.append(Element("field", box, line.text, 0.6))
                break
    return found


def _marked(screen: Screen, found: Sequence[Element]) -> list[Element]:
    """Icons, images and controls among the marks."""
    shorter = min(screen.width, screen.height)
    elements: list[Element] = []
    status = [_whole(element) for element in found if element.text.startswith("status bar")]
    blocks = [_block(screen, text, box) for text, box in _blocks(screen, screen.lines)]
    for mark in screen.drawn.marks:
        if any(_holds(box, mark) for box in status):
            continue
        wide, high = mark[2] - mark[0], mark[3] - mark[1]
        control = recognise(screen.pixels, mark) if max(wide, high) <= LARGEST_ICON * shorter else None
        label = _label(blocks, mark)
        if control is not None and label is not None and _fits(control, mark, label):
            elements.append(_told_control(control, mark, label))
        elif max(wide, high) <= LARGEST_ICON * shorter:
            if 0.33 <= wide / high <= 3 and min(wide, high) >= LEAST_ICON:
                elements.append(Element("icon", mark, "", 0.6))
        elif min(wide, high) >= 0.5 * LARGEST_ICON * shorter and not any(_is_border_of(_whole(e), mark) for e in found):
            elements.append(Element("image", mark, "", 0.6))
    return elements


def _blocks(screen: Screen, lines: Sequence[Line]) -> list[tuple[str, Rectangle]]:
    surfaces = [surface.box for surface in screen.drawn.surfaces if surface.fill >= RECTANGULAR]
    neighbours = [*(line.box for line in screen.lines), *screen.drawn.marks]
    return paragraphs(lines, Surroundings([(0, 0, screen.width, screen.height), *surfaces], neighbours))


def _block(screen: Screen, text: str, box: Rectangle) -> Line:
    """A paragraph as one line, as high as one of its lines."""
    heights = [line.height for line in screen.lines if _holds(box, line.box)]
    return Line(text, box, max(heights, default=box[3] - box[1]))


def _words(line: TextLine, ratio: Scale, shape: Sequence[int]) -> Words:
    box = _to_working(line.box, ratio, shape)
    if not line.words:
        return Words((line.text,), (box,), box)
    boxes = tuple(_to_working(word.box, ratio, shape) for word in line.words)
    return Words(tuple(word.text for word in line.words), boxes, box)


def _rounded(box: Box) -> Rectangle:
    return round(box[0]), round(box[1]), round(box[2]), round(box[3])


def _whole(element: Element) -> Rectangle:
    """An element's box in whole working pixels."""
    return _rounded(element.box)


def _told_control(control: Control, box: Rectangle, label: Line) -> Element:
    on, off = ("on", "off") if control.kind == "switch" else ("checked", "not checked")
    if control.is_round:
        on, off = "selected", "not selected"
    return Element(control.kind, box, f"{label.text} ({on if control.is_on else off})", control.confidence)


def _fits(control: Control, box: Rectangle, label: Line) -> bool:
    """Boxes to tick are about as high as their text; pictures before a text are higher."""
    if sum(letter.isalpha() for letter in label.text) < 2:
        return False
    return control.kind == "switch" or box[3] - box[1] <= 1.9 * label.height


def _label(lines: Sequence[Line], box: Rectangle) -> Line | None:
    """The text beside a control: to its right, close; or the first and topmost in its row, to its left."""
    middle, size = (box[1] + box[3]) / 2, box[3] - box[1]
    row = [line for line in lines if line.box[1] - size <= middle <= line.box[3] + size]
    right = [line for line in row if 0 <= line.box[0] - box[2] + 4 <= NEAR * size]
    if right:
        return min(right, key=lambda line: (abs((line.box[1] + line.box[3]) / 2 - middle) > size, line.box[0]))
    left = [line for line in row if line.box[2] <= box[0] + 4]
    if not left:
        return None
    first = min(line.box[0] for line in left)
    # Of a title and its caption, which begin at the same place, the title is the label.
    return min((line for line in left if line.box[0] <= first + size), key=lambda line: line.box[1])


def _inside(lines: Sequence[Line], box: Rectangle) -> list[Line]:
    """The lines whose middle lies in a box and that do not stick out far, in reading order."""
    return [line for line in lines if _holds(box, line.box)]


def _holds(outer: Rectangle, inner: Rectangle) -> bool:
    return (
        inner[0] >= outer[0] - 3 and inner[1] >= outer[1] - 3 and inner[2] <= outer[2] + 3 and inner[3] <= outer[3] + 3
    )


def _area(box: Rectangle) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _to_working(box: Box, ratio: Scale, shape: Sequence[int]) -> Rectangle:
    left, top = max(0, round(box[0] / ratio[0])), max(0, round(box[1] / ratio[1]))
    return left, top, min(shape[1], round(box[2] / ratio[0])), min(shape[0], round(box[3] / ratio[1]))


def _to_original(box: Box, ratio: Scale, limits: tuple[float, float]) -> Box:
    return (
        box[0] * ratio[0],
        box[1] * ratio[1],
        min(limits[0], box[2] * ratio[0]),
        min(limits[1], box[3] * ratio[1]),
    )
