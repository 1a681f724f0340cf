"""Elements of screens that were drawn for the tests."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from beholder.evidence import Box, Element, TextLine, Word
from beholder.perception.screens import describe_elements, find_elements, inventory, longest_list


@dataclass
class Drawing:
    """A screen in the making: what is written on it becomes its lines of text."""

    width: int = 800
    height: int = 900
    ground: str = "#f4f5f7"
    lines: list[TextLine] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.picture = Pillow.new("RGB", (self.width, self.height), self.ground)
        self.draw = ImageDraw.Draw(self.picture)

    def write(self, text: str, x: int, y: int, size: int = 22, fill: str = "#222222") -> None:
        """A text with its top left corner at a point."""
        font = ImageFont.load_default(size)
        self.draw.text((x, y), text, font=font, fill=fill)
        left, top, right, bottom = self.draw.textbbox((x, y), text, font=font)
        # Readers' boxes have a margin around the letters.
        self.lines.append(TextLine(text, (left - 2, top - 2, right + 2, bottom + 2), 0.99, "drawn"))

    def write_row(self, texts: list[str], gap: int, x: int, y: int, fills: tuple[str, ...] = ()) -> None:
        """Texts beside each other, so many pixels apart, that were read as one line."""
        words: list[Word] = []
        for number, text in enumerate(texts):
            self.write(text, x, y, fill=fills[number] if fills else "#222222")
            box = self.lines.pop().box
            words.append(Word(text, box, 0.99))
            x = round(box[2]) - 2 + gap
        lefts, tops, rights, bottoms = zip(*(word.box for word in words), strict=True)
        box = (min(lefts), min(tops), max(rights), max(bottoms))
        self.lines.append(TextLine(" ".join(texts), box, 0.99, "drawn", tuple(words)))

    def elements(self, quality: int | None = None, scale: tuple[float, float] = (1.0, 1.0)) -> tuple[Element, ...]:
        """What is found, after saving as JPEG of a quality if one is given."""
        return find_elements(self.pixels(quality), self.lines, scale)

    def pixels(self, quality: int | None = None) -> NDArray[np.uint8]:
        """The picture."""
        if quality is None:
            return np.asarray(self.picture)
        buffer = io.BytesIO()
        self.picture.save(buffer, "JPEG", quality=quality)
        return np.asarray(Pillow.open(buffer).convert("RGB"))


def of_kind(elements: tuple[Element, ...], kind: str) -> list[str]:
    """The texts of the elements of a kind, from top to bottom."""
    return [element.text for element in elements if element.kind == kind]


def is_near(box: Box, expected: tuple[int, int, int, int], within: float = 5) -> bool:
    """Whether all sides of two boxes are close."""
    return max(abs(a - b) for a, b in zip(box, expected, strict=True)) <= within


@pytest.mark.parametrize("quality", [None, 85])
def test_a_form_is_its_fields_and_its_button(quality: int | None) -> None:
    """Filled and outlined fields, whose text begins at the left, and a button, whose text is in the middle."""
    drawing = Drawing()
    drawing.draw.rounded_rectangle((60, 100, 740, 160), 8, fill="white", outline="#8899aa", width=2)
    drawing.write("Your e-mail", 80, 116)
    drawing.draw.rounded_rectangle((60, 200, 740, 260), 8, fill="#dfe5ee")
    drawing.write("Password", 80, 216)
    drawing.draw.rounded_rectangle((60, 320, 740, 384), 8, fill="#2a6df4")
    drawing.write("Sign in", 365, 338, fill="white")
    elements = drawing.elements(quality)
    assert ["Your e-mail", "Password"] == of_kind(elements, "field")
    (button,) = (element for element in elements if element.kind == "button")
    assert "Sign in" == button.text
    assert is_near(button.box, (60, 320, 740, 384))


def test_a_field_may_be_a_line_alone() -> None:
    """Text close above a rule that goes on further."""
    drawing = Drawing(ground="white")
    drawing.write("First name", 60, 120)
    drawing.draw.line((56, 152, 740, 152), fill="#777777", width=2)
    drawing.write("An ordinary text", 60, 300)
    elements = drawing.elements()
    assert ["First name"] == of_kind(elements, "field")
    assert ["An ordinary text"] == of_kind(elements, "text")


def test_cards_hold_what_stands_in_them() -> None:
    """A card's text is that of everything in it, and its box is what was drawn."""
    drawing = Drawing()
    for top, name in ((60, "Revenue"), (260, "Visitors")):
        drawing.draw.rounded_rectangle((60, top, 460, top + 160), 10, fill="white")
        drawing.write(name, 84, top + 20, 24)
        drawing.write("up 12 % since last week", 84, top + 90)
    cards = [element for element in drawing.elements() if element.kind == "card"]
    assert ["Revenue up 12 % since last week", "Visitors up 12 % since last week"] == [card.text for card in cards]
    assert is_near(cards[0].box, (60, 60, 460, 220))


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_the_selected_tab_is_marked(chosen: int) -> None:
    """By the line under it; all entries of the bar are told in order."""
    drawing = Drawing()
    drawing.draw.rectangle((0, 0, 800, 70), fill="#30343a")
    names = ["Local", "Search", "Installed"]
    for number, name in enumerate(names):
        drawing.write(name, 90 + 260 * number, 20, fill="white")
    drawing.draw.rectangle((266 * chosen, 63, 266 * chosen + 266, 70), fill="#33b5e5")
    expected = " | ".join(f"{name} (selected)" if n == chosen else name for n, name in enumerate(names))
    assert [expected] == of_kind(drawing.elements(), "bar")


