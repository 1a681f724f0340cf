"""Labels in words, for the text model: what was seen, how sure, and what was not looked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from beholder.evidence import Label

LIMITS: Final = (
    "These labels come from a classifier of 1000 kinds of things and a detector of faces. Other things, how many there "
    "are, what happens and who it is were not looked at: where the question needs that, say that it cannot be told."
)


NOTHING: Final = "What it shows was not recognised, and nobody knows: say so, and name no things."

SURELY: Final = 0.7
"""Probability from which on a thing is told without a doubt; chosen, not measured."""

MEASURES: Final = ("brightness", "contrast", "sharpness")


def describe_photo(labels: tuple[Label, ...], *, has_colours: bool = True, has_measures: bool = True) -> str:
    """A few lines about what was recognised; empty where nothing is known of the picture.

    Its colours and what was measured of it are for questions about them: a text model writes all it is told into a
    description.
    """
    if not labels:
        return ""
    lines = [*_things(labels)]
    if has_colours:
        lines += _colours(labels)
    if has_measures:
        lines += _measures(labels)
    return "\n".join((*lines, LIMITS))


def _things(labels: tuple[Label, ...]) -> Iterator[str]:
    faces = [label for label in labels if label.name == "face"]
    things = [
        label for label in labels if label.name not in (*MEASURES, "face") and not label.name.startswith("colour ")
    ]
    sure = [label.name for label in things if label.score >= SURELY]
    unsure = [label.name for label in things if label.score < SURELY]
    if sure:
        yield f"Recognised: {', '.join(sure)}"
    if unsure:
        yield f"Perhaps: {', '.join(unsure)}"
    if not things:
        yield NOTHING
    if faces:
        yield f"Faces found: {len(faces)}"


def _colours(labels: tuple[Label, ...]) -> Iterator[str]:
    colours = [label for label in labels if label.name.startswith("colour ")]
    if colours:
        yield "Main colours: " + ", ".join(f"{label.name[7:]} ({label.score:.0%})" for label in colours)


def _measures(labels: tuple[Label, ...]) -> Iterator[str]:
    measures = {label.name: label.score for label in labels if label.name in MEASURES}
    if measures:
        yield ", ".join(f"{name} {score:.2f}" for name, score in measures.items()) + " (0 to 1)"
