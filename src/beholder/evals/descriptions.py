"""Descriptions of a screen in Dutch (SEE): how many of the things that must be said are said."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from beholder.evals.answer import Answer
from beholder.evals.rows import Row
from beholder.evals.similarity import ALIKE, similarity
from beholder.evals.task import Metrics, Parts, Question, Scored, Task, mean_of

ENOUGH: Final = 0.5
"""The share of an item's words that must be found for it to count as said."""
STEM: Final = 5
"""Letters of a common beginning from which two words count as forms of one."""
COMMON: Final = frozenset(
    {
        *(
            "aan",
            "als",
            "bij",
            "dan",
            "dat",
            "de",
            "den",
            "der",
            "deze",
            "die",
            "dit",
            "door",
            "een",
            "en",
            "er",
            "het",
        ),
        *("hun", "iets", "in", "is", "je", "kan", "maar", "met", "meer", "naar", "niet", "nog", "of", "om", "onder"),
        *("ook", "op", "over", "per", "rechts", "links", "staan", "staat", "te", "tot", "twee", "drie", "vier", "uit"),
        *("van", "via", "voor", "waar", "was", "wat", "wel", "wordt", "zich", "zijn", "zoals"),
    }
)
"""Dutch words that say nothing about what is on a screen."""
REFERENCE: Final = "reference"


def content_words(text: str) -> list[str]:
    """The words of `text` that carry something, in lower case, in their order."""
    return [word for word in re.findall(r"[\w€@.-]*\w", text.casefold()) if len(word) > 1 and word not in COMMON]


def coverage(item: str, said: Collection[str]) -> float:
    """The share of an item's content words among the words that were said, in any form and with small misspellings."""
    words = content_words(item)
    return sum(any(_is_form(word, other) for other in said) for word in words) / len(words) if words else 1.0


def _is_form(word: str, other: str) -> bool:
    if word == other:
        return True
    shortest = min(len(word), len(other))
    is_stem = shortest >= STEM and (word.startswith(other) or other.startswith(word))
    return is_stem or (shortest >= STEM and similarity(word, other) >= ALIKE)


def _score(row: Row, answer: Answer) -> Parts:
    said = frozenset(content_words(answer.text))
    covered = [coverage(item, said) for item in row.expected["must_include"]]
    reference = content_words(str(row.expected.get(REFERENCE, "")))
    return {
        "score": sum(each >= ENOUGH for each in covered) / len(covered) if covered else 1.0,
        "covered": [round(each, 3) for each in covered],
        "reference": coverage(" ".join(reference), said) if reference else None,
        "words": len(answer.text.split()),
    }


def _summarise(items: Sequence[Scored]) -> Metrics:
    return {
        "must_include": mean_of(items),
        "reference_coverage": mean_of(items, "reference"),
        "words": mean_of(items, "words"),
    }


DESCRIPTIONS = Task(
    "screen_description_nl", "must_include", lambda row: Question(row.prompt, max_tokens=1_024), _score, _summarise
)
