"""The table metrics, on tables small enough to work out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from beholder.evals.html_table import parse_table, place_cells
from beholder.evals.tables import teds
from beholder.evals.tree_distance import tree_distance

TWO_BY_TWO = "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"


@dataclass(slots=True)
class Letter:
    """A node of a tree."""

    name: str
    children: list[Letter] = field(default_factory=list)


def letters(text: str) -> Letter:
    """A tree from `f(d(a c(b)) e)`, each node one letter."""
    root = Letter("")
    stack = [root]
    for letter in text:
        if letter == "(":
            stack.append(stack[-1].children[-1])
        elif letter == ")":
            stack.pop()
        elif letter != " ":
            stack[-1].children.append(Letter(letter))
    return root.children[0]


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("f(d(a c(b)) e)", "f(c(d(a b)) e)", 2.0),  # the example of Zhang and Shasha's paper
        ("a", "b", 1.0),
        ("a(b c)", "a", 2.0),
        ("a(b(c d))", "a(c d)", 1.0),
        ("a(b c d)", "a(d c b)", 2.0),
    ],
)
def test_tree_distances(one: str, other: str, distance: float) -> None:
    """Deleting, inserting and renaming a node cost one each, both ways round."""

    def rename(left: Letter, right: Letter) -> float:
        return float(left.name != right.name)

    assert distance == tree_distance(letters(one), letters(other), rename)
    assert distance == tree_distance(letters(other), letters(one), rename)


def test_equal_tables_are_one() -> None:
    """Markup within cells, header cells and missing end tags make no difference."""
    said = "Here:\n```html\n<table><tr><th>a<th><b>b</b><tr><td>c<td>d</table>\n```"
    assert 1.0 == teds(said, TWO_BY_TWO)


@pytest.mark.parametrize(
    ("said", "score", "structure"),
    [
        ("no table", 0.0, 0.0),
        # One of six elements is missing.
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", 5 / 6, 5 / 6),
        # Half of one cell's letters differ: the longer text has two.
        ("<table><tr><td>ax</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", 1 - 0.5 / 6, 1.0),
        # Another span is another element.
        ('<table><tr><td colspan="2">a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>', 5 / 6, 5 / 6),
        # A tbody that is not there, round everything.
        (TWO_BY_TWO.replace("<table>", "<table><tbody>").replace("</table>", "</tbody></table>"), 6 / 7, 6 / 7),
    ],
)
def test_teds(said: str, score: float, structure: float) -> None:
    """One less the edit distance, by the elements of the larger table."""
    assert pytest.approx(score) == teds(said, TWO_BY_TWO)
    assert pytest.approx(structure) == teds(said, TWO_BY_TWO, is_structure_only=True)


def test_cells_stand_where_spans_leave_room() -> None:
    """A cell beside one that spans two rows stands a column further on; entities and breaks are text."""
    table = parse_table(
        "<table><thead><tr><td rowspan=2>k</td><td colspan='2'>a &amp; b</td></tr>"
        "<tr><td>x<br>y</td><td>z</td></tr></thead></table><p>and <table><tr><td>more</td></tr></table>"
    )
    assert table is not None
    assert [(0, 0, "k"), (0, 1, "a & b"), (1, 1, "x y"), (1, 2, "z")] == list(place_cells(table))


def test_a_table_within_a_cell_is_text() -> None:
    """Only the outermost table is a table."""
    table = parse_table("<table><tr><td>a<table><tr><td>b</td></tr></table></td><td>c</td></tr></table>")
    assert table is not None
    assert [(0, 0, "ab"), (0, 1, "c")] == list(place_cells(table))


def test_absurd_spans_are_held() -> None:
    """A span of a million columns does not take a million places."""
    table = parse_table("<table><tr><td colspan=999999>a</td><td colspan=0>b</td></tr></table>")
    assert table is not None
    assert [(0, 0, "a"), (0, 1000, "b")] == list(place_cells(table))
