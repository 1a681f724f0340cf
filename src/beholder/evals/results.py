"""What was asked and answered, kept line by line, so that an interrupted run goes on and can be read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from beholder.errors import InvalidRequest
from beholder.evals.answer import Answer, GroundedBox
from beholder.evals.rows import Row
from beholder.evals.task import Parts

RUN: Final = "run.json"
ITEMS: Final = "items.jsonl"
BEFORE: Final = "items.before.jsonl"
SUMMARY: Final = "summary.json"


class Results:
    """A folder: `run.json` says what was run, `items.jsonl` has a line an answer, `summary.json` the metrics."""

    def __init__(self, folder: Path, run: Mapping[str, Any], *, resume: bool) -> None:
        """Open `folder`, going on with what is there if `resume`. Raises `InvalidRequest` if it is another run's."""
        self.folder = folder
        self.answers: dict[str, tuple[str, Answer]] = {}
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if resume:
                self._check(run)
                self.answers = dict(_read(folder / ITEMS))
            elif (folder / ITEMS).exists():
                (folder / ITEMS).replace(folder / BEFORE)
            (folder / RUN).write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")

    def _check(self, run: Mapping[str, Any]) -> None:
        path = self.folder / RUN
        before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else dict(run)
        if before != dict(run):
            raise InvalidRequest(f"{path} is of another run ({before}); choose another --out, or leave --resume out")

    def find(self, row: Row) -> Answer | None:
        """The answer to just this question, if there is one; failed ones are asked again."""
        prompt, answer = self.answers.get(row.id, ("", None))
        return answer if answer is not None and prompt == row.prompt and answer.error is None else None

    def add(self, row: Row, answer: Answer, parts: Parts) -> None:
        """Keep an answer at once; a later line for the same id stands for it."""
        with _writing(self.folder), (self.folder / ITEMS).open("a", encoding="utf-8") as file:
            file.write(_line(row, answer, parts))

    def close(self, scored: list[tuple[Row, Answer, Parts]], summary: Mapping[str, Any]) -> None:
        """Write all items anew, in the set's order, with the scores as they are now, and the summary."""
        partial = self.folder / f"{ITEMS}.partial"
        with _writing(self.folder):
            partial.write_text("".join(_line(*each) for each in scored), encoding="utf-8")
            partial.replace(self.folder / ITEMS)
            (self.folder / SUMMARY).write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidRequest(f"cannot write {folder}: {error.strerror}; choose another folder with --out") from None


def _line(row: Row, answer: Answer, parts: Parts) -> str:
    told = {name: value for name, value in asdict(answer).items() if name not in {"text", "seconds"}}
    fields = {
        "id": row.id,
        "task": row.task,
        "prompt": row.prompt,
        "expected": row.expected,
        "answer": answer.text,
        "score": parts["score"],
        "seconds": round(answer.seconds, 3),
        "parts": dict(parts),
        **told,
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _read(path: Path) -> list[tuple[str, tuple[str, Answer]]]:
    """The answers by id; a line that was cut off by the end of a run is left out."""
    if not path.exists():
        return []
    found: list[tuple[str, tuple[str, Answer]]] = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        found.append((fields["id"], (fields["prompt"], _answer(fields))))
    return found


def _answer(fields: Mapping[str, Any]) -> Answer:
    boxes = fields["grounding"]
    return Answer(
        text=fields["answer"],
        seconds=fields["seconds"],
        finish_reason=fields["finish_reason"],
        grounding=None
        if boxes is None
        else tuple(GroundedBox(**{**each, "box": tuple(each["box"])}) for each in boxes),
        lines=None if fields["lines"] is None else tuple(fields["lines"]),
        flag_score=fields["flag_score"],
        flagged=fields["flagged"],
        error=fields["error"],
    )
