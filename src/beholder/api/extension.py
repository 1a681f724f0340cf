"""`x_beholder`: what was read in the images, what was done to them, and where the answer's values stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from beholder import types
from beholder.api import replies
from beholder.evidence import Evidence, TextLine


def to_extension(
    evidence: Iterable[Evidence],
    images: Iterable[types.Image],
    grounding: Iterable[tuple[int, types.Grounding]],
    prompt: Iterable[tuple[str, str]],
    spent: Sequence[types.Usage],
) -> replies.Extension:
    """The extension from the engine's evidence, the loaded images, each choice's grounding, the prompt, the usages."""
    return replies.Extension(
        evidence=[
            replies.EvidenceReport(each.size, report_lines(each.lines), report_lines(each.suspicious))
            for each in evidence
        ],
        images=[replies.ImageReport(each.format, each.original_size, each.size, list(each.report)) for each in images],
        grounding=[_grounding(choice, each) for choice, each in grounding],
        prompt=[replies.PromptTurn(role, content) for role, content in prompt],
        work=_work(spent),
    )


def to_grounding(grounding: Iterable[tuple[int, types.Grounding]]) -> replies.Extension:
    """The extension where nothing but the grounding is asked for."""
    return replies.Extension(grounding=[_grounding(choice, each) for choice, each in grounding])


def _work(spent: Sequence[types.Usage]) -> replies.Work:
    return replies.Work(
        prompt_tokens=max((each.prompt_tokens for each in spent), default=0),
        cached_tokens=spent[0].cached_tokens if spent else 0,
        completion_tokens=sum(each.completion_tokens for each in spent),
        forced_tokens=sum(each.forced_tokens for each in spent),
        copied_tokens=sum(each.copied_tokens for each in spent),
        passes=sum(each.passes for each in spent),
        prompt_passes=sum(each.prompt_passes for each in spent),
    )


def report_lines(lines: Iterable[TextLine]) -> list[replies.LineReport]:
    """Lines of text as the wire tells them."""
    return [replies.LineReport(line.text, line.box, line.confidence, line.method) for line in lines]


def _grounding(choice: int, value: types.Grounding) -> replies.GroundingReport:
    return replies.GroundingReport(
        choice, value.pointer, value.text, value.image, value.box, value.confidence, value.method, value.match
    )
