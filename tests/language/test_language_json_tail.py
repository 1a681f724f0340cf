"""JSON that is cut anywhere and still parses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholder.language.json_tail import JsonTail

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def compact(value: Any, *, is_ascii: bool) -> str:
    """JSON as the compact grammar writes it."""
    return json.dumps(value, ensure_ascii=is_ascii, separators=(",", ":"))


def is_part_of(cut: Any, whole: Any) -> bool:
    """Whether `cut` says nothing that `whole` does not: fewer members, fewer items, a shorter string."""
    if isinstance(cut, dict) and isinstance(whole, dict):
        return all(key in whole and is_part_of(value, whole[key]) for key, value in cut.items())
    if isinstance(cut, list) and isinstance(whole, list):
        return len(cut) <= len(whole) and all(map(is_part_of, cut, whole))
    if isinstance(cut, str) and isinstance(whole, str):
        return whole.startswith(cut)
    return bool(cut == whole) and type(cut) is type(whole)


@given(value=VALUES, is_ascii=st.booleans(), place=st.floats(0, 1))
def test_a_cut_anywhere_still_parses(value: Any, is_ascii: bool, place: float) -> None:
    """And holds nothing that was not said: no half number, no key without a value."""
    text = compact(value, is_ascii=is_ascii)
    tail = JsonTail()
    cut = tail.feed(text[: int(place * len(text))]) + tail.close()
    assert cut == "null" or is_part_of(_without_surrogates(json.loads(cut)), value)


def _without_surrogates(value: Any) -> Any:
    """A cut between the two halves of an escaped character leaves the first, which no text begins with."""
    if isinstance(value, dict):
        return {key: _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value.rstrip("".join(map(chr, range(0xD800, 0xDC00)))) if isinstance(value, str) else value


@given(value=VALUES, is_ascii=st.booleans(), sizes=st.lists(st.integers(1, 7), max_size=40))
def test_the_whole_text_is_unchanged(value: Any, is_ascii: bool, sizes: list[int]) -> None:
    """Fed in any pieces, complete JSON comes out as it went in."""
    text, tail, sent, at = compact(value, is_ascii=is_ascii), JsonTail(), "", 0
    for size in [*sizes, len(text)]:
        sent += tail.feed(text[at : at + size])
        at += size
    assert text == sent + tail.finish()


@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        ("", "null"),
        ("12", "null"),
        ("tru", "null"),
        ("{", "{}"),
        ('{"na', "{}"),
        ('{"name":', "{}"),
        ('{"name":"', '{"name":""}'),
        ('{"name":"An', '{"name":"An"}'),
        ('{"name":"An\\', '{"name":"An"}'),
        ('{"name":"An\\u00e', '{"name":"An"}'),
        ('{"name":"An\\"', '{"name":"An\\""}'),
        ('{"n":12', "{}"),
        ('{"n":12,', '{"n":12}'),
        ('{"n":12}', '{"n":12}'),
        ('{"n":12,"m', '{"n":12}'),
        ('{"a":[1,2', '{"a":[1]}'),
        ('{"a":[1,{"b":true', '{"a":[1,{}]}'),
        ('["x","y', '["x","y"]'),
        ('["x",', '["x"]'),
        ('{"a":{"b":"c"},"d":[[', '{"a":{"b":"c"},"d":[[]]}'),
    ],
)
def test_how_a_cut_is_closed(begun: str, expected: str) -> None:
    """Strings keep what they have, numbers and literals count only when they are complete."""
    tail = JsonTail()
    assert expected == tail.feed(begun) + tail.close()
