"""How texts are compared: edit distance, matching, short answers."""

from __future__ import annotations

import pytest

from beholder.evals.answer import find_box, find_json, resolve, short_answer
from beholder.evals.charts import chosen, is_right, right_parts
from beholder.evals.matching import match
from beholder.evals.short_answers import find_choice, squad_scores, to_number
from beholder.evals.similarity import distance_inside, levenshtein, similarity, stands_in


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("kitten", "sitting", 3),
        ("flaw", "lawn", 2),
        ("ab" * 50, "b" * 50, 50),
    ],
)
def test_edit_distances(one: str, other: str, distance: int) -> None:
    """Insertions, deletions and substitutions count one each, both ways round."""
    assert distance == levenshtein(one, other)
    assert distance == levenshtein(other, one)


def test_similarity_is_a_share_of_the_longer_text() -> None:
    """One letter of five wrong is 0.8; nothing is like nothing."""
    assert 0.8 == similarity("total", "tctal")
    assert 1.0 == similarity("", "")
    assert 0.0 == similarity("", "a")


def test_a_text_stands_in_another_with_a_misread_letter() -> None:
    """The distance inside a longer text is that of its best stretch; four of five letters are enough."""
    assert 1 == distance_inside("12.50", "total 12,50 paid")
    assert stands_in("Total", "the tota1 is")
    assert not stands_in("Total", "nothing here")
    assert not stands_in("", "anything")


def test_matching_makes_way() -> None:
    """As many pairs as possible: the first gives up its place for the second, which fits nowhere else."""
    assert {0: 1, 1: 0} == match([{0, 1}, {0}], [0, 1], lambda places, place: place in places)
    fits = {(0, 0), (0, 1), (1, 0), (2, 1), (2, 2)}
    found = match([0, 1, 2], [0, 1, 2], lambda one, other: (one, other) in fits)
    assert {0: 1, 1: 0, 2: 2} == found
    assert {} == match([1], [2], lambda one, other: one == other)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('Here it is: {"a": [1, 2]} as asked', {"a": [1, 2]}),
        ("no JSON {at all", None),
        ("[" * 100_000, None),
    ],
)
def test_json_is_found(text: str, value: object) -> None:
    """Alone, fenced, or among words; never an error."""
    assert value == find_json(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**42**", "42"),
        ("The bars grow.\nAnswer: 11; 5.", "11; 5"),
        ("Final answer: `Red`", "Red"),
        ("```\nBlue\n```", "Blue"),
        ('"Spain".', "Spain"),
    ],
)
def test_short_answers(text: str, said: str) -> None:
    """Markdown, quotation marks, the word before the answer and its full stop go."""
    assert said == short_answer(text)


def test_boxes_and_pointers_are_read_whatever_their_form() -> None:
    """A list of four numbers, or an object that has one; corners in any order; pointers with escapes."""
    assert (1.0, 2.0, 3.0, 4.0) == find_box([3, 2, 1, 4])
    assert (1.0, 2.0, 3.0, 4.0) == find_box({"bbox": [1, 2, 3, 4]})
    assert find_box([1, 2, True, 4]) is None
    assert find_box("1 2 3 4") is None
    assert 7 == resolve({"a/b": [{"~": 7}]}, "/a~1b/0/~0")
    assert resolve({"a": 1}, "/b/0") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,250.5", 1250.5), ("-3%", -3.0), ("$ 4", 4.0), ("-€5", -5.0), ("1e3", 1000.0), ("5 apples", None), ("-", None)],
)
def test_numbers_as_printed(text: str, number: float | None) -> None:
    """Signs, thousands commas, currency and percent signs are part of a number; words are not."""
    assert number == to_number(text)


@pytest.mark.parametrize(
    ("said", "expected", "verdict"),
    [
        ("104", "100", True),
        ("105.1", "100", False),
        ("0", "0", True),
        ("0.01", "0", False),
        ("23%", "23", True),
        ("spain", "Spain", True),
        ("Spain and Italy", "Spain", False),
        ("2016 and 2013", "[2013, 2016]", True),
        ("2013", "[2013, 2016]", False),
    ],
)
def test_relaxed_accuracy(said: str, expected: str, verdict: bool) -> None:
    """Five percent for numbers, none for zero, the same words otherwise, lists as sets."""
    assert verdict is is_right(said, expected)


def test_years_can_be_held_to_the_letter() -> None:
    """A year that is off by one is within five percent, and wrong all the same where years must be exact."""
    assert is_right("2018", "2019")
    assert not is_right("2018", "2019", exact_years=True)
    assert is_right("2019", "2019", exact_years=True)


@pytest.mark.parametrize(
    ("said", "expected", "share"),
    [("11; 5", "11; 5", 1.0), ("11", "11; 5", 0.5), ("B. Sales; 7", "B; 20", 0.5), ("5; 11", "11; 5", 0.0)],
)
def test_parts_of_an_answer_count_in_their_places(said: str, expected: str, share: float) -> None:
    """Each part between semicolons is right or wrong by itself."""
    assert share == right_parts(said, expected)


@pytest.mark.parametrize(
    ("said", "letter"),
    [
        ("B", "B"),
        ("(C)", "C"),
        ("D. Both are equal", "D"),
        ("I choose option A because", "A"),
        ("The answer is B", "B"),
        ("A decline can be seen", None),
        ("Option A or option B", None),
        ("It is (C), I think", "C"),
        ("", None),
    ],
)
def test_choices(said: str, letter: str | None) -> None:
    """A letter counts where it is plainly the choice; the article "A" is none."""
    assert letter == find_choice(said)


def test_an_option_may_be_given_in_words() -> None:
    """The words of one option stand for its letter."""
    prompt = "Which?\nA. More.\nB. Less.\nAnswer with the letter only."
    assert "B" == chosen("less", prompt)
    assert chosen("neither", prompt) is None


def test_squad_scores() -> None:
    """Case, punctuation and articles do not count, number words do; the best reference decides."""
    assert (1.0, 1.0) == squad_scores("The six apples!", ["pears", "6 apples"])
    exact, f1 = squad_scores("red car", ["red fast car"])
    assert 0.0 == exact
    assert pytest.approx(0.8) == f1
    assert (0.0, 0.0) == squad_scores("", ["x"])
