"""From a reference to decoded pixels: source → fetch → inspect → decode → Image. `Loader` is the only way in."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from beholder.images.in_process import InProcessDecoder
    from beholder.images.loader import Loader
    from beholder.images.plan import ImagePlan

__all__ = ["ImagePlan", "InProcessDecoder", "Loader"]

_MODULES = {"ImagePlan": "plan", "InProcessDecoder": "in_process", "Loader": "loader"}


def __getattr__(name: str) -> Any:
    """The public names, imported when asked for: a decoding worker lives in this package too, and stays small."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
