"""`bench answer`: the work, the judging, the figures, and a run against a real server without a model."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from beholder.bench.answer_crowd import in_order
from beholder.bench.answer_drawn import drawn, receipt
from beholder.bench.answer_measure import Measured
from beholder.bench.answer_processes import Others, Peak, resident_bytes
from beholder.bench.answer_reading import agreement
from beholder.bench.answer_retouch import retouched
from beholder.bench.answer_score import is_same, score
from beholder.bench.answer_summary import summarize
from beholder.bench.answer_task import RECEIPT_SCHEMA, Task, labelled, limited
from beholder.cli import main
from beholder.errors import InvalidRequest

EXPECTED = {"company": "Nutmeg & Rye", "date": "03/04/2026", "address": "7 Old Mill Lane, Northby", "total": "1204.50"}


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ("1204.50", "RM 1,204.5"),
        ("1204.50", 1204.5),
        ("03/04/2026", "3 Apr 2026"),
        ("7 Old Mill Lane, Northby", "7 OLD MILL LANE\nNorthby."),
    ],
)
def test_the_same_value_in_another_form_is_right(expected: str, got: object) -> None:
    """Numbers, days and letters are compared for what they say."""
    assert is_same(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"), [("1204.50", "1204.05"), ("03/04/2026", "04/03/2026"), ("Rye", "Wheat"), ("5", ""), ("5", "x")]
)
def test_another_value_is_wrong(expected: str, got: str) -> None:
    """A day is read day first, and nothing is nothing."""
    assert not is_same(expected, got)


def test_an_extraction_is_judged_field_by_field() -> None:
    """The score is the part of the expected fields that is right; what is no JSON has none."""
    task = Task("t", "structured", b"", "", RECEIPT_SCHEMA, EXPECTED)
    assert 1.0 == score(task, json.dumps(EXPECTED))
    assert 0.75 == score(task, json.dumps(EXPECTED | {"total": "10"}))
    assert 0.0 == score(task, '{"company":"Nutm')


def test_rows_too_many_are_as_wrong_as_rows_too_few() -> None:
    """A list is compared item by item, and every item without a counterpart counts as wrong."""
    task = Task("t", "structured", b"", "", {}, {"items": [{"qty": 1}, {"qty": 2}]})
    assert 0.5 == score(task, '{"items":[{"qty":1}]}')
    assert 2 / 3 == score(task, '{"items":[{"qty":1},{"qty":2},{"qty":3}]}')


@pytest.mark.parametrize(
    ("expected", "text", "right"),
    [
        ("200", "209", 1.0),
        ("200", "211", 0.0),
        ("0", "0.0", 1.0),
        ("Saudi Arabia", "saudi arabia.", 1.0),
        ("[A, B]", "B, A", 1.0),
        (["4", "the four"], "Four", 1.0),
        (["4", "four"], "5", 0.0),
    ],
)
def test_a_short_answer_is_judged_by_its_sets_own_rule(expected: object, text: str, right: float) -> None:
    """Charts allow five per cent, screens any of several answers."""
    assert right == score(Task("t", "short", b"", "", None, expected), text)


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_retouched_picture_looks_the_same(form: str) -> None:
    """Another file, the same pixels."""
    file = io.BytesIO()
    Image.effect_noise((40, 30), 60).save(file, form)
    other = retouched(file.getvalue(), "again")
    assert file.getvalue() != other
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(Image.open(io.BytesIO(other))))


def test_the_drawn_work_is_always_the_same() -> None:
    """Two calls draw the same pictures, and each expects what it shows."""
    first, second = drawn(), drawn()
    assert [each.picture for each in first] == [each.picture for each in second]
    assert {"structured", "short", "free"} == {each.kind for each in first}
    assert 8 == sum(each.kind == "structured" for each in first)


def test_labelled_work_takes_each_picture_once(tmp_path: Path) -> None:
    """A second question about a picture that is warm would not be timed fairly."""
    picture = receipt(1, 3).picture
    for name in ("sroie", "chartqa", "screenqa_mini"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(picture)
        (tmp_path / name / "b.png").write_bytes(picture)
        rows = [{"id": f"{name}-{n}", "image": image, "prompt": "?", "expected": {}} for n, image in enumerate("aab")]
        lines = [json.dumps(row | {"image": f"{row['image']}.png"}) for row in rows]
        (tmp_path / name / "labels.jsonl").write_text("\n".join(lines), encoding="utf-8")
    tasks = labelled(tmp_path)
    wanted = ["sroie-0", "sroie-2", "chartqa-0", "chartqa-2", "screenqa_mini-0", "screenqa_mini-2"]
    assert wanted == [task.id for task in tasks]
    assert ["sroie-0", "chartqa-0"] == [task.id for task in limited(tasks, 1)]


def test_a_missing_set_is_told(tmp_path: Path) -> None:
    """The message names the file that is not there."""
    with pytest.raises(InvalidRequest, match=r"sroie/labels\.jsonl"):
        labelled(tmp_path)


def test_ratios_are_paired_and_openvino_is_its_better_self() -> None:
    """Each task's own ratio first, then the median; of OpenVINO's two ways the faster is compared with."""
    one = Measured("beholder", "a", "structured", "", 1.0, 2.0, tokens=40, forced=20, copied=12, passes=5, score=1.0)
    ours = [one, replace(one, task="b", wall=4.0)]
    theirs = [
        replace(each, contestant=name, wall=wall, passes=40, score=0.5)
        for name, walls in (("llamacpp", (20.0, 10.0)), ("openvino", (8.0, 16.0)), ("openvino_lookup", (4.0, 8.0)))
        for each, wall in zip(ours, walls, strict=True)
    ]
    report = summarize([*ours, *theirs])
    assert {"llamacpp": 0.25, "openvino": 0.5} == report["ratios"]
    assert 0.125 == report["passes_per_token"]
    assert {"tokens": 80, "decided": 16, "forced": 40, "copied": 24} == report["tokens"]
    assert (1.0, 0.5) == tuple(report["accuracy"][name]["structured"] for name in ("beholder", "llamacpp"))


def test_what_is_not_told_is_left_out() -> None:
    """A server that tells nothing of its passes has no passes per token."""
    assert summarize([Measured("beholder", "a", "structured", "", 1.0, 2.0)])["passes_per_token"] is None


def test_order_and_agreement() -> None:
    """Pairs in order of arrival; words in common, wherever they stand."""
    assert [1.0, 0.0, 2 / 3] == [in_order(each) for each in ((1, 2, 3), (3, 2, 1), (1, 3, 2))]
    assert 1.0 == agreement(["a b", "c"], ["c", "a b"])
    assert 0.5 == agreement(["a b"], ["a c"])


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's /proc")
def test_memory_is_watched() -> None:
    """A process that exists has some; one that does not has none to tell."""
    with Peak([os.getpid()]) as peak:
        grown = bytearray(40_000_000)
    assert grown is not None
    assert (peak.bytes or 0) >= 40_000_000
    assert resident_bytes([2**22 + 1]) is None


@pytest.mark.skipif(sys.platform != "linux", reason="processor time is read from Linux's /proc")
def test_the_time_of_others_is_told() -> None:
    """What a stranger burns shows."""
    burn = "import time; end = time.process_time() + 1\nwhile time.process_time() < end: pass"
    with Others() as others:
        # The shell ends at once, so that the burner is nobody's child any more.
        subprocess.run(["sh", "-c", '"$0" -c "$1" &', sys.executable, burn], check=True)
        time.sleep(0.8)
    assert (others.share or 0) > 0.05


def test_a_run_reports_every_part(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A real server, the drawn work, no rivals: a line an answer, then one object with all figures."""
    arguments = ["--engine", "echo", "--rivals", "none", "--limit", "2", "--rivals-env", str(tmp_path / "none")]
    assert 0 == main(["bench", "answer", "--json", *arguments])
    *lines, report = map(json.loads, capsys.readouterr().out.splitlines())
    kinds = [line["answer"]["kind"] for line in lines]
    assert ["structured", "structured", "short", "short", "free", "free"] == kinds
    assert all(0 < line["answer"]["first"] <= line["answer"]["wall"] for line in lines)
    assert {} == report["ratios"]
    for name in ("concurrency", "concurrency_free"):
        assert 8 == len(report[name]["wall_seconds"])
        assert 8 == report[name]["same_answers"]
    assert 2 == len(report["second_question"]["pictures"])
    assert report["memory"]["start_seconds"] > 0
    assert ["reading"] == list(report["missing"])


