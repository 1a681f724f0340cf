"""The work that `bench answer` asks for: pictures, questions, and what a right answer says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from beholder.errors import InvalidRequest

Kind: TypeAlias = Literal["structured", "short", "free", "warm-up"]

RECEIPT_FIELDS: Final = ("company", "date", "address", "total")
RECEIPT_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in RECEIPT_FIELDS},
    "required": list(RECEIPT_FIELDS),
    "additionalProperties": False,
}
MOST_TOKENS: Final[dict[Kind, int]] = {"structured": 1024, "short": 48, "free": 160, "warm-up": 4}
"""Tokens of an answer at most, by kind of work; the same for everybody."""

SETS: Final[tuple[tuple[str, Kind, int], ...]] = (("sroie", "structured", 20), ("chartqa", "short", 10))
SCREENS: Final = ("screenqa_mini", 10)


@dataclass(frozen=True, slots=True)
class Task:
    """One question about one picture. `expected` is what `answer_score.py` compares with; None is not compared."""

    id: str
    kind: Kind
    picture: bytes
    prompt: str
    schema: dict[str, Any] | None = None
    expected: Any = None

    @property
    def max_tokens(self) -> int:
        """Tokens of the answer at most."""
        return MOST_TOKENS[self.kind]

    @property
    def data_uri(self) -> str:
        """The picture as a client sends it."""
        media_type = "image/png" if self.picture.startswith(b"\x89PNG") else "image/jpeg"
        return f"data:{media_type};base64,{base64.b64encode(self.picture).decode()}"


def labelled(folder: Path) -> list[Task]:
    """The work of a folder of labelled sets: receipts (`sroie`), charts (`chartqa`), screens (`screenqa_mini`).

    Each set is a folder with `labels.jsonl`, one JSON a line with `id`, `image`, `prompt` and `expected`. Raises
    `InvalidRequest` if one is not there.
    """
    tasks = [task for name, kind, count in SETS for task in _rows(folder / name, kind, count)]
    return tasks + list(_rows(folder / SCREENS[0], "short", SCREENS[1]))


def _rows(folder: Path, kind: Kind, count: int) -> Iterator[Task]:
    try:
        lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
        for row in _one_a_picture(map(json.loads, lines), count):
            schema = RECEIPT_SCHEMA if kind == "structured" else None
            picture = (folder / row["image"]).read_bytes()
            yield Task(row["id"], kind, picture, row["prompt"], schema, row["expected"])
    except OSError as error:
        raise InvalidRequest(
            f"--data needs {folder.name}/labels.jsonl and its images: {error.strerror} at {error.filename}"
        ) from None
    except (KeyError, ValueError) as error:
        raise InvalidRequest(f"{folder / 'labels.jsonl'} is not a set of labelled pictures: {error!r}") from None


def _one_a_picture(rows: Iterable[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    """The first `count` rows with pictures of their own: a picture asked about twice is a warm one."""
    seen: set[str] = set()
    for row in rows:
        if row["image"] not in seen and len(seen) < count:
            seen.add(row["image"])
            yield row


def limited(tasks: Iterable[Task], limit: int | None) -> list[Task]:
    """At most `limit` tasks of each kind, order kept."""
    kept: list[Task] = []
    for task in tasks:
        if limit is None or sum(task.kind == other.kind for other in kept) < limit:
            kept.append(task)
    return kept
