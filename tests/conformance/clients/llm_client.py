"""The `llm` command with a picture and with a schema."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from surroundings import BASE_URL, IS_REAL, MODEL, PICTURE, QUESTION, TOTAL, check_answer, needs_model

MODELS = f"""\
- model_id: beholder
  model_name: {MODEL}
  api_base: {BASE_URL}
  vision: true
  supports_schema: true
  supports_tools: true
"""


@pytest.fixture
def llm(tmp_path: Path):
    """Runs `llm` with the model configured."""
    (tmp_path / "extra-openai-models.yaml").write_text(MODELS)
    environment = {**os.environ, "LLM_USER_PATH": str(tmp_path)}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "llm", "-m", "beholder", "-o", "temperature", "0", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize("flags", [(), ("--no-stream",)], ids=["stream", "whole"])
def test_attachment(llm, flags: tuple[str, ...]) -> None:
    """A picture given with -a is read."""
    check_answer(llm(QUESTION, "-a", str(PICTURE), *flags))


def test_schema(llm) -> None:
    """--schema answers with JSON that fits."""
    answer = json.loads(llm("Read the receipt.", "-a", str(PICTURE), "--schema", "total float"))
    assert set(answer) == {"total"}
    if IS_REAL:
        assert answer["total"] == TOTAL


@needs_model
def test_tool(llm) -> None:
    """A Python function is called as a tool, and its result is used."""
    function = "def weather(city: str) -> str:\n    'The weather in a city'\n    return 'Snow, -3 degrees'"
    assert "now" in llm("What is the weather in Paris? Use the tool.", "--functions", function)
