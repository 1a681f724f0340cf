"""The check of a set of hostile files: what it calls right, what it calls wrong, and that it runs on a set unknown."""

from __future__ import annotations

import importlib
import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "robustness.py"
PARAM = "messages[0].content[0].image_url.url"


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The script's modules."""
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    names = ("manifest", "verdict", "server")
    return SimpleNamespace(**{name: importlib.import_module(f"robustness_{name}") for name in names})


def picture(format: str, size: tuple[int, int] = (30, 20), **options: Any) -> bytes:
    """A picture with something in it."""
    buffer = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(buffer, format, **options)
    return buffer.getvalue()


def frames() -> bytes:
    """A GIF of two different frames."""
    other = Image.linear_gradient("L").resize((30, 20)).convert("RGB")
    return picture("GIF", save_all=True, append_images=[other])


FILES: dict[str, tuple[bytes, dict[str, Any]]] = {
    "plain.png": (picture("PNG"), {"expected": "accept", "w": 30, "h": 20, "doubt": False}),
    "turned.jpg": (
        picture("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"),
        {"expected": "accept", "w": 20, "h": 30},
    ),
    "long.png": (picture("PNG", (9000, 3)), {"expected": "accept", "w": 9000, "h": 3}),
    "sizeless.webp": (picture("WEBP"), {"expected": "accept"}),
    "two frames.gif": (frames(), {"expected": "accept", "w": 30, "h": 20, "frames": 2}),
    "foreign.bmp": (picture("BMP"), {"expected": "accept", "w": 30, "h": 20, "optional_format": True}),
    "cut.png": (picture("PNG")[:-20], {"expected": "reject", "reason": "truncated"}),
    "empty": (b"", {"expected": "reject"}),
    "odd.png": (picture("PNG"), {"expected": "reject", "doubt": True, "frames": None}),
}


