"""Pairs: two pictures, aligned, and what differs between them."""

from beholder.perception.pairs.comparison import compare, describe_differences

__all__ = ["compare", "describe_differences"]
