"""Answers in a word, a number or a letter, and when they are right."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from typing import Final

from beholder.evals.task import f1

TOLERANCE: Final = 0.05
"""Relative error of a number that is still right (Masry et al. 2022, section 5.1)."""
NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][-+]?\d+)?")
YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
FIRST_LETTER = re.compile(r"\(?([A-H])\)?(?:[.:)](?=\s|$)|\s*$)")
NAMED_LETTER = re.compile(r"\b(?i:option|choice|answer(?:\s+is)?)\s*:?\s*\(?([A-H])\b")
BRACKETED_LETTER = re.compile(r"\(([A-H])\)")
ARTICLES = re.compile(r"\b(a|an|the)\b")
NUMBER_WORDS: Final = {
    word: str(number)
    for number, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
            *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
        )
    )
}


def to_number(text: str) -> float | None:
    """A number as printed: a sign, thousands commas, a currency sign before it and a percent sign after it are allowed.

    A percent sign does not divide by 100: the charts' labels have the number alone.
    """
    plain = text.strip().replace("\u2212", "-").removesuffix("%").strip()
    plain = re.sub(r"^([-+]?)\s*[$€£¥]\s*", r"\1", plain)
    if not NUMBER.fullmatch(plain) or not any(letter.isdigit() for letter in plain):
        return None
    try:
        return float(plain.replace(",", ""))
    except ValueError:
        return None


def is_relaxed_match(said: str, expected: str) -> bool:
    """ChartQA's relaxed accuracy: within 5 % of a number, exactly 0 for 0, else the same text in any case."""
    number, true = to_number(said), to_number(expected)
    if number is not None and true is not None:
        return abs(number - true) <= TOLERANCE * abs(true)
    return " ".join(said.casefold().split()) == " ".join(expected.casefold().split())


def is_year(text: str) -> bool:
    """Whether `text` is four digits that read as a year, 1500 to 2099."""
    return YEAR.fullmatch(text.strip()) is not None


def find_choice(said: str) -> str | None:
    """The letter of a multiple choice, A to H: alone, before a mark, named, in brackets; None if it is not plain."""
    if begins := FIRST_LETTER.match(said.strip()):
        return begins.group(1)
    named = set(NAMED_LETTER.findall(said)) or set(BRACKETED_LETTER.findall(said))
    return named.pop() if len(named) == 1 else None


def find_word(said: str, words: Sequence[str]) -> str | None:
    """The first of `words` that stands in the answer as a word, in any case; None if none does."""
    found = re.search(rf"\b({'|'.join(map(re.escape, words))})\b", said, re.IGNORECASE)
    return found.group(1).lower() if found else None


def squad_normal(text: str) -> str:
    """SQuAD's normal form: lower case, no ASCII punctuation, no articles, single spaces; number words as digits."""
    plain = "".join(letter for letter in text.lower() if letter not in string.punctuation)
    return " ".join(NUMBER_WORDS.get(word, word) for word in ARTICLES.sub(" ", plain).split())


def squad_scores(said: str, references: Sequence[str]) -> tuple[float, float]:
    """Exact match and token F1, each the best over the references, both after `squad_normal`."""
    prediction = squad_normal(said)
    truths = [squad_normal(reference) for reference in references]
    return float(prediction in truths), max((_token_f1(prediction, truth) for truth in truths), default=0.0)


def _token_f1(said: str, true: str) -> float:
    ours, theirs = Counter(said.split()), Counter(true.split())
    shared = (ours & theirs).total()
    return f1(shared / ours.total(), shared / theirs.total()) or 0.0 if shared else 0.0
