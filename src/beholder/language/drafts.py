"""Guesses of the next tokens, which the model verifies in one pass: what followed the same words, or what stands next.

From what chance on a guess pays depends on what passes cost (`pass_costs.py`). There are two kinds of guesses. Prompt
lookup (Saxena, 2023; `prompt_lookup_num_tokens` in Hugging Face transformers): what followed the same last tokens
before. And for JSON, `page_drafts.py`, unless a run is being copied as it stands, as a list that was told as JSON is.
Up to as many tokens as cost little any guess pays: what the model itself foretold (`foretold.py`), or what followed the
last token alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from beholder.language.constraint import Constraint
from beholder.language.draft_head import Guess, Trust
from beholder.language.foretold import Foretold
from beholder.language.page_drafts import PageDrafts
from beholder.language.pass_costs import INTEGER

LONGEST: Final = 4
"""Tokens of the text's end that are looked up, longest first."""

MOST: Final = 24
"""Tokens in a draft at most."""

SHORTEST: Final = 2
"""Tokens that are looked up at least: what followed one alone is a guess for room that costs nothing."""

FIRST_CHANCES: Final = (0.5, 0.75, 0.85)
"""The chance of each token after a match of two tokens, three and four, before anything was learned."""

COPYING: Final = 10
"""Tokens that stand in the prompt as they do at the text's end, from which on a run counts as copied."""

COPIED_CHANCE: Final = 0.96
"""The chance that a copied run goes on by another token, before anything was learned."""

SURE: Final = 48
"""Tokens of a copied run from which on it counts as a list that is copied whole: two or three of a form's pairs."""

FARTHEST: Final = 64
"""Tokens that a run is followed back at most, to find the longest of several."""

MOST_PLACES: Final = 32
"""Places, the latest, that a run is looked for at."""

TRUSTED: Final = 0.9
"""The chance of a run's next token from which on nothing likelier is looked for."""

FORETOLD: Final = 0.25
"""The chance of what the model foretold elsewhere (`foretold.py`): a less likely guess leaves it the place."""

NOTHING: Final[Iterator[Guess]] = iter(())

LEARNING: Final = 0.15
"""Weight of the newest draft in what is learned."""


