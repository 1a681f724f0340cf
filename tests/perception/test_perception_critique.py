"""Critique of screens that were drawn with a known fault each."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from beholder.evidence import Box, Element, Finding, TextLine
from beholder.perception.critique import critique, describe_findings
from beholder.perception.critique.contrast import contrast_ratio, text_colours

GROUND = "#ffffff"


def page(
    texts: Sequence[tuple[str, int, int, int, str]], size: tuple[int, int] = (1200, 800)
) -> tuple[NDArray[np.uint8], tuple[TextLine, ...]]:
    """A white page with texts: words, left, top, size, colour."""
    picture = Pillow.new("RGB", size, GROUND)
    draw = ImageDraw.Draw(picture)
    lines = []
    for words, x, y, height, colour in texts:
        font = ImageFont.load_default(height)
        draw.text((x, y), words, font=font, fill=colour)
        left, top, right, bottom = draw.textbbox((x, y), words, font=font)
        lines.append(TextLine(words, (left - 2, top - 2, right + 2, bottom + 2), 0.99, "drawn"))
    return np.asarray(picture), tuple(lines)


def found(
    drawn: tuple[NDArray[np.uint8], tuple[TextLine, ...]], elements: Sequence[Element] = ()
) -> tuple[Finding, ...]:
    """The findings about a page."""
    return critique(drawn[0], drawn[1], elements)


def of(findings: Sequence[Finding], aspect: str, severity: str = "problem") -> list[str]:
    """The statements of an aspect and severity."""
    return [finding.statement for finding in findings if (finding.aspect, finding.severity) == (aspect, severity)]


PLAIN = [
    ("Quarterly report", 40, 30, 44, "#111111"),
    ("Revenue grew in all regions", 40, 120, 20, "#222222"),
    ("Costs stayed where they were", 40, 160, 20, "#222222"),
    ("The outlook is unchanged", 40, 200, 20, "#222222"),
]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0, 0, 0), (255, 255, 255), 21.0),
        ((255, 255, 255), (255, 255, 255), 1.0),
        ((119, 119, 119), (255, 255, 255), 4.48),
        ((0, 0, 255), (255, 255, 255), 8.59),
    ],
)
def test_the_ratio_is_wcags(first: tuple[int, ...], second: tuple[int, ...], expected: float) -> None:
    """Values that the standard's own tools give, whichever colour comes first."""
    assert expected == round(contrast_ratio(first, second), 2) == round(contrast_ratio(second, first), 2)


@pytest.mark.parametrize("height", [12, 16, 24, 40])
def test_colours_are_measured_from_antialiased_text(height: int) -> None:
    """Within a few levels of what was drawn, small letters too."""
    pixels, (line,) = page([("Measured colour", 20, 20, height, "#336699")], (400, 90))
    left, top, right, bottom = (round(side) for side in line.box)
    colours = text_colours(pixels[top:bottom, left:right])
    assert colours is not None
    assert (255.0, 255.0, 255.0) == colours[1]
    assert max(abs(a - b) for a, b in zip(colours[0], (0x33, 0x66, 0x99), strict=True)) <= 24


def test_pale_text_is_a_problem_with_its_figures() -> None:
    """The text, both colours, the ratio, and the criterion that asks for more."""
    findings = found(page([*PLAIN, ("Terms apply to all offers", 40, 300, 20, "#b0b0b0")]))
    (statement,) = of(findings, "contrast")
    assert '"Terms apply to all offers" at 2.' in statement
    assert "light grey" in statement
    assert "white #ffffff" in statement
    assert "1.4.3" in statement
    assert "4.5:1" in statement
    assert any("4 of 5 measured texts" in good for good in of(findings, "contrast", "good"))


def test_large_text_needs_less() -> None:
    """From 24 CSS pixels on, 3:1 is enough."""
    assert [] == of(found(page([*PLAIN, ("Large and grey", 40, 300, 60, "#878787")])), "contrast")
    assert 1 == len(of(found(page([*PLAIN, ("Small and grey", 40, 300, 20, "#878787")])), "contrast"))


def test_good_contrast_is_said() -> None:
    """With the lowest ratio."""
    (statement,) = of(found(page(PLAIN)), "contrast", "good")
    assert "All 4 measured texts" in statement
    assert "AAA" in statement


def card(left: float, top: float, kind: str = "card", text: str = "") -> Element:
    """A block of one size."""
    return Element(kind, (left, top, left + 300, top + 80), text)


def test_the_odd_gap_is_named() -> None:
    """Between which, how wide, and what the others are."""
    cards = [card(40, top, text=name) for top, name in ((100, "A"), (200, "B"), (300, "C"), (424, "D"), (524, "E"))]
    (statement,) = of(found(page(PLAIN), cards), "spacing")
    assert '44 px between card "C" and card "D"' in statement
    assert "20 px" in statement


