"""Expressions over sheets: the grammar of what can be written, and what an expression comes to.

An expression reads like Python, which the model knows best: `value("2019", "Germany") - min(column("Germany"))`.
It is parsed into a tree and calculated by `operations.py`; nothing is executed.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from beholder.language import operations
from beholder.language.figures import Figure, Sheet
from beholder.language.operations import COMPARISONS, REDUCTIONS, CannotCompute

NONE: Final = "none"
"""What is written where nothing is to be calculated."""

Value: TypeAlias = float | str | bool | tuple[Figure, ...]

RULES: Final = r"""
start: " " ("none" | number | label | verdict) "\n"
verdict: number " " SIGN " " (number | NUMBER)
number: sum | quantity " / " quantity | quantity " / " NUMBER | "(" sum ") / " (quantity | NUMBER)
sum: quantity (" " ADDITION " " quantity)~0..4
quantity: cell | reduced | ranked | counted | changed
changed: "percent_change(" quantity ", " quantity ")"
reduced: REDUCTION "(" list ")" | REDUCTION "([" cell (", " cell)~1..9 "])"
ranked: ("largest(" | "smallest(") list ", " PLACE ")"
counted: "count(" (list | list " " SIGN " " (quantity | NUMBER)) ")"
label: ("argmax(" | "argmin(") list (", " PLACE)? ")" | "names(" list " " SIGN " " (quantity | NUMBER) ")"
REDUCTION: "max" | "min" | "sum" | "mean" | "median"
SIGN: ">" | "<" | ">=" | "<=" | "=="
ADDITION: "+" | "-"
PLACE: /[1-9][0-9]?/
NUMBER: /-?[0-9]{1,9}(\.[0-9]{1,4})?/
"""


def grammar(sheets: Sequence[Sheet]) -> str:
    """The expressions over `sheets`, in Lark's notation. Whatever it allows can be evaluated, or has a figure missing.

    There is at least one sheet. With several, every reference begins with the sheet's name: `image2.value(…)`.
    """
    rules = [RULES]
    kinds: dict[str, list[str]] = {"cell": [], "list": []}
    for place, sheet in enumerate(sheets):
        for rule, alternatives in _references(sheet, place, has_prefix=len(sheets) > 1).items():
            kinds[rule] += alternatives
        rules.append(f"row{place}: " + " | ".join(_literal(json.dumps(row, ensure_ascii=False)) for row in sheet.rows))
        rules.append(
            f"series{place}: " + " | ".join(_literal(json.dumps(each, ensure_ascii=False)) for each in sheet.series)
        )
    rules += [f"{rule}: " + " | ".join(alternatives) for rule, alternatives in kinds.items()]
    return "\n".join(rules)


def _references(sheet: Sheet, place: int, *, has_prefix: bool) -> dict[str, list[str]]:
    prefix = f"{sheet.name}." if has_prefix else ""
    row, series = f"row{place}", f"series{place}"
    if len(sheet.series) == 1:
        return {"cell": [f'"{prefix}value(" {row} ")"'], "list": [f'"{prefix}all()"']}
    lists = [f'"{prefix}column(" {series} ")"', f'"{prefix}row(" {row} ")"', f'"{prefix}all()"']
    reduction = '("max" | "min" | "sum" | "mean" | "change")'
    lists += [f'"{prefix}by_row(" {reduction} ")"', f'"{prefix}by_series(" {reduction} ")"']
    return {"cell": [f'"{prefix}value(" {row} ", " {series} ")"'], "list": lists}


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What an expression came to; `is_estimated` where a measured figure had a part in it, `unit` where it has one.

    `is_ratio` says that it is one figure divided by another.
    """

    value: float | str | bool
    is_estimated: bool = False
    unit: str = ""
    is_ratio: bool = False


def evaluate(expression: str, sheets: Sequence[Sheet]) -> Result:
    """What `expression` comes to. Raises `CannotCompute` where a figure is missing or nothing is to be calculated."""
    try:
        tree = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise CannotCompute(f"{expression!r} is not an expression: {error}") from None
    evaluator = _Evaluator({sheet.name: sheet for sheet in sheets}, sheets[0])
    value = evaluator.evaluate(tree)
    if isinstance(value, tuple):
        raise CannotCompute(f"{expression!r} is a list, not a value")
    keeps_unit = not isinstance(value, str | bool) and _keeps_unit(tree)
    unit = sheets[0].unit if keeps_unit and len(sheets) == 1 else ""
    is_ratio = isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div) and not isinstance(tree.right, ast.Constant)
    return Result(value, evaluator.is_estimated, unit, is_ratio)


def references(expression: str) -> list[tuple[str, ...]]:
    """The names by which an expression that can be evaluated refers to cells, rows and columns: those of each alone."""
    calls = (node for node in ast.walk(ast.parse(expression, mode="eval")) if isinstance(node, ast.Call))
    named = (tuple(each.value for each in call.args if isinstance(each, ast.Constant)) for call in calls)
    texts = (tuple(name for name in names if isinstance(name, str)) for names in named)
    return [names for names in texts if names]


