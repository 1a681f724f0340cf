"""Reading the manifest of a set of odd, broken and hostile files: what each is, and what should become of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

Group: TypeAlias = Literal["core", "optional", "doubt"]

GROUPS: tuple[Group, ...] = ("core", "optional", "doubt")
"""How rows are scored: those of a supported format, those whose format may also be refused, and the doubtful ones."""


class ManifestError(Exception):
    """The manifest cannot be used; the message names the file and the line, what was expected and what came."""


@dataclass(frozen=True, slots=True)
class Row:
    """A file and its truth. `size` is upright `(width, height)`, None where the manifest does not tell;
    `frames` is 0 there.
    """

    file: str
    path: Path
    is_accepted: bool
    size: tuple[int, int] | None = None
    frames: int = 0
    is_optional: bool = False
    is_doubtful: bool = False
    kind: str = ""

    @property
    def group(self) -> Group:
        """Where the row is counted; a doubtful row of an optional format is doubtful."""
        return "doubt" if self.is_doubtful else "optional" if self.is_optional else "core"


def read(folder: Path) -> list[Row]:
    """The rows of `folder`/manifest.jsonl in their order. Raises `ManifestError`."""
    manifest = folder / "manifest.jsonl"
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"cannot read {manifest}: {error}; name the set's folder with --data") from error
    rows = [_row(_Fields(manifest, number, line)) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise ManifestError(f"{manifest} has no rows")
    names = [row.file for row in rows]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ManifestError(f"{manifest} names more than once: {', '.join(sorted(twice))}")
    return rows


class _Fields:
    """The members of one line, each checked as it is asked for. Members that nobody asks for play no part."""

    def __init__(self, manifest: Path, number: int, line: str) -> None:
        self.folder = manifest.parent
        self._place = f"{manifest}, line {number}"
        try:
            members = json.loads(line)
        except ValueError as error:
            raise self.error(f"expected a JSON object, got something that is not JSON: {error}") from error
        if not isinstance(members, dict):
            raise self.error(f"expected a JSON object, got {line[:60]!r}")
        self._members: dict[str, Any] = members

    def error(self, message: str) -> ManifestError:
        return ManifestError(f"{self._place}: {message}")

    def text(self, name: str, default: str | None = None) -> str:
        value = self._members.get(name, default)
        if not isinstance(value, str):
            raise self.error(f"{name!r} must be a string, got {value!r}")
        return value

    def flag(self, name: str) -> bool:
        value = self._members.get(name, False)
        if value is not None and not isinstance(value, bool):
            raise self.error(f"{name!r} must be true or false, got {value!r}")
        return bool(value)

    def count(self, name: str) -> int | None:
        value = self._members.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise self.error(f"{name!r} must be a whole number from 0, got {value!r}")
        return value


def _row(fields: _Fields) -> Row:
    file, expected = fields.text("file"), fields.text("expected")
    if expected not in {"accept", "reject"}:
        raise fields.error(f"'expected' must be 'accept' or 'reject', got {expected!r}")
    path = (fields.folder / file).resolve()
    if not path.is_relative_to(fields.folder.resolve()):
        raise fields.error(f"{file!r} lies outside the set's folder")
    if not path.is_file():
        raise fields.error(f"there is no file {file!r}")
    width, height = fields.count("w"), fields.count("h")
    if (width is None) != (height is None):
        raise fields.error("'w' and 'h' go together, and one of them is missing")
    return Row(
        file=file,
        path=path,
        is_accepted=expected == "accept",
        size=None if width is None or height is None else (width, height),
        frames=fields.count("frames") or 0,
        is_optional=fields.flag("optional_format"),
        is_doubtful=fields.flag("doubt"),
        kind=fields.text("kind", ""),
    )
