"""The rivals' own Python environment: pinned, made on demand, and nothing of it in ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from beholder.errors import SettingsError
from beholder.progress import Progress, step

PACKAGES: Final = {
    "xllamacpp": "xllamacpp==2026.10.11549",
    "openvino_genai": "openvino-genai==2026.4.1.0",
    "onnxruntime": "onnxruntime==1.32.0",
    "rapidocr": "rapidocr==3.10.0",
    "litellm": "litellm[proxy]==1.106.2",
}
"""What a rival imports, and what to install for it."""

LOOK: Final = (
    "import importlib.util as u, json, sys; print(json.dumps([m for m in sys.argv[1:] if u.find_spec(m) is None]))"
)


@dataclass(frozen=True, slots=True)
class RivalsEnvironment:
    """A virtual environment in `folder`, which also keeps the rivals' converted weights and logs."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter, whether it is there or not."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def advice(self) -> str:
        """The command that makes it."""
        return f"run: beholder bench rivals --rivals-env {self.folder}"

    def missing(self, modules: tuple[str, ...]) -> list[str]:
        """Those of `modules` that cannot be imported there; all of them if there is no environment."""
        if not self.python.exists():
            return list(modules)
        done = subprocess.run([self.python, "-I", "-c", LOOK, *modules], capture_output=True, text=True, check=False)
        missing: list[str] = json.loads(done.stdout) if done.returncode == 0 else list(modules)
        return missing

    def install(self, progress: Progress) -> None:
        """Make the environment and install every rival. Raises `SettingsError` with pip's own last words."""
        with step(progress, f"Installing {', '.join(PACKAGES.values())}", None):
            if not self.python.exists():
                _run([sys.executable, "-m", "venv", str(self.folder)])
            _run([str(self.python), "-m", "pip", "install", "--quiet", *PACKAGES.values()])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SettingsError(f"{' '.join(command[:4])} failed:\n{done.stderr[-2000:]}")
