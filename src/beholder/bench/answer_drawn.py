"""Work that needs no data: receipts, invoices, charts and dashboards, drawn here with made-up names and figures.

The figures come from a seeded generator, so that every run draws the same pictures.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from beholder.bench.answer_task import RECEIPT_SCHEMA, Task

INK, FAINT, PAPER = "#1d2733", "#b4bcc4", "#ffffff"
SHOPS: Final = ("Harbour Street Grocers", "Nutmeg & Rye Bakery", "Copperfield Hardware", "The Paper Lantern")
STREETS: Final = ("14 Quayside Road", "203 Elm Park Avenue", "7 Old Mill Lane", "58 Station Parade")
TOWNS: Final = ("Wexcombe WX4 2LB", "Northby NB11 7QT", "Saltmere SM2 9DE", "Fernleigh FL8 1HA")
GOODS: Final = (
    *("Oak shelf 80 cm", "Wall plugs 8 mm", "Wood glue", "Rye loaf", "Butter 250 g", "Olive oil 1 l", "Desk lamp"),
    *("Paint roller", "Masking tape", "Brass hinge", "Ground coffee", "Apple juice", "Envelopes A5", "Garden twine"),
)
RECEIPT_PROMPT: Final = (
    'Extract the four key fields from this receipt as JSON with the string keys "company", "date", "address" and '
    '"total". Copy values as printed; "total" is the amount to pay without currency.'
)
INVOICE_PROMPT: Final = "Extract the line items as JSON: description, qty, unit_price, total"
INVOICE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "description": {"type": "string"},
                    "qty": {"type": "integer"},
                    "unit_price": {"type": "number"},
                    "total": {"type": "number"},
                },
                "required": ["description", "qty", "unit_price", "total"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["items"],
    "additionalProperties": False,
}
CRITIQUE_PROMPT: Final = "Critique this dashboard. Mention spacing, color contrast, info hierarchy."
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun")
RECEIPT_LENGTHS: Final = (3, 6, 9, 12, 18, 24)
INVOICE_LENGTHS: Final = (4, 11)
DASHBOARD_LENGTHS: Final = (3, 8, 14)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a receipt or an invoice."""

    name: str
    count: int
    price: Decimal

    @property
    def total(self) -> Decimal:
        """What the line comes to."""
        return self.price * self.count


def drawn() -> list[Task]:
    """Receipts and invoices of several lengths, charts, and dashboards to critique."""
    receipts = [receipt(index, length) for index, length in enumerate(RECEIPT_LENGTHS)]
    return [*receipts, *map(invoice, INVOICE_LENGTHS), chart(1), chart(2), *critiques()]


def receipt(seed: int, length: int) -> Task:
    """A till receipt of `length` items, with its four key fields."""
    chance = Random(seed)  # noqa: S311 - figures for a drawing, no secret
    shop, street, town = chance.choice(SHOPS), chance.choice(STREETS), chance.choice(TOWNS)
    day = f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/2026"
    items = list(_items(chance, length))
    total = sum(item.total for item in items)
    lines = [(shop, ""), (street, ""), (town, ""), (f"Date {day}", f"{chance.randint(9, 19)}:40"), ("", "")]
    lines += [(f"{item.count} x {item.name}", f"{item.total:.2f}") for item in items]
    lines += [("", ""), ("TOTAL", f"{total:.2f}"), ("CASH", f"{total + 10:.2f}"), ("CHANGE", "10.00")]
    expected = {"company": shop, "date": day, "address": f"{street}, {town}", "total": f"{total:.2f}"}
    picture = _columns(lines, width=620, size=24)
    return Task(f"drawn-receipt-{seed}-{length}", "structured", picture, RECEIPT_PROMPT, RECEIPT_SCHEMA, expected)


