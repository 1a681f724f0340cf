"""Questions about charts: ChartQA, MultiChartQA, and charts that mislead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from beholder.evals.answer import Answer, short_answer
from beholder.evals.rows import Row
from beholder.evals.short_answers import find_choice, is_relaxed_match, is_year
from beholder.evals.similarity import squeeze
from beholder.evals.task import Metrics, Parts, Question, Scored, Task, mean, mean_of

OPTION = re.compile(r"^([A-H])[.)]\s*(.+)$", re.MULTILINE)
SOURCES: Final = ("human", "augmented")
REASONING_TOKENS: Final = 1_024


def _ask(row: Row) -> Question:
    return Question(row.prompt)


# ── one chart ───────────────────────────────────────────────────────────────────────────────────────────────────────


def is_right(said: str, expected: str, *, exact_years: bool = False) -> bool:
    """Whether a short answer is right; an expected list in brackets is compared as a set."""
    if expected.startswith("[") and expected.endswith("]"):
        return _same_set(said, expected)
    if exact_years and is_year(expected):
        return said.strip() == expected.strip()
    return is_relaxed_match(said, expected)


def _same_set(said: str, expected: str) -> bool:
    left = re.split(r"\s*(?:,\s|;|\n|\band\b|,(?!\d{3}\b))\s*", said.strip("[] "))
    ours = [part.strip("\"' ") for part in left if part.strip("\"' ")]
    truths = [part.strip("\"' ") for part in expected.strip("[]").split(",")]
    return len(ours) == len(truths) and all(any(is_relaxed_match(one, true) for one in ours) for true in truths)


def _score_chart(row: Row, answer: Answer) -> Parts:
    said, expected = short_answer(answer.text), str(row.expected)
    return {
        "score": float(is_right(said, expected)),
        "years_exact": float(is_right(said, expected, exact_years=True)),
        "is_year": is_year(expected),
    }


def _summarise_charts(items: Sequence[Scored]) -> Metrics:
    years = [item for item in items if item[1]["is_year"]]
    return {
        "relaxed_accuracy": mean_of(items),
        "accuracy_with_exact_years": mean_of(items, "years_exact"),
        "exact_year_answers": mean_of(years, "years_exact"),
        **{source: mean_of([item for item in items if item[0].fields.get("source") == source]) for source in SOURCES},
    }


CHARTS = Task("chart_qa", "relaxed_accuracy", _ask, _score_chart, _summarise_charts)


# ── several charts ──────────────────────────────────────────────────────────────────────────────────────────────────


def right_parts(said: str, expected: str) -> float:
    """The share of the answer's parts, separated by semicolons, that are right, each in its place."""
    if squeeze(said) == squeeze(expected):
        return 1.0
    truths = [part.strip() for part in expected.split(";")]
    ours = [part.strip(" .\n") for part in said.split(";")]
    return sum(_is_part(one, true) for one, true in zip(ours, truths, strict=False)) / len(truths)


def _is_part(said: str, expected: str) -> bool:
    if re.fullmatch("[A-H]", expected):
        return find_choice(said) == expected
    return is_relaxed_match(said, expected)


def _score_charts(row: Row, answer: Answer) -> Parts:
    share = right_parts(short_answer(answer.text), str(row.expected))
    return {"score": share, "all_parts": float(share == 1.0)}


def _summarise_multi(items: Sequence[Scored]) -> Metrics:
    kinds = sorted({_kind(row) for row, _ in items})
    return {
        "accuracy": mean_of(items),
        "all_parts": mean_of(items, "all_parts"),
        **{kind: mean_of([item for item in items if _kind(item[0]) == kind]) for kind in kinds},
    }


def _kind(row: Row) -> str:
    return str(row.fields.get("category", "other")).split("/")[0].lower()


MULTI_CHARTS = Task(
    "multi_image_chart_qa",
    "accuracy",
    lambda row: Question(row.prompt, max_tokens=REASONING_TOKENS),
    _score_charts,
    _summarise_multi,
)


# ── misleading charts ───────────────────────────────────────────────────────────────────────────────────────────────


def chosen(said: str, prompt: str) -> str | None:
    """The letter that was chosen, also where the option's words were given instead."""
    letter = find_choice(said)
    if letter is not None:
        return letter
    meant = [
        option for option, text in OPTION.findall(prompt) if squeeze(text).rstrip(".") == squeeze(said).rstrip(".")
    ]
    return meant[0] if len(meant) == 1 else None


def _score_misleading(row: Row, answer: Answer) -> Parts:
    letter = chosen(short_answer(answer.text), row.prompt)
    trap = row.fields.get("trap")
    return {
        "score": float(letter == row.expected),
        "trapped": float(letter == trap) if trap else None,
        "chosen": letter,
        "answered": float(letter is not None),
    }


def _summarise_misleading(items: Sequence[Scored]) -> Metrics:
    return {
        "accuracy": mean_of(items),
        "trap_rate": mean(parts["trapped"] for _, parts in items),
        "answered": mean_of(items, "answered"),
    }


MISLEADING = Task("chart_critique_mc", "accuracy", _ask, _score_misleading, _summarise_misleading)
