"""From a reference to decoded pixels: source → fetch → inspect → decode → Image. `Loader` is the only way in."""

from beholder.images.loader import Loader
from beholder.images.plan import ImagePlan

__all__ = ["ImagePlan", "Loader"]
