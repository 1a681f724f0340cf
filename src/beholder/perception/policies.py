"""Policies: things that a house rule may name, and the classes of the classifier that show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Policy:
    """`classes` are ImageNet's numbers; the score is their probability together, and flagged from `threshold` on."""

    classes: tuple[int, ...]
    threshold: float


POLICIES: Final[Mapping[str, Policy]] = {
    # Assault rifle, revolver, rifle; the threshold is measured in the decision record on photos.
    "firearms": Policy((413, 763, 764), 0.1),
    # Cleaver, hatchet, letter opener.
    "blades": Policy((499, 596, 623), 0.4),
    # Aircraft carrier, cannon, half-track, missile, projectile missile, tank, military aircraft.
    "military": Policy((403, 471, 586, 657, 744, 847, 895), 0.4),
    # Beer bottle, beer glass, cocktail shaker, wine bottle, red wine.
    "alcohol": Policy((440, 441, 503, 907, 966), 0.4),
    # Bikini, bra, one-piece bathing suit, swimming trunks.
    "swimwear": Policy((445, 459, 639, 842), 0.4),
    # Pill bottle, syringe.
    "medicine": Policy((720, 845), 0.4),
}
"""Only of `firearms` is it measured how well it tells; the threshold of the others is that of naming a thing."""
