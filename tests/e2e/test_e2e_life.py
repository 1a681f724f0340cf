"""The life of the real server, and of questions on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from live_server import ServerProcess, status_of
from pages import FIELDS, HARBOUR, MILL, QUESTION, ask, client, encoded, said, schema_format, text_part
from PIL import Image, ImageChops

pytestmark = pytest.mark.weights

ENDLESS = schema_format({"type": "array", "items": {"type": "string", "minLength": 12}, "minItems": 800})
"""An answer that takes minutes whatever the model thinks of it."""

SHORT_SECONDS = 20
"""Far more than a short answer takes, far less than the endless one."""


@pytest.fixture
def sdk(real_server: ServerProcess) -> Iterator[openai.OpenAI]:
    """The official client of the shared server."""
    with client(real_server.base_url) as made:
        yield made


def assert_free(sdk: openai.OpenAI) -> None:
    """A short question is answered soon: nothing else occupies the model."""
    began = time.monotonic()
    assert said(ask(sdk, text_part("Say hello."), max_tokens=8))
    assert time.monotonic() - began < SHORT_SECONDS


def test_it_is_alive_before_it_is_ready(real_server: ServerProcess) -> None:
    """/healthz answers while the model still loads, when /readyz says 503; later both say 200."""
    assert (200, 503) == real_server.first_answers
    assert 200 == status_of(f"{real_server.url}/healthz")
    ready = httpx2.get(f"{real_server.url}/readyz", trust_env=False, verify=False)
    expected = {"status": "ready", "engine": "builtin", "model": "qwen2.5-coder-1.5b-instruct-q4_k_m"}
    assert (200, expected) == (ready.status_code, ready.json())


def test_a_streaming_client_that_goes_away_frees_the_model(sdk: openai.OpenAI) -> None:
    """Generation stops, and the next question is answered."""
    stream = ask(sdk, text_part("List many words."), response_format=ENDLESS, stream=True)
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            break
    stream.close()
    assert_free(sdk)


def test_a_waiting_client_that_goes_away_frees_the_model(real_server: ServerProcess, sdk: openai.OpenAI) -> None:
    """Also where no byte of the answer was sent yet."""
    with client(real_server.base_url, timeout=3) as impatient, pytest.raises(openai.APITimeoutError):
        ask(impatient, text_part("List many words."), response_format=ENDLESS)
    assert_free(sdk)


def ask_on_the_command_line(*arguments: str) -> Any:
    """What `beholder ask` printed, which must be JSON on one line."""
    command = [sys.executable, "-m", "beholder", "ask", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    assert 1 == done.stdout.count("\n")
    return json.loads(done.stdout)


def test_a_question_on_the_command_line(tmp_path: Path) -> None:
    """`beholder ask` answers from a file, in JSON, without a server."""
    (tmp_path / "mill.png").write_bytes(encoded(MILL.draw()))
    answer = ask_on_the_command_line(str(tmp_path / "mill.png"), "Extract as JSON: shop, total", "--json")
    assert MILL.shop in json.dumps(answer)
    assert MILL.total in json.dumps(answer)


def test_a_streamed_question_with_a_schema_on_the_command_line(tmp_path: Path) -> None:
    """The schema's file is kept to, the pieces are the whole answer, and `--show` draws where its values stand."""
    (tmp_path / "harbour.jpg").write_bytes(encoded(HARBOUR.draw(), "JPEG", quality=90))
    (tmp_path / "schema.json").write_text(json.dumps(FIELDS), encoding="utf-8")
    answer = ask_on_the_command_line(
        str(tmp_path / "harbour.jpg"),
        QUESTION,
        "--schema",
        str(tmp_path / "schema.json"),
        "--stream",
        "--show",
        str(tmp_path / "places.png"),
    )
    assert HARBOUR.fields == answer
    with Image.open(tmp_path / "places.png") as shown:
        changed = ImageChops.difference(shown.convert("RGB"), HARBOUR.draw()).point(lambda value: 255 * (value > 100))
    assert changed.crop((420, 300, 530, 350)).getbbox()
    assert changed.crop((40, 160, 530, 270)).getbbox() is None
