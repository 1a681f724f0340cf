"""Screens: the elements of a user interface, with their boxes, texts and states."""

from beholder.perception.screens.described import describe_elements
from beholder.perception.screens.elements import find_elements
from beholder.perception.screens.inventory import inventory
from beholder.perception.screens.lists import longest_list
from beholder.perception.screens.status import without_status_bar

__all__ = ["describe_elements", "find_elements", "inventory", "longest_list", "without_status_bar"]
