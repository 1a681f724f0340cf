"""The wheel: it holds the package and nothing else, and works outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import beholder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout with the locked build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip installed the wheel, without its dependencies."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(folder), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def run_installed(site: Path, folder: Path, *arguments: str) -> str:
    """What Python printed with the wheel's code first on its path, started in a folder outside the checkout."""
    environ = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-P", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True, text=True).stdout.strip()


def test_wheel_holds_the_package_alone(wheel: Path) -> None:
    """Every module and the type marker are inside; tests, examples and scripts are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    metadata = f"beholder-{beholder.__version__}.dist-info"
    assert {"beholder", metadata} == {name.split("/")[0] for name in names}
    sources = (ROOT / "src").rglob("*.py")
    assert {path.relative_to(ROOT / "src").as_posix() for path in sources} == {n for n in names if n.endswith(".py")}
    assert {"beholder/py.typed", f"{metadata}/licenses/LICENSE"} <= names


def test_metadata_names_the_dependencies(wheel: Path) -> None:
    """What pip reads is what pyproject.toml says: name, version, Python, dependencies, command, licence."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        folder = f"beholder-{beholder.__version__}.dist-info"
        metadata = Parser().parsestr(archive.read(f"{folder}/METADATA").decode())
        entry_points = archive.read(f"{folder}/entry_points.txt").decode()
    assert (project["name"], project["version"]) == (metadata["Name"], metadata["Version"])
    assert (project["requires-python"], "Apache-2.0") == (metadata["Requires-Python"], metadata["License-Expression"])
    declared = sorted(str(Requirement(line)) for line in project["dependencies"])
    assert declared == sorted(str(Requirement(line)) for line in metadata.get_all("Requires-Dist", []))
    assert "beholder = beholder.cli:main" in entry_points


def test_installed_wheel_runs(site: Path, tmp_path: Path) -> None:
    """Away from the checkout the command works, and the code that runs is the wheel's."""
    assert str(site / "beholder" / "__init__.py") == run_installed(
        site, tmp_path, "-c", "import beholder; print(beholder.__file__)"
    )
    assert beholder.__version__ in run_installed(site, tmp_path, "-m", "beholder", "--version")


def test_every_installed_module_imports(site: Path, tmp_path: Path) -> None:
    """No module leans on a file that only the checkout has."""
    modules = [
        ".".join(path.relative_to(site).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((site / "beholder").rglob("*.py"))
        if path.name != "__main__.py"
    ]
    code = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\nprint('imported')"
    assert run_installed(site, tmp_path, "-c", code).splitlines()[-1] == "imported"
