"""Critique: measured findings about the design of a screen, each a sentence with its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beholder.evidence import Element, Finding, TextLine
from beholder.perception.critique.arrangement import judge_alignment, judge_density, judge_margins, judge_spacing
from beholder.perception.critique.contrast import judge as judge_contrast
from beholder.perception.critique.contrast import judge_palette
from beholder.perception.critique.findings import Seen, assumed_density
from beholder.perception.critique.targets import judge_targets
from beholder.perception.critique.typography import judge_hierarchy, judge_truncation

__all__ = ["critique", "describe_findings"]

MOST: Final = {"problem": 7, "note": 3, "good": 3}
"""Findings of each severity that are kept: a dozen is what a reader takes in."""

MOST_OF_ASPECT: Final = 3
"""Findings of one severity and aspect at most, so that one fault does not crowd out all others."""

JUDGES: Final = (
    judge_contrast,
    judge_palette,
    judge_spacing,
    judge_margins,
    judge_alignment,
    judge_hierarchy,
    judge_density,
    judge_targets,
    judge_truncation,
)


def critique(
    pixels: NDArray[np.uint8],
    lines: Sequence[TextLine],
    elements: Sequence[Element],
    scale: tuple[float, float] = (1.0, 1.0),
) -> tuple[Finding, ...]:
    """What is measurably wrong and right about a screen: problems, then notes, then good points, weightiest first.

    `pixels` is `(height, width, 3)` uint8 sRGB as delivered, `scale` the factors from it to original pixels, in which
    the boxes of `lines` and `elements` (from `screens.find_elements`) are, and the findings' boxes too. Sizes in CSS
    pixels rest on a density that is guessed from the picture's size; the statements that use it say so.
    """
    height, width = pixels.shape[0] * scale[1], pixels.shape[1] * scale[0]
    seen = Seen(pixels, tuple(lines), tuple(elements), scale, assumed_density(width, height))
    weighed = sorted((finding for judge in JUDGES for finding in judge(seen)), key=lambda item: -item[0])
    kept: list[Finding] = []
    for severity, most in MOST.items():
        counts: dict[str, int] = {}
        chosen = []
        for _, finding in weighed:
            if finding.severity == severity and counts.get(finding.aspect, 0) < MOST_OF_ASPECT:
                counts[finding.aspect] = counts.get(finding.aspect, 0) + 1
                chosen.append(finding)
        kept += chosen[:most]
    return tuple(kept)


def describe_findings(findings: Sequence[Finding]) -> str:
    """The findings for a prompt, a line each under its severity."""
    heads = {"problem": "Problems", "note": "Notes", "good": "Good"}
    parts = []
    for severity, head in heads.items():
        lines = [f"- [{f.aspect}] {f.statement}" for f in findings if f.severity == severity]
        if lines:
            parts.append("\n".join([f"{head}:", *lines]))
    return "\n".join(parts)
