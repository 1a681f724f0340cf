"""The command line as a whole: its start, its settings, its weights."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from beholder import __version__
from beholder.api.exchange import request_id
from beholder.cli import main
from beholder.cli.logs import JsonFormatter, PersonFormatter
from beholder.cli.parser import build_parser, read_settings
from beholder.cli.settings import to_markdown
from beholder.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_version_is_printed_at_once() -> None:
    """`--version` and `--help` import nothing heavy."""
    code = (
        "import sys, beholder.cli\n"
        "try: beholder.cli.main(['--version'])\n"
        "except SystemExit: print([m for m in ('numpy', 'starlette', 'rich', 'msgspec', 'PIL') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"beholder {__version__}\n[]\n" == done.stdout


def test_python_m_is_the_same_program() -> None:
    """`python -m beholder` is the command line, and every command has its help."""
    done = subprocess.run([sys.executable, "-m", "beholder", "--help"], capture_output=True, text=True, check=True)
    for command in ("serve", "ask", "plan", "eval", "weights", "settings", "support"):
        assert command in done.stdout


def test_every_setting_is_a_flag() -> None:
    """`serve` takes every setting; lists may be repeated or have commas; unset flags leave the defaults."""
    flags = ["--api-key", "a,b", "--api-key", "c", "--allow-no-key", "--port", "0", "--fetch-timeout", "2.5"]
    settings = read_settings(build_parser().parse_args(["serve", *flags]))
    assert Settings(api_key=("a", "b", "c"), allow_no_key=True, port=0, fetch_timeout=2.5) == settings
    names = {field.name for field in fields(Settings)}
    assert set() == names - set(vars(build_parser().parse_args(["serve"])))


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting comes from the environment unless a flag says otherwise."""
    monkeypatch.setenv("BEHOLDER_PORT", "1234")
    monkeypatch.setenv("BEHOLDER_ALLOW_NO_KEY", "true")
    settings = read_settings(build_parser().parse_args(["serve", "--no-allow-no-key"]))
    assert (1234, False) == (settings.port, settings.allow_no_key)


def test_the_settings_page_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    """`docs/settings.md` is what `beholder settings` prints."""
    assert 0 == main(["settings"])
    assert to_markdown() == capsys.readouterr().out
    assert to_markdown() == (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_support_page_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    """`docs/support.md` is what `beholder support` prints: fields by the server's tables, keywords as tried."""
    assert 0 == main(["support"])
    assert (ROOT / "docs" / "support.md").read_text(encoding="utf-8") == capsys.readouterr().out


def test_weights_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each pinned file is listed with its state; nothing is assembled for it."""
    assert 0 == main(["weights", "list", "--cache-dir", str(tmp_path)])
    out = capsys.readouterr().out
    assert "in packages" in out
    assert "1,117,320,768 bytes" in out
    assert [] == list(tmp_path.rglob("*.gguf"))


def test_wrong_weights_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no model is named, and the exit status is 1."""
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"nothing")
    assert 1 == main(["weights", "--model", str(wrong), "--cache-dir", str(tmp_path)])
    assert str(wrong) in capsys.readouterr().err


def test_log_lines_suit_their_reader() -> None:
    """A person gets a short line, a program an object; both have the request's id and any traceback."""
    token = request_id.set("req_1")
    try:
        for formatter in (PersonFormatter(), JsonFormatter()):
            stream = io.StringIO()
            logger = logging.Logger("test", logging.INFO)
            logger.addHandler(logging.StreamHandler(stream))
            logger.handlers[0].setFormatter(formatter)
            logger.info("GET / 200", extra={"fields": {"status": 200}})
            try:
                raise ValueError("oh")
            except ValueError:
                logger.exception("it broke")
            text = stream.getvalue()
            assert "req_1" in text
            assert "ValueError: oh" in text
        line = json.loads(text.splitlines()[0])
        assert ("info", "test", "GET / 200", "req_1", 200) == (
            line["level"],
            line["logger"],
            line["message"],
            line["request_id"],
            line["status"],
        )
    finally:
        request_id.reset(token)


def test_a_narrow_terminal_gets_what_it_can_show() -> None:
    """A letter outside the terminal's encoding becomes a question mark; nothing breaks."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "beholder", "ask", "no-é.png", "q", "--engine", "echo"]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (1, b"") == (done.returncode, done.stdout)
    assert b"no-?.png" in done.stderr