def test_the_tab_of_another_colour_is_selected() -> None:
    """Where neither a line nor a ground marks one: the coloured one beside a grey one, or the one unlike all others."""
    drawing = Drawing()
    drawing.draw.rectangle((0, 830, 799, 899), fill="white")
    drawing.write("Forecast", 120, 852, fill="#1976d2")
    drawing.write("Radar", 540, 852, fill="#9a9a9a")
    assert "Forecast (selected) | Radar" in of_kind(drawing.elements(), "bar")
    drawing = Drawing()
    drawing.draw.rectangle((0, 830, 799, 899), fill="white")
    for name, x, fill in (("Home", 60, "#9a9a9a"), ("Trips", 340, "#d21976"), ("Profile", 620, "#9a9a9a")):
        drawing.write(name, x, 852, fill=fill)
    assert "Home | Trips (selected) | Profile" in of_kind(drawing.elements(), "bar")


def test_what_stands_below_tabs_does_not_hide_the_marked_one() -> None:
    """The line under the selected tab is further from the others than they are from each other."""
    drawing = Drawing()
    drawing.draw.rectangle((0, 60, 799, 119), fill="white")
    for name, x in (("Info", 60), ("Works", 340), ("Notes", 620)):
        drawing.write(name, x, 76)
    drawing.draw.rectangle((40, 108, 160, 112), fill="#1976d2")
    drawing.draw.rectangle((300, 122, 460, 150), fill="#cccccc")
    assert "Info (selected) | Works | Notes" in of_kind(drawing.elements(), "bar")


@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("style", ["thick knob", "knob within"])
@pytest.mark.parametrize("quality", [None, 85])
def test_a_switch_is_on_where_its_knob_is_right(style: str, is_on: bool, quality: int | None) -> None:
    """As Android draws it, a knob thicker than its track, and as iOS does, a white knob in a coloured track."""
    drawing = Drawing(ground="white")
    drawing.write("Use mobile data", 60, 104)
    if style == "thick knob":
        drawing.draw.rounded_rectangle((660, 108, 716, 132), 12, fill="#9fd8d3" if is_on else "#bbbbbb")
        knob = (690, 102, 726, 138) if is_on else (650, 102, 686, 138)
        drawing.draw.ellipse(knob, fill="#00897b" if is_on else "#757575")
    else:
        drawing.draw.rounded_rectangle((650, 100, 720, 140), 20, fill="#34c759" if is_on else "#a0a0a6")
        drawing.draw.ellipse((682, 102, 718, 138) if is_on else (652, 102, 688, 138), fill="white")
    assert [f"Use mobile data ({'on' if is_on else 'off'})"] == of_kind(drawing.elements(quality), "switch")


