"""`python -m beholder.perception.pairs a.png b.png [--show out.png]` prints, and draws, what differs."""

from __future__ import annotations

import argparse
import sys

from PIL import Image as Pillow
from PIL import ImageDraw

from beholder.evidence import Comparison
from beholder.perception.demonstration import load_picture
from beholder.perception.pairs import compare, describe_differences
from beholder.perception.text import TextReader
from beholder.types import Image


def main() -> int:
    """Exit status 0 for the same picture, 1 where there are differences, as `diff` has it."""
    parser = argparse.ArgumentParser(prog="python -m beholder.perception.pairs", description=__doc__)
    parser.add_argument("first", help="picture before")
    parser.add_argument("second", help="picture after")
    parser.add_argument("--show", metavar="OUT.png", help="draw both pictures with the differences")
    options = parser.parse_args()
    first, second = load_picture(options.first), load_picture(options.second)
    reader = TextReader()
    comparison = compare(
        first.pixels, second.pixels, reader.read(first), reader.read(second), (first.scale, second.scale)
    )
    sys.stdout.write(describe_differences(comparison) + "\n")
    if options.show:
        _drawn(first, second, comparison).save(options.show)
    return 1 if comparison.differences or not comparison.comparable else 0


def _drawn(first: Image, second: Image, comparison: Comparison) -> Pillow.Image:
    canvas = Pillow.new("RGB", (first.size[0] + second.size[0], max(first.size[1], second.size[1])), "white")
    canvas.paste(Pillow.fromarray(first.pixels), (0, 0))
    canvas.paste(Pillow.fromarray(second.pixels), (first.size[0], 0))
    draw = ImageDraw.Draw(canvas)
    for number, difference in enumerate(comparison.differences, start=1):
        for image, box, shift in ((first, difference.box_before, 0), (second, difference.box, first.size[0])):
            if box is not None:
                across, down = image.scale
                corners = (box[0] / across + shift, box[1] / down, box[2] / across + shift, box[3] / down)
                draw.rectangle(corners, outline="red", width=3)
                draw.text((corners[0] + 4, corners[1] + 4), str(number), fill="red")
    return canvas


if __name__ == "__main__":
    sys.exit(main())
