"""Draws the pictures that the examples ask about; nothing but Pillow and its own font.

    python examples/draw.py [FOLDER]

The invoice's figures come from invoice.json, which is therefore what a right answer says.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
INK, GREY, RULE, PAPER = "#1d2733", "#5c6875", "#cfd6dd", "#ffffff"
PINE, BLUE, GREEN = "#1f5c4d", "#2457d6", "#1f9d61"


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own font at `size` pixels."""
    found = ImageFont.load_default(size)
    if not isinstance(found, ImageFont.FreeTypeFont):
        raise SystemExit("draw: this Pillow was built without FreeType; install the wheel from the lock file")
    return found


class Page:
    """A picture to write on. Coordinates are pixels from the top left corner; text stands at its top."""

    def __init__(self, width: int, height: int, paper: str = PAPER) -> None:
        self.image = Image.new("RGB", (width, height), paper)
        self.draw = ImageDraw.Draw(self.image)

    def text(
        self,
        x: int,
        y: int,
        text: str,
        size: int,
        ink: str = INK,
        *,
        at: Literal["l", "m", "r"] = "l",
        bold: bool = False,
    ) -> None:
        """Write a line whose left end, middle or right end is at `x`. Bold is a thin outline in the same ink."""
        self.draw.text((x, y), text, ink, font(size), anchor=f"{at}a", stroke_width=0.5 if bold else 0)

    def box(
        self, x: int, y: int, width: int, height: int, fill: str, *, line: str | None = None, round: int = 0
    ) -> None:
        """A filled rectangle."""
        self.draw.rounded_rectangle((x, y, x + width, y + height), round, fill, line)

    def rule(self, x: int, y: int, width: int, ink: str = RULE, thickness: int = 2) -> None:
        """A horizontal line."""
        self.draw.rectangle((x, y, x + width, y + thickness - 1), ink)


def money(amount: float) -> str:
    """1102.0 as 1,102.00."""
    return f"{amount:,.2f}"


def invoice() -> Image.Image:
    """An A4 page at 150 dots an inch."""
    data = json.loads((HERE / "invoice.json").read_text(encoding="utf-8"))
    page = Page(1240, 1754)
    page.box(0, 0, 1240, 18, PINE)
    page.text(100, 92, data["company"], 40, PINE, bold=True)
    for row, line in enumerate(["27 Wharf Lane", "Bristol BS1 4RN, United Kingdom", "accounts@alderfinch.example"]):
        page.text(100, 154 + 34 * row, line, 24, GREY)
    page.text(1140, 92, "INVOICE", 52, INK, at="r", bold=True)
    facts = [("Invoice number", data["invoice_number"]), ("Date", data["date"]), ("Payment due", "13 April 2026")]
    for row, (name, value) in enumerate(facts):
        page.text(900, 172 + 38 * row, name, 24, GREY, at="r")
        page.text(1140, 172 + 38 * row, value, 24, at="r")
    page.rule(100, 320, 1040)
    page.text(100, 356, "Bill to", 24, GREY)
    for row, line in enumerate(["Marlowe Architects Ltd", "4th floor, 18 Quay Street", "Manchester M3 3JE"]):
        page.text(100, 394 + 36 * row, line, 26, bold=row == 0)
    _invoice_table(page, data["line_items"], 560)
    _invoice_sums(page, data, 980)
    page.rule(100, 1600, 1040)
    page.text(
        100,
        1624,
        f"All amounts in {data['currency']}. Please pay within 30 days, quoting the invoice number.",
        22,
        GREY,
    )
    page.text(100, 1658, "Bank transfer: IBAN GB00 TEST 0000 0000 0000 00", 22, GREY)
    return page.image


def _invoice_table(page: Page, items: list[dict[str, Any]], top: int) -> None:
    columns: list[tuple[str, int, Literal["l", "r"]]] = [
        ("Description", 124, "l"),
        ("Qty", 700, "r"),
        ("Unit price", 910, "r"),
        ("Total", 1116, "r"),
    ]
    page.box(100, top, 1040, 62, PINE)
    for name, x, at in columns:
        page.text(x, top + 15, name, 26, PAPER, at=at)
    for row, item in enumerate(items):
        y = top + 62 + 78 * row
        if row % 2:
            page.box(100, y, 1040, 78, "#f3f6f5")
        cells = [item["description"], str(item["qty"]), money(item["unit_price"]), money(item["total"])]
        for cell, (_, x, at) in zip(cells, columns, strict=True):
            page.text(x, y + 21, cell, 28, at=at)
    page.rule(100, top + 62 + 78 * len(items), 1040)


def _invoice_sums(page: Page, data: dict[str, Any], top: int) -> None:
    for row, (name, amount) in enumerate([("Subtotal", data["subtotal"]), ("VAT 20%", data["vat"])]):
        page.text(910, top + 48 * row, name, 26, GREY, at="r")
        page.text(1116, top + 48 * row, money(amount), 26, at="r")
    page.rule(700, top + 104, 440, PINE, 3)
    page.text(910, top + 128, "Total due", 32, PINE, at="r", bold=True)
    page.text(1116, top + 128, money(data["total_due"]), 32, PINE, at="r", bold=True)


