"""Pairs: two pictures, aligned, and what differs between them."""

from beholder.perception.pairs.comparison import compare, describe_differences
from beholder.perception.pairs.versions import can_be_versions

__all__ = ["can_be_versions", "compare", "describe_differences"]
