"""Guesses copied from what was read before."""

from __future__ import annotations

from beholder.language.drafts import DRAFT, Drafts


def test_what_followed_before_is_guessed() -> None:
    """The tokens after the last occurrence of the text's end."""
    drafts = Drafts([1, 2, 3, 4, 5, 6, 7, 8, 9])
    drafts.extend([50, 2, 3])
    assert [4, 5, 6, 7, 8, 9, 50] == drafts.propose()
    assert DRAFT == len(drafts.propose())


def test_the_longest_match_wins() -> None:
    """Three equal tokens say more than one that came later."""
    drafts = Drafts([1, 2, 3, 77, 9, 3, 88, 1, 2, 3])
    assert [77, 9, 3, 88, 1, 2, 3] == drafts.propose()


def test_of_equal_matches_the_latest_wins() -> None:
    """What is nearer is likelier to go on."""
    drafts = Drafts([1, 2, 10, 1, 2, 20, 1, 2])
    assert [20, 1, 2] == drafts.propose()


def test_nothing_is_guessed_without_a_match() -> None:
    """Neither at the beginning nor after something new; the text's end is no match for itself."""
    assert [] == Drafts([]).propose()
    assert [] == Drafts([1]).propose()
    assert [] == Drafts([1, 2, 3, 4]).propose()
