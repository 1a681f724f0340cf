"""Fuzzing in short: some hundreds of mutated files through the loader and through a server, and what fuzzing found."""

from __future__ import annotations

import importlib
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from image_files import png
from image_requests import data_uri, job, loading

from beholder.errors import ImageError
from beholder.progress import Silent
from beholder.settings import Settings

SCRIPTS = Path(__file__).parents[2] / "scripts"
RUN_SEED = 20


@pytest.fixture
def fuzz(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The modules behind scripts/fuzz."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    names = {"run": "fuzz", "seeds": "fuzz_seeds", "mutations": "fuzz_mutations"}
    return SimpleNamespace(**{name: importlib.import_module(module) for name, module in names.items()})


async def test_mutated_images_through_the_loader(fuzz: SimpleNamespace) -> None:
    """However files are damaged they are decoded or refused as the image's fault; enough of them reach a decoder."""
    settings = Settings(max_image_pixels=fuzz.run.MAX_PIXELS)
    findings = await fuzz.run.fuzz_loader(range(1500), RUN_SEED, settings, Silent())
    assert [] == findings.wrong
    assert 1500 == findings.count
    assert findings.outcomes["accepted"] > 75
    assert findings.outcomes["image_parse_error"] > 300


def test_mutated_images_through_a_server(fuzz: SimpleNamespace) -> None:
    """A real server answers each with 200 or 400 and goes on living."""
    findings = fuzz.run.fuzz_server(range(1500, 1700), RUN_SEED, Silent())
    assert [] == findings.wrong
    assert 200 == findings.count


def test_a_mutated_image_can_be_made_again(fuzz: SimpleNamespace) -> None:
    """The run's seed and the image's number are enough, so a finding can be looked at."""
    seeds = fuzz.seeds.draw()
    mutants = [fuzz.run.make(RUN_SEED, 7, seeds) for _ in range(2)]
    assert mutants[0] == mutants[1]
    assert mutants[0].data != fuzz.run.make(RUN_SEED + 1, 7, seeds).data


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WebP"])
def test_files_are_taken_apart_without_loss(fuzz: SimpleNamespace, format: str) -> None:
    """Chunks and segments are found in every seed of a format, and make the file again."""
    for seed in fuzz.seeds.draw():
        if seed.format == format:
            head, pieces = fuzz.mutations.take_apart(format, seed.data)
            assert seed.data == head + b"".join(pieces)
            assert len(pieces) > 1, seed.name


def test_every_mutation_changes_files(fuzz: SimpleNamespace) -> None:
    """None of the mutations is without effect on every format that it is made for."""
    chance, seeds = random.Random(1), fuzz.seeds.draw()
    for mutation in set(fuzz.mutations.MUTATIONS):
        changed = {
            seed.format for seed in seeds for _ in range(4) if mutation(chance, seed, seed.data, seeds) != seed.data
        }
        assert {"PNG", "JPEG", "GIF", "WebP", "foreign"} == changed, mutation.__name__


async def test_unexpected_exceptions_are_findings(fuzz: SimpleNamespace) -> None:
    """What is no refusal of the image is told as wrong, with the image's number."""
    findings = fuzz.run.Findings()

    class Broken:
        async def load(self, _job: Any) -> Any:
            raise ZeroDivisionError("inside")

    mutant = fuzz.run.make(RUN_SEED, 1, fuzz.seeds.draw())
    assert "unexpected exception" == await fuzz.run._load(Broken(), mutant, findings)
    assert ["image 1 "] == [wrong[:8] for wrong in findings.wrong]
    assert "ZeroDivisionError: inside" in findings.wrong[0]


def test_growth_is_a_finding(fuzz: SimpleNamespace) -> None:
    """Memory that goes on growing after the warm-up is wrong, a warm-up alone is not."""
    mebibyte = 1024 * 1024
    warm = fuzz.run.Findings(memory=[60 * mebibyte] * 5 + [300 * mebibyte] * 45)
    warm.check_growth("of it")
    assert [] == warm.wrong
    leaking = fuzz.run.Findings(memory=[count * 3 * mebibyte for count in range(50)])
    leaking.check_growth("of it")
    assert ["memory of it grew by 90 MiB after the warm-up"] == leaking.wrong


async def test_plan_of_a_palette_picture_without_palette() -> None:
    """A PNG of palette indices without a palette is refused by the plan too (found by fuzzing)."""
    data = png((2, 1), 8, 3, [b"\0\1"])
    async with loading() as loader:
        with pytest.raises(ImageError) as caught:
            await loader.plan(job([data_uri(data)]))
    assert "image_parse_error" == caught.value.code
