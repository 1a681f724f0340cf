"""What can be calculated with figures: pure functions, exact on the numbers that they are given."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, median
from typing import Final

from beholder.language.figures import Figure, Sheet

Figures = Sequence[Figure]


class CannotCompute(ValueError):
    """The figures that an operation needs are not there, or it has no result (a division by zero)."""


def nth_largest(figures: Figures, place: int = 1) -> float:
    """The largest value, the second largest, and so on; equal values share no place."""
    return _ranked(figures, place, is_largest=True).value


def nth_smallest(figures: Figures, place: int = 1) -> float:
    """The smallest value, the second smallest, and so on."""
    return _ranked(figures, place, is_largest=False).value


def name_of_largest(figures: Figures, place: int = 1) -> str:
    """The name of the largest value, or of the one in that place; all names where several are as large."""
    return _names(figures, nth_largest(figures, place))


def name_of_smallest(figures: Figures, place: int = 1) -> str:
    """The name of the smallest value, or of the one in that place; all names where several are as small."""
    return _names(figures, nth_smallest(figures, place))


def total(figures: Figures) -> float:
    """The sum."""
    return sum(_values(figures))


def mean(figures: Figures) -> float:
    """The arithmetic mean."""
    return fmean(_values(figures))


def middle(figures: Figures) -> float:
    """The median."""
    return median(_values(figures))


def count(figures: Figures) -> float:
    """How many figures there are; there may be none."""
    return float(len(figures))


def span(figures: Figures) -> float:
    """The difference between the largest and the smallest."""
    return nth_largest(figures) - nth_smallest(figures)


def names(figures: Figures) -> str:
    """The figures' names."""
    return ", ".join(dict.fromkeys(figure.name for figure in _some(figures)))


def those(figures: Figures, sign: str, bound: float) -> tuple[Figure, ...]:
    """The figures that compare so with `bound`."""
    return tuple(figure for figure in figures if COMPARISONS[sign](figure.value, bound))


def ratio(first: float, second: float) -> float:
    """How many times `second` is in `first`. Raises `CannotCompute` for a `second` of zero."""
    if not second:
        raise CannotCompute("a ratio to zero has no value")
    return first / second


def percent_change(before: float, after: float) -> float:
    """By how many percent `after` is more than `before`. Raises `CannotCompute` for a `before` of zero."""
    return 100 * ratio(after - before, abs(before))


def by_row(sheet: Sheet, reduce: Callable[[Figures], float]) -> tuple[Figure, ...]:
    """One figure for each row, from all its series."""
    return tuple(_reduced(row, sheet.row(row), reduce) for row in sheet.rows if sheet.row(row))


def by_series(sheet: Sheet, reduce: Callable[[Figures], float]) -> tuple[Figure, ...]:
    """One figure for each series, from all its rows."""
    found = ((sheet.spoken(series), sheet.column(series)) for series in sheet.series)
    return tuple(_reduced(name, figures, reduce) for name, figures in found if figures)


def change(figures: Figures) -> float:
    """The last value less the first."""
    found = _values(figures)
    return found[-1] - found[0]


COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
}
REDUCTIONS: Final[Mapping[str, Callable[[Figures], float]]] = {
    "max": nth_largest,
    "min": nth_smallest,
    "sum": total,
    "mean": mean,
    "median": middle,
    "change": change,
}
"""From figures to a number."""


def _ranked(figures: Figures, place: int, *, is_largest: bool) -> Figure:
    distinct = {figure.value: figure for figure in reversed(_some(figures))}
    ranking = sorted(distinct.values(), key=lambda figure: figure.value, reverse=is_largest)
    if not 1 <= place <= len(ranking):
        raise CannotCompute(f"there is no value in place {place} of {len(ranking)}")
    return ranking[place - 1]


def _names(figures: Figures, value: float) -> str:
    return names([figure for figure in figures if figure.value == value])


def _reduced(name: str, figures: Figures, reduce: Callable[[Figures], float]) -> Figure:
    return Figure(name, reduce(figures), any(figure.is_estimated for figure in figures))


def _values(figures: Figures) -> list[float]:
    return [figure.value for figure in _some(figures)]


def _some(figures: Figures) -> Figures:
    if not figures:
        raise CannotCompute("there are no figures to calculate with")
    return figures
