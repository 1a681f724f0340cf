"""Evidence that is kept: for whom, for what, how much of it, and what a bad disk does to it."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholder.engines.evidence_cache import EvidenceCache, EvidenceKey
from beholder.evidence import Cell, Chart, Evidence, Finding, Series, Table, TextLine, Word
from beholder.settings import Settings
from beholder.types import Image, Job, Where

KEY = EvidenceKey("owner", "digest", (800, 600), (400, 300), ("text",), "1")
CELL = Cell("1,102.00", 0, 1, (1.0, 2.0, 3.5, 4.0), is_header=True)
TABLE = Table((0.0, 0.0, 9.0, 9.0), 1, 2, (CELL,), "ruled", "Größe")
EVIDENCE = Evidence(
    "digest",
    (800, 600),
    (TextLine("Größe 12", (0.0, 1.0, 2.0, 3.0), 0.5, "ocr", (Word("Größe", (0.0, 1.0, 1.0, 3.0), 1.0),)),),
    "Größe\n  12",
    tables=(TABLE,),
    charts=(Chart((0.0, 0.0, 1.0, 1.0), "bar", TABLE, series=(Series("a", (1, 2, 3)),), warnings=("from 5",)),),
    findings=(Finding("contrast", "2.1 : 1", "problem"),),
)


def numbered(number: int) -> EvidenceKey:
    """A key of its own."""
    return replace(KEY, image_digest=str(number))


def on_disk(folder: Path, most: int = 2**20) -> EvidenceCache:
    """A cache that remembers in `folder` alone, at most so many bytes."""
    return EvidenceCache(Settings(evidence_cache_bytes=0, evidence_cache_dir=str(folder), evidence_disk_bytes=most))


def files(folder: Path) -> list[Path]:
    """All files of the cache."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_comes_out_is_what_was_put_in(tmp_path: Path) -> None:
    """Every field, in memory and after a restart; numpy's numbers come back as Python's."""
    for cache in (EvidenceCache(Settings()), on_disk(tmp_path)):
        cache.put(KEY, EVIDENCE)
        assert EVIDENCE == cache.get(KEY)
    assert EVIDENCE == on_disk(tmp_path).get(KEY)
    [line] = EVIDENCE.lines
    half: Any = np.float32(0.5)
    cache.put(KEY, replace(EVIDENCE, lines=(replace(line, confidence=half),)))
    assert EVIDENCE == cache.get(KEY)


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, owner="another"),
        replace(KEY, owner=""),
        replace(KEY, image_digest="another"),
        replace(KEY, original_size=(801, 600)),
        replace(KEY, size=(800, 600)),
        replace(KEY, aspects=("text", "tables")),
        replace(KEY, version="2"),
    ],
)
def test_everything_in_the_key_counts(tmp_path: Path, other: EvidenceKey) -> None:
    """Another owner, picture, size, aspect or version finds nothing, in memory or on disk."""
    for cache in (EvidenceCache(Settings()), on_disk(tmp_path)):
        cache.put(KEY, EVIDENCE)
        assert (None, EVIDENCE) == (cache.get(other), cache.get(KEY))


def test_key_of_a_job() -> None:
    """The owner is the job's; the order of the aspects does not matter."""
    pixels = np.zeros((300, 400, 3), np.uint8)
    image = Image("digest", "PNG", (800, 600), pixels, Where(0, 0, "messages[0].content[0].image_url.url"))
    first, second = (
        EvidenceKey.of(Job((), owner="owner"), image, aspects, "1") for aspects in (("a", "b"), ("b", "a", "b"))
    )
    assert first == second == replace(KEY, aspects=("a", "b"))


def test_it_is_seen_once() -> None:
    """`see` is asked when nothing is kept, and for each owner anew."""
    cache, seen = EvidenceCache(Settings()), []

    def see() -> Evidence:
        seen.append(1)
        return EVIDENCE

    for key in (KEY, KEY, replace(KEY, owner="another"), KEY):
        assert EVIDENCE == cache.get_or_see(key, see)
    assert 2 == len(seen)


def test_memory_is_bounded() -> None:
    """What was asked for least recently is forgotten; what alone is too large, and everything with 0, is not kept."""
    cache = EvidenceCache(Settings(evidence_cache_bytes=20_000))
    page = replace(EVIDENCE, layout="x" * 5_000)
    for number in range(3):
        cache.put(numbered(number), page)
    assert page == cache.get(numbered(0))
    cache.put(numbered(3), page)
    assert [page, None, page, page] == [cache.get(numbered(number)) for number in range(4)]
    cache.put(numbered(4), replace(EVIDENCE, layout="x" * 30_000))
    assert cache.get(numbered(4)) is None
    nothing = EvidenceCache(Settings(evidence_cache_bytes=0))
    nothing.put(KEY, EVIDENCE)
    assert nothing.get(KEY) is None


def test_disk_is_bounded(tmp_path: Path) -> None:
    """The folder never holds more than its bound, leftovers of killed processes included; the oldest goes first."""
    (tmp_path / "ab").mkdir()
    leftover = tmp_path / "ab" / "left.123.partial"
    leftover.write_bytes(bytes(30_000))
    os.utime(leftover, (1, 1))
    cache = on_disk(tmp_path, most=50_000)
    page = replace(EVIDENCE, layout="x" * 5_000)
    for number in range(12):
        cache.put(numbered(number), page)
        assert sum(path.stat().st_size for path in files(tmp_path)) <= 50_000
    assert not leftover.exists()
    assert (None, page) == (cache.get(numbered(0)), cache.get(numbered(11)))
    cache.put(numbered(20), replace(EVIDENCE, layout="x" * 60_000))
    assert cache.get(numbered(20)) is None


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other"])
def test_damaged_file_is_removed(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    """A file that is not what was written is taken for missing, told in the log and removed; then it is kept anew."""
    cache = on_disk(tmp_path)
    cache.put(KEY, EVIDENCE)
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    damaged = {
        "cut": whole[:-10],
        "flipped": whole.replace(b"1,102.00", b"1,103.00"),
        "empty": b"",
        "other": b"\xff\xfe" * 40,
    }
    path.write_bytes(damaged[damage])
    with caplog.at_level(logging.WARNING):
        assert cache.get(KEY) is None
    assert [f"removed {path}: it is not what was written"] == [record.getMessage() for record in caplog.records]
    assert [] == files(tmp_path)
    cache.put(KEY, EVIDENCE)
    assert EVIDENCE == cache.get(KEY)


def test_files_tell_little_and_are_their_owners(tmp_path: Path) -> None:
    """The name is a digest, and nobody else on the machine may read it."""
    cache = on_disk(tmp_path / "kept")
    cache.put(KEY, EVIDENCE)
    (path,) = files(tmp_path)
    assert f"{KEY.name}.json" == path.name
    assert [0o600, 0o700, 0o700] == [each.stat().st_mode & 0o777 for each in (path, path.parent, tmp_path / "kept")]


def test_a_disk_that_fails_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A folder that cannot be made is told once; memory works on."""
    (tmp_path / "file").write_text("in the way")
    cache = EvidenceCache(Settings(evidence_cache_dir=str(tmp_path / "file")))
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            cache.put(numbered(number), EVIDENCE)
            assert EVIDENCE == cache.get(numbered(number))
            assert cache.get(numbered(100)) is None
    assert 1 == len(caplog.records)
    assert "cannot be used" in caplog.text
