"""Boxes `(left, top, right, bottom)` in original pixels: overlap, centres, enlargement."""

from __future__ import annotations

from beholder.evidence import Box


def area(box: Box) -> float:
    """Square pixels; 0 for a box turned inside out."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0 to 1."""
    shared = area((max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])))
    union = area(one) + area(other) - shared
    return shared / union if union else 0.0


def centre(box: Box) -> tuple[float, float]:
    """`(x, y)` of the middle."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def is_inside(point: tuple[float, float], box: Box, margin: float = 0.0) -> bool:
    """Whether `point` lies in `box` enlarged by `margin` pixels on each side."""
    x, y = point
    return box[0] - margin <= x <= box[2] + margin and box[1] - margin <= y <= box[3] + margin
