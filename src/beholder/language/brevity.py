"""The form of a short answer, said where a short answer is asked for: so small a model answers in sentences."""

from __future__ import annotations

import re
from typing import Final

BRIEF: Final = re.compile(
    r"\bbriefly\b|\bas (?:brief|short)|\bshort answer|\bconcisely\b|\b(?:one|a single|few) words?\b|\bonly the\b"
    r"|\bjust the\b|so kurz wie|\bkurze antwort|\bun seul mot|\bsólo la respuesta|\bkort antwoord",
    re.IGNORECASE,
)
"""Words that ask for a short answer."""

HOW_MANY: Final = re.compile(r"\bhow many\b|\bwhat (?:is|was) the (?:total )?number of\b", re.IGNORECASE)
"""A question for a number that is printed or counted."""

DIFFERENCE: Final = re.compile(r"\bhow (?:many|much) (?:more|fewer|less)\b|\bdifference\b", re.IGNORECASE)
"""A question for a number that is neither: a model that may not write the calculation gets it wrong."""

YES_OR_NO: Final = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|can|could|will)"
    r" (?:the|there|this|that|it|an?|any|i|you|we|all)\b(?!.* or )[^?]*\?\s*$",
    re.IGNORECASE,
)
"""A sentence that is answered by yes or no."""

SENTENCE_END: Final = re.compile(r"[.!:]\s+|\n")

NUMBER: Final = "(A number is given alone; it is 0 if there are none.)"
VERDICT: Final = "(Answer Yes or No.)"
VALUE: Final = "(A value is given alone, without its label.)"


def short_form(asked: str) -> str:
    """A line that says the form of the answer to the question `asked`; empty where no short one is asked for."""
    last = last_sentence(asked)
    if not BRIEF.search(asked) or DIFFERENCE.search(last):
        return ""
    if YES_OR_NO.match(last):
        return VERDICT
    return NUMBER if HOW_MANY.search(last) else VALUE


def last_sentence(asked: str) -> str:
    """What stands after the last full stop or colon: the question itself, after what is said of its answer."""
    return SENTENCE_END.split(asked.strip())[-1]
