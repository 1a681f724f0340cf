"""`python -m beholder.perception.charts picture.png [--show out.png]` prints the charts and draws what was seen."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image as Pictures

from beholder.perception.charts.describe import describe_chart
from beholder.perception.charts.reading import read_charts
from beholder.perception.charts.show import draw_charts
from beholder.perception.text import TextReader
from beholder.types import Image, Where


def main(arguments: list[str]) -> int:
    """Exit status 0 when a chart was read, 1 when none was found, 2 for a wrong command."""
    show = arguments[arguments.index("--show") + 1 :][:1] if "--show" in arguments else []
    names = [name for name in arguments if name != "--show" and name not in show]
    if len(names) != 1 or ("--show" in arguments and not show):
        sys.stderr.write("usage: python -m beholder.perception.charts PICTURE [--show OUT.png]\n")
        return 2
    with Pictures.open(names[0]) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    size = pixels.shape[1], pixels.shape[0]
    lines = TextReader().read(Image("demo", "png", size, pixels, Where(0, 0, names[0])))
    charts = read_charts(pixels, lines)
    for chart in charts:
        sys.stdout.write(describe_chart(chart) + "\n\n")
    if show:
        Pictures.fromarray(draw_charts(pixels, charts)).save(Path(show[0]))
    if not charts:
        sys.stdout.write("no chart was found\n")
    return 0 if charts else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
