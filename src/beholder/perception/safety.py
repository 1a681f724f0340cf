"""Safety: how likely a picture is not safe for work, and whether it shows what a house rule may forbid."""

from __future__ import annotations

from typing import Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from PIL import Image as Pillow

from beholder.evidence import SafetyScore
from beholder.perception.photos.classifier import compile_model
from beholder.perception.photos.glances import Glances
from beholder.perception.photos.recognition import METHOD, PhotoReader
from beholder.perception.policies import POLICIES
from beholder.settings import Settings
from beholder.types import Image
from beholder.weights import OPEN_NSFW, ensure

NSFW: Final = "nsfw"
NSFW_METHOD: Final = "nsfw:open-nsfw"
NSFW_THRESHOLD: Final = 0.8
"""The least score that Yahoo calls a high probability; below 0.2 they call safe (open_nsfw, README)."""

RESIZED, CROPPED = 256, 224
"""Pixels of the square that the picture is resized to, and of its middle, which the network sees (open_nsfw)."""

MEAN: Final = (104.0, 117.0, 123.0)
"""Blue, green, red, subtracted from the channels (open_nsfw, classify_nsfw.py)."""


class SafetyReader:
    """Scores pictures; loads its network, 24 MB, when it is first used. Not thread safe.

    Raises `WeightsError` when the weights are missing or wrong.
    """

    def __init__(self, settings: Settings, photos: PhotoReader) -> None:
        """`photos` lends its classifier."""
        self._settings = settings
        self._photos = photos
        self._network: ov.CompiledModel | None = None

    def judge(self, image: Image, glances: Glances | None = None) -> tuple[SafetyScore, ...]:
        """The score for nsfw, then one for each of `POLICIES`, in that order.

        `glances` are the image's, if they were taken already.
        """
        glances = glances or self._photos.glance(image)
        scores = [SafetyScore(NSFW, self._nsfw(image), NSFW_THRESHOLD, NSFW_METHOD)]
        for name, policy in POLICIES.items():
            score, look = glances.strongest(policy.classes)
            box = glances.boxes[look] if look else None
            scores.append(SafetyScore(name, score, policy.threshold, METHOD, box))
        return tuple(scores)

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
