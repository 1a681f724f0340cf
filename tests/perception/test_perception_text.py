"""Reading a drawn picture: the words, and boxes around where they were drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import openvino as ov
import pytest
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from beholder.evidence import Box, TextLine
from beholder.perception.detection import enlarged_last
from beholder.perception.ocr_models import CORE, DETECTOR, normalised
from beholder.perception.text import TextReader
from beholder.types import Image, Where


@dataclass(frozen=True)
class Word:
    """A text to draw, its left upper corner and its size in pixels."""

    text: str
    at: tuple[int, int]
    size: int = 40


WORDS = (
    Word("Harbour Coffee", (60, 40)),
    Word("Total due", (60, 160)),
    Word("1,102.00", (600, 160)),
    Word("Invoice 4711", (60, 280), 28),
)


@pytest.fixture(scope="module")
def reader() -> TextReader:
    """The reader, loaded once."""
    return TextReader()


def draw(words: tuple[Word, ...], size: tuple[int, int] = (900, 400)) -> tuple[Pictures.Image, dict[str, Box]]:
    """A white page, and the box of the ink of each text."""
    page = Pictures.new("RGB", size, "white")
    pen, boxes = ImageDraw.Draw(page), {}
    for word in words:
        font = ImageFont.load_default(word.size)
        pen.text(word.at, word.text, "black", font)
        boxes[word.text] = pen.textbbox(word.at, word.text, font)
    return page, boxes


def image(page: Pictures.Image, delivered: tuple[int, int] | None = None) -> Image:
    """The page as the images room delivers it, resized when it was too long."""
    shown = page if delivered is None else page.resize(delivered)
    return Image("digest", "PNG", page.size, np.asarray(shown), Where(0, 0, "messages[0].content[0].image_url.url"))


def overlap(first: Box, second: Box) -> float:
    """Area that the boxes share over the area that they cover together."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(width, 0) * max(height, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared / (sum(areas) - shared)


def by_text(lines: tuple[TextLine, ...]) -> dict[str, TextLine]:
    """The lines by what they say."""
    return {line.text: line for line in lines}


def test_words_are_read_where_they_stand(reader: TextReader) -> None:
    """Every text as drawn, its box around its ink, from top to bottom, with the recogniser's own confidence."""
    page, boxes = draw(WORDS)
    lines = reader.read(image(page))
    assert {word.text for word in WORDS} == {line.text for line in lines}
    for text, found in by_text(lines).items():
        assert overlap(boxes[text], found.box) > 0.5, text
        assert 0.8 < found.confidence <= 1
    assert sorted(line.box[1] // 60 for line in lines) == [line.box[1] // 60 for line in lines]


def test_boxes_are_in_original_pixels(reader: TextReader) -> None:
    """A picture delivered smaller than it was sent has the boxes of the one that was sent."""
    page, boxes = draw(tuple(Word(w.text, (w.at[0] * 2, w.at[1] * 2), w.size * 2) for w in WORDS), (1800, 800))
    lines = reader.read(image(page, delivered=(900, 400)))
    assert set(boxes) == {line.text for line in lines}
    for text, found in by_text(lines).items():
        assert overlap(boxes[text], found.box) > 0.5, text


def test_boxes_stay_within_the_picture(reader: TextReader) -> None:
    """Text at the very edge has a box that ends there."""
    page, _ = draw((Word("Corner text", (2, 2)),), (300, 60))
    found = reader.read(image(page))
    assert "Cornertext" == "".join(line.text for line in found).replace(" ", "")
    for line in found:
        left, top, right, bottom = line.box
        assert 0 <= left < right <= 300
        assert 0 <= top < bottom <= 60


def test_colours_are_not_swapped(reader: TextReader) -> None:
    """Light letters on red are read as well as black ones on white."""
    page = Pictures.new("RGB", (600, 120), (200, 30, 30))
    ImageDraw.Draw(page).text((40, 30), "Blue on red", (240, 240, 255), ImageFont.load_default(44))
    assert "Blueonred" == "".join(line.text for line in reader.read(image(page))).replace(" ", "")


def test_a_picture_without_text_has_no_lines(reader: TextReader) -> None:
    """Nothing is made up, on an empty page or on a single pixel."""
    assert () == reader.read(image(Pictures.new("RGB", (300, 200), "white")))
    assert () == reader.read(image(Pictures.new("RGB", (1, 1), "white")))


def test_words_have_boxes_of_their_own(reader: TextReader) -> None:
    """Each word of a line, from left to right, around where it was drawn."""
    page, _ = draw((Word("Total due today", (60, 60)),))
    (line,) = reader.read(image(page))
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(40)
    assert ["Total", "due", "today"] == [word.text for word in line.words]
    assert line.text == " ".join(word.text for word in line.words)
    for word, before in zip(line.words, ("", "Total ", "Total due "), strict=True):
        left = 60 + pen.textlength(before, font)
        middle = left + pen.textlength(word.text, font) / 2
        assert word.box[0] < middle < word.box[2]
        assert abs((word.box[0] + word.box[2]) / 2 - middle) < 25


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_pages_are_read(reader: TextReader, turn: int) -> None:
    """A page on its side or on its head says the same, with boxes where the text stands in the picture."""
    page, boxes = draw(WORDS)
    lines = by_text(reader.read(image(page.rotate(turn, expand=True))))
    assert set(boxes) == set(lines)
    left, top, right, bottom = boxes["Total due"]
    where = {90: (top, 900 - right, bottom, 900 - left), 180: (900 - right, 400 - bottom, 900 - left, 400 - top)}
    where[270] = (400 - bottom, left, 400 - top, right)
    assert overlap(where[turn], lines["Total due"].box) > 0.5


def test_a_line_that_runs_upwards_is_read(reader: TextReader) -> None:
    """Like the label of a chart's axis, beside text that stands upright."""
    page, _ = draw((Word("Total due", (200, 160)), Word("Invoice 4711", (200, 280))))
    label, _ = draw((Word("Cups of coffee", (10, 10)),), (340, 70))
    page.paste(label.rotate(90, expand=True), (20, 30))
    assert "Cups of coffee" in by_text(reader.read(image(page)))


def test_small_print_in_a_large_picture_is_read(reader: TextReader) -> None:
    """The detector sees a picture at the size that its writing needs, in strips if that is large."""
    small = tuple(Word(f"Clause {n} of the contract", (100 + 700 * (n % 3), 70 + 125 * n), 20) for n in range(20))
    page, _ = draw(small, (2600, 2600))
    assert {word.text for word in small} == set(by_text(reader.read(image(page))))


def test_low_detail_reads_large_letters_only(reader: TextReader) -> None:
    """It is the cheaper look at a picture: what is small in it is given up."""
    page, _ = draw((Word("HARBOUR", (200, 200), 200), Word("small print", (300, 2400), 11)), (2600, 2600))
    low = replace(image(page), detail="low")
    assert {"HARBOUR"} == set(by_text(reader.read(low)))


def test_detector_enlarged_last_sees_the_same() -> None:
    """Putting the doublings off to the end changes nothing but the order of sums, and that in float32 by little."""
    page, _ = draw(WORDS, (640, 384))
    given = np.asarray(page)[None, :, :, ::-1].copy()

    def seen(model: ov.Model) -> np.ndarray:
        exact = CORE.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        likely: np.ndarray = exact({0: given})[0]
        return likely

    whole, late = seen(normalised(DETECTOR)), seen(enlarged_last(normalised(DETECTOR)))
    assert (1, 1, 384, 640) == whole.shape == late.shape
    assert whole.max() > 0.9
    np.testing.assert_allclose(whole, late, atol=1e-3)