def invoice(length: int) -> Task:
    """An invoice with a table of `length` items."""
    chance = Random(1000 + length)  # noqa: S311 - figures for a drawing, no secret
    items = list(_items(chance, length))
    canvas = Image.new("RGB", (1240, 420 + 62 * length), PAPER)
    draw = ImageDraw.Draw(canvas)
    _write(draw, 100, 80, "INVOICE", 48)
    _write(draw, 100, 160, f"{chance.choice(SHOPS)}, {chance.choice(TOWNS)}", 26)
    rows = [("Description", "Qty", "Unit price", "Total")]
    rows += [(item.name, str(item.count), f"{item.price:,.2f}", f"{item.total:,.2f}") for item in items]
    for row, cells in enumerate(rows):
        for x, text in zip((110, 700, 910, 1110), cells, strict=True):
            _write(draw, x, 260 + 62 * row, text, 28, anchor="la" if x == 110 else "ra")
    expected = {
        "items": [
            {"description": item.name, "qty": item.count, "unit_price": str(item.price), "total": str(item.total)}
            for item in items
        ]
    }
    return Task(f"drawn-invoice-{length}", "structured", _png(canvas), INVOICE_PROMPT, INVOICE_SCHEMA, expected)


def chart(seed: int) -> Task:
    """A bar chart with its values printed, and a question about one of them."""
    chance = Random(2000 + seed)  # noqa: S311 - figures for a drawing, no secret
    values = [chance.randint(20, 95) for _ in MONTHS]
    canvas = Image.new("RGB", (800, 560), PAPER)
    draw = ImageDraw.Draw(canvas)
    _write(draw, 40, 30, "Orders by month", 28)
    for column, (month, value) in enumerate(zip(MONTHS, values, strict=True)):
        x = 60 + column * 120
        draw.rectangle((x, 500 - 4 * value, x + 80, 500), "#4477aa")
        _write(draw, x + 40, 500 - 4 * value - 30, str(value), 22, anchor="ma")
        _write(draw, x + 40, 512, month, 22, anchor="ma")
    asked = chance.randrange(len(MONTHS))
    prompt = f"Answer with a single number only. How many orders were there in {MONTHS[asked]}?"
    return Task(f"drawn-chart-{seed}", "short", _png(canvas), prompt, None, str(values[asked]))


def critiques() -> list[Task]:
    """Dashboards with less and more on them."""
    return [critique(rows) for rows in DASHBOARD_LENGTHS]


def critique(rows: int) -> Task:
    """A dashboard with faults to find, and a table of `rows`: faint labels, uneven gaps, nothing that stands out."""
    chance = Random(3000 + rows)  # noqa: S311 - figures for a drawing, no secret
    canvas = Image.new("RGB", (1280, 340 + 40 * rows), "#f6f7f9")
    draw = ImageDraw.Draw(canvas)
    _write(draw, 30, 20, "Sales overview", 28)
    for column, name in enumerate(("Revenue", "Orders", "Refunds", "New customers")):
        x = 30 + column * 308 - column * column * 9
        draw.rectangle((x, 90, x + 280, 220), PAPER)
        _write(draw, x + 12, 100, name, 18, ink=FAINT)
        _write(draw, x + 12, 140, f"{chance.randint(100, 99_999):,}", 36)
    for row in range(rows):
        _write(draw, 30, 300 + 40 * row, chance.choice(TOWNS), 20, ink=FAINT)
        _write(draw, 700, 300 + 40 * row, f"${chance.randint(1_000, 300_000):,}", 20, anchor="ra")
    return Task(f"drawn-dashboard-{rows}", "free", _png(canvas), CRITIQUE_PROMPT)


def _items(chance: Random, count: int) -> Iterator[Item]:
    for _ in range(count):
        yield Item(chance.choice(GOODS), chance.randint(1, 9), Decimal(chance.randint(110, 48_900)) / 100)


def _columns(lines: list[tuple[str, str]], *, width: int, size: int) -> bytes:
    """A narrow page with text at its left edge and amounts at its right."""
    step = round(size * 1.6)
    canvas = Image.new("RGB", (width, 80 + step * len(lines)), PAPER)
    draw = ImageDraw.Draw(canvas)
    for row, (left, right) in enumerate(lines):
        _write(draw, 40, 40 + step * row, left, size)
        _write(draw, width - 40, 40 + step * row, right, size, anchor="ra")
    return _png(canvas)


def _write(
    draw: ImageDraw.ImageDraw, x: int, y: int, text: str, size: int, *, ink: str = INK, anchor: str = "la"
) -> None:
    draw.text((x, y), text, ink, ImageFont.load_default(size), anchor=anchor)


def _png(canvas: Image.Image) -> bytes:
    file = io.BytesIO()
    canvas.save(file, "PNG")
    return file.getvalue()