class Drafts:
    """Drafts for one answer; `page` guesses from the evidence where the answer is JSON.

    `least_chance` tells from what chance on a guess pays in the next pass.
    """

    def __init__(
        self,
        prompt: Sequence[int],
        page: PageDrafts | None = None,
        least_chance: Callable[[], float] = lambda: INTEGER.least_chance(1),
    ) -> None:
        self._least_chance = least_chance
        self._tokens: list[int] = []
        self._ends: list[dict[tuple[int, ...], int]] = [{} for _ in range(LONGEST)]
        self._places: dict[tuple[int, ...], list[int]] = {}
        self._chances = [*FIRST_CHANCES, COPIED_CHANCE]
        self._matched: tuple[int, int] | None = None
        self._chance = 0.0
        self._foretold = Foretold()
        self._trust = Trust()
        self._page: PageDrafts | None = None
        self.extend(prompt)
        self._page = page
        self._prompt = len(prompt)
        for end in range(LONGEST, len(prompt)):
            self._places.setdefault(tuple(prompt[end - LONGEST : end]), []).append(end)

    @property
    def knows_page(self) -> bool:
        """Whether there are guesses from the evidence: such a guess may be good before anything was answered."""
        return self._page is not None

    def extend(self, tokens: Sequence[int]) -> None:
        """More tokens, now part of the text."""
        for token in tokens:
            # What ends before this token is indexed only now, so that a lookup never finds itself.
            for size in range(1, LONGEST + 1):
                if len(self._tokens) >= size:
                    self._ends[size - 1][tuple(self._tokens[-size:])] = len(self._tokens)
            self._tokens.append(token)
        if self._page is not None:
            self._page.extend(tokens)

    def propose(self, constraint: Constraint | None, room: int = 0, ahead: Iterator[Guess] = NOTHING) -> list[int]:
        """Likely next tokens, and unlikely ones up to `room`; all of them allowed by the constraint. May be none.

        `ahead` is what the model's last state tells (`draft_head.py`); no more of it is asked for than may be used.
        """
        draft = self._likely(constraint, room, ahead)
        guesses = self._guesses(draft, room - len(draft))
        if guesses:
            draft = [*draft, *guesses]
            draft = draft if constraint is None else draft[: constraint.longest_valid(draft)]
        return draft

    def _likely(self, constraint: Constraint | None, room: int, ahead: Iterator[Guess]) -> list[int]:
        self._matched = None
        self._trust.forget()
        if self._page is not None and constraint is not None:
            copied = self._copied()
            draft = copied[: constraint.longest_valid(copied)]
            if draft and len(draft) == len(copied):
                return draft
            # A run that ends here may be one value's, after which the page tells the next.
            guessed = self._page.propose(constraint)
            guessed = guessed[: constraint.longest_valid(guessed)]
            if draft and guessed[: len(draft)] != draft:
                return draft
            self._matched = None
            if guessed:
                return guessed
        draft = self._look_up()
        if self._chance < TRUSTED:
            foreseen = self._foreseen(self._chance, room, ahead)
            # Where both tell the same token, what stood behind it before is likelier than a guess upon a guess.
            if foreseen and (draft[:1] != foreseen[:1] or len(draft) < len(foreseen)):
                draft, self._matched = foreseen, None
        return draft if constraint is None else draft[: constraint.longest_valid(draft)]

    def _foreseen(self, least: float, room: int, ahead: Iterator[Guess]) -> list[int]:
        """What the last state tells, if that is likelier than `least`: as far as it pays, and likely ones in `room`."""
        draft: list[int] = []
        whole, pays, share = 1.0, self._least_chance(), self._trust.share
        for token, chance in ahead:
            whole *= chance * share
            if chance * share <= FORETOLD or (not draft and whole <= least) or (len(draft) >= room and whole <= pays):
                break
            draft.append(token)
            self._trust.ask(chance)
            if len(draft) >= room and whole * share <= pays:
                break
        return draft

    def _guesses(self, draft: Sequence[int], room: int) -> list[int]:
        """What may follow the draft, in `room` tokens at most."""
        guesses = [*draft]
        while len(guesses) < len(draft) + room and (guesses or self._tokens):
            last = guesses[-1] if guesses else self._tokens[-1]
            place = self._ends[0].get((last,))
            seen = None if place is None else self._tokens[place]
            guess = self._foretold.after(last, len(guesses), seen)
            if guess is None:
                break
            guesses.append(guess)
        return guesses[len(draft) :]

    def sure(self, count: int) -> list[int]:
        """The next tokens, `count` at most, of a run that was copied from the prompt for so long that it is a list."""
        length, start = self._longest_run()
        return self._tokens[start : min(start + count, self._prompt)] if length >= SURE else []

    def learn(self, draft: Sequence[int], accepted: int, foretold: Sequence[int]) -> None:
        """The last draft, how many tokens of it stood, and which token the model would have put after each of it."""
        self._foretold.learn(draft, accepted, foretold)
        self._trust.learn(accepted)
        if self._matched is None or not draft:
            return
        size, drafted = self._matched
        drafted = min(drafted, len(draft))
        tried = min(accepted + 1, drafted)
        place = size - SHORTEST
        self._chances[place] += LEARNING * (min(accepted, drafted) / tried - self._chances[place])

    def _look_up(self) -> list[int]:
        self._chance = 0.0
        for size in range(LONGEST, SHORTEST - 1, -1):
            start = self._ends[size - 1].get(tuple(self._tokens[-size:]))
            if start is not None:
                self._chance = self._chances[size - SHORTEST]
                draft = self._tokens[start : start + self._worthwhile(self._chance)]
                self._matched = (size, len(draft)) if draft else None
                return draft
        return []

    def _copied(self) -> list[int]:
        """What follows, in the prompt, the longest run that the text ends with, if that is long enough for a copy."""
        length, start = self._longest_run()
        if length < COPYING:
            return []
        draft = self._tokens[start : start + self._worthwhile(self._chances[-1])]
        self._matched = (LONGEST + 1, len(draft)) if draft else None
        return draft

    def _longest_run(self) -> tuple[int, int]:
        """How long the longest run of the prompt is that the text ends with, and what place follows it."""
        places = self._places.get(tuple(self._tokens[-LONGEST:]), [])[-MOST_PLACES:]
        return max(((self._repeated(place), place) for place in places), default=(0, 0))

    def _repeated(self, place: int) -> int:
        """How many tokens before `place` are those that the text ends with."""
        most = min(FARTHEST, place)
        behind = zip(reversed(self._tokens[place - most : place]), reversed(self._tokens[-most:]), strict=True)
        return next((length for length, (one, other) in enumerate(behind) if one != other), most)

    def _worthwhile(self, chance: float) -> int:
        """How many tokens to draft when each stands with `chance` after the one before."""
        least = self._least_chance()
        return 0 if chance <= least else min(MOST, int(math.log(least) / math.log(min(chance, 0.99))))
