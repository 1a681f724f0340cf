"""Small labelled sets, drawn here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont


def write_set(folder: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """A set of `rows` about one drawn picture."""
    (folder / "images").mkdir(parents=True)
    draw_receipt(folder / "images" / "a.png")
    lines = [json.dumps({"split": "A", "image": "images/a.png", **row}) for row in rows]
    (folder / "labels.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def statements(*expected: str) -> list[dict[str, Any]]:
    """Rows of true or false, which an engine that repeats the prompt answers with "true"."""
    return [
        {"id": f"s{place}", "task": "visual_statement", "prompt": "Say true.", "expected": each}
        for place, each in enumerate(expected)
    ]


def draw_receipt(path: Path) -> None:
    """A shop's name at the top and a total at the bottom, 400 wide and 300 high."""
    picture = Image.new("RGB", (400, 300), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((40, 30), "NORTH STAR CAFE", "black", ImageFont.load_default(28))
    pen.text((40, 220), "TOTAL 47.30", "black", ImageFont.load_default(28))
    picture.save(path)
