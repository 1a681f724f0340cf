"""`python -m beholder.perception.critique picture.png` prints the findings about a screen's design."""

from __future__ import annotations

import sys

from beholder.perception.critique import critique, describe_findings
from beholder.perception.demonstration import load_picture
from beholder.perception.screens import find_elements
from beholder.perception.text import TextReader


def main() -> int:
    """Exit status 0, or 2 when no picture was named."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m beholder.perception.critique PICTURE\n")
        return 2
    image = load_picture(sys.argv[1])
    lines = TextReader().read(image)
    elements = find_elements(image.pixels, lines, image.scale)
    sys.stdout.write(describe_findings(critique(image.pixels, lines, elements, image.scale)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
