"""Expressions over hand-made sheets: what they come to, exactly, and that the grammar allows no others."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from test_language_figures import BLUE, RED, chart, table
from tiny_qwen import tiny_model

from beholder.language.constraint import Grammars
from beholder.language.expressions import Result, evaluate, grammar
from beholder.language.figures import Sheet, make_sheet
from beholder.language.operations import CannotCompute


def sheet_of(*rows: list[str], name: str = "image1") -> Sheet:
    """A chart's sheet; with two series, the first is red and the second blue."""
    made = make_sheet(chart(list(rows), *(RED, BLUE)[: len(rows[0]) - 1]), name)
    assert made is not None
    return made


TRADE = sheet_of(
    ["", "Exports", "Imports"],
    ["Chile", "45%", "50%"],
    ["Peru", "12%", "~7.5%"],
    ["Cuba", "12%", ""],
    ["Fiji", "31%", "9%"],
)
POPULATION = sheet_of(["", ""], ["Oslo", "700"], ["Bergen", "280"], ["Hamar", "28"])
SECOND = sheet_of(["", ""], ["Oslo", "650"], ["Bergen", "0"], name="image2")


@dataclass(frozen=True)
class Case:
    """An expression over a sheet and its value."""

    expression: str
    expected: float | str | bool
    sheets: tuple[Sheet, ...] = (TRADE,)


CASES = [
    Case('value("Chile", "Imports (blue)")', 50.0),
    Case('value("Chile", "Exports (red)") - value("Fiji", "Exports (red)")', 14.0),
    Case('value("Fiji", "Exports (red)") / value("Peru", "Exports (red)")', 31 / 12),
    Case('percent_change(value("Chile", "Exports (red)"), value("Chile", "Imports (blue)"))', 100 * 5 / 45),
    Case('sum([value("Chile", "Exports (red)"), value("Fiji", "Exports (red)")])', 76.0),
    Case('mean(column("Exports (red)"))', 25.0),
    Case('median(column("Exports (red)"))', 21.5),
    Case("sum(all())", 166.5),
    Case('max(row("Fiji"))', 31.0),
    Case('min(column("Imports (blue)"))', 7.5),
    Case('max(column("Exports (red)")) - min(column("Exports (red)"))', 33.0),
    Case('largest(column("Exports (red)"), 2)', 31.0),
    Case('smallest(column("Exports (red)"), 2)', 31.0),
    Case('largest(column("Exports (red)"), 1) + largest(column("Exports (red)"), 2)', 76.0),
    Case('argmax(column("Exports (red)"))', "Chile"),
    Case('argmax(column("Exports (red)"), 2)', "Fiji"),
    Case('argmin(column("Exports (red)"))', "Peru, Cuba"),
    Case('argmax(row("Chile"))', "Imports"),
    Case("argmax(all())", "Chile, Imports"),
    Case("argmax(by_series(sum))", "Exports"),
    Case("argmin(by_row(mean))", "Peru"),
    Case("argmax(by_series(change))", "Exports"),
    Case('count(column("Exports (red)") > 12)', 2.0),
    Case('count(column("Exports (red)") > 99)', 0.0),
    Case('count(row("Cuba"))', 1.0),
    Case('names(column("Exports (red)") == 12)', "Peru, Cuba"),
    Case('value("Chile", "Exports (red)") > value("Fiji", "Exports (red)")', True),
    Case('mean(row("Chile")) < 40', False),
    Case('value("Oslo")', 700.0, (POPULATION,)),
    Case('sum(all()) - value("Oslo")', 308.0, (POPULATION,)),
    Case('image1.value("Oslo") - image2.value("Oslo")', 50.0, (POPULATION, SECOND)),
    Case("argmax(image2.all())", "Oslo", (POPULATION, SECOND)),
]


@pytest.fixture(scope="module")
def grammars() -> Grammars:
    """Grammars over the tiny model's tokens, of which every byte is one."""
    return Grammars(tiny_model().tokenizer())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.expression)
def test_expressions_come_to_their_value(case: Case, grammars: Grammars) -> None:
    """Each is allowed by the grammar of its sheets, to its last letter, and calculated exactly."""
    tokens = tiny_model().tokenizer().encode(f" {case.expression}\n")
    assert grammars.written(grammar(case.sheets)).allows(tokens)
    assert case.expected == pytest.approx(evaluate(case.expression, case.sheets).value)


@pytest.mark.parametrize(
    "expression",
    [
        'value("France", "Exports (red)")',
        'value("Chile", "Sales")',
        'image2.value("Chile", "Exports (red)")',
        "42 + 1",
        "__import__('os')",
        "Chile",
    ],
)
def test_the_grammar_allows_the_sheets_own_names_alone(expression: str, grammars: Grammars) -> None:
    """Neither a name that is not in the table nor a bare number can be written."""
    assert not grammars.written(grammar([TRADE])).allows(tiny_model().tokenizer().encode(f" {expression}\n"))


@pytest.mark.parametrize(
    ("expression", "sheets"),
    [
        ('value("Cuba", "Imports (blue)")', (TRADE,)),
        ('image1.value("Oslo") / image2.value("Bergen")', (POPULATION, SECOND)),
        ('names(column("Exports (red)") > 99)', (TRADE,)),
        ('largest(column("Exports (red)"), 9)', (TRADE,)),
        ('value("Oslo") / value("Oslo")', (POPULATION,)),
        ('value("Oslo") > value("Oslo")', (POPULATION,)),
        ("none", (TRADE,)),
        ("all()", (TRADE,)),
    ],
)
def test_what_has_no_value_is_refused(expression: str, sheets: tuple[Sheet, ...]) -> None:
    """A missing figure, a division by zero, a place beyond the last, one figure against itself: nothing is made up."""
    with pytest.raises(CannotCompute):
        evaluate(expression, sheets)


def test_results_tell_what_they_rest_on() -> None:
    """An estimate taints what is made of it; the unit stays with sums and goes with counts and ratios."""
    assert Result(19.5, True, "%") == evaluate('sum(row("Peru"))', [TRADE])
    assert Result(45.0, False, "%") == evaluate('max(column("Exports (red)"))', [TRADE])
    assert Result(4.0, False, "") == evaluate('count(column("Exports (red)"))', [TRADE])
    assert Result(1.0, False, "", is_ratio=True) == evaluate(
        'value("Peru", "Exports (red)") / value("Cuba", "Exports (red)")', [TRADE]
    )


def test_names_of_any_letters_can_be_written(grammars: Grammars) -> None:
    """Quotes, backslashes and other scripts in a picture break neither the grammar nor the expression."""
    odd = make_sheet(table([["", "x"], ['Gr"ün\\', "1"], ["日本 {a|b}", "2"]]), "image1")
    assert odd is not None
    for row, expected in zip(odd.rows, (1.0, 2.0), strict=True):
        expression = f'value("{row}")'
        assert grammars.written(grammar([odd])).allows(tiny_model().tokenizer().encode(f" {expression}\n"))
        assert expected == evaluate(expression, [odd]).value
