"""What an answer's text becomes on its way out."""

from __future__ import annotations

import json

import pytest

from beholder.language.shape import TextShape
from beholder.types import TextDelta


@pytest.mark.parametrize("stop", ["b", '"', "1", ",", "}"])
def test_json_that_a_stop_string_ends_parses(stop: str) -> None:
    """The stop string is not sent, and what was sent is closed."""
    shape = TextShape((stop,), is_json=True)
    events = []
    for character in '{"a":["b",{"c":12}]}':
        if not shape.is_over:
            events += shape.feed(character)
    events += shape.finish(is_cut=False)
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    json.loads(text)
    assert "stop" == shape.reason(is_cut=False)