def write_set(folder: Path, **changes: dict[str, Any]) -> Path:
    """A set with these files, the truth of some changed; an unknown field in each row."""
    (folder / "files").mkdir(parents=True)
    rows = []
    for name, (data, truth) in FILES.items():
        (folder / "files" / name).write_bytes(data)
        rows.append({"file": f"files/{name}", "origin": "drawn", **truth, **changes.get(name.split(".")[0], {})})
    (folder / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def run(*arguments: str) -> tuple[int, list[str], str]:
    """Exit status, lines of standard output, standard error."""
    ended = subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout.splitlines(), ended.stderr


def test_a_right_set_passes(tmp_path: Path) -> None:
    """Every file goes through a real server; a doubtful row that is wrong is told and does not count."""
    status, lines, progress = run("--data", str(write_set(tmp_path)))
    assert (0, True) == (status, lines[-1].startswith("robustness: PASSED; right both ways: "))
    assert "core 7/7, optional 1/1, doubt 0/1; 5xx 0, hang 0, cut 0, death 0, dead worker 0" in lines[-1]
    assert "100 %" in progress
    assert {f"files/{name}" for name in FILES} == {line.split("│")[2].strip() for line in lines if "│ files/" in line}
    assert "doubt: files/odd.png as data URI: accepted, expected a refusal" in lines


def test_wrong_rows_fail(tmp_path: Path) -> None:
    """Rows whose truth is another one fail the check, and each says how."""
    changes: dict[str, dict[str, Any]] = {
        "plain": {"w": 31},
        "sizeless": {"expected": "reject"},
        "cut": {"expected": "accept", "w": 30, "h": 20},
        "foreign": {"optional_format": False},
        "two frames": {"frames": 1},
    }
    status, lines, _ = run("--data", str(write_set(tmp_path, **changes)))
    assert (1, True) == (status, lines[-1].startswith("robustness: FAILED; "))
    assert "core 3/8, optional 0/0, doubt 0/1" in lines[-1]
    wrong = "\n".join(line for line in lines if line.startswith("WRONG: ") and " as URL: " in line)
    for name, told in (
        ("plain.png", "size 30x20, expected 31x20"),
        ("sizeless.webp", "accepted, expected a refusal"),
        ("cut.png", "refused, expected acceptance: image_parse_error"),
        ("foreign.bmp", "refused, expected acceptance: unsupported_image_media_type"),
        ("two frames.gif", "refused, expected acceptance: unsupported_image_media_type"),
    ):
        assert f"WRONG: files/{name} as URL: {told}" in wrong


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 1: expected a JSON object"),
        ("[]", "line 1: expected a JSON object"),
        ('{"expected": "accept"}', "'file' must be a string, got None"),
        ('{"file": "a.png"}', "'expected' must be a string, got None"),
        ('{"file": "a.png", "expected": "maybe"}', "'accept' or 'reject', got 'maybe'"),
        ('{"file": "b.png", "expected": "accept"}', "there is no file 'b.png'"),
        ('{"file": "../b.png", "expected": "accept"}', "outside the set's folder"),
        ('{"file": "a.png", "expected": "accept", "w": 3}', "'w' and 'h' go together"),
        ('{"file": "a.png", "expected": "accept", "w": "3", "h": 3}', "'w' must be a whole number"),
        ('{"file": "a.png", "expected": "accept", "doubt": "no"}', "'doubt' must be true or false, got 'no'"),
        ('{"file": "a.png", "expected": "accept"}\n{"file": "a.png", "expected": "reject"}', "more than once: a.png"),
        ("", "has no rows"),
    ],
)
def test_a_bad_manifest_is_told(check: SimpleNamespace, tmp_path: Path, line: str, words: str) -> None:
    """A manifest that cannot be trusted is refused, and which line of it is bad."""
    (tmp_path / "a.png").touch()
    (tmp_path / "manifest.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(check.manifest.ManifestError) as caught:
        check.manifest.read(tmp_path)
    assert words in str(caught.value)


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    """A folder without a manifest stops the check before a server is started: status 2, and the way out."""
    status, lines, told = run("--data", str(tmp_path))
    assert (2, []) == (status, lines)
    assert "name the set's folder with --data" in told


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ({"status": 500, "fault": "5xx", "message": "boom"}, "500 boom"),
        ({"status": 503, "fault": "5xx", "message": "busy"}, "503 busy"),
        ({"status": 0, "fault": "hang"}, "hang"),
        ({"status": 0, "fault": "death"}, "death"),
        ({"status": 404, "code": "model_not_found"}, "not a refusal of the image"),
        ({"status": 400, "code": "failed_to_download_image", "param": PARAM}, "not a refusal of the image"),
        ({"status": 400, "code": "image_parse_error", "param": "messages"}, "not a refusal of the image"),
    ],
)
def test_only_a_refusal_of_the_image_is_a_refusal(check: SimpleNamespace, reply: dict[str, Any], words: str) -> None:
    """A file that is to be refused is not right by any other failure."""
    row = check.manifest.Row("a.png", Path("a.png"), is_accepted=False)
    verdict = check.verdict.judge(row, check.verdict.Reply(**reply))
    assert not verdict.is_right
    assert words in verdict.remark


@pytest.mark.parametrize(
    ("original", "delivered", "is_right"),
    [
        ((9000, 3), (8192, 3), True),
        ((9000, 4500), (8192, 4096), True),
        ((9000, 4500), (9000, 4500), False),
        ((9000, 4500), (4096, 8192), False),
        ((300, 200), (299, 200), False),
        ((300, 200), (300, 200), True),
    ],
)
def test_only_the_documented_downscale_is_right(
    check: SimpleNamespace, original: tuple[int, int], delivered: tuple[int, int], is_right: bool
) -> None:
    """A picture is delivered at its size, or with its longest edge brought to 8,192 pixels."""
    row = check.manifest.Row("a.png", Path("a.png"), is_accepted=True, size=original)
    reply = check.verdict.Reply(200, original_size=original, size=delivered)
    assert is_right == check.verdict.judge(row, reply).is_right


def test_a_dead_server_is_noticed(check: SimpleNamespace) -> None:
    """The server is watched from outside: its process, and the memory it takes."""
    with check.server.WatchedServer("echo") as server:
        assert server.is_alive
        assert server.memory() > 10_000_000
        assert not server.ends_within(0.1)
        server.stop()
        assert server.ends_within(0.1)
        assert not server.is_alive


def test_a_server_that_does_not_start_is_told(check: SimpleNamespace) -> None:
    """The server's own words come through."""
    with pytest.raises(SystemExit, match="no-such-engine"), check.server.WatchedServer("no-such-engine"):
        pass
