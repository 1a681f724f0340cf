"""Tables to HTML (PubTabNet): TEDS of Zhong et al. 2020, with and without the cells' text, and F1 of the cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from beholder.evals.answer import Answer
from beholder.evals.html_table import Node, parse_table, place_cells
from beholder.evals.rows import Row
from beholder.evals.similarity import similarity
from beholder.evals.task import LONGEST, Metrics, Parts, Question, Scored, Task, mean_of, micro_f1
from beholder.evals.tree_distance import tree_distance


def teds(said: str, expected: str, *, is_structure_only: bool = False) -> float:
    """1 - tree edit distance / elements of the larger table, the table element itself not counted; 0 without a table.

    Renaming costs 1 where tags or spans differ, else the normalised edit distance of the cells' letters, white space
    included. As in the published program, but that inline markup is stripped from cells and th counts as td.
    """
    ours, true = parse_table(said), parse_table(expected)
    if ours is None or true is None:
        return 0.0

    def rename(one: Node, other: Node) -> float:
        if (one.tag, one.column_span, one.row_span) != (other.tag, other.column_span, other.row_span):
            return 1.0
        return 0.0 if is_structure_only else 1 - similarity(one.text, other.text)

    largest = max(ours.size(), true.size()) - 1
    return 1 - tree_distance(ours, true, rename) / largest if largest else 1.0


def _score(row: Row, answer: Answer) -> Parts:
    ours, true = parse_table(answer.text), parse_table(row.expected)
    cells = Counter(place_cells(ours)) if ours else Counter()
    truths = Counter(place_cells(true)) if true else Counter()
    return {
        "score": teds(answer.text, row.expected),
        "structure": teds(answer.text, row.expected, is_structure_only=True),
        "hits": (cells & truths).total(),
        "predicted": cells.total(),
        "expected": truths.total(),
    }


def _summarise(items: Sequence[Scored]) -> Metrics:
    return {"teds": mean_of(items), "teds_structure": mean_of(items, "structure"), "cell_f1": micro_f1(items)}


TABLES = Task("table_to_html", "teds", lambda row: Question(row.prompt, max_tokens=LONGEST), _score, _summarise)
