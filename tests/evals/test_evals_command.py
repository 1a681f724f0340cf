"""`beholder eval` on drawn sets, against real servers and in process."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from labelled_sets import statements, write_set
from live_server import Serve, serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from beholder.cli import main
from beholder.engines.base import Capabilities
from beholder.engines.echo import EchoEngine
from beholder.types import Event, Finish, Grounding, Job, Started, TextDelta, Usage


def items(folder: Path) -> list[dict[str, Any]]:
    """The answers that were kept."""
    return [json.loads(line) for line in (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()]


def told(capsys: pytest.CaptureFixture[str], *names: str) -> tuple[Any, ...]:
    """Some of the metrics in the JSON that was printed last."""
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    return tuple(summary[name] for name in names)


class GroundingEngine(EchoEngine):
    """Says the same of every picture, with boxes."""

    capabilities = Capabilities(json=True, grounding=True)

    def __init__(self, said: str, boxes: tuple[Grounding, ...]) -> None:
        super().__init__()
        self._events: tuple[Event, ...] = (Started(), TextDelta(said), *boxes, Usage(7, 1), Finish("stop"))

    async def stream(self, job: Job) -> AsyncGenerator[Event, None]:
        """The same events for every job."""
        for event in self._events:
            yield event


def test_a_set_is_measured_in_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table, the place of the answers, and the metrics as the last line; every answer can be read."""
    folder = write_set(tmp_path / "shapes", statements("true", "false", "true", "true"))
    out = tmp_path / "out"
    assert 0 == main(["eval", str(folder), "--engine", "echo", "--out", str(out), "--json"])
    printed = capsys.readouterr().out.splitlines()
    summary = json.loads(printed[-1])
    assert ("shapes", 4, 0.75, "accuracy", 0) == tuple(
        summary[name] for name in ("set", "n", "score", "metric", "errors")
    )
    assert "accuracy   0.7500" in printed
    assert f"Every answer: {out / 'items.jsonl'}" in printed
    assert [1.0, 0.0, 1.0, 1.0] == [item["score"] for item in items(out)]
    first = items(out)[0]
    assert ("s0", "Say true.", "true", "You said: Say true.; images: 400x300") == tuple(
        first[name] for name in ("id", "prompt", "expected", "answer")
    )
    assert summary == json.loads((out / "summary.json").read_text(encoding="utf-8"))