@pytest.mark.parametrize(
    ("text", "words"),
    [('{"answer": {}}\n', "a run that has ended"), ("", "the output of"), ("[", "the output of")],
    ids=["cut short", "empty", "no JSON"],
)
def test_what_is_no_report_is_not_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, words: str
) -> None:
    """One line that says what was expected."""
    (tmp_path / "answer.jsonl").write_text(text)
    assert 1 == main(["bench", "answer", "--show", str(tmp_path / "answer.jsonl")])
    error = capsys.readouterr().err
    assert words in error
    assert 1 == error.count("\n")


def test_rivals_that_are_not_there_are_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Nothing is dropped silently: each is told, with the command that gets it."""
    own = ["--engine", "echo", "--only", "free", "--model", str(tmp_path / "none.gguf")]
    assert 0 == main(["bench", "answer", *own, "--rivals-env", str(tmp_path)])
    said = " ".join(capsys.readouterr().out.split())
    for name in ("llamacpp", "openvino", "naive"):
        assert f"{name}: not measured: " in said
    assert f"beholder bench rivals --rivals-env {tmp_path}" in said.replace(" ", " ")


def test_an_unknown_part_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The message lists what there is."""
    assert 1 == main(["bench", "answer", "--only", "everything"])
    assert "--only takes structured, short, free" in capsys.readouterr().err
