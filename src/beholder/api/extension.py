"""`x_beholder`: what was read in the images, what was done to them, and where the answer's values stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from beholder import types
from beholder.api import replies


def to_extension(
    evidence: Iterable[types.Evidence],
    images: Iterable[types.Image],
    grounding: Iterable[tuple[int, types.Grounding]],
) -> replies.Extension:
    """The extension from the engine's evidence, the loaded images, and the grounding of each choice."""
    return replies.Extension(
        evidence=[replies.EvidenceReport(each.size, list(_lines(each))) for each in evidence],
        images=[replies.ImageReport(each.format, each.original_size, each.size, list(each.report)) for each in images],
        grounding=[_grounding(choice, each) for choice, each in grounding],
    )


def _lines(evidence: types.Evidence) -> Iterator[replies.LineReport]:
    for line in evidence.lines:
        yield replies.LineReport(line.text, line.box, line.confidence, line.method)


def _grounding(choice: int, value: types.Grounding) -> replies.GroundingReport:
    return replies.GroundingReport(
        choice, value.pointer, value.text, value.image, value.box, value.confidence, value.method
    )
