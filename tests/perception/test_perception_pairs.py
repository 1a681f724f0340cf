"""Pairs of pictures with differences that were drawn into them."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from beholder.evidence import Box, Cell, Chart, Comparison, Difference, Evidence, Table, TextLine
from beholder.perception.demonstration import load_picture
from beholder.perception.pairs import can_be_versions, compare, describe_differences
from beholder.perception.text import TextReader

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Label:
    """A text of the mockup."""

    text: str
    left: int
    top: int
    size: int = 20
    colour: str = "#222222"


@dataclass(frozen=True)
class Shape:
    """A filled rectangle of the mockup."""

    box: tuple[int, int, int, int]
    fill: str
    radius: int = 6


SHAPES = (
    Shape((0, 0, 600, 56), "#1f3a5f", 0),
    Shape((40, 90, 280, 230), "#eef2f7"),
    Shape((320, 90, 560, 230), "#eef2f7"),
    Shape((40, 620, 200, 664), "#2a6df4"),
    Shape((540, 16, 564, 40), "#ffcc00", 12),
)
LABELS = (
    Label("Travel planner", 20, 16, 24, "#ffffff"),
    Label("Flights to Oslo", 60, 110),
    Label("Hotels nearby", 340, 110),
    Label("Departure", 40, 280),
    Label("14 March 2026", 240, 280),
    Label("Passengers", 40, 330),
    Label("2 adults", 240, 330),
    Label("Luggage", 40, 380),
    Label("1 piece", 240, 380),
    Label("Search", 85, 630, 22, "#ffffff"),
)


def mockup(
    shapes: Sequence[Shape] = SHAPES, labels: Sequence[Label] = LABELS, size: tuple[int, int] = (600, 720)
) -> tuple[NDArray[np.uint8], tuple[TextLine, ...]]:
    """A drawn screen and its lines of text as a reader would give them."""
    picture = Pillow.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for shape in shapes:
        draw.rounded_rectangle(shape.box, shape.radius, fill=shape.fill)
    lines = []
    for label in labels:
        font = ImageFont.load_default(label.size)
        draw.text((label.left, label.top), label.text, font=font, fill=label.colour)
        box = draw.textbbox((label.left, label.top), label.text, font=font)
        lines.append(TextLine(label.text, (box[0], box[1], box[2], box[3]), 0.99, "drawn"))
    return np.asarray(picture), tuple(lines)


def differences_to(
    second: tuple[NDArray[np.uint8], tuple[TextLine, ...]],
    first: tuple[NDArray[np.uint8], tuple[TextLine, ...]] | None = None,
) -> tuple[Difference, ...]:
    """What the comparison of the mockup, or of `first`, with `second` finds."""
    before = first or mockup()
    return compare(before[0], second[0], before[1], second[1]).differences


def contains(outer: Box, x: float, y: float) -> bool:
    """Whether a point lies in a box."""
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def leaves() -> Pillow.Image:
    """A picture with grain and many overlapping things, as photographs have."""
    chance = np.random.default_rng(7)
    picture = Pillow.new("RGB", (640, 480), (120, 150, 110))
    draw = ImageDraw.Draw(picture)
    for _ in range(400):
        x, y = int(chance.integers(0, 640)), int(chance.integers(0, 480))
        colour = tuple(int(value) for value in chance.integers(40, 220, 3))
        wide, high = (int(value) for value in chance.integers(8, 50, 2))
        draw.ellipse((x, y, x + wide, y + high), fill=colour)
    grain = chance.normal(0, 6, (480, 640, 3))
    return Pillow.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))


def jpeg(picture: Pillow.Image, quality: int) -> Pillow.Image:
    """The picture after one saving as JPEG."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Pillow.open(buffer).convert("RGB")


