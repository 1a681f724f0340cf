"""`beholder ask --show`: the pictures with the places of the answer's values drawn over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from beholder.errors import InvalidRequest
from beholder.evidence import Box, Size
from beholder.types import Grounding, Image

COLOURS: Final = {"verbatim": (0, 120, 60), "normalised": (0, 80, 190), "inferred": (190, 70, 0)}
"""Of a box and its label, by how the value and what is printed agree."""

LONGEST_LABEL: Final = 40


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
    """The picture at its delivered size, each place framed and labelled with its pointer, or its words in free text."""
    picture = Pictures.fromarray(image.pixels)
    pen = ImageDraw.Draw(picture)
    across, down = image.scale
    frames = [
        (each.box[0] / across, each.box[1] / down, each.box[2] / across, each.box[3] / down) for each in groundings
    ]
    for each, frame in zip(groundings, frames, strict=True):
        pen.rectangle(frame, outline=COLOURS[each.match], width=max(2, min(picture.size) // 400))
    taken = [*frames]
    font = ImageFont.load_default(max(11, min(picture.size) // 80))
    for each, frame in zip(groundings, frames, strict=True):
        words = _words(each)
        _, _, width, height = pen.textbbox((0, 0), words, font)
        label = _place((width + 4, height + 3), frame, picture.size, taken)
        taken.append(label)
        pen.rectangle(label, fill=COLOURS[each.match])
        pen.text((label[0] + 2, label[1]), words, "white", font)
    return picture


def _place(size: tuple[float, float], frame: Box, within: Size, taken: Sequence[Box]) -> Box:
    """Where a label covers least of what is drawn: above its frame, below, beside it, in that order; in the picture."""
    width, height = size
    left, top, right, bottom = frame
    corners = [(left, top - height), (right - width, top - height), (left, bottom + 1), (right - width, bottom + 1)]
    corners += [(right + 1, top), (left - width, top)]
    places = []
    for corner in corners:
        x, y = max(0.0, min(corner[0], within[0] - width)), max(0.0, min(corner[1], within[1] - height))
        places.append((x, y, x + width, y + height))
    return min(places, key=lambda place: sum(_shared(place, other) for other in taken))


def _shared(one: Box, other: Box) -> float:
    """The area that two boxes have in common, in square pixels."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, down)


def _words(each: Grounding) -> str:
    words = each.pointer or each.text
    return words if len(words) <= LONGEST_LABEL else words[: LONGEST_LABEL - 1] + "…"


def _paths(target: Path, count: int) -> Iterator[Path]:
    if count == 1:
        yield target
        return
    for number in range(1, count + 1):
        yield target.with_name(f"{target.stem}-{number}{target.suffix}")