def test_check_boxes_and_radio_buttons_say_whether_they_are_chosen() -> None:
    """Each with the text beside it."""
    drawing = Drawing(ground="white")
    drawing.draw.rectangle((60, 100, 86, 126), outline="#555555", width=3)
    drawing.write("Send me news", 104, 100)
    drawing.draw.rounded_rectangle((60, 160, 86, 186), 3, fill="#1a73e8")
    drawing.draw.line((65, 173, 71, 180, 82, 166), fill="white", width=4)
    drawing.write("I agree", 104, 160)
    drawing.draw.ellipse((60, 220, 86, 246), outline="#555555", width=3)
    drawing.write("By train", 104, 220)
    drawing.draw.ellipse((60, 280, 86, 306), outline="#1a73e8", width=3)
    drawing.draw.ellipse((67, 287, 79, 299), fill="#1a73e8")
    drawing.write("By bus", 104, 280)
    expected = ["Send me news (not checked)", "I agree (checked)", "By train (not selected)", "By bus (selected)"]
    assert expected == of_kind(drawing.elements(), "checkbox")


def test_icons_and_images_are_told_apart_by_size() -> None:
    """A small drawing is an icon, a large one an image."""
    drawing = Drawing(ground="white")
    drawing.draw.polygon([(700, 40), (730, 90), (670, 90)], fill="#444444")
    chance = np.random.default_rng(3)
    grain = chance.integers(0, 255, (30, 40, 3), dtype=np.uint8)
    drawing.picture.paste(Pillow.fromarray(grain).resize((400, 300)), (100, 300))
    elements = drawing.elements()
    (icon,) = (element for element in elements if element.kind == "icon")
    (image,) = (element for element in elements if element.kind == "image")
    assert is_near(icon.box, (670, 40, 730, 90))
    assert is_near(image.box, (100, 300, 500, 600), 8)


def test_lines_of_a_paragraph_are_one_text() -> None:
    """Lines that follow each other closely; a heading of another size stays apart."""
    drawing = Drawing(ground="white")
    drawing.write("Terms of use", 60, 60, 40)
    drawing.write("We keep your data on your own machine and", 60, 130)
    drawing.write("never send it anywhere else.", 60, 160)
    texts = of_kind(drawing.elements(), "text")
    assert ["Terms of use", "We keep your data on your own machine and never send it anywhere else."] == texts


def test_boxes_are_in_original_pixels() -> None:
    """Also where the picture was delivered at half of its size."""
    drawing = Drawing()
    drawing.draw.rounded_rectangle((60, 320, 740, 384), 8, fill="#2a6df4")
    drawing.write("Sign in", 365, 338, fill="white")
    doubled = [
        TextLine(line.text, tuple_of(tuple(2 * side for side in line.box)), 0.99, "drawn") for line in drawing.lines
    ]
    elements = find_elements(drawing.pixels(), doubled, (2.0, 2.0))
    assert [True] == [is_near(e.box, (120, 640, 1480, 768), 10) for e in elements if e.kind == "button"]


def tuple_of(sides: tuple[float, ...]) -> Box:
    """Four sides as a box."""
    left, top, right, bottom = sides
    return left, top, right, bottom


def test_an_empty_picture_has_no_elements() -> None:
    """One colour, no text."""
    assert () == Drawing().elements()
    assert "" == describe_elements(())


