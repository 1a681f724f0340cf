"""`python -m beholder.perception.photos picture.jpg [--show out.png]` prints, and draws, what is recognised."""

from __future__ import annotations

import argparse
import sys

from PIL import Image as Pillow
from PIL import ImageDraw

from beholder.perception.demonstration import load_picture
from beholder.perception.photos import PhotoReader, describe_photo
from beholder.settings import Settings


def main() -> int:
    """Exit status 0."""
    parser = argparse.ArgumentParser(prog="python -m beholder.perception.photos", description=__doc__)
    parser.add_argument("picture")
    parser.add_argument("--show", metavar="OUT.png", help="draw faces and the squares things were seen in into a copy")
    options = parser.parse_args()
    image = load_picture(options.picture)
    labels = PhotoReader(Settings.load()).recognise(image)
    sys.stdout.write(describe_photo(labels) + "\n")
    if options.show:
        canvas = Pillow.fromarray(image.pixels)
        draw = ImageDraw.Draw(canvas)
        across, down = image.scale
        for label in labels:
            if label.box is not None:
                left, top, right, bottom = label.box
                corners = (left / across, top / down, right / across, bottom / down)
                draw.rectangle(corners, outline="red", width=3)
                draw.text((corners[0] + 4, corners[1] + 2), f"{label.name} {label.score:.2f}", fill="red")
        canvas.save(options.show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
