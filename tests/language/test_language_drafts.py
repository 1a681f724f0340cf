"""Guesses copied from what was read before."""

from __future__ import annotations

from tiny_qwen import tiny_model

from beholder.language.constraint import Grammars
from beholder.language.drafts import MOST, SURE, Drafts
from beholder.language.page import Page
from beholder.language.page_drafts import PageDrafts


def test_what_followed_before_is_guessed() -> None:
    """The tokens after the last occurrence of the text's end."""
    drafts = Drafts([1, 2, 3, 4, 5, 6, 7, 8, 9])
    drafts.extend([50, 2, 3])
    assert [4, 5, 6] == drafts.propose(None)[:3]


def test_the_longest_match_wins() -> None:
    """Three equal tokens say more than one that came later."""
    drafts = Drafts([1, 2, 3, 77, 9, 3, 88, 1, 2, 3])
    assert [77, 9, 3, 88, 1, 2, 3] == drafts.propose(None)


def test_of_equal_matches_the_latest_wins() -> None:
    """What is nearer is likelier to go on."""
    drafts = Drafts([1, 2, 10, 1, 2, 20, 1, 2])
    assert [20, 1] == drafts.propose(None)[:2]


def test_nothing_is_guessed_without_a_match() -> None:
    """Neither at the beginning nor after something new; the text's end is no match for itself."""
    assert [] == Drafts([]).propose(None)
    assert [] == Drafts([1]).propose(None)
    assert [] == Drafts([1, 2, 3, 4]).propose(None)


def test_long_matches_give_long_drafts() -> None:
    """Four equal tokens are followed further than two, and never further than a draft may be."""
    page = list(range(100, 160))
    two, four = Drafts([*page, 119, 120]), Drafts([*page, 117, 118, 119, 120])
    assert page[21 : 21 + len(two.propose(None))] == two.propose(None)
    assert 1 <= len(two.propose(None)) < len(four.propose(None)) <= MOST


def test_guesses_that_fall_grow_shorter_and_end() -> None:
    """What was wrong again and again costs nothing any more; what was right is guessed further."""
    page = list(range(100, 160))
    wrong, right = Drafts([*page, 119, 120]), Drafts([*page, 119, 120])
    first = len(wrong.propose(None))
    for _ in range(20):
        drafted = wrong.propose(None)
        wrong.learn(drafted, 0, drafted)
        drafted = right.propose(None)
        right.learn(drafted, len(drafted), drafted)
    assert [] == wrong.propose(None)
    assert first < len(right.propose(None))


def test_room_that_costs_nothing_is_filled() -> None:
    """With what the model foretold, else what followed one token before, else what it foretold for the same place."""
    drafts = Drafts([1, 2, 3, 4])
    assert ([], []) == (drafts.propose(None), drafts.propose(None, 2))
    drafts.learn([7, 8], 0, [9, 6])
    drafts.extend([2])
    assert ([3, 4], []) == (drafts.propose(None, 2), drafts.propose(None))
    drafts.extend([50])
    assert [9, 6] == drafts.propose(None, 2)
    drafts.extend([7])
    assert [9] == drafts.propose(None, 1)


def test_a_guess_too_many_is_not_learned_from() -> None:
    """That guesses for room stood says nothing of what was looked up."""
    page = list(range(100, 160))
    alone, filled = Drafts([*page, 119, 120]), Drafts([*page, 119, 120])
    likely = alone.propose(None)
    alone.learn(likely, len(likely), likely)
    more = [*filled.propose(None), 8, 9]
    filled.learn(more, len(more), more)
    assert alone.propose(None) == filled.propose(None)


def test_what_was_cut_off_a_draft_did_not_fall() -> None:
    """A draft of which a pass took one token, which stood, is as good as any that stood."""
    page = list(range(100, 160))
    whole, cut = Drafts([*page, 119, 120]), Drafts([*page, 119, 120])
    for _ in range(5):
        drafted = whole.propose(None)
        whole.learn(drafted, len(drafted), drafted)
        cut.learn(cut.propose(None)[:1], 1, [0])
    assert whole.propose(None) == cut.propose(None)


def test_a_list_that_stands_in_the_prompt_is_copied_over_its_quotes() -> None:
    """Of two runs that end alike, the longer is followed, and in it what stands after the end of a string."""
    tokenizer = tiny_model().tokenizer()
    told = '["a red hat","box",17,"a red cat","box",25,"the end"]'
    prompt = tokenizer.encode(told)
    drafts = Drafts(prompt, PageDrafts(Page(told), "", tokenizer))
    constraint = Grammars(tokenizer).json({"type": "array"}, "response_format")
    begun = prompt[: len(prompt) // 2]
    constraint.consume(begun)
    drafts.extend(begun)
    drafted = b"".join(map(tokenizer.token_bytes, drafts.propose(constraint))).decode()
    rest = b"".join(map(tokenizer.token_bytes, prompt[len(begun) :])).decode()
    assert rest.startswith(drafted)
    assert '","' in drafted


def test_a_long_run_of_the_prompt_is_sure_to_go_on() -> None:
    """From so many tokens on; what was only answered before is no run of the prompt."""
    page = list(range(100, 300))
    short, long = Drafts([*page, 9]), Drafts([*page, 9])
    short.extend(page[: SURE - 1])
    long.extend(page[:SURE])
    assert ([], page[SURE : SURE + 2]) == (short.sure(2), long.sure(2))
    answered = Drafts([1, 2, 3])
    answered.extend([*page, *page[:SURE]])
    assert [] == answered.sure(2)