def test_elements_are_described_by_kind() -> None:
    """States and names a line for each kind, icons by place, plain text not at all."""
    elements = (
        Element("text", (0, 0, 90, 20), "Settings"),
        Element("switch", (10, 10, 50, 30), "Wi-Fi (on)"),
        Element("switch", (10, 50, 50, 70), "Bluetooth (off)"),
        Element("icon", (100, 10, 120, 30)),
        Element("bar", (0, 80, 90, 100), "Day | Week (selected)"),
        Element("card", (0, 110, 90, 200), "Revenue 12"),
    )
    lines = ["2 switches: Wi-Fi: on; Bluetooth: off", "1 bar: Day | Week, selected: Week", "1 card"]
    assert [*lines, "icons without text: 1, at (110,20)"] == describe_elements(elements).splitlines()


def test_a_switch_is_named_by_its_title() -> None:
    """Not by the caption under the title, wherever that begins."""
    drawing = Drawing(ground="white")
    drawing.write("Use mobile data", 60, 90)
    drawing.write("Costs may apply", 58, 116, fill="#8a8a8a")
    drawing.draw.rounded_rectangle((650, 94, 720, 134), 20, fill="#34c759")
    drawing.draw.ellipse((682, 96, 718, 132), fill="white")
    assert ["Use mobile data (on)"] == of_kind(drawing.elements(), "switch")


def texts_of(drawing: Drawing) -> list[str]:
    """Every text of a screen, as it is listed."""
    return inventory(drawing.elements(), (drawing.width, drawing.height))[0]


def test_texts_far_apart_are_two() -> None:
    """A reader takes buttons beside each other for one line; words keep the space between them."""
    drawing = Drawing()
    drawing.write_row(["SAVE", "LOAD"], 40, 60, 100)
    drawing.write_row(["Save", "now"], 6, 60, 300)
    assert ["SAVE", "LOAD", "Save now"] == texts_of(drawing)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["EUR", "Euro"], ["USD", "Dollar"], ["JPY", "Yen"]], ["EUR", "Euro", "USD", "Dollar", "JPY", "Yen"]),
        ([["Go", "home"], ["Go", "back"], ["Go", "on"]], ["Go home", "Go back", "Go on"]),
        ([["AUD", "Dollar"], ["DAU", "Euro"]], ["AUD Dollar", "DAU Euro"]),
    ],
    ids=["column", "same word", "two rows"],
)
def test_columns_of_a_list_are_texts_of_their_own(rows: list[list[str]], expected: list[str]) -> None:
    """Three rows whose second words begin at one place, after different first ones; less is chance."""
    drawing = Drawing()
    column = 70 + max(round(drawing.draw.textlength(first, ImageFont.load_default(22))) for first, _ in rows)
    for number, (first, second) in enumerate(rows):
        drawing.write(first, 60, 100 + 80 * number)
        start = drawing.lines.pop().box
        drawing.write(second, column, 100 + 80 * number)
        end = drawing.lines.pop().box
        box = (start[0], min(start[1], end[1]), end[2], max(start[3], end[3]))
        words = (Word(first, start, 0.99), Word(second, end, 0.99))
        drawing.lines.append(TextLine(f"{first} {second}", box, 0.99, "drawn", words))
    assert expected == texts_of(drawing)


def test_a_link_is_a_text_of_its_own_unless_a_paragraph_goes_on() -> None:
    """Words of another colour at the end of a line that stands alone; a paragraph is whole with its links."""
    drawing = Drawing(ground="white")
    drawing.write_row(["No", "account?", "Sign", "up"], 6, 60, 100, ("#888888", "#888888", "#0033cc", "#0033cc"))
    drawing.write_row(["You", "may", "read", "our", "long"], 6, 60, 300, (*("#222222",) * 4, "#0033cc"))
    drawing.write_row(["privacy", "policy", "here."], 6, 60, 324, ("#0033cc", "#0033cc", "#222222"))
    assert ["No account?", "Sign up", "You may read our long privacy policy here."] == texts_of(drawing)


