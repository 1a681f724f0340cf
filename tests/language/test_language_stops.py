"""Stop strings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from beholder.language.stops import Stops


def test_text_ends_before_the_stop() -> None:
    """The stop itself is never sent, not even its beginning, however the text is cut into pieces."""
    stops = Stops(["END"])
    assert "one " == "".join(stops.feed(piece) for piece in ("one E", "", "N", "D two"))
    assert stops.is_hit


def test_what_may_begin_a_stop_is_held_back() -> None:
    """And sent as soon as it cannot, or when the text ends by itself."""
    stops = Stops(["END"])
    assert "one " == stops.feed("one E")
    assert "" == stops.feed("N")
    assert "ENx" == stops.feed("x")
    assert "" == stops.feed("EN")
    assert "EN" == stops.finish()
    assert not stops.is_hit


def test_the_first_of_several_stops_counts() -> None:
    """The one that comes first in the text, not first in the list."""
    stops = Stops(["later", "soon"])
    assert "a " == stops.feed("a soon, b later")
    assert stops.is_hit


@given(
    text=st.text("ab", max_size=30),
    stops=st.lists(st.text("ab", min_size=1, max_size=4), max_size=3),
    cuts=st.lists(st.integers(1, 4), max_size=30),
)
def test_pieces_make_no_difference(text: str, stops: list[str], cuts: list[int]) -> None:
    """Whatever the pieces, what is sent is the text up to the earliest stop that completes."""
    watcher, sent, at = Stops(stops), "", 0
    for size in [*cuts, len(text)]:
        if not watcher.is_hit:
            sent += watcher.feed(text[at : at + size])
            at += size
    if not watcher.is_hit:
        sent += watcher.finish()
    assert (sent == text) == (not watcher.is_hit)
    assert text.startswith(sent)
    assert not any(stop in sent for stop in stops)
    assert watcher.is_hit == any(stop in text for stop in stops)
    if watcher.is_hit:
        assert any(text.startswith(stop, len(sent)) for stop in stops)
