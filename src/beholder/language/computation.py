"""From a question about figures to what they come to: the text model writes an expression, which is then calculated."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from beholder.language.expressions import NONE, Result, bounds, evaluate, references
from beholder.language.figures import Sheet
from beholder.language.operations import CannotCompute

BEGINNING: Final = "```python\nanswer ="
"""What the model's turn begins with, so that it goes on with an expression and not with the answer. The space after it
is the expression's: tokens of words begin with theirs."""

READ: Final = re.compile(r'(?:\w+\.)?value\("[^"]*"(?:, "[^"]*")?\)')
"""An expression that looks one figure up."""

OPTION: Final = re.compile(r"^[ \t]*\(?[A-Ha-h][.):][ \t]+\S.*$", re.MULTILINE)
"""A line of a multiple choice: a letter, a mark and what it stands for."""

FEWEST_OPTIONS: Final = 2

PERCENT: Final = re.compile(r"%|percent|per cent|prozent|pourcent|porcentaje|procent", re.IGNORECASE)
"""What a question, its options included, says that wants a ratio as a percentage."""

LEAST_CERTAINTY: Final = -0.25
"""Mean log-probability of an expression's tokens below which it is not trusted."""

LEAST_WITH_BOUND: Final = -0.5
"""The same, where it compares figures with a number in digits that the question has too: that is no accident."""

TELLING_LETTERS: Final = 4
"""Letters of a word that is not taken for an article or a preposition."""

NUMBER_WORDS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
)
"""Number words, each at the place that it counts."""

LIST_FUNCTIONS: Final = """max(L), min(L), sum(L), mean(L), median(L)  # a number from a list L
largest(L, 2), smallest(L, 2)  # the second largest, second smallest number
argmax(L), argmin(L), argmax(L, 2)  # the name that has the largest, smallest, second largest number
count(L), count(L > 10)  # how many numbers there are
names(L > 10), names(L == 10)  # the names that have such numbers
percent_change(old, new)
none  # if the question does not ask about the numbers of the table"""


@dataclass(frozen=True, slots=True)
class Computation:
    """An expression and what it came to; `in_percent` where the question speaks of ratios so."""

    expression: str
    result: Result
    in_percent: bool = False

    def spoken(self) -> str:
        """One line for the prompt."""
        about = ", estimated from the drawing" if self.result.is_estimated else ""
        share = f", that is {100 * float(self.result.value):.4g}%" if self.result.is_ratio and self.in_percent else ""
        return f"(Computed from the table: {self.expression} = {_shown(self.result)}{share}{about})"


def ask_for_expression(sheets: Sequence[Sheet], question: str) -> str:
    """What the model is asked in place of the question: an expression whose value answers it."""
    return "\n".join(
        (
            "Write the one line of Python that computes the answer to the last question from the table above, with "
            "these functions only:",
            *_references(sheets),
            LIST_FUNCTIONS,
            "",
            *(f"# {asked}\nanswer = {expression}" for asked, expression in _examples(sheets)),
            f"# {' '.join(without_options(question).split())}",
        )
    )


def without_options(question: str) -> str:
    """A multiple-choice question without its options: they are no figures to calculate with."""
    options = OPTION.findall(question)
    return OPTION.sub("", question) if len(options) >= FEWEST_OPTIONS else question


def compute(expression: str, sheets: Sequence[Sheet], asked: str, certainty: float) -> Computation | None:
    """The computation; None where there is reason to doubt that it is what the question asks for.

    That is where the model declined or was in doubt, a figure is missing, the expression refers to something that the
    question does not mention, compares with a number that is not in the question, passes over the row that it names,
    or only looks a figure up: that stands in the evidence, from which the model copies well, while a wrong cell would
    mislead it.
    """
    if expression == NONE or READ.fullmatch(expression) or certainty < LEAST_WITH_BOUND:
        return None
    try:
        computation = Computation(expression, evaluate(expression, sheets), bool(PERCENT.search(asked)))
    except CannotCompute:
        return None
    if certainty < LEAST_CERTAINTY and not (bounds(expression) and set(bounds(expression)) <= set(_digits(asked))):
        return None
    plain = {name: sheet.spoken(name) for sheet in sheets for name in sheet.series}
    words = _words(asked)
    named = references(expression)
    is_asked = all(any(_is_mentioned(name, plain, words) for name in names) for names in named)
    is_asked &= all(_is_said(number, asked) for number in bounds(expression))
    if not named and _passes_over(expression, sheets, asked):
        return None
    return computation if is_asked else None


def _is_said(number: float, asked: str) -> bool:
    """Whether a number stands in the question, in digits or as a word."""
    digits = _digits(asked)
    words = [place for place, word in enumerate(NUMBER_WORDS) if word in _words(asked)]
    return not number or any(abs(number) in {each, each / 100} for each in (*digits, *words))