def test_even_gaps_are_good() -> None:
    """In a row as well as in a column."""
    (statement,) = of(found(page(PLAIN), [card(40 + 330 * n, 100) for n in range(3)]), "spacing", "good")
    assert "3 cards side by side are all 30 px" in statement


def test_edges_that_nearly_align_are_named() -> None:
    """With both and the distance; equal edges and clear indents are not."""
    uneven = [card(40, 100, "field", "Name"), card(40, 300, "card"), card(44, 500, "button", "Save")]
    (statement,) = of(found(page(PLAIN), uneven), "alignment")
    assert 'button "Save" is at 44 px, 4 px beside' in statement
    assert [] == of(found(page(PLAIN), [card(40, 100, "field"), card(40, 300), card(100, 500)]), "alignment")


def test_a_clear_title_is_good_and_one_size_is_flat() -> None:
    """How many times as high the title is, and which text it is."""
    (good,) = of(found(page(PLAIN)), "hierarchy", "good")
    assert '"Quarterly report"' in good
    flat = [(words, x, y, 20, colour) for words, x, y, _, colour in PLAIN]
    (problem,) = of(found(page(flat)), "hierarchy")
    assert "Flat hierarchy" in problem


def test_many_sizes_are_a_problem() -> None:
    """More than a scale has."""
    sizes = [
        (f"Text of size {size}", 40, 20 + 90 * n, size, "#111111") for n, size in enumerate((12, 18, 26, 36, 50, 70))
    ]
    assert any("Many text sizes: 6" in statement for statement in of(found(page(sizes)), "hierarchy"))


def test_small_crowded_targets_are_a_problem() -> None:
    """Under 24 CSS pixels and close to another; set apart they are excepted, as the criterion does."""
    close: list[Box] = [(100, 100, 116, 116), (120, 100, 136, 116)]
    apart: list[Box] = [(100, 100, 116, 116), (300, 100, 316, 116)]
    (statement,) = of(found(page(PLAIN), [Element("icon", box) for box in close]), "target")
    assert "2 of 2 under 24 CSS px" in statement
    assert "2.5.8" in statement
    assert "taking a CSS pixel as 1.0 px" in statement
    assert [] == of(found(page(PLAIN), [Element("icon", box) for box in apart]), "target")


def test_a_phones_pixels_are_smaller() -> None:
    """An upright screen of 1080 pixels across is a phone's: 60 pixels of it are 22 CSS pixels."""
    texts = [(words, x, y * 3, size * 3, colour) for words, x, y, size, colour in PLAIN[1:]]
    boxes: list[Box] = [(100, 1000, 160, 1060), (162, 1000, 222, 1060)]
    (statement,) = of(found(page(texts, (1080, 2280)), [Element("checkbox", box, "On") for box in boxes]), "target")
    assert "with 22" in statement
    assert "2.7 px" in statement


def test_cut_texts_are_named() -> None:
    """Texts with an ellipsis, and texts at the right edge."""
    cut = TextLine("Recommended for y", (1000, 400, 1200, 424), 0.9, "drawn")
    pixels, lines = page([*PLAIN, ("The latest news about the…", 40, 300, 20, "#222222")])
    statements = of(critique(pixels, (*lines, cut), ()), "text")
    assert any('"The latest news about the…"' in statement for statement in statements)
    assert any('"Recommended for y"' in statement for statement in statements)


def test_findings_are_few_and_in_order() -> None:
    """At most thirteen, problems before notes before good points; and the words keep that order."""
    pale = [(f"Pale text number {n}", 40, 20 + 24 * n, 14, f"#{200 - 9 * n:02x}c0{120 + 9 * n:02x}") for n in range(14)]
    findings = found(page([*PLAIN, *pale]))
    order = [["problem", "note", "good"].index(finding.severity) for finding in findings]
    assert sorted(order) == order
    assert len(findings) <= 13
    told = describe_findings(findings)
    assert told.startswith("Problems:\n- [")
    assert told.index("Problems:") < told.index("Notes:")
    assert "" == describe_findings(())


def test_an_empty_page_has_no_problem() -> None:
    """Nothing on it is nothing wrong with it."""
    assert [] == [finding for finding in found(page([])) if finding.severity == "problem"]


def test_the_demos_of_screens_and_critique_print(tmp_path: Path) -> None:
    """What is found on a picture from a file, with text that is read from it."""
    picture = tmp_path / "page.png"
    Pillow.fromarray(page(PLAIN)[0]).save(picture)
    drawn = tmp_path / "drawn.png"
    for module, expected in (("screens", ""), ("critique", "Clear hierarchy")):
        command = [sys.executable, "-m", f"beholder.perception.{module}", str(picture)]
        command += ["--show", str(drawn)] if module == "screens" else []
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert (0, "") == (done.returncode, done.stderr)
        assert expected in done.stdout
    with Pillow.open(drawn) as shown:
        assert (1200, 800) == shown.size
