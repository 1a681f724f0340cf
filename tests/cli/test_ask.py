"""`beholder ask` with the echo engine: the same way as the server's, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from beholder.cli import main


@pytest.fixture
def picture(tmp_path: Path) -> str:
    """The path of a PNG, 40 wide and 30 high."""
    path = tmp_path / "a picture.png"
    Image.new("RGB", (40, 30), "red").save(path)
    return str(path)


def ask(*arguments: str) -> int:
    """The exit status of `beholder ask` with the echo engine."""
    return main(["ask", "--engine", "echo", *arguments])


def test_the_answer_stands_alone(picture: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is the answer and a newline, nothing else; the last argument is the question."""
    assert 0 == ask(picture, picture, "what is it?")
    assert ("You said: what is it?; images: 40x30, 40x30\n", "") == capsys.readouterr()


def test_a_streamed_answer_is_the_same(picture: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--stream` prints the same text, piece by piece."""
    assert 0 == ask(picture, "what is it?", "--stream")
    assert "You said: what is it?; images: 40x30\n" == capsys.readouterr().out


def test_json_can_be_asked_for(picture: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` gives an object, `--schema` what its file asks for."""
    assert 0 == ask(picture, "q", "--json")
    assert {"echo": "q"} == json.loads(capsys.readouterr().out)
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}')
    assert 0 == ask(picture, "q", "--schema", str(schema))
    assert {"n": 0} == json.loads(capsys.readouterr().out)


def test_tokens_can_be_limited(picture: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--max-tokens` cuts the answer."""
    assert 0 == ask(picture, "a b c", "--max-tokens", "3")
    assert "You said: a\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no/such.png", "q"], "message 1, part 1"),
        (["PICTURE", "q", "--schema", "no/such.json"], "cannot read the schema no/such.json"),
        (["PICTURE", "q", "--schema", "PICTURE"], "is not JSON"),
        (["PICTURE", "q", "--temperature", "3"], "temperature: expected"),
        (["PICTURE", "q", "--max-tokens", "0"], "max_tokens: expected"),
        (["PICTURE", "q", "--max-image-bytes", "10"], "message 1, part 1"),
        (["PICTURE", "q", "--threads", "-1"], "threads must be at least 0"),
        (["PICTURE", "q", "--context-tokens", "many"], "context_tokens must be int, got 'many'"),
    ],
)
def test_faults_are_one_line(
    picture: str, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    """What goes wrong is one line on standard error, and the exit status is 1."""
    assert 1 == ask(*(picture if argument == "PICTURE" else argument for argument in arguments))
    out, error = capsys.readouterr()
    assert "" == out
    assert error.startswith("beholder: ")
    assert words in error
    assert 1 == error.count("\n")


@pytest.mark.parametrize("arguments", [[], ["only one"], ["a.png", "q", "--json", "--schema", "x"], ["a", "q", "--no"]])
def test_wrong_usage_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """The exit status is 2 and the usage is shown."""
    with pytest.raises(SystemExit) as caught:
        ask(*arguments)
    assert 2 == caught.value.code
    assert "usage: beholder" in capsys.readouterr().err