def _digits(asked: str) -> list[float]:
    return [float(each) for each in re.findall(r"\d+(?:\.\d+)?", asked.replace(",", ""))]


def _passes_over(expression: str, sheets: Sequence[Sheet], asked: str) -> bool:
    """Whether the question names one row, a year for instance, while the expression takes all of them."""
    words = _words(asked)
    numbers = bounds(expression)
    rows = {row for sheet in sheets for row in sheet.rows if (parts := _words(row)) and parts <= words}
    return any(not (row.isdigit() and float(row) in numbers) for row in rows)


def _is_mentioned(name: str, plain: Mapping[str, str], asked: Set[str]) -> bool:
    """Whether the words of the question hold the name, the colour beside it, or one longer word or number of it."""
    words, without_colour = _words(name), _words(plain.get(name, name))
    parts = (without_colour, words - without_colour)
    return any(part and part <= asked for part in parts) or any(
        len(word) >= TELLING_LETTERS or word.isdigit() for word in words & asked
    )


def _words(text: str) -> Set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _references(sheets: Sequence[Sheet]) -> list[str]:
    prefix = _prefix(sheets)
    if len(sheets[0].series) == 1:
        return [f"{prefix}value(row)  # one number", f"{prefix}all()  # the list of all numbers, named by row"]
    return [
        f"{prefix}value(row, series)  # one number",
        f"{prefix}column(series)  # the list of a series' numbers, named by row",
        f"{prefix}row(row)  # the list of a row's numbers, named by series",
        f"{prefix}all()  # the list of all numbers",
        f"{prefix}by_row(sum), {prefix}by_series(max)  # the list of each row's sum, each series' maximum",
    ]


def _examples(sheets: Sequence[Sheet]) -> list[tuple[str, str]]:
    """Questions and expressions with the first sheet's own names."""
    sheet, prefix = sheets[0], _prefix(sheets)
    first, last = sheet.rows[0], sheet.rows[-1]
    row, end = _quoted(first), _quoted(last)
    if len(sheet.series) == 1:
        numbers = f"{prefix}all()"
        return [
            (f"What is the value for {last}?", f"{prefix}value({end})"),
            ("Which one is the most common?", f"argmax({numbers})"),
            ("Which has the lowest value?", f"argmin({numbers})"),
            ("What is the value of the largest bar?", f"max({numbers})"),
            (f"How much more is {first} than {last}?", f"{prefix}value({row}) - {prefix}value({end})"),
            (f"What is the ratio of {last} to {first}?", f"{prefix}value({end}) / {prefix}value({row})"),
            (f"What do {first} and {last} add up to?", f"{prefix}value({row}) + {prefix}value({end})"),
            ("What is the average?", f"mean({numbers})"),
            ("How many bars are above 10?", f"count({numbers} > 10)"),
            ("How many bars are there?", f"count({numbers})"),
            ("What is the title?", "none"),
        ]
    series, other = _quoted(sheet.series[0]), _quoted(sheet.series[-1])
    one, two = sheet.spoken(sheet.series[0]), sheet.spoken(sheet.series[-1])
    cell, beside = f"{prefix}value({row}, {series})", f"{prefix}value({row}, {other})"
    return [
        (f"What is {two} in {last}?", f"{prefix}value({end}, {other})"),
        (f"When is {one} the highest?", f"argmax({prefix}column({series}))"),
        (f"Which has the lowest value in {last}?", f"argmin({prefix}row({end}))"),
        ("What is the value of the largest bar?", f"max({prefix}all())"),
        (f"What is the difference between {one} and {two} for {first}?", f"{cell} - {beside}"),
        (f"What is the ratio of {one} to {two} for {first}?", f"{cell} / {beside}"),
        (f"What is the total for {last}?", f"sum({prefix}row({end}))"),
        (f"What is the average of {two}?", f"mean({prefix}column({other}))"),
        (f"How many times is {one} above 10?", f"count({prefix}column({series}) > 10)"),
        ("Which one is the highest over all?", f"argmax({prefix}by_series(sum))"),
        ("What is the title?", "none"),
    ]


def _prefix(sheets: Sequence[Sheet]) -> str:
    return f"{sheets[0].name}." if len(sheets) > 1 else ""


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _shown(result: Result) -> str:
    match result.value:
        case bool():
            return "Yes" if result.value else "No"
        case str():
            return result.value
    number = f"{result.value:.10g}" if abs(result.value) < 1e10 else f"{result.value:.0f}"
    if "." in number:
        number = f"{result.value:.4g}" if abs(result.value) < 1000 else f"{result.value:.2f}"
    return f"{number}{result.unit}" if result.unit == "%" else number
