"""What moderation asks, as the text model is told it."""

from __future__ import annotations

import pytest

from beholder.evidence import Evidence, SafetyScore
from beholder.language.safety_telling import LAST, MATTERS, likelihood, tell_safety
from beholder.perception.policies import POLICIES
from beholder.perception.safety import NSFW, NSFW_THRESHOLD


def judged(**scores: float) -> Evidence:
    """Evidence with a score for each matter, 0 unless given."""
    thresholds = {NSFW: NSFW_THRESHOLD, **{name: policy.threshold for name, policy in POLICIES.items()}}
    found = [SafetyScore(name, scores.get(name, 0.0), threshold, "m") for name, threshold in thresholds.items()]
    return Evidence("a", (10, 10), (), "", safety=tuple(found))


def test_every_score_has_words() -> None:
    """What perception judges can be told."""
    assert {NSFW, *POLICIES} == set(MATTERS)


@pytest.mark.parametrize(
    ("scores", "asked", "told"),
    [
        ({"firearms": 0.05}, "Flag firearms.", "no firearm is visible (confidence 0.75)."),
        ({"firearms": 0.55}, "Flag firearms.", "a firearm is visible (confidence 0.75)."),
        ({"firearms": 0.55, "nsfw": 0.9}, "Is there a gun?", "a firearm is visible (confidence 0.75)."),
        ({"blades": 0.7}, "Weapons?", "no firearm is visible (confidence 1.00); "
         "a knife, an axe or another blade is visible (confidence 0.75)."),
        ({}, "Weapons?", "no firearm is visible (confidence 1.00)."),
        ({}, "Is it safe for work?", "it is safe for work, without nudity or sexual content (confidence 1.00)."),
    ],
)  # fmt: skip
def test_what_the_question_names_is_told(scores: dict[str, float], asked: str, told: str) -> None:
    """And nothing else; what is visible comes last."""
    assert f"Checked in image 1: {told}\n{LAST}" == tell_safety([(1, judged(**scores))], asked)


def test_a_question_that_names_nothing_is_told_what_is_visible() -> None:
    """Or that nothing NSFW is."""
    told = tell_safety([(1, judged(alcohol=0.9))], "Moderate this image.")
    assert f"Checked in image 1: an alcoholic drink is visible (confidence 0.92).\n{LAST}" == told
    assert "safe for work" in tell_safety([(1, judged())], "Moderate this image.")


def test_several_images_are_told_by_number() -> None:
    """A line each; one that was not judged has none."""
    told = tell_safety([(1, judged(firearms=1)), (2, judged()), (3, Evidence("b", (9, 9), (), ""))], "Any guns?")
    assert [
        "Checked in image 1: a firearm is visible (confidence 1.00).",
        "Checked in image 2: no firearm is visible (confidence 1.00).",
        LAST,
    ] == told.splitlines()
    assert "" == tell_safety([(3, Evidence("b", (9, 9), (), ""))], "Any guns?")


@pytest.mark.parametrize(("score", "expected"), [(0, 0), (0.1, 0.25), (0.2, 0.5), (0.6, 0.75), (1, 1)])
def test_the_threshold_is_an_even_chance(score: float, expected: float) -> None:
    """Below and above it the likelihood goes straight to 0 and 1."""
    assert expected == pytest.approx(likelihood(SafetyScore("firearms", score, 0.2, "m")))