def dashboard() -> Image.Image:
    """A sales dashboard with faults to find: faint labels, cramped cards, a chart without units, no clear order."""
    page = Page(1440, 900, "#f6f7f9")
    page.box(0, 0, 1440, 64, "#20293a")
    page.text(32, 15, "Sales overview", 26, PAPER)
    page.text(1408, 24, "Last 30 days", 18, "#4a566b", at="r")
    cards = [
        ("Revenue", "$482,310", "+12.4%"),
        ("Orders", "3,914", "+3.1%"),
        ("Refunds", "$9,127", "+41.0%"),
        ("New customers", "672", "-8.5%"),
    ]
    for column, (name, value, change) in enumerate(cards):
        # The gap shrinks from card to card, and a doubled refund rate looks as good as growth.
        x = 32 + column * 346 - column * column * 6
        page.box(x, 92, 330, 128, PAPER, line="#e6e9ee", round=6)
        page.text(x + 10, 100, name, 17, "#c3c9d1")
        page.text(x + 10, 128, value, 36)
        page.text(x + 10, 176, change, 20, GREEN)
        page.text(x + 120, 179, "vs previous period", 15, "#d3d8de")
    _bars(page, 32, 236)
    _regions(page, 952, 236)
    return page.image


def _bars(page: Page, left: int, top: int) -> None:
    page.box(left, top, 904, 632, PAPER, line="#e6e9ee", round=6)
    page.text(left + 16, top + 14, "Revenue by month", 18)
    months = [("Jan", 31), ("Feb", 34), ("Mar", 45), ("Apr", 41), ("May", 58), ("Jun", 63), ("Jul", 52), ("Aug", 70)]
    floor = top + 572
    for column, (month, value) in enumerate(months):
        x = left + 48 + column * 104
        page.box(x, floor - value * 7, 92, value * 7, ["#8fb4ff", "#7ea6fb"][column % 2])
        page.text(x + 46, floor - value * 7 - 26, str(value), 18, GREY, at="m")
        page.text(x + 46, floor + 12, month, 16, "#c3c9d1", at="m")
    page.rule(left + 32, floor, 850, "#e6e9ee")


def _regions(page: Page, left: int, top: int) -> None:
    page.box(left, top, 456, 632, PAPER, line="#e6e9ee", round=6)
    page.text(left + 8, top + 6, "TOP REGIONS BY REVENUE", 30, "#c0392b")
    rows = [
        ("North", "$161,200"),
        ("West", "$128,940"),
        ("South", "$104,770"),
        ("East", "$62,115"),
        ("Other", "$25,285"),
    ]
    for row, (region, value) in enumerate(rows):
        page.text(left + 8, top + 50 + 25 * row, region, 18, "#9aa3ae")
        page.text(left + 448, top + 50 + 25 * row, value, 18, at="r")
    page.box(left + 8, top + 184, 110, 30, BLUE, round=4)
    page.text(left + 63, top + 189, "Export CSV", 16, "#7f9ff0", at="m")


def mockup(*, second: bool) -> Image.Image:
    """A sign-up form. The second version differs in three places: the heading, one more field, the button."""
    page = Page(900, 1100, "#eef1f5")
    page.box(110, 90, 680, 920 if second else 810, PAPER, line="#dde2e8", round=14)
    page.box(170, 146, 44, 44, BLUE, round=10)
    page.text(230, 149, "Parcelbee", 28, bold=True)
    page.text(170, 236, "Start shipping today" if second else "Create your account", 40, bold=True)
    page.text(170, 296, "Free for 14 days. No card needed.", 22, GREY)
    fields = [
        ("Full name", "Ada Moreno"),
        ("Work email", "ada@parcelbee.example"),
        ("Password", "At least 12 characters"),
    ]
    if second:
        fields.insert(2, ("Phone number", "+44 20 7946 0018"))
    for row, (name, value) in enumerate(fields):
        y = 360 + 112 * row
        page.text(170, y, name, 20)
        page.box(170, y + 30, 560, 56, "#fafbfc", line="#b9c1ca", round=8)
        page.text(188, y + 43, value, 22, GREY)
    y = 376 + 112 * len(fields)
    page.box(170, y, 560, 64, GREEN if second else BLUE, round=10)
    page.text(450, y + 15, "Get started" if second else "Sign up", 26, PAPER, at="m", bold=True)
    page.text(450, y + 96, "Already have an account? Log in", 20, GREY, at="m")
    return page.image


def pictures() -> dict[str, Image.Image]:
    """Every picture by its file name."""
    return {
        "invoice.png": invoice(),
        "dashboard.png": dashboard(),
        "mockup_a.png": mockup(second=False),
        "mockup_b.png": mockup(second=True),
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, picture in pictures().items():
        picture.save(folder / name, optimize=True)
        print(folder / name)
