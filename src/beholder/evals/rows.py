"""A set on disk: a folder with `labels.jsonl`, one JSON a line, and the images that it names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from beholder.errors import InvalidRequest

LABELS: Final = "labels.jsonl"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the labels: `fields` is all of it, `images` are paths in the order they are to be sent."""

    id: str
    task: str
    prompt: str
    images: tuple[Path, ...]
    fields: Mapping[str, Any]

    @property
    def expected(self) -> Any:
        """The truth, in the form of the row's task."""
        return self.fields.get("expected")


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """All rows of a folder. `digest` is that of the labels, so that results are known to belong to them."""

    name: str
    folder: Path
    rows: tuple[Row, ...]
    digest: str


def read_set(folder: Path) -> LabelledSet:
    """The set in `folder`. Raises `InvalidRequest` that names the file and line at fault."""
    path = folder / LABELS
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidRequest(
            f"cannot read {path}: {error.strerror or error}; a set is a folder with {LABELS} and its images"
        ) from None
    # Lines end with a line feed alone: a label may hold a character that `splitlines` would break at.
    lines = content.decode("utf-8", errors="replace").split("\n")
    rows = tuple(_row(folder, f"{path}, line {number}", line) for number, line in enumerate(lines, 1) if line.strip())
    return LabelledSet(folder.resolve().name, folder, rows, hashlib.sha256(content).hexdigest())


def _row(folder: Path, where: str, line: str) -> Row:
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise InvalidRequest(f"{where} is not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise InvalidRequest(f"{where}: expected an object with id, task, image, prompt and expected")
    for name in ("id", "task", "prompt"):
        if not isinstance(fields.get(name), str):
            raise InvalidRequest(f"{where}: expected a string as {name!r}, got {fields.get(name)!r}")
    images = fields.get("images") or [fields.get("image")]
    if not isinstance(images, list) or not all(isinstance(image, str) for image in images):
        raise InvalidRequest(f"{where}: expected a path as 'image', or a list of paths as 'images', got {images!r}")
    return Row(fields["id"], fields["task"], fields["prompt"], tuple(folder / image for image in images), fields)
