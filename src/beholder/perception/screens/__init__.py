"""Screens: the elements of a user interface, with their boxes, texts and states."""

from beholder.perception.screens.described import describe_elements
from beholder.perception.screens.elements import find_elements
from beholder.perception.screens.inventory import inventory

__all__ = ["describe_elements", "find_elements", "inventory"]
