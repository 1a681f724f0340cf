"""Guesses of JSON's next tokens from the page: the next cell of the row, the next row, the cell beside a label.

What a schema forces between two values costs no chance, so a draft may run through keys and quotes over several values.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from beholder.language.aspects import found_label
from beholder.language.constraint import Constraint
from beholder.language.json_position import JsonPosition, Path, State
from beholder.language.page import Page, Spot, is_numeric, number_in
from beholder.language.pass_costs import INTEGER, PassCosts
from beholder.language.tokenizer import TextTokenizer

Guess: TypeAlias = tuple[str, float]
"""Text, and the chance that it stands."""

MOST: Final = 64
"""Tokens in a draft at most."""

IN_ROW, CONTINUED, CLOSED, LABELLED, BESIDE, SAME_KEYS, ASKED = 0.85, 0.75, 0.85, 0.5, 0.4, 0.95, 0.6
"""Chances of: a cell under the one of the row before; the rest of a cell; its end; the cell beside the key's label; the
cell beside the last value's; the keys of the object before; the words of the question as keys."""

TOLD, DATED = 0.95, 0.85
"""Chances of: what was found for the question, or the date that stands alone beside the key's label; any other date."""

DATE_KEY: Final = re.compile(r"(?:^|[\s_-])(?:date|datum|fecha|data|dato)(?:$|[\s_-])|Date$", re.IGNORECASE)
"""Keys of dates, in the languages of `aspects.py`."""

RECENT: Final = 6
"""Tokens before a draft that decide how its words are cut."""

WORD: Final = re.compile(r"\w+")


class PageDrafts:
    """Follows one JSON answer and guesses how it goes on."""

    def __init__(self, page: Page, asked: str, tokenizer: TextTokenizer, *, costs: PassCosts = INTEGER) -> None:
        """`asked` are the user's words, which may name the keys."""
        self._costs = costs
        self._tokenizer = tokenizer
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._trail = _Trail(page, WORD.findall(asked))
        self._recent: list[int] = []

    def extend(self, tokens: Sequence[int]) -> None:
        """More tokens of the answer."""
        self._recent = [*self._recent, *tokens][-RECENT:]
        self._trail.feed(self._decode(b"".join(map(self._tokenizer.token_bytes, tokens))))

    def propose(self, constraint: Constraint) -> list[int]:
        """Likely next tokens, or none."""
        ahead, trail, drafted, chance = constraint.fork(), self._trail.copy(), "", 1.0
        while len(drafted) < 4 * MOST and not ahead.is_complete:
            text, odds = ahead.forced_text(), 1.0
            if not text:
                text, odds = trail.guess(may_be_string=ahead.allows(self._tokenizer.encode('"'))) or ("", 0.0)
            tokens = self._tokenizer.encode(text)
            if not self._pays(chance, odds, len(tokens)) or ahead.consume_valid(tokens) < len(tokens):
                break
            chance *= odds
            drafted += text
            trail.feed(text)
        return self._continued(drafted)[:MOST]

    def _continued(self, drafted: str) -> list[int]:
        """The tokens of `drafted` as they are after the last ones: words are cut otherwise in their middle."""
        for start in range(len(self._recent)):
            before = self._recent[start:]
            text = b"".join(map(self._tokenizer.token_bytes, before)).decode("utf-8", errors="replace")
            tokens = self._tokenizer.encode(text + drafted)
            if tokens[: len(before)] == before:
                return tokens[len(before) :]
        return self._tokenizer.encode(drafted)

    def _pays(self, before: float, odds: float, tokens: int) -> bool:
        """Whether to go on by a guess that stands with `odds`, if all before it do, which they do with `before`.

        Guessed now, it saves the pass in which it would be guessed next; if something before it falls, it was for
        nothing.
        """
        # Long drafts share no pass, so that what others do beside them does not count.
        is_likely = before * odds >= self._costs.least_chance(1)
        return is_likely and before * odds >= (1 - before) * tokens * self._costs.token


