"""The failures that are known, each with its reason, from known.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.outcomes import Case

FILE = Path(__file__).parent / "known.toml"


@dataclass(frozen=True, slots=True)
class Known:
    """Cases of `suite` that fail for `reason`; `case` is a pattern with * and ?, as in file names.

    `says` must stand in the failure's message, so that the same test failing otherwise is not taken for known.
    """

    suite: str
    case: str
    reason: str
    says: str = ""
    engines: tuple[str, ...] = ("builtin", "echo")


def load() -> list[Known]:
    """All of them."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8")).get("known", [])
    return [Known(**{**entry, "engines": tuple(entry.get("engines", Known("", "", "").engines))}) for entry in entries]


def find(known: list[Known], engine: str, suite: str, case: Case) -> Known | None:
    """The entry that explains the failure of `case`, if there is one."""
    # In file patterns [ is special; in the names of tests it is a plain character.
    return next(
        (
            each
            for each in known
            if each.suite == suite
            and engine in each.engines
            and each.says in case.message
            and fnmatchcase(case.name, each.case.replace("[", "[[]"))
        ),
        None,
    )
