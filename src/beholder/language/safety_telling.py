"""What moderation asks, in words: whether each matter that a question names is visible, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from beholder.evidence import Evidence, SafetyScore


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter that is judged: the words by which a question names it, and what is told where it is visible or not."""

    words: str
    visible: str
    absent: str


MATTERS: Final = {
    "nsfw": Matter(
        r"\bnsfw\b|safe for work|\bporn|\bnud(?:e|ity)\b|\bnaked|\bsexual|explicit (?:content|image|picture)"
        r"|nackt|desnud|naakt",
        "it is NSFW, not safe for work: nudity or sexual content is visible",
        "it is safe for work, without nudity or sexual content",
    ),
    "firearms": Matter(
        r"weapon|fire.?arm|\bguns?\b|handgun|pistol|revolver|\brifle|waffe|arme à feu|arma de fuego|wapen",
        "a firearm is visible",
        "no firearm is visible",
    ),
    "blades": Matter(
        r"blade|\bkni(?:fe|ves)\b|\baxes?\b|hatchet|cleaver",
        "a knife, an axe or another blade is visible",
        "no knife, axe or other blade is visible",
    ),
    "military": Matter(
        r"militar|\barmy|missile|cannon|warship|\btanks?\b",
        "a military vehicle or a missile is visible",
        "no military vehicle or missile is visible",
    ),
    "alcohol": Matter(
        r"alcohol|\bbeer|\bwine|liquor|alkohol|alcool", "an alcoholic drink is visible", "no alcoholic drink is visible"
    ),
    "swimwear": Matter(
        r"swimwear|swimsuit|bikini|bathing suit|lingerie|underwear|bademode",
        "swimwear is visible",
        "no swimwear is visible",
    ),
    "medicine": Matter(
        r"\bdrugs?\b|medic(?:ine|ation)|\bpills?\b|syringe|narcotic|drogen",
        "medicine or a syringe is visible",
        "no medicine or syringe is visible",
    ),
}
"""The scores of `perception.safety`, by their names."""

WEAPONS: Final = re.compile("weapon|waffe|wapen", re.IGNORECASE)
ALSO_WEAPONS: Final = ("blades", "military")
"""Told where a question is for weapons if they are visible: that they are not would drown a firearm that is."""

EVEN: Final = 0.5
"""From this likelihood on a matter is told as visible."""

LAST: Final = "Nothing else was checked."


def tell_safety(seen: Sequence[tuple[int, Evidence]], asked: str) -> str:
    """A sentence for each image, under its number, on the matters that `asked` names; empty where none was judged.

    Where it names none: on what is visible, or that nothing NSFW is. It belongs after the question: so small a model
    reads past a "not" that stands among the evidence.
    """
    judged = [(number, evidence.safety) for number, evidence in seen if evidence.safety]
    if not judged:
        return ""
    lines = [f"Checked in image {number}: {'; '.join(_findings(scores, asked))}." for number, scores in judged]
    return "\n".join([*lines, LAST])


def _named(scores: Sequence[SafetyScore], asked: str) -> list[SafetyScore]:
    is_for_weapons = WEAPONS.search(asked) is not None
    return [
        score
        for score in scores
        if re.search(MATTERS[score.name].words, asked, re.IGNORECASE)
        or (is_for_weapons and score.name in ALSO_WEAPONS and likelihood(score) >= EVEN)
    ]


def _findings(scores: Sequence[SafetyScore], asked: str) -> list[str]:
    """What is visible comes last, nearest to the answer."""
    visible = [score for score in scores if likelihood(score) >= EVEN]
    told = _named(scores, asked) or visible or [score for score in scores if score.name == "nsfw"]
    return [_finding(score) for score in sorted(told, key=likelihood)]


def _finding(score: SafetyScore) -> str:
    likely, matter = likelihood(score), MATTERS[score.name]
    if likely < EVEN:
        return f"{matter.absent} (confidence {1 - likely:.2f})"
    return f"{matter.visible} (confidence {likely:.2f})"


def likelihood(score: SafetyScore) -> float:
    """How likely it is seen, 0 to 1: the score, bent so that its threshold comes to be one half.

    Classifiers' scores are no probabilities of what is asked: where a tenth tells best, a tenth is an even chance.
    """
    if score.score < score.threshold:
        return score.score / score.threshold / 2
    return 1 - (1 - score.score) / (1 - score.threshold) / 2
