"""The catalogue of pinned files and how they arrive."""

from beholder.weights.arrival import ensure
from beholder.weights.cache import cache_dir
from beholder.weights.catalogue import CATALOGUE, EFFICIENTNET, MTCNN, OPEN_NSFW, QWEN, WeightsFile, WeightsPart
from beholder.weights.inventory import WeightsState, WeightsStatus, status

__all__ = [
    "CATALOGUE",
    "EFFICIENTNET",
    "MTCNN",
    "OPEN_NSFW",
    "QWEN",
    "WeightsFile",
    "WeightsPart",
    "WeightsState",
    "WeightsStatus",
    "cache_dir",
    "ensure",
    "status",
]
