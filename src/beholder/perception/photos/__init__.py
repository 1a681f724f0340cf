"""Photos: what can be said of one without a vision-language model, each with its method and its score."""

from beholder.perception.photos.described import describe_photo
from beholder.perception.photos.recognition import PhotoReader

__all__ = ["PhotoReader", "describe_photo"]
