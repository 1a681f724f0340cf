"""What `/v1/moderations` answers: OpenAI's shape, and beside it what was judged, how, and what was not.

Shape: openai-python, `types/moderation.py`; `x_beholder` is our own.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from beholder.api.extension import report_lines
from beholder.api.replies import LineReport
from beholder.evidence import Box, SafetyReport, SafetyScore

CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip

CATEGORY_OF = {"nsfw": "sexual"}
"""Scores that answer for a category; there is none for the other categories."""


class ScoreReport(Struct, frozen=True):
    """One score of one image, which is counted from 0; `box` is in original pixels, null for the whole picture."""

    image: int
    name: str
    score: float
    threshold: float
    flagged: bool
    method: str
    box: Box | None


class SuspiciousLine(Struct, frozen=True):
    """A line of text in an image that addresses the model instead of the reader."""

    image: int
    line: LineReport


class ModerationExtension(Struct, frozen=True):
    """What was judged and how. A category in `not_judged` is false and 0 above because nobody looked."""

    judged: list[str]
    not_judged: list[str]
    scores: list[ScoreReport]
    suspicious: list[SuspiciousLine]
    notes: list[str]


class ModerationResult(Struct, frozen=True):
    """`flagged`: a category that was judged is, or a policy that the request names."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[str]]
    x_beholder: ModerationExtension


class Moderation(Struct, frozen=True):
    """The whole answer."""

    id: str
    model: str
    results: list[ModerationResult]


def moderation_result(
    reports: tuple[SafetyReport, ...], *, policies: frozenset[str] = frozenset(), has_text: bool = False
) -> ModerationResult:
    """One result for all images together; `has_text` says that there was text too, which is not judged."""
    scores = [(image, score) for image, report in enumerate(reports) for score in report.scores]
    found = {CATEGORY_OF[score.name]: (0.0, False) for _, score in scores if score.name in CATEGORY_OF}
    for _, score in scores:
        if category := CATEGORY_OF.get(score.name):
            highest, is_flagged = found[category]
            found[category] = (max(highest, score.score), is_flagged or _is_flagged(score))
    broken = any(_is_flagged(score) for _, score in scores if score.name in policies)
    return ModerationResult(
        flagged=broken or any(is_flagged for _, is_flagged in found.values()),
        categories={name: found.get(name, (0.0, False))[1] for name in CATEGORIES},
        category_scores={name: found.get(name, (0.0, False))[0] for name in CATEGORIES},
        category_applied_input_types={name: ["image"] if name in found else [] for name in CATEGORIES},
        x_beholder=ModerationExtension(
            judged=list(found),
            not_judged=[name for name in CATEGORIES if name not in found],
            scores=[_report(image, score) for image, score in scores],
            suspicious=[
                SuspiciousLine(image, line)
                for image, report in enumerate(reports)
                for line in report_lines(report.suspicious)
            ],
            notes=list(_notes(has_text, bool(reports))),
        ),
    )


def _is_flagged(score: SafetyScore) -> bool:
    return score.score >= score.threshold


def _report(image: int, score: SafetyScore) -> ScoreReport:
    return ScoreReport(
        image, score.name, score.score, score.threshold, _is_flagged(score), score.method, score.box
    )  # fmt: skip


def _notes(has_text: bool, has_images: bool) -> Iterator[str]:
    if has_text:
        yield "text is not judged in any category: do not take a text that is not flagged for a harmless one"
    if has_images:
        yield "of pictures, sexual content alone is judged; not_judged names the categories that nobody looked for"
