"""requirements.lock: complete, hashed, and free of download addresses."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from beholder.weights import CATALOGUE

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENTRY = re.compile(
    r"^(?P<requirement>\S+==[^\\\n]+?) \\\n(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


def locked() -> dict[str, list[Requirement]]:
    """The lock's entries by name; a name has several where they differ by platform or Python."""
    found: dict[str, list[Requirement]] = {}
    for match in ENTRY.finditer(LOCK):
        requirement = Requirement(match["requirement"])
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def test_every_entry_has_hashes() -> None:
    """pip's hash checking covers all: nothing but entries with hashes, and comments, is in the file."""
    rest = [line for line in ENTRY.sub("", LOCK).splitlines() if line and not line.lstrip().startswith("#")]
    assert rest == []
    assert len(locked()) > 50


def test_no_address_is_named() -> None:
    """The lock works with whatever registry pip is configured for: it names none."""
    assert [line for line in LOCK.splitlines() if "://" in line or re.match(r"\s*(-i|-f|--(?!hash))", line)] == []


@pytest.mark.parametrize(
    "line",
    [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"], *PROJECT["build-system"]["requires"]],
)
def test_lock_satisfies_the_project(line: str) -> None:
    """Every dependency in pyproject.toml, for development and building too, is locked at a fitting version."""
    wanted = Requirement(line)
    entries = locked()[canonicalize_name(wanted.name)]
    versions = [next(iter(entry.specifier)).version for entry in entries]
    assert [version for version in versions if not wanted.specifier.contains(Version(version), prereleases=True)] == []


def test_weights_are_dependencies() -> None:
    """Every data package that the catalogue reads from is a dependency at the very version that was pinned."""
    wanted = {part.requirement for file in CATALOGUE for part in file.parts}
    assert wanted <= set(PROJECT["project"]["dependencies"])
