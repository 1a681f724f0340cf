"""A question's numbered parts, and the options of a multiple choice, as its words have them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from beholder.language.computation import FEWEST_OPTIONS, OPTION
from beholder.language.placeholders import fill_form

NUMBER: Final = re.compile(r"(?:^|(?<=[:\n]))[ \t]*(\d{1,2})[.)][ \t]+", re.MULTILINE)
"""The number of a part, where a line begins or after a colon."""

ABOUT_ALL: Final = re.compile(r"\bquestions\b|\bformat\b", re.IGNORECASE)
"""What a line says that is about all parts together, or about how to answer."""

MOST_PARTS: Final = 8
"""More are a list to be gone through, which would take too long piece by piece."""

UNKNOWN: Final = "?"
"""Stands for an answer that was not found."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A question of numbered parts: what stands before the first, each part, and what is about all of them."""

    before: str
    parts: tuple[str, ...]
    closing: str

    def alone(self) -> list[str]:
        """Each part as a question of its own."""
        return [f"{self.before} {part}".strip() for part in self.parts]

    def filled(self, answers: Sequence[str]) -> str:
        """The form that is asked for, with the answers in it; empty where none is shown, or more is wanted."""
        filled = fill_form(self.closing, answers)
        rest = [line for line in self.closing.split("\n") if line.strip() and not ABOUT_ALL.search(line)]
        return filled if len(rest) <= 1 and UNKNOWN not in answers else ""

    def answered(self, answers: Sequence[str]) -> str:
        """The whole with the answer of each part in the place of its notes and options."""
        asked = [part[: part.index("?") + 1] for part in self.parts]
        lines = [
            f"{n}. {part}\nFound: {answer}" for n, (part, answer) in enumerate(zip(asked, answers, strict=True), 1)
        ]
        return "\n".join(each for each in (self.before, *lines, self.closing) if each)


def parts_of(asked: str) -> Parts | None:
    """The numbered parts of a question, if there are two or more and each asks something.

    A line after the last one's question that speaks of the questions or of the form of the answer is about all.
    """
    starts: list[re.Match[str]] = []
    for match in NUMBER.finditer(asked):
        if int(match[1]) == len(starts) + 1:
            starts.append(match)
    if not 2 <= len(starts) <= MOST_PARTS:
        return None
    ends = [*(match.start() for match in starts[1:]), len(asked)]
    parts = [asked[match.end() : end].strip() for match, end in zip(starts, ends, strict=True)]
    if not all("?" in part for part in parts):
        return None
    last, closing = _closed(parts[-1])
    return Parts(asked[: starts[0].start()].rstrip(), (*parts[:-1], last), closing)


def _closed(part: str) -> tuple[str, str]:
    """The last part, and what follows it that is about all."""
    lines = part.split("\n")
    asked = next(place for place, line in enumerate(lines) if "?" in line)
    closing = (place for place, line in enumerate(lines) if place > asked and ABOUT_ALL.search(line))
    end = next(closing, len(lines))
    return "\n".join(lines[:end]).strip(), "\n".join(lines[end:]).strip()


def options_of(asked: str) -> dict[str, str]:
    """The letters of a multiple choice by its options' words; none where there are not two."""
    found = [line.strip().lstrip("(") for line in OPTION.findall(asked)]
    options = {line[2:].strip(): line[0] for line in found}
    return options if len(options) >= FEWEST_OPTIONS else {}


def one_of(options: Collection[str]) -> str | None:
    """The grammar, in Lark's notation, of a line that is one of the options; None where there are none."""
    words = " | ".join(json.dumps(option, ensure_ascii=False) for option in options)
    return f'start: " " ({words}) "\\n"' if options else None


def literal(text: str) -> str:
    """The grammar of one text."""
    return f"start: {json.dumps(text, ensure_ascii=False)}"
