"""The HTTP edge: wire structs in, one Job to the engine, events out."""

from beholder.api.app import create_app

__all__ = ["create_app"]
