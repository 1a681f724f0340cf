"""What every client needs to know: the server's address, its engine, and the picture of a receipt."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from pydantic import BaseModel

BASE_URL = os.environ["CONFORMANCE_BASE_URL"]
MODEL = "grok-2-vision-latest"
PICTURE = Path(os.environ["CONFORMANCE_PICTURE"])
PICTURE_URL = os.environ["CONFORMANCE_PICTURE_URL"]
DATA_URI = "data:image/png;base64," + base64.b64encode(PICTURE.read_bytes()).decode()

QUESTION = "What is the total on this receipt? Answer with the number only."
TOTAL = 7.75
"""What the receipt says; the echo engine cannot know it."""

IS_REAL = os.environ["CONFORMANCE_ENGINE"] != "echo"
needs_model = pytest.mark.skipif(not IS_REAL, reason="needs a model: the echo engine does not read")


class Item(BaseModel):
    """A line of the receipt."""

    name: str
    price: float


class Receipt(BaseModel):
    """The whole receipt."""

    items: list[Item]
    total: float


def ask(image: str = DATA_URI, question: str = QUESTION) -> list[dict]:
    """Chat messages with one question about one picture."""
    parts = [{"type": "text", "text": question}, {"type": "image_url", "image_url": {"url": image}}]
    return [{"role": "user", "content": parts}]


def check_answer(text: str | None) -> None:
    """Text came, and a real model has read the total."""
    assert text
    if IS_REAL:
        assert str(TOTAL) in text, text


def check_receipt(receipt: Receipt | None) -> None:
    """A receipt came, and a real model has read its total."""
    assert isinstance(receipt, Receipt)
    if IS_REAL:
        assert receipt.total == TOTAL, receipt