def test_a_server_is_measured(
    tmp_path: Path, serve: Serve, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first model is taken where none is named; a set is found by its name; answers go to a folder of their own."""
    write_set(tmp_path / "sets" / "shapes", statements("true", "true", "false"))
    monkeypatch.chdir(tmp_path)
    endpoint = ["--endpoint", f"{serve(EchoEngine())}/v1", "--data", "sets", "--concurrency", "2"]
    assert 0 == main(["eval", "shapes", *endpoint, "--limit", "2", "--json"])
    assert (2, 1.0) == told(capsys, "n", "score")
    [folder] = (tmp_path / "eval-results" / "shapes").iterdir()
    assert 2 == len(items(folder))


def test_an_interrupted_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was answered is kept as it is, half a line is asked again; without --resume all is asked anew."""
    folder = write_set(tmp_path / "shapes", statements("true", "false", "true"))
    out = tmp_path / "out"
    command = ["eval", str(folder), "--engine", "echo", "--out", str(out), "--json"]
    assert 0 == main([*command, "--limit", "2"])
    marked = [item | {"seconds": 99.0} for item in items(out)]
    text = "".join(json.dumps(item) + "\n" for item in marked) + '{"id": "s2", "answer": "You'
    (out / "items.jsonl").write_text(text, encoding="utf-8")
    assert 0 == main([*command, "--resume"])
    assert [True, True, False] == [item["seconds"] == 99.0 for item in items(out)]
    assert (3, 0.6667) == told(capsys, "n", "score")
    assert 0 == main(command)
    assert [False] * 3 == [item["seconds"] == 99.0 for item in items(out)]
    assert (out / "items.before.jsonl").exists()


def test_failed_answers_are_told_and_asked_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A picture that cannot be read is an error of its item, which scores nothing; the next run asks for it again."""
    folder = write_set(tmp_path / "shapes", statements("true", "true"))
    (folder / "images" / "a.png").rename(folder / "a.png")
    command = ["eval", str(folder), "--engine", "echo", "--out", str(tmp_path / "out"), "--resume", "--json"]
    assert 0 == main(command)
    assert (2, 0.0) == told(capsys, "errors", "score")
    (folder / "a.png").rename(folder / "images" / "a.png")
    assert 0 == main(command)
    assert (0, 1.0) == told(capsys, "errors", "score")


def test_boxes_are_read_again(tmp_path: Path, serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """A box counts when what it claims stands in the picture there, whatever the server says."""
    said = {"company": "North Star Cafe", "date": "", "address": "", "total": "47.30"}
    boxes = (
        Grounding("/company", "NORTH STAR CAFE", 0, (35, 25, 330, 70), 0.9, "ocr", "normalised"),
        Grounding("/total", "47.30", 0, (35, 25, 330, 70), 0.9, "ocr"),
    )
    truth = {"company": "NORTH STAR CAFE", "date": "01/01/2020", "address": "A STREET", "total": "47.3"}
    row = {"id": "r", "task": "receipt_kie", "prompt": "Extract.", "expected": truth}
    folder = write_set(tmp_path / "receipts", [row])
    endpoint = ["--endpoint", f"{serve(GroundingEngine(json.dumps(said), boxes))}/v1", "--out", str(tmp_path / "out")]
    assert 0 == main(["eval", str(folder), *endpoint, "--json"])
    assert (0.5, 0.5, 1.0) == told(capsys, "score", "grounding", "values_grounded")
    assert ["NORTH STAR CAFE"] * 2 == [box["read"] for box in items(tmp_path / "out")[0]["grounding"]]


async def _strict(request: Request) -> JSONResponse:
    """An endpoint that refuses fields it does not know, JSON Schema among them."""
    body = await request.json()
    unknown = set(body) - {"model", "messages", "temperature", "max_tokens"}
    if unknown:
        return JSONResponse({"error": {"message": f"unknown fields: {sorted(unknown)}"}}, 400)
    message = {"role": "assistant", "content": '{"company": "X", "date": "", "address": "", "total": "2"}'}
    return JSONResponse({"choices": [{"message": message, "finish_reason": "stop"}]})


def test_an_endpoint_need_not_know_every_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it refuses is left out: Beholder's fields first, then the schema."""
    truth = {"company": "X", "date": "1/1/2020", "address": "A", "total": "2"}
    row = {"id": "r", "task": "receipt_kie", "prompt": "Extract.", "expected": truth}
    folder = write_set(tmp_path / "receipts", [row, row | {"id": "s"}])
    app = Starlette(routes=[Route("/v1/chat/completions", _strict, methods=["POST"])])
    with serving(app) as url:
        arguments = ["--endpoint", f"{url}/v1", "--model", "m", "--out", str(tmp_path / "out"), "--json"]
        assert 0 == main(["eval", str(folder), *arguments])
    assert (0.5, 0) == told(capsys, "score", "errors")


async def _moderate(request: Request) -> JSONResponse:
    """A moderation endpoint that is surer of larger files."""
    body = await request.json()
    score = min(1.0, len(body["input"][0]["image_url"]["url"]) / 10_000)
    result = {"categories": {"weapons": score > 0.5}, "category_scores": {"weapons": score, "violence": None}}
    return JSONResponse({"results": [result]})


async def _judge(request: Request) -> JSONResponse:
    """A moderation endpoint as ours: policies are scored beside the categories, surer of larger files."""
    body = await request.json()
    score = min(1.0, len(body["input"][0]["image_url"]["url"]) / 10_000)
    ours = [
        {"image": 0, "name": name, "score": each, "flagged": False}
        for name, each in (("blades", 1), ("firearms", score))
    ]
    result = {"categories": {}, "category_scores": {"violence": 0.0}, "x_beholder": {"scores": ours}}
    return JSONResponse({"results": [result]})


@pytest.mark.parametrize("judge", [_moderate, _judge], ids=["category", "policy"])
def test_moderation_asks_the_endpoint_made_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], judge: Callable[[Request], Awaitable[JSONResponse]]
) -> None:
    """Where `/v1/moderations` judges the policy, as a category or beside them, its score is the answer."""
    row = {"task": "moderation", "prompt": "Policy: flag a firearm.", "id": "a", "expected": {"flagged": False}}
    folder = write_set(tmp_path / "guns", [row, row | {"id": "b", "expected": {"flagged": True}}])
    app = Starlette(routes=[Route("/v1/moderations", judge, methods=["POST"])])
    with serving(app) as url:
        arguments = ["--endpoint", f"{url}/v1", "--model", "m", "--out", str(tmp_path / "out"), "--json"]
        assert 0 == main(["eval", str(folder), *arguments])
    assert (0.5, 0) == told(capsys, "auroc", "errors")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-folder"], "a set is a folder with labels.jsonl"),
        (["SET", "--endpoint", "http://127.0.0.1:9/v1"], "cannot reach http://127.0.0.1:9/v1/"),
        (["SET", "--engine", "echo", "--out", "SET/labels.jsonl"], "choose another folder with --out"),
        (["SET", "--engine", "echo", "--resume", "--out", "OTHER"], "is of another run"),
        (["UNKNOWN", "--engine", "echo"], "has no row of a known task"),
        (["BROKEN", "--engine", "echo"], "labels.jsonl, line 2 is not JSON"),
    ],
)
def test_faults_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    """What is wrong is told in a line on standard error, with what to do."""
    folders = {
        "SET": write_set(tmp_path / "set", statements("true")),
        "UNKNOWN": write_set(tmp_path / "unknown", [{"id": "a", "task": "other", "prompt": "p", "expected": 1}]),
        "BROKEN": write_set(tmp_path / "broken", statements("true")),
        "OTHER": tmp_path / "other",
    }
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "run.json").write_text("{}", encoding="utf-8")
    with (folders["BROKEN"] / "labels.jsonl").open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    for name, path in folders.items():
        arguments = [argument.replace(name, str(path)) for argument in arguments]
    assert 1 == main(["eval", *arguments])
    assert words in next(line for line in capsys.readouterr().err.splitlines() if line.startswith("beholder: "))


@pytest.mark.weights
def test_the_naive_baseline_reads_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page's text and the text model alone find a receipt's shop."""
    truth = {"company": "NORTH STAR CAFE", "date": "01/01/2020", "address": "A STREET", "total": "47.30"}
    prompt = 'Give company, date, address and total of this receipt as JSON strings; "" for what is not there.'
    folder = write_set(tmp_path / "receipts", [{"id": "r", "task": "receipt_kie", "prompt": prompt, "expected": truth}])
    assert 0 == main(["eval", str(folder), "--engine", "naive", "--out", str(tmp_path / "out"), "--json"])
    assert (1.0,) == told(capsys, "company")
