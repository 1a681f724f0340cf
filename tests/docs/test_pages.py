"""The pages: what they show works, what they link to is there."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from live_server import Serve, ServerProcess
from PIL import Image

from beholder.engines import ENGINES, create
from beholder.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)(?:#[^)]*)?\)|src=\"([^\"]+)\"")
SOURCE_PATH = re.compile(r"`((?:src/beholder|tests|examples|scripts)/[\w./-]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link, picture and path of the source names something that is there."""
    text = page.read_text(encoding="utf-8")
    links = [page.parent / (first or second) for first, second in LINK.findall(text)]
    paths = [ROOT / path for path in SOURCE_PATH.findall(text)]
    assert [] == [str(path) for path in [*links, *paths] if not path.exists()]


def test_the_architecture_names_real_files() -> None:
    """Each file that the life of a request goes through is one of ours."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)*\w+\.py)`", text))
    ours = {path.as_posix() for path in (ROOT / "src" / "beholder").rglob("*.py")}
    assert set() == {name for name in named if not any(path.endswith(f"/{name}") for path in ours)} - {
        "tests/test_layers.py"
    }


def test_the_first_screen_is_one_screen() -> None:
    """The README says in 30 lines what it is, and in 200 everything that it has to say."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    first_section = next(number for number, line in enumerate(lines) if line.startswith("## "))
    assert first_section <= 30
    assert len(lines) <= 200


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda page: page.stem)
def test_decisions_have_their_form(page: Path) -> None:
    """A date in the name, the four parts, and one screen."""
    text = page.read_text(encoding="utf-8")
    assert f"\nDate: {page.name[:10]}\n" in text
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert ["Context", "Options", "Outcome", "Consequences"] == headings
    assert len(text.splitlines()) <= 60


@pytest.fixture
def own_engine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The engine that docs/write-an-engine.md shows, registered as the page does it."""
    text = (ROOT / "docs" / "write-an-engine.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.setitem(ENGINES, "sizes", ENGINES["echo"])
    exec(compile(code, "sizes.py", "exec"), {"__name__": "sizes"})
    return create(Settings(engine="sizes"))


def test_the_engine_of_the_tutorial_serves(own_engine: Any, serve: Serve) -> None:
    """It answers over HTTP as it stands on the page."""
    url = serve(own_engine)
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    picture = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    body = {
        "model": "ruler",
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture}}]}],
    }
    answer = httpx2.post(f"{url}/v1/chat/completions", json=body, trust_env=False, verify=False).json()
    assert "40 x 30 pixels\n" == answer["choices"][0]["message"]["content"]


@pytest.mark.weights
def test_the_first_request_has_the_answer_that_is_shown(real_server: ServerProcess) -> None:
    """The README's curl, as it stands, against a real server."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [command] = re.findall(r"```\n(printf .*?)```", text, re.DOTALL)
    [shown] = re.findall(r"```json\n(.*?)\n```", text, re.DOTALL)
    here = command.replace("http://127.0.0.1:8000/v1", real_server.base_url).replace("curl ", "curl --noproxy '*' ")
    done = subprocess.run(["bash", "-c", here], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    answer = json.loads(done.stdout)["choices"][0]["message"]["content"]
    assert json.loads(shown) == json.loads(answer)


@pytest.mark.weights
def test_the_first_program_runs(real_server: ServerProcess) -> None:
    """The README's program for openai-python, as it stands, reads the total."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    here = program.replace("http://127.0.0.1:8000/v1", real_server.base_url)
    environ = {**os.environ, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-c", here], cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE, text=True
    )
    assert "3,142.20" in done.stdout
