"""`beholder ask --show`: the pictures with the places of the answer's values drawn over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from beholder.errors import InvalidRequest
from beholder.types import Box, Grounding, Image, Size

COLOURS: Final = {"verbatim": (0, 120, 60), "normalised": (0, 80, 190), "inferred": (190, 70, 0)}
"""Of a box and its label, by how the value and what is printed agree."""

LONGEST_LABEL: Final = 60


def check_target(path: Path) -> None:
    """Raise `InvalidRequest` where no picture can be written to `path`, for its folder or its ending."""
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        raise InvalidRequest(f"--show {path}: the name must end in .png, .jpg or .webp")
    if not path.parent.is_dir():
        raise InvalidRequest(f"--show {path}: the folder {path.parent} does not exist")


def show(images: Sequence[Image], groundings: Sequence[Grounding], target: Path) -> list[Path]:
    """Write each picture with its boxes; several are numbered from 1, `out-1.png`. Returns the files."""
    written: list[Path] = []
    for number, (image, path) in enumerate(zip(images, _paths(target, len(images)), strict=True)):
        draw(image, [each for each in groundings if each.image == number]).save(path)
        written.append(path)
    return written


def draw(image: Image, groundings: Sequence[Grounding]) -> Pictures.Image:
    """The picture at its delivered size, each place framed and labelled with its pointer and what is printed there."""
    picture = Pictures.fromarray(image.pixels)
    pen = ImageDraw.Draw(picture)
    across, down = image.scale
    for each in groundings:
        left, top, right, bottom = each.box
        box = (left / across, top / down, right / across, bottom / down)
        pen.rectangle(box, outline=COLOURS[each.match], width=max(2, min(picture.size) // 400))
        _label(pen, picture.size, box, _words(each), COLOURS[each.match])
    return picture


def _label(pen: ImageDraw.ImageDraw, size: Size, box: Box, words: str, colour: tuple[int, int, int]) -> None:
    """Above the box, or below it where there is no room; within the picture."""
    font = ImageFont.load_default(max(11, min(size) // 60))
    _, _, width, height = pen.textbbox((0, 0), words, font)
    left = max(0.0, min(box[0], size[0] - width - 4))
    top = box[1] - height - 4 if box[1] >= height + 4 else min(box[3], size[1] - height - 4)
    pen.rectangle((left, top, left + width + 4, top + height + 3), fill=colour)
    pen.text((left + 2, top), words, "white", font)


def _words(each: Grounding) -> str:
    words = f"{each.pointer} {each.text} {each.confidence:.2f}"
    return words if len(words) <= LONGEST_LABEL else words[: LONGEST_LABEL - 1] + "…"


def _paths(target: Path, count: int) -> Iterator[Path]:
    if count == 1:
        yield target
        return
    for number in range(1, count + 1):
        yield target.with_name(f"{target.stem}-{number}{target.suffix}")
