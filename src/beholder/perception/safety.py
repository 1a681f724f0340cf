"""Safety: how likely a picture is not safe for work, and whether it shows what a house rule may forbid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from PIL import Image as Pillow

from beholder.perception.photos.classifier import compile_model
from beholder.perception.photos.recognition import METHOD, PhotoReader
from beholder.settings import Settings
from beholder.types import Image, Label
from beholder.weights import OPEN_NSFW, ensure

NSFW: Final = "nsfw"
NSFW_METHOD: Final = "nsfw:open-nsfw"
NSFW_THRESHOLD: Final = 0.8
"""The least score that Yahoo calls a high probability; below 0.2 they call safe (open_nsfw, README)."""

RESIZED, CROPPED = 256, 224
"""Pixels of the square that the picture is resized to, and of its middle, which the network sees (open_nsfw)."""

MEAN: Final = (104.0, 117.0, 123.0)
"""Blue, green, red, subtracted from the channels (open_nsfw, classify_nsfw.py)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Things that a house rule may name. `classes` are ImageNet's numbers; the score is their probability together.

    It is flagged from `threshold` on.
    """

    classes: tuple[int, ...]
    threshold: float


POLICIES: Final[Mapping[str, Policy]] = {
    # Assault rifle, revolver, rifle. Below the threshold lie all other pictures of the development half.
    "firearms": Policy((413, 763, 764), 0.15),
    # Cleaver, hatchet, letter opener.
    "blades": Policy((499, 596, 623), 0.4),
    # Aircraft carrier, cannon, half-track, missile, projectile missile, tank, military aircraft.
    "military": Policy((403, 471, 586, 657, 744, 847, 895), 0.4),
    # Beer bottle, beer glass, cocktail shaker, wine bottle, red wine.
    "alcohol": Policy((440, 441, 503, 907, 966), 0.4),
    # Bikini, bra, one-piece bathing suit, swimming trunks.
    "swimwear": Policy((445, 459, 638, 639, 842), 0.4),
    # Pill bottle, syringe.
    "medicine": Policy((720, 845), 0.4),
}
"""Only of `firearms` is it measured how well it tells; the threshold of the others is that of naming a thing."""

NAMES: Final = (NSFW, *POLICIES)
"""What is scored of every picture."""

THRESHOLDS: Final[Mapping[str, float]] = {
    NSFW: NSFW_THRESHOLD,
    **{name: policy.threshold for name, policy in POLICIES.items()},
}


class SafetyReader:
    """Scores pictures; loads its network, 24 MB, when it is first used. Not thread safe.

    Raises `WeightsError` when the weights are missing or wrong.
    """

    def __init__(self, settings: Settings, photos: PhotoReader) -> None:
        """`photos` lends its classifier."""
        self._settings = settings
        self._photos = photos
        self._network: ov.CompiledModel | None = None

    def judge(self, image: Image) -> tuple[Label, ...]:
        """A label for each of `NAMES`, in that order, with its score; boxes where a part of the picture shows it."""
        glances = self._photos.glance(image)
        labels = [Label(NSFW, self._nsfw(image), NSFW_METHOD)]
        for name, policy in POLICIES.items():
            score, look = glances.strongest(policy.classes)
            labels.append(Label(name, score, METHOD, glances.boxes[look] if look else None))
        return tuple(labels)

    def _nsfw(self, image: Image) -> float:
        if self._network is None:
            self._network = compile_model(
                ov.Core().read_model(ensure(OPEN_NSFW, self._settings)), self._settings.threads
            )
        return float(self._network(_prepared(image.pixels))[0][0, 1])


def _prepared(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """`(1, CROPPED, CROPPED, 3)`, blue first."""
    resized = Pillow.fromarray(pixels).resize((RESIZED, RESIZED), Pillow.Resampling.BILINEAR, reducing_gap=2.0)
    edge = (RESIZED - CROPPED) // 2
    middle = np.asarray(resized, np.float32)[edge : edge + CROPPED, edge : edge + CROPPED, ::-1]
    return np.ascontiguousarray(middle - np.array(MEAN, np.float32))[None]