class _Trail:
    """Where the answer stands, in its JSON and on the page."""

    def __init__(self, page: Page, asked: Sequence[str]) -> None:
        self._page = page
        self._asked = asked
        self._position = JsonPosition()
        self._spots: dict[Path, Spot] = {}
        self._strings: dict[Path, bool] = {}
        self._last: Spot | None = None

    def copy(self) -> _Trail:
        """An independent trail at the same place."""
        copied = _Trail(self._page, self._asked)
        copied._position = self._position.copy()
        copied._spots, copied._strings = dict(self._spots), dict(self._strings)
        copied._last = self._last
        return copied

    def feed(self, text: str) -> None:
        """More of the answer."""
        self._position.feed(text)
        for leaf in self._position.leaves:
            self._strings[leaf.path] = leaf.is_string
            if leaf.text and (spot := self._page.locate(leaf.text, self._last)):
                self._spots[leaf.path] = self._last = spot
        self._position.leaves.clear()

    def guess(self, *, may_be_string: bool) -> Guess | None:
        """What comes next; `may_be_string` is whether a string may begin here."""
        guesses: dict[State, Callable[[], Guess | None]] = {
            State.IN_STRING: self._rest_of_string,
            State.VALUE: lambda: self._value(may_be_string),
            State.IN_SCALAR: self._rest_of_scalar,
            State.AFTER: self._after,
            State.KEY: lambda: self._key(""),
            State.IN_KEY: self._rest_of_key,
            State.COLON: lambda: (":", 1.0),
        }
        return guesses[self._position.state]()

    def _string(self, quote: str) -> Guess | None:
        spot, chance = self._expected()
        return (f'{quote}{_escaped(spot.text)}"', chance) if spot else None

    def _rest_of_string(self) -> Guess | None:
        partial = self._position.partial
        if not partial:
            return self._string(quote="")
        spot, chance = self._expected()
        if spot and spot.text.startswith(partial):
            return _escaped(spot.text[len(partial) :]) + '"', max(chance, CONTINUED)
        joined = self._page.next_line(partial)
        if joined is not None:
            return _escaped(joined), CONTINUED
        rest = next(self._page.continuations(partial, self._last), None)
        if rest is None:
            return None
        if rest.endswith(","):
            return _escaped(rest), CONTINUED
        return _escaped(rest) + '"', CONTINUED if rest else CLOSED

    def _value(self, may_be_string: bool) -> Guess | None:
        spot, chance = self._expected()
        number = number_in(spot.text) if spot else None
        is_text = may_be_string and not (spot and is_numeric(spot.text))
        if self._strings.get(_previous(self._position.path) or (), is_text):
            return self._string(quote='"')
        return (number, chance) if number else None

    def _rest_of_scalar(self) -> Guess | None:
        partial = self._position.partial
        spot, chance = self._expected()
        whole = number_in(spot.text) if spot else None
        if whole is None or not whole.startswith(partial):
            rests = (number_in(partial + rest) for rest in self._page.continuations(partial, self._last))
            whole, chance = next(rests, None), CONTINUED
        if whole and whole != partial and whole.startswith(partial):
            return whole[len(partial) :], chance
        return self._after()

    def _after(self) -> Guess | None:
        """After a finished value: the next key or element, or the end of the container."""
        if self._position.is_in_object:
            return self._key(",")
        path = self._position.path
        columns = {str(at[len(path) :]): spot for at, spot in self._spots.items() if at[: len(path)] == path}
        if not columns:
            return None
        return (",", IN_ROW) if self._page.next_row(columns) else ("]", IN_ROW)

    def _key(self, before: str) -> Guess | None:
        """The next key, or the end of an object that has the keys of the one before it."""
        key, chance = self._next_key()
        if key:
            return f"{before}{json.dumps(key)}:", chance
        return ("}", chance) if chance else None

    def _rest_of_key(self) -> Guess | None:
        key, chance = self._next_key()
        partial = self._position.partial
        return (_escaped(key[len(partial) :]) + '":', chance) if key and key.startswith(partial) else None

    def _next_key(self) -> tuple[str, float]:
        """The key that the object before had at this place, or the word after the last key in the question.

        An empty key with a chance means that the object before ended here.
        """
        ours = self._position.path[:-1]
        keys = self._position.keys.get(ours, [])
        before = self._position.keys.get(_previous(ours) or (), []) if _previous(ours) else []
        if before:
            return (before[len(keys)] if len(keys) < len(before) else ""), SAME_KEYS
        following = [after for word, after in pairwise(self._asked) if keys and word == keys[-1]]
        return (following[0], ASKED) if following else ("", 0.0)

    def _expected(self) -> tuple[Spot | None, float]:
        """The cell that the value at this place most likely stands in."""
        path = self._position.path
        if not path:
            return None, 0.0
        sibling = _previous(path)
        if sibling is not None:
            element = sibling[: _last_index(sibling) + 1]
            columns = {str(at): spot for at, spot in self._spots.items() if at[: len(element)] == element}
            row = self._page.next_row(columns) if columns else None
            return (row.get(str(sibling)), IN_ROW) if row else (None, 0.0)
        # In a list of objects a value stands in its row, not beside a label that happens to read like its key.
        if _last_index(path) < 0 and isinstance(path[-1], str) and (guess := self._under_key(path[-1])):
            return guess
        return (self._page.beside(self._last), BESIDE) if self._last else (None, 0.0)

    def _under_key(self, key: str) -> tuple[Spot, float] | None:
        """The value that the page has for a key: what was found for it, a date, or what stands beside its label."""
        if (label := found_label(key)) and (told := self._page.told(label)):
            return told, TOLD
        beside = self._page.after_label(key)
        if DATE_KEY.search(key) and (date := self._page.date(beside) or self._page.date()):
            return date, TOLD if beside is not None and beside.text == date.text else DATED
        return (beside, LABELLED) if beside else None


def _previous(path: Path) -> Path | None:
    """The same place in the array element before; None where there is none."""
    at = _last_index(path)
    index = path[at] if at >= 0 else 0
    return (*path[:at], index - 1, *path[at + 1 :]) if isinstance(index, int) and index > 0 else None


def _last_index(path: Path) -> int:
    return max((place for place, step in enumerate(path) if isinstance(step, int)), default=-1)


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
