"""Which of its pictures a question names: what stands in the others is not told."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import count
from typing import Final

from beholder.types import Image, Job, TextPart, Turn

PICTURE: Final = r"(?:image|picture|photo|screenshot|chart|graph|plot|figure|diagram|page|document)"

ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
"""Each at its picture's place: there are ten pictures in a message at most."""

PLACE: Final = rf"(?:{'|'.join(ORDINALS)}|\d\d?(?:st|nd|rd|th))"
ORDINAL: Final = re.compile(
    rf"\b(?:({'|'.join(ORDINALS)})|(\d\d?)(?:st|nd|rd|th))"
    rf"(?=(?:(?:\s*,|\s+and|\s+or)\s+(?:the\s+)?{PLACE})*\s+{PICTURE}s?\b)",
    re.IGNORECASE,
)
"""A place, or one of several before the same noun ("the first and the third chart")."""
BARE: Final = re.compile(
    rf"\bthe\s+({'|'.join(ORDINALS)})\b(?=\s*(?:[.,;:?!)\]]|$)|\s+(?:and|or|but|with|by|in|to|that|is|was|has|does)\b)",
    re.IGNORECASE,
)
"""A place without its noun: "the second image is a copy of the first"."""
NUMBERED: Final = re.compile(r"\b(?:image|picture|photo|screenshot)\s+#?(\d\d?)\b", re.IGNORECASE)
"""A number after another noun ("figure 3") is as often one that is printed on the page."""

OTHERS: Final = re.compile(
    rf"\b(?:all|any|each|either|every|last|other|another|neither|next|previous|which|what|rest)\s+"
    rf"(?:of\s+)?(?:the\s+|these\s+)?{PICTURE}s?\b|\bthe\s+(?:others?|former|latter)\b(?!\s+\w)",
    re.IGNORECASE,
)
"""What speaks of pictures that it does not count out."""

SEVERAL: Final = re.compile(rf"\b{PICTURE}s\b", re.IGNORECASE)
"""Speaks of several: beside two that are named ("these charts") of those, beside one of others too."""


def told_images(job: Job) -> frozenset[int]:
    """The numbers, from 1 over the whole job, of the pictures whose evidence is told.

    That is all of them, unless the last turn has several and its question names some by their place ("the second
    chart", "image 3") and speaks of no others.
    """
    numbers = count(1)
    in_turns = [[next(numbers) for part in turn.parts if isinstance(part, Image)] for turn in job.turns]
    everything = frozenset(number for turn in in_turns for number in turn)
    asked = " ".join(asking_texts(job.turns[-1]))
    shown = in_turns[-1]
    named = frozenset(_named(asked))
    is_open = OTHERS.search(asked) or (len(named) == 1 and SEVERAL.search(asked))
    if len(shown) < 2 or not named or is_open or max(named) > len(shown):
        return everything
    return everything - {number for place, number in enumerate(shown, start=1) if place not in named}


def asking_texts(turn: Turn) -> Iterator[str]:
    """The texts of a turn that ask: where one stands after the last picture, not those that give pictures their names.

    "The first chart is", a picture, "The second chart is", a picture, "What does the second chart show?"
    """
    places = [place for place, part in enumerate(turn.parts) if isinstance(part, Image)]
    after = [part.text for part in turn.parts[places[-1] + 1 if places else 0 :] if isinstance(part, TextPart)]
    return iter(
        after if any(map(str.strip, after)) else [part.text for part in turn.parts if isinstance(part, TextPart)]
    )


def _named(text: str) -> Collection[int]:
    places = [ORDINALS.index(match[1].lower()) + 1 if match[1] else int(match[2]) for match in ORDINAL.finditer(text)]
    numbers = [int(match[1]) for match in NUMBERED.finditer(text)]
    bare = [ORDINALS.index(match[1].lower()) + 1 for match in BARE.finditer(text)] if places else []
    return [number for number in (*places, *numbers, *bare) if number]
