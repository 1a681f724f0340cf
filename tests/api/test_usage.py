"""Image tokens by the documented formula."""

from __future__ import annotations

import pytest

from beholder.api.usage import image_tokens
from beholder.types import Detail


@pytest.mark.parametrize(
    ("width", "height", "detail", "tokens"),
    [
        (1, 1, "auto", 512),
        (448, 448, "auto", 512),
        (449, 448, "high", 768),
        (896, 448, "auto", 768),
        (896, 896, "auto", 1280),
        (900, 900, "auto", 1792),
        (4096, 4096, "high", 1792),
        (4096, 4096, "low", 256),
    ],
)
def test_tiles_are_counted(width: int, height: int, detail: Detail, tokens: int) -> None:
    """Tiles of 448 pixels, 256 tokens each, six at most, and one more for the whole; `low` is one tile."""
    assert tokens == image_tokens((width, height), detail)
