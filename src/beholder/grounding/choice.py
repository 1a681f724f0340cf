"""Which of several places is meant: the one beside its label and near the other values of the same object."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from beholder.evidence import Box
from beholder.grounding.candidates import Candidate, candidates
from beholder.grounding.claims import Claim
from beholder.grounding.printed import PrintedPage, fold

BY_CONTEXT: Final = 0.9
BY_CHANCE: Final = 0.5
"""Factors on the confidence where several places agree with the value: told apart by what is around, or not."""

MARGIN: Final = 0.15
"""How much better than the second the best place must be to count as told apart."""

USED: Final = 0.6
BESIDE_LABEL: Final = 1.0
BELOW_LABEL: Final = 0.7
NEAR_SIBLINGS: Final = 1.0
IN_ORDER: Final = 0.3
"""What speaks for or against a place: taken by another value; to the right of or under its label; near the values of
the same object; below the same value of the object before."""

SHORTEST_LABEL: Final = 3


Decision: TypeAlias = tuple[Claim, Candidate, float]


class _Decided:
    """What was decided so far, by the places of the claims in the answer."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._claims = claims
        self._series: dict[str, list[int]] = {}
        self._groups: dict[str, list[int]] = {}
        for index, claim in enumerate(claims):
            self._groups.setdefault(claim.group, []).append(index)
            if claim.series:
                self._series.setdefault(claim.series, []).append(index)
        self.by_index: dict[int, Decision] = {}
        self.boxes: set[tuple[int, Box]] = set()

    def add(self, index: int, candidate: Candidate, factor: float = 1.0) -> None:
        """Remember a decision for those that come after."""
        self.by_index[index] = (self._claims[index], candidate, factor * candidate.confidence)
        self.boxes.add((candidate.image, candidate.box))

    def siblings(self, index: int) -> Iterator[Candidate]:
        """The places of the other values of the same object; values of one list do not draw each other together."""
        claim = self._claims[index]
        for other in self._groups[claim.group]:
            if other in self.by_index and (not claim.series or self._claims[other].series != claim.series):
                yield self.by_index[other][1]

    def neighbours(self, index: int) -> tuple[Candidate | None, Candidate | None]:
        """The places of the same value in the objects before and after, the nearest that are decided."""
        series = [other for other in self._series.get(self._claims[index].series, ()) if other in self.by_index]
        place = bisect(series, index)
        before = self.by_index[series[place - 1]][1] if place else None
        after = self.by_index[series[place]][1] if place < len(series) else None
        return before, after


class Chooser:
    """Chooses a place for each claim, those that have only one first: they tell where the others are."""

    def __init__(self, pages: Sequence[PrintedPage]) -> None:
        self._pages = pages
        self._labels: dict[tuple[int, str], list[Box]] = {}

    def choose(self, claims: Sequence[Claim]) -> list[Decision]:
        """Each claim that stands somewhere, its place, and the confidence in it; in the order of `claims`."""
        decided = _Decided(claims)
        found = [candidates(claim, self._pages) for claim in claims]
        for index, places in enumerate(found):
            if len(places) == 1:
                decided.add(index, places[0])
        for index, places in enumerate(found):
            if len(places) > 1:
                decided.add(index, *self._best(index, claims[index], places, decided))
        return [decided.by_index[index] for index in range(len(claims)) if index in decided.by_index]

    def _best(
        self, index: int, claim: Claim, places: Sequence[Candidate], decided: _Decided
    ) -> tuple[Candidate, float]:
        ranked = sorted(
            ((self._score(index, claim, place, decided), -rank) for rank, place in enumerate(places)), reverse=True
        )
        is_told_apart = ranked[0][0] - ranked[1][0] >= MARGIN
        return places[-ranked[0][1]], BY_CONTEXT if is_told_apart else BY_CHANCE

    def _score(self, index: int, claim: Claim, place: Candidate, decided: _Decided) -> float:
        height = self._page(place).line_height
        score = place.quality + self._label_score(claim, place)
        siblings = [other for other in decided.siblings(index) if other.image == place.image]
        if siblings:
            nearest = min(abs(_middle(other.box) - _middle(place.box)) for other in siblings) / height
            score += NEAR_SIBLINGS / (1 + max(nearest - 0.3, 0.0))
        before, after = decided.neighbours(index)
        if before is not None and _is_after(place, before, height):
            # The nearest row below, rather than any further one.
            score += IN_ORDER + 0.1 / (1 + abs(place.box[1] - before.box[1]) / height)
        if after is not None and _is_after(after, place, height):
            score += IN_ORDER
        return score - (USED if (place.image, place.box) in decided.boxes else 0.0)

    def _label_score(self, claim: Claim, place: Candidate) -> float:
        """How well a label of the claim stands beside or over the place; the nearest name counts, then the outer."""
        page = self._page(place)
        best = 0.0
        for weight, words in zip((1.0, 0.5), _spoken(claim.labels), strict=False):
            for word, share in words:
                for box in self._label_boxes(page, word):
                    best = max(best, weight * share * _closeness(box, place.box, page.line_height))
        return best

    def _label_boxes(self, page: PrintedPage, word: str) -> list[Box]:
        key = (page.image, word)
        if key not in self._labels:
            self._labels[key] = [page.box(spans) for spans in page.find(word)]
        return self._labels[key]

    def _page(self, place: Candidate) -> PrintedPage:
        return self._pages[place.image]


def _spoken(labels: Sequence[str]) -> Iterator[list[tuple[str, float]]]:
    """For each label, the nearest first: itself, and each of its words for a part of it, folded."""
    for label in reversed(labels):
        words = [fold(word) for word in _words(label)]
        whole = "".join(words)
        if len(whole) >= SHORTEST_LABEL:
            long_enough = [word for word in words if len(word) >= SHORTEST_LABEL]
            yield [(whole, 1.0), *((word, 0.8 * len(word) / len(whole)) for word in long_enough if word != whole)]


def _words(label: str) -> list[str]:
    """`unitPrice`, `unit_price` and `unit price` as their two words."""
    spaced = "".join(
        f" {letter}" if letter.isupper() and label[:at][-1:].islower() else letter for at, letter in enumerate(label)
    )
    return spaced.replace("_", " ").replace("-", " ").split()


def _is_after(later: Candidate, earlier: Candidate, height: float) -> bool:
    """Whether one place comes after another as one reads: in a later picture, below it, or to its right in a row."""
    if later.image != earlier.image:
        return later.image > earlier.image
    down = _middle(later.box) - _middle(earlier.box)
    return later.box[0] > earlier.box[0] if abs(down) < 0.5 * height else down > 0


def _closeness(label: Box, place: Box, height: float) -> float:
    """1 beside the label in its row, less for under it and for every line between; 0 where it is no label's place."""
    if label == place:
        return 0.0
    across = place[0] - label[2]
    if abs(_middle(label) - _middle(place)) < 0.6 * height and across > -height:
        return BESIDE_LABEL / (1 + max(across, 0.0) / (40 * height))
    below = (place[1] - label[3]) / height
    is_under = min(label[2], place[2]) - max(label[0], place[0]) > -height
    return BELOW_LABEL / (1 + max(below, 0.0) / 4) if -0.5 < below < 40 and is_under else 0.0


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2
