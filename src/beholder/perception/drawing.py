"""What the demos of text, tables and forms share: a picture's lines, and boxes drawn over it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

from PIL import Image as Pictures
from PIL import ImageDraw

from beholder.evidence import Box, TextLine
from beholder.perception.demonstration import load_picture
from beholder.perception.text import TextReader
from beholder.types import Image

Mark: TypeAlias = tuple[Box, str]
"""A box in original pixels and the colour to draw it in."""
Seen: TypeAlias = tuple[str, Sequence[Mark]]
"""What a demo prints, and what it draws."""


def demonstrate(description: str, see: Callable[[Image, tuple[TextLine, ...]], Seen]) -> None:
    """Run a module as a command: `picture.png --show out.png` prints what it saw in the picture, and draws it."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("picture", help="an image file")
    parser.add_argument("--show", metavar="FILE", help="write the picture with what was seen drawn over it")
    arguments = parser.parse_args()
    image = load_picture(arguments.picture)
    text, marks = see(image, TextReader().read(image))
    sys.stdout.write(text + "\n")
    if arguments.show:
        draw(image, marks).save(arguments.show)


def draw(image: Image, marks: Sequence[Mark]) -> Pictures.Image:
    """The picture as delivered, with boxes over it."""
    picture = Pictures.fromarray(image.pixels)
    across, down = image.scale
    pen = ImageDraw.Draw(picture)
    for (left, top, right, bottom), colour in marks:
        pen.rectangle((left / across, top / down, right / across, bottom / down), outline=colour, width=2)
    return picture
