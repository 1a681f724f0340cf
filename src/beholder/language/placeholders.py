"""A form that the question shows for its answer, with a name in the place of what is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

NAME: Final = r"[a-z]+(?:_[a-z]+)+|<[a-z][\w -]*>|\[[a-z][\w -]*\]"
"""Words joined by underscores, or words in angle or square brackets."""

SHOWN: Final = re.compile(rf"\b\w+:[ \t]*(?:{NAME})[ \t.]*$", re.IGNORECASE | re.MULTILINE)
"""A label with a colon, and after it a name that ends the line."""


def without_form(question: str) -> tuple[str, str]:
    """A question without the form of its answer that ends it, and the form; all and nothing without one, or with two.

    The words that lead to the form go with it, a question on its line stays.
    """
    shown = list(SHOWN.finditer(question.rstrip()))
    if len(shown) != 1 or shown[0].end() != len(question.rstrip()):
        return question, ""
    before, _, line = question[: shown[0].start()].rpartition("\n")
    asked = line[: line.rindex("?") + 1] if "?" in line else ""
    return f"{before}\n{asked}".strip(), shown[0][0].rstrip()


def fill_form(form: str, answers: Sequence[str]) -> str:
    """The line of a form that has a name for each answer, with the answers in their places; empty without one."""
    for line in form.split("\n"):
        names = list(re.finditer(NAME, line, re.IGNORECASE))[: len(answers)]
        if len(names) == len(answers):
            starts = [0, *(name.end() for name in names)]
            before = [line[start : name.start()] for start, name in zip(starts, names, strict=False)]
            return "".join(part for pair in zip(before, answers, strict=True) for part in pair)
    return ""
