"""Where unfinished JSON stands, after every single character."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholder.language.json_position import JsonPosition, Leaf, Path, State

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def leaves_of(value: Any, path: Path = ()) -> list[Leaf]:
    """The leaves of a value in the order written."""
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves_of(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, item in enumerate(value) for leaf in leaves_of(item, (*path, index))]
    if isinstance(value, str):
        return [Leaf(path, value, is_string=True)]
    return [Leaf(path, json.dumps(value), is_string=False)]


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=5), st.booleans())
def test_every_leaf_is_found_with_its_path(value: dict[str, Any], is_ascii: bool) -> None:
    """Whatever the nesting and the escapes, and wherever the text is cut into pieces."""
    position = JsonPosition()
    for character in json.dumps(value, ensure_ascii=is_ascii):
        position.feed(character)
    assert leaves_of(value) == position.leaves
    assert State.AFTER is position.state


@pytest.mark.parametrize(
    ("text", "state", "path", "partial"),
    [
        ("", State.VALUE, (), ""),
        ("{", State.KEY, ("",), ""),
        ('{"na', State.IN_KEY, ("",), "na"),
        ('{"name"', State.COLON, ("name",), ""),
        ('{"name":', State.VALUE, ("name",), ""),
        ('{"name":"Bl\\u00fc', State.IN_STRING, ("name",), "Blü"),
        ('{"a":1,"rows":[{"x":"y"},{"x":12', State.IN_SCALAR, ("rows", 1, "x"), "12"),
        ('{"rows":[{"x":"y"}', State.AFTER, ("rows", 0), ""),
    ],
)
def test_what_comes_next_is_known(text: str, state: State, path: Path, partial: str) -> None:
    """The state, the path and what is there of a value."""
    position = JsonPosition()
    position.feed(text)
    if state not in {State.KEY, State.IN_KEY}:
        assert path == position.path
    assert (state, partial) == (position.state, position.partial)


def test_a_copy_goes_its_own_way() -> None:
    """Looking ahead leaves the original where it is."""
    position = JsonPosition()
    position.feed('{"rows":[{"x":"y"')
    ahead = position.copy()
    ahead.feed('},{"z":1}]}')
    assert (("rows", 0, "x"), State.AFTER) == (position.path, position.state)
    assert {("rows", 0): ["x"]} == {path: keys for path, keys in position.keys.items() if path}
    assert ["z"] == ahead.keys["rows", 1]