def test_a_caption_in_another_colour_is_no_part_of_its_title() -> None:
    """Title and caption are two texts, however close; two lines of one colour that are as close are one."""
    drawing = Drawing()
    drawing.write("Screen lock", 60, 100)
    drawing.write("Not set", 60, 124, fill="#8a8a8a")
    drawing.write("Nothing happened.", 60, 300)
    drawing.write("Please try again.", 60, 324)
    assert ["Screen lock", "Not set", "Nothing happened. Please try again."] == texts_of(drawing)


def test_rows_of_labels_and_values_are_no_paragraphs() -> None:
    """Lines that look alike, but have something beside each."""
    drawing = Drawing()
    for number, (label, value) in enumerate([("Typing", "31 pages"), ("Reading", "72 pages")]):
        drawing.write(label, 60, 100 + 24 * number)
        drawing.write(value, 400, 100 + 24 * number)
    assert ["Typing", "31 pages", "Reading", "72 pages"] == texts_of(drawing)


def test_the_texts_of_a_button_are_listed_once() -> None:
    """Each of several as its own, the only one as the button's."""
    drawing = Drawing()
    drawing.draw.rectangle((60, 100, 740, 190), fill="white", outline="#8899aa", width=2)
    drawing.write("Home", 80, 112)
    drawing.write("Set once and go", 80, 148, fill="#8a8a8a")
    drawing.draw.rectangle((60, 300, 740, 360), fill="#2a6df4")
    drawing.write("Sign in", 360, 316, fill="white")
    assert ["Home", "Set once and go", "Sign in"] == texts_of(drawing)


def test_the_status_bar_is_listed_apart() -> None:
    """The row with the clock at the top of a telephone's screen; elsewhere a time is a text like others."""
    drawing = Drawing(height=1600)
    drawing.write("11:42", 20, 14)
    drawing.write("Departures", 60, 140)
    drawing.write("12:05", 60, 300)
    assert (["Departures", "12:05"], "11:42") == inventory(drawing.elements(), (800, 1600))


def list_of(drawing: Drawing) -> tuple[str, ...]:
    """The entries of the longest list."""
    return longest_list(drawing.lines, drawing.elements(), (drawing.width, drawing.height))


def test_entries_in_equal_steps_are_a_list() -> None:
    """Aligned at the left or by their middles; titles stand for their captions, and a paragraph is one text."""
    drawing = Drawing(height=1200)
    names = ["Oak", "Silver birch", "Hornbeam", "Lime", "Rowan"]
    for number, name in enumerate(names):
        drawing.write(name, 60, 200 + 90 * number, size=26)
        drawing.write("a native tree", 60, 236 + 90 * number, size=18, fill="#888888")
    drawing.write("Trees that were planted beside the road last year", 60, 760)
    drawing.write("and those that are still to be planted this spring", 60, 790)
    drawing.write("along the canal and around the new town hall too", 60, 820)
    assert tuple(names) == list_of(drawing)


def test_a_search_field_above_a_list_is_no_entry() -> None:
    """Though it is one step above the first one."""
    drawing = Drawing(height=1200)
    drawing.draw.rectangle((40, 190, 760, 244), fill="white", outline="#666666", width=2)
    for number, name in enumerate(["tr", "Travemünde", "Trieste", "Tromsø", "Trondheim"]):
        drawing.write(name, 60, 206 + 80 * number)
    assert ("Travemünde", "Trieste", "Tromsø", "Trondheim") == list_of(drawing)


def test_uneven_texts_are_no_list() -> None:
    """Nor are icons that are read as single letters."""
    drawing = Drawing(height=1200)
    for text, y in (("Hello", 200), ("How are you?", 260), ("Sent yesterday", 420)):
        drawing.write(text, 60, y)
    for number in range(4):
        drawing.write("Q", 700, 600 + 90 * number)
    assert () == list_of(drawing)