def bounds(expression: str) -> list[float]:
    """The numbers that an expression that can be evaluated compares figures with."""
    compared = [node for node in ast.walk(ast.parse(expression, mode="eval")) if isinstance(node, ast.Compare)]
    return [
        float(side.value)
        for node in compared
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and isinstance(side.value, int | float)
    ]


def _keeps_unit(tree: ast.AST) -> bool:
    """Whether the result is in the figures' unit: counts, products and ratios are not."""
    nodes = list(ast.walk(tree))
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return not called & {"count", "percent_change"} and not any(isinstance(node, ast.Mult | ast.Div) for node in nodes)


class _Evaluator:
    """Walks one expression's tree."""

    def __init__(self, sheets: Mapping[str, Sheet], only: Sheet) -> None:
        self._sheets = sheets
        self._only = only
        self.is_estimated = False

    def evaluate(self, node: ast.expr) -> Value:
        """What the node comes to. Raises `CannotCompute`."""
        match node:
            case ast.Constant(value=str() as text):
                return text
            case ast.Compare(left=one, comparators=[two]) | ast.BinOp(left=one, right=two) if _same(one, two):
                raise CannotCompute(f"{ast.unparse(one)!r} is set against itself")
            case ast.Compare(left=left, ops=[sign], comparators=[right]):
                return self._compare(self.evaluate(left), SIGNS[type(sign)], self._number(right))
            case ast.List(elts=elements):
                return tuple(Figure(ast.unparse(each), self._number(each)) for each in elements)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, self._only, arguments)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=sheet), attr=name), args=arguments):
                return self._call(name, self._sheets[sheet], arguments)
        return self._calculate(node)

    def _calculate(self, node: ast.expr) -> float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._number(operand)
            case ast.BinOp(left=left, op=operator, right=right):
                return self._combine(self._number(left), operator, self._number(right))
        raise CannotCompute(f"{ast.unparse(node)!r} is nothing that can be calculated")

    def _call(self, name: str, sheet: Sheet, arguments: Sequence[ast.expr]) -> Value:
        if name in {"value", "row", "column", "all"}:
            return self._look_up(name, sheet, [str(self.evaluate(each)) for each in arguments])
        if name in {"by_row", "by_series"}:
            [reduction] = arguments
            reduce = REDUCTIONS[ast.unparse(reduction)]
            return self._seen((operations.by_row if name == "by_row" else operations.by_series)(sheet, reduce))
        if name == "percent_change":
            return operations.percent_change(*(self._number(each) for each in arguments))
        figures = self.evaluate(arguments[0])
        if not isinstance(figures, tuple) or name not in LISTED:
            raise CannotCompute(f"{name} wants a list")
        return LISTED[name](figures, *(int(self._number(each)) for each in arguments[1:]))

    def _look_up(self, name: str, sheet: Sheet, names: Sequence[str]) -> Value:
        if name == "all":
            return self._seen(sheet.all())
        if name != "value":
            return self._seen(getattr(sheet, name)(*names))
        figure = sheet.figures.get((names[0], names[1] if len(names) > 1 else sheet.series[0]))
        if figure is None:
            raise CannotCompute(f"no number stands in {' / '.join(names)}")
        [seen] = self._seen([figure])
        return seen.value

    def _seen(self, figures: Sequence[Figure]) -> tuple[Figure, ...]:
        self.is_estimated |= any(figure.is_estimated for figure in figures)
        return tuple(figures)

    def _compare(self, left: Value, sign: str, right: float) -> Value:
        if isinstance(left, tuple):
            return operations.those(left, sign, right)
        if isinstance(left, str):
            raise CannotCompute("a name cannot be compared with a number")
        return COMPARISONS[sign](left, right)

    def _combine(self, left: float, operator: ast.operator, right: float) -> float:
        if isinstance(operator, ast.Div):
            return operations.ratio(left, right)
        if isinstance(operator, ast.Add):
            return left + right
        return left * right if isinstance(operator, ast.Mult) else left - right

    def _number(self, node: ast.expr) -> float:
        value = self.evaluate(node)
        if isinstance(value, str | tuple):
            raise CannotCompute(f"{ast.unparse(node)!r} is not a number")
        return float(value)


def _same(one: ast.expr, two: ast.expr) -> bool:
    return ast.dump(one) == ast.dump(two)


SIGNS: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Gt: ">",
    ast.Lt: "<",
    ast.GtE: ">=",
    ast.LtE: "<=",
    ast.Eq: "==",
}
LISTED: Final[Mapping[str, Callable[..., float | str]]] = {
    **REDUCTIONS,
    "largest": operations.nth_largest,
    "smallest": operations.nth_smallest,
    "count": operations.count,
    "argmax": operations.name_of_largest,
    "argmin": operations.name_of_smallest,
    "names": operations.names,
}
"""What is done with a list."""
