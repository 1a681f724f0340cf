"""Labels in words, for the text model: what was seen, how sure, and what was not looked for."""

from __future__ import annotations

from collections.abc import Iterator

from beholder.evidence import Label

LIMITS = (
    "These labels come from a classifier of 1000 kinds of things and a detector of faces. Other things, how many there "
    "are, what happens and who it is were not looked at: where the question needs that, say that it cannot be told."
)


def describe_photo(labels: tuple[Label, ...]) -> str:
    """A few lines about what was recognised; empty where nothing is known of the picture."""
    return "\n".join((*_lines(labels), LIMITS)) if labels else ""


def _lines(labels: tuple[Label, ...]) -> Iterator[str]:
    measures = {label.name: label.score for label in labels if label.name in ("brightness", "contrast", "sharpness")}
    faces = [label for label in labels if label.name == "face"]
    colours = [label for label in labels if label.name.startswith("colour ")]
    hidden = {*measures, "face"}
    things = [label for label in labels if label.name not in hidden and label not in colours]
    if things:
        yield "Recognised: " + ", ".join(f"{label.name} ({label.score:.0%})" for label in things)
    else:
        yield "Nothing was recognised with confidence."
    if faces:
        yield f"Faces found: {len(faces)}"
    if colours:
        yield "Main colours: " + ", ".join(f"{label.name[7:]} ({label.score:.0%})" for label in colours)
    if measures:
        yield ", ".join(f"{name} {score:.2f}" for name, score in measures.items()) + " (0 to 1)"
