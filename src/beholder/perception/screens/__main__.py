"""`python -m beholder.perception.screens picture.png [--show out.png]` prints, and draws, the elements of a screen."""

from __future__ import annotations

import argparse
import sys

from PIL import Image as Pillow
from PIL import ImageDraw

from beholder.perception.demonstration import load_picture
from beholder.perception.screens import describe_elements, find_elements
from beholder.perception.text import TextReader

COLOURS = {
    "button": "red", "field": "blue", "icon": "magenta", "card": "orange", "image": "purple", "bar": "brown",
    "checkbox": "green", "switch": "green", "text": "grey",
}  # fmt: skip


def main() -> int:
    """Exit status 0."""
    parser = argparse.ArgumentParser(prog="python -m beholder.perception.screens", description=__doc__)
    parser.add_argument("picture")
    parser.add_argument("--show", metavar="OUT.png", help="draw the elements into a copy")
    options = parser.parse_args()
    image = load_picture(options.picture)
    elements = find_elements(image.pixels, TextReader().read(image), image.scale)
    sys.stdout.write(describe_elements(elements) + "\n")
    if options.show:
        canvas = Pillow.fromarray(image.pixels)
        draw = ImageDraw.Draw(canvas)
        across, down = image.scale
        for element in elements:
            left, top, right, bottom = element.box
            corners = (left / across, top / down, right / across, bottom / down)
            draw.rectangle(corners, outline=COLOURS[element.kind], width=3)
            draw.text((corners[0] + 3, corners[1] + 1), element.kind, fill=COLOURS[element.kind])
        canvas.save(options.show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
