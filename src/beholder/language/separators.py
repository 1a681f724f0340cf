"""Thousands separators: `1,102.00` on the page is the JSON number 1102.00, not the number 1 and whatever follows.

Copying a printed number, the model writes `1` and then `,`, which in JSON ends the number. So a comma after a digit is
first only shown to the model: if what it would write next is a digit, the comma was a separator and is left out of the
answer. That costs a pass, hence it is asked only where the page prints the number so far followed by `,` and three
digits. A box in pixels, `[147,350,161,403]`, is no such number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from beholder.language.tokenizer import TextTokenizer

NUMBER: Final = re.compile(r"(?<![\d.])\d+$")
"""The whole digits that a JSON number ends in."""


LIST: Final = re.compile(r"\[\d+(?:,\d+)+\]")
"""Numbers in brackets, as boxes are told."""


class Separators:
    """Watches one answer for numbers that the page continues past a comma."""

    def __init__(self, printed: str, tokenizer: TextTokenizer) -> None:
        self._printed = LIST.sub("", printed)
        self._tokenizer = tokenizer
        self.comma: int = tokenizer.encode(",")[0]
        self._tail = ""
        self._is_string = False
        self._is_escaped = False

    def feed(self, tokens: Sequence[int]) -> None:
        """More of the answer."""
        for token in tokens:
            for character in self._tokenizer.token_bytes(token).decode("utf-8", errors="replace"):
                self._character(character)

    def is_doubtful(self, likeliest: int) -> bool:
        """Whether the model would write a comma after a number that the page prints with a comma just there."""
        return self._may_continue() and self._tokenizer.token_bytes(likeliest).startswith(b",")

    def is_digit(self, token: int) -> bool:
        """Whether the token begins with a digit."""
        return self._tokenizer.token_bytes(token)[:1].isdigit()

    def _may_continue(self) -> bool:
        found = None if self._is_string else NUMBER.search(self._tail)
        if found is None:
            return False
        # 1250 of 1,250,000 stands on the page as `1,250`, followed by a comma and three digits.
        so_far = f"{int(found[0]):,}"
        return re.search(rf"(?<![\d.,]){so_far},\d{{3}}(?!\d)", self._printed) is not None

    def _character(self, character: str) -> None:
        self._tail = "" if self._is_string or character in '",:[]{}' else self._tail + character
        if self._is_escaped:
            self._is_escaped = False
        elif character == "\\":
            self._is_escaped = self._is_string
        elif character == '"':
            self._is_string = not self._is_string