@pytest.mark.parametrize("drawn", [True, False], ids=["screen", "photo"])
@pytest.mark.parametrize(
    "change",
    ["none", "jpeg 90", "jpeg 50", "half", "larger", "softened", "shifted", "cropped"],
)
def test_an_equal_picture_has_no_differences(change: str, drawn: bool) -> None:
    """However it was encoded, resampled, shifted by a pixel or cropped."""
    picture = Pillow.fromarray(mockup()[0]) if drawn else leaves()
    width, height = picture.size
    half = (width // 2, height // 2)
    changed = {
        "none": lambda: picture,
        "jpeg 90": lambda: jpeg(picture, 90),
        "jpeg 50": lambda: jpeg(picture, 50),
        "half": lambda: picture.resize(half, Pillow.Resampling.LANCZOS),
        "larger": lambda: picture.resize((width * 3 // 2, height * 3 // 2), Pillow.Resampling.BICUBIC),
        "softened": lambda: picture.resize(half).resize(picture.size),
        "shifted": lambda: picture.transform(picture.size, Pillow.Transform.AFFINE, (1, 0, 1, 0, 1, -1)),
        "cropped": lambda: picture.crop((10, 8, width - 14, height - 10)),
    }[change]()
    comparison = compare(np.asarray(picture), np.asarray(changed))
    assert Comparison(0, 1, ()) == comparison


def test_a_removed_leaf_is_found() -> None:
    """A small thing gone from a lively picture, in spite of another JPEG encoding."""
    before = leaves()
    draw = ImageDraw.Draw(before)
    draw.ellipse((300, 200, 324, 216), fill=(250, 240, 60))
    comparison = compare(np.asarray(before), np.asarray(jpeg(leaves(), 80)))
    assert 1 == len(comparison.differences)
    assert contains(comparison.differences[0].box, 312, 208)
    assert "removed" == comparison.differences[0].kind


def test_a_changed_text_is_told_before_and_after() -> None:
    """As one difference, however many letters changed."""
    labels = [replace(label, text="3 adults, 1 child") if label.text == "2 adults" else label for label in LABELS]
    (difference,) = differences_to(mockup(labels=labels))
    assert "text" == difference.kind
    assert 'text changed: "2 adults" → "3 adults, 1 child"' in difference.description


def test_a_changed_fill_is_told_as_colours() -> None:
    """Both in words and in hexadecimal."""
    shapes = [replace(shape, fill="#1e9e4a") if shape.fill == "#2a6df4" else shape for shape in SHAPES]
    (difference,) = differences_to(mockup(shapes))
    assert "colour" == difference.kind
    assert "blue #2a6df4 → green #1e9e4a" in difference.description
    assert '"Search"' in difference.description
    assert "bottom left" in difference.description


def test_a_faint_change_of_a_surface_is_seen() -> None:
    """Ten levels of grey on a card count in a picture without noise."""
    shapes = [replace(shape, fill="#f8fbff") if shape.box[0] == 320 else shape for shape in SHAPES]
    (difference,) = differences_to(mockup(shapes))
    assert "colour" == difference.kind
    assert contains(difference.box, 440, 170)


@pytest.mark.parametrize("offset", [(0, 14), (230, 0), (60, -30)])
def test_a_moved_button_is_one_difference(offset: tuple[int, int]) -> None:
    """Fill and text together, by how far it went, with its box before and after."""
    across, down = offset
    shapes = [
        replace(shape, box=(40 + across, 620 + down, 200 + across, 664 + down)) if shape.box[1] == 620 else shape
        for shape in SHAPES
    ]
    labels = [
        replace(label, left=label.left + across, top=label.top + down) if label.text == "Search" else label
        for label in LABELS
    ]
    (difference,) = differences_to(mockup(shapes, labels))
    assert "moved" == difference.kind
    assert '"Search"' in difference.description
    for distance, side in ((abs(across), "right" if across > 0 else "left"), (abs(down), "down" if down > 0 else "up")):
        assert (f"{distance} px {side}" in difference.description) == (distance > 0)
    assert difference.box_before is not None
    assert contains(difference.box, 120 + across, 640 + down)
    assert contains(difference.box_before, 120, 640)


def test_an_insertion_that_pushes_the_page_down_is_one_difference() -> None:
    """What was put in is told, and that the rest moved."""
    shapes = [
        s if s.box[1] < 60 else replace(s, box=(s.box[0], s.box[1] + 50, s.box[2], s.box[3] + 50)) for s in SHAPES
    ]
    labels = [label if label.top < 60 else replace(label, top=label.top + 50) for label in LABELS]
    shapes.append(Shape((40, 66, 560, 106), "#fff3cd"))
    labels.append(Label("Free changes until May", 60, 74, 18))
    (difference,) = differences_to(mockup(shapes, labels, (600, 770)), mockup())
    assert "added" == difference.kind
    assert "Free changes until May" in difference.description
    assert "moved down by 50 px" in difference.description


def test_a_field_that_was_put_in_is_told_though_nothing_moved_alone() -> None:
    """Each row took the next one's place, and the button below them became another: the texts tell the move."""
    first, second = (load_picture(str(EXAMPLES / f"mockup_{side}.png")) for side in "ab")
    reader = TextReader()
    found = compare(first.pixels, second.pixels, reader.read(first), reader.read(second)).differences
    told = [difference.description for difference in found]
    (inserted,) = (words for words in told if "everything below it moved down by 112 px" in words)
    assert inserted.startswith('added: "Phone number')
    assert not any("Password" in words or "Already" in words for words in told)
    assert any('"Get started"' in words for words in told)


def test_a_removed_row_that_pulls_the_page_up_is_one_difference() -> None:
    """What was taken out is told, and that the rest moved."""
    labels = [label for label in LABELS if label.top != 330]
    labels = [replace(label, top=330) if label.top == 380 else label for label in labels]
    shapes = [
        s if s.box[1] < 600 else replace(s, box=(s.box[0], s.box[1] - 50, s.box[2], s.box[3] - 50)) for s in SHAPES
    ]
    labels = [replace(label, top=label.top - 50) if label.top > 600 else label for label in labels]
    (difference,) = differences_to(mockup(shapes, labels))
    assert "removed" == difference.kind
    assert "Passengers" in difference.description
    assert "moved up by 50 px" in difference.description


def test_added_and_removed_things_are_told_apart() -> None:
    """An icon that went, and a text that came."""
    (gone,) = differences_to(mockup(SHAPES[:-1]))
    assert "removed" == gone.kind
    assert "yellow #ffcc00" in gone.description
    assert "top right" in gone.description
    (new,) = differences_to(mockup(labels=(*LABELS, Label("No hidden fees", 340, 180))))
    assert "added" == new.kind
    assert '"No hidden fees"' in new.description


def test_the_most_striking_difference_comes_first() -> None:
    """A large recoloured card before a small new icon, whatever their order on the page."""
    shapes = [replace(shape, fill="#c23b22") if shape.box[0] == 320 else shape for shape in SHAPES]
    shapes.append(Shape((20, 66, 36, 82), "#888888"))
    found = differences_to(mockup(shapes))
    assert ["colour", "added"] == [difference.kind for difference in found]
    assert found[0].score > found[1].score


def test_boxes_are_in_original_pixels_of_each_picture() -> None:
    """Also where the pictures were delivered reduced, and differently."""
    before, after = mockup()[0], mockup(SHAPES[:-1])[0]
    smaller = np.asarray(Pillow.fromarray(after).resize((300, 360), Pillow.Resampling.LANCZOS))
    (difference,) = compare(before, smaller, scales=((2.0, 2.0), (8.0, 8.0))).differences
    assert difference.box_before is not None
    assert contains(difference.box_before, 552 * 2, 28 * 2)
    assert contains(difference.box, 552 * 4, 28 * 4)
    assert difference.box_before[2] - difference.box_before[0] < 100


def test_different_pictures_are_not_compared() -> None:
    """Two pictures of different things have no regions in common, and the words say so."""
    chance = np.random.default_rng(1)
    noise = Pillow.fromarray(chance.integers(0, 255, (48, 64, 3), dtype=np.uint8)).resize((640, 480))
    comparison = compare(np.asarray(leaves()), np.asarray(noise), places=(2, 5))
    assert Comparison(2, 5, (), comparable=False) == comparison
    assert "different things" in describe_differences(comparison)


def page(*words: str, charts: tuple[Chart, ...] = ()) -> Evidence:
    """What was read on a page of a line a word."""
    lines = tuple(TextLine(word, (0, 20 * row, 90, 20 * row + 15), 0.9, "read") for row, word in enumerate(words))
    return Evidence("d", (90, 400), lines, "\n".join(words), charts=charts)


def bars(*amounts: str) -> tuple[Chart, ...]:
    """A chart of bars with such figures."""
    names = [Cell(f"Bar {row}", row, 0) for row in range(1, len(amounts) + 1)]
    cells = (*names, *(Cell(amount, row, 1) for row, amount in enumerate(amounts, start=1)))
    return (Chart((0, 0, 9, 9), "bar", Table((0, 0, 9, 9), len(amounts) + 1, 2, cells, "chart")),)


def test_what_was_read_tells_versions_from_other_pictures() -> None:
    """Pages with other words, or charts with other figures, are none; pictures of few words can be."""
    words = tuple(f"word {number}" for number in range(12))
    other = tuple(f"other {number}" for number in range(12))
    assert can_be_versions(page(*words), page(*words[2:], "changed", "added"))
    assert not can_be_versions(page(*words), page(*other))
    assert can_be_versions(page("STOP"), page("GO"))
    chart = page(*words, charts=bars("10", "~20", "30"))
    assert can_be_versions(chart, page(*words, charts=bars("10", "~20.2", "45")))
    assert not can_be_versions(chart, page(*words, charts=bars("90", "60", "30")))


def test_differences_are_described_one_a_line() -> None:
    """Numbered, with the place and the box, after a line with their count; and equality is said."""
    before, after = mockup(), mockup(SHAPES[:-1])
    told = describe_differences(compare(before[0], after[0], before[1], after[1])).split("\n")
    assert "Images 1 and 2: 1 difference, the most striking first." == told[0]
    assert told[1].startswith("1. removed: something yellow #ffcc00")
    assert "no differences" in describe_differences(compare(before[0], before[0]))


def test_the_demo_prints_and_draws(tmp_path: Path) -> None:
    """Like `diff`: what differs on standard output, and an exit status of 1 where anything does."""
    before, after, drawn = tmp_path / "before.png", tmp_path / "after.png", tmp_path / "drawn.png"
    Pillow.fromarray(mockup()[0]).save(before)
    Pillow.fromarray(mockup(SHAPES[:-1])[0]).save(after)
    command = [sys.executable, "-m", "beholder.perception.pairs", str(before), str(after), "--show", str(drawn)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (1, "") == (done.returncode, done.stderr)
    assert "1. removed: something yellow #ffcc00" in done.stdout
    with Pillow.open(drawn) as picture:
        assert (1200, 720) == picture.size
