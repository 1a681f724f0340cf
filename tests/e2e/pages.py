"""Pictures that the end-to-end tests ask about, and what is asked."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from openai import OpenAI
from PIL import Image, ImageDraw, ImageFont

MODEL: Final = "grok-2-vision-latest"

FIELDS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"shop": {"type": "string"}, "date": {"type": "string"}, "total": {"type": "string"}},
    "required": ["shop", "date", "total"],
    "additionalProperties": False,
}

QUESTION: Final = "Which shop is it, on what date, and what is the total? Copy them as printed."


@dataclass(frozen=True)
class Receipt:
    """A receipt to draw, and at the same time what a right answer says."""

    shop: str
    date: str
    total: str

    @property
    def fields(self) -> dict[str, str]:
        """What a right answer says."""
        return {"shop": self.shop, "date": self.date, "total": self.total}

    def draw(self) -> Image.Image:
        """The receipt, black on white."""
        page = Image.new("RGB", (560, 400), "white")
        pen = ImageDraw.Draw(page)
        rows = [
            (self.shop, ""),
            ("Date", self.date),
            ("Coffee beans", "8.40"),
            ("Filter", "2.10"),
            ("Total", self.total),
        ]
        for row, (left, right) in enumerate(rows):
            font = ImageFont.load_default(34 if row == 0 else 26)
            pen.text((40, 30 + 70 * row), left, "black", font)
            pen.text((520, 30 + 70 * row), right, "black", font, anchor="ra")
        return page


HARBOUR: Final = Receipt("Harbour Coffee", "14 March 2026", "10.50")
MILL: Final = Receipt("Old Mill Bakery", "2 June 2025", "37.95")


def encoded(page: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    page.save(buffer, format, **options)
    return buffer.getvalue()


def image_part(data: bytes, mime: str = "image/png") -> dict[str, Any]:
    """A picture as a part of a message."""
    return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{base64.b64encode(data).decode()}"}}


def url_part(url: str) -> dict[str, Any]:
    """A picture at an address as a part of a message."""
    return {"type": "image_url", "image_url": {"url": url}}


def text_part(text: str) -> dict[str, Any]:
    """Text as a part of a message."""
    return {"type": "text", "text": text}


def schema_format(schema: Any) -> dict[str, Any]:
    """The response format that asks for JSON of a schema."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def client(url: str, **options: Any) -> OpenAI:
    """The official client, as its users make it, but without retries: a fault is to be seen."""
    direct = httpx2.Client(trust_env=False)
    return OpenAI(base_url=url, api_key="none", **{"max_retries": 0, "timeout": 120, "http_client": direct, **options})


def ask(openai: OpenAI, *parts: dict[str, Any], **options: Any) -> Any:
    """The completion of one message at temperature 0."""
    messages: Any = [{"role": "user", "content": list(parts)}]
    return openai.chat.completions.create(model=MODEL, messages=messages, **{"temperature": 0, **options})


def said(completion: Any) -> str:
    """What the completion says."""
    text = completion.choices[0].message.content
    assert isinstance(text, str)
    return text
