"""Imports point one way: a room knows the rooms before it and none after."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import beholder

SOURCE = Path(beholder.__file__).parent

ROOMS = (
    ("evidence",),
    ("types", "errors", "progress"),
    ("settings",),
    ("images", "weights"),
    ("perception",),
    ("grounding",),
    ("language",),
    ("engines",),
    ("api",),
    ("bench", "evals"),
    ("cli",),
)
"""Each may import those above it; those on one line know nothing of each other."""

LEVELS = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
MODULES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))


def imported_rooms(module: str) -> Iterator[str]:
    """The rooms of Beholder that a module imports, anywhere in it but for type checking only."""
    tree = ast.parse((SOURCE / module).read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{module} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("beholder."))


def room_of(module: str) -> str:
    """The room that a module belongs to."""
    return module.split("/", maxsplit=1)[0].removesuffix(".py")


def test_every_module_is_in_a_room() -> None:
    """A new room is put in its place here first."""
    assert set() == {room_of(module) for module in MODULES} - {*LEVELS, "__init__", "__main__"}


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module) in LEVELS])
def test_imports_point_one_way(module: str) -> None:
    """Only to rooms before its own, and within its own."""
    room = room_of(module)
    for other in imported_rooms(module):
        if other in LEVELS and other != room:
            assert LEVELS[other] < LEVELS[room], f"{module} imports {other}, which comes after {room}"


@pytest.mark.parametrize("room", ["images", "perception", "language", "engines"])
def test_nothing_behind_the_edge_knows_http(room: str) -> None:
    """Only `api` and `cli` know the server's libraries."""
    for path in (SOURCE / room).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for library in ("starlette", "uvicorn", "beholder.api"):
            assert f"import {library}" not in text and f"from {library}" not in text, f"{path} imports {library}"
