"""What the demonstration accepts as a right answer, and that it gets one."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = [sys.executable, str(ROOT / "scripts" / "demo.py")]
EXPECTED: list[dict[str, Any]] = json.loads((ROOT / "examples" / "invoice.json").read_text(encoding="utf-8"))[
    "line_items"
]


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    """scripts/demo.py as a module."""
    spec = importlib.util.spec_from_file_location("beholder_demo", ROOT / "scripts" / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_right(demo: ModuleType, answer: Any) -> bool:
    """Whether the demonstration would end with status 0."""
    items = demo.find_items(answer, len(EXPECTED))
    return len(items) == len(EXPECTED) and all(map(demo.is_same, items, EXPECTED))


@pytest.mark.parametrize(
    "answer",
    [
        {"line_items": EXPECTED},
        EXPECTED,
        {"invoice": {"items": EXPECTED}, "notes": []},
        {"items": [{name: str(value) for name, value in item.items()} for item in EXPECTED]},
        {"items": [{**item, "total": f"€{item['total']:,.2f}"} for item in EXPECTED]},
        {"items": [{**item, "tax": None} for item in EXPECTED]},
    ],
    ids=["under a key", "bare list", "nested", "numbers as strings", "currency and commas", "more fields"],
)
def test_right_answers(demo: ModuleType, answer: Any) -> None:
    """The prompt fixes the four fields, not the keys around them nor how a number is written."""
    assert is_right(demo, answer)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"line_items": EXPECTED[:3]},
        {"line_items": EXPECTED[::-1]},
        {"line_items": [{**item, "total": item["unit_price"]} for item in EXPECTED]},
        {"line_items": [{**item, "qty": None} for item in EXPECTED]},
        {"line_items": [{**item, "description": "desk"} for item in EXPECTED]},
        {"line_items": [{name: item[name] for name in ("description", "qty", "total")} for item in EXPECTED]},
    ],
    ids=["empty", "one missing", "other order", "wrong total", "no quantity", "wrong words", "field missing"],
)
def test_wrong_answers(demo: ModuleType, answer: Any) -> None:
    """Anything else than what was drawn fails the demonstration."""
    assert not is_right(demo, answer)


def test_number_is_traced_to_its_own_row(demo: ModuleType) -> None:
    """Where a number stands twice on the page, the one level with the item's description is shown."""
    lines = [
        {"text": "Desk", "box": [10, 100, 60, 120]},
        {"text": "1,102.00", "box": [200, 40, 260, 60]},
        {"text": "1,102.00", "box": [200, 101, 260, 121]},
    ]
    assert lines[2] == demo.source_of(1102.0, lines[0], lines)
    assert demo.source_of(7, lines[0], lines) is None


def test_wrong_answer_fails_the_demonstration() -> None:
    """With an engine that only echoes, the whole way is walked, the last line is JSON, and the status is 1."""
    environ = {**os.environ, "BEHOLDER_ENGINE": "echo"}
    ended = subprocess.run(SCRIPT, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stderr
    assert isinstance(json.loads(ended.stdout.splitlines()[-1]), dict)
    assert "the answer is WRONG" in ended.stderr


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stopping_the_demonstration_stops_the_server(stop: signal.Signals) -> None:
    """Ctrl-C and a polite kill leave no server behind."""
    environ = {**os.environ, "BEHOLDER_ENGINE": "echo"}
    with subprocess.Popen(SCRIPT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        address = next(line.split()[4] for line in lines if line.startswith("Beholder is ready at"))
        process.send_signal(stop)
        process.stderr.read()
    assert process.returncode in {0, 1}
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(address)


def test_server_that_does_not_start_is_told() -> None:
    """The server's own message comes through, and the status is not 0."""
    environ = {**os.environ, "BEHOLDER_ENGINE": "no-such-engine"}
    ended = subprocess.run(SCRIPT, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "no-such-engine" in ended.stderr
    assert "before it was ready" in ended.stderr


@pytest.mark.weights
def test_demonstration_succeeds() -> None:
    """Real server, real weights: status 0, and the last line of standard output is the right answer as JSON."""
    ended = subprocess.run(SCRIPT, stdout=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    answer = json.loads(ended.stdout.splitlines()[-1])
    described = [item["description"] for item in next(iter(answer.values()))]
    assert [item["description"] for item in EXPECTED] == described
    assert "sure" in ended.stdout
