"""From a GGUF file to the folder that the model is loaded from, made once and kept in the cache.

    <cache>/models/<digest>-<layout version>/
        model.xml, model.bin    the OpenVINO graph
        tokenizer.json          the tokenizer
        model.json              name, context length, end of turn, vocabulary size, and the digests of the others
        model.verified          what the others looked like when their digests were checked last (weights/stamp.py)

The folder appears whole by one rename; a killed conversion leaves only a `.partial` folder, which the next one removes.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import openvino as ov
from blake3 import blake3
from filelock import FileLock

from beholder.errors import WeightsError
from beholder.language.checkpoint import Checkpoint
from beholder.language.graph import Qwen2Graph
from beholder.language.quantize import Layout
from beholder.language.tokenizer import TextTokenizer
from beholder.progress import Progress, step
from beholder.weights.stamp import Stamp, look

VERSION: Final = 2
"""Raised whenever the graph or the layout changes, so that an older conversion is not used."""

WIDE: Final = Layout(bits=8, group=128)
NARROW: Final = Layout(bits=4, group=64)
"""Matrices that the file keeps at six bits or more get eight, the others four; docs/decisions/ has the losses."""

WIDE_FROM_BITS: Final = 6.0

FILES: Final = ("model.xml", "model.bin", "tokenizer.json")


class Description(msgspec.Struct, frozen=True):
    """What `model.json` says."""

    name: str
    context: int
    end_of_turn: int
    vocabulary: int
    digests: dict[str, str]
    """BLAKE3 of each of `FILES`."""


@dataclass(frozen=True, slots=True)
class ConvertedModel:
    """A folder ready to load."""

    folder: Path
    description: Description

    @property
    def origin(self) -> str:
        """The first 16 digits of the SHA-256 of the file that it was made of."""
        return self.folder.name.partition("-")[0]

    @property
    def graph(self) -> Path:
        """The OpenVINO model."""
        return self.folder / "model.xml"

    def tokenizer(self) -> TextTokenizer:
        """The model's tokenizer."""
        text = (self.folder / "tokenizer.json").read_text(encoding="utf-8")
        return TextTokenizer(text, self.description.end_of_turn, self.description.vocabulary)


def convert(weights: Path, digest: str, models: Path, progress: Progress) -> ConvertedModel:
    """The converted form of the GGUF file at `weights`, whose SHA-256 is `digest`, below the folder `models`.

    Raises `WeightsError` when the file is no Qwen2 GGUF, or the folder cannot be written.
    """
    target = models / f"{digest[:16]}-v{VERSION}"
    if (ready := _load(target)) is not None:
        return ready
    try:
        models.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if (ready := _load(target)) is not None:
                return ready
            _write(weights, target, progress)
    except OSError as error:
        raise WeightsError(
            f"the converted model cannot be written below {models}: {error}. "
            "Set BEHOLDER_CACHE_DIR to a folder that can be written and has 3 GB of room"
        ) from error
    ready = _load(target)
    if ready is None:
        raise WeightsError(f"the converted model in {target} is damaged; delete the folder and start again")
    return ready


def _load(folder: Path) -> ConvertedModel | None:
    """The folder's model if it is whole: its files have the digests that were written down last."""
    try:
        description = msgspec.json.decode((folder / "model.json").read_bytes(), type=Description)
        if not _is_whole(folder, description):
            return None
    except (OSError, msgspec.DecodeError):
        return None
    return ConvertedModel(folder, description)


def _is_whole(folder: Path, description: Description) -> bool:
    """Whether the files have their digests. They are read only if they look different from when they were read last."""
    stamp = Stamp(folder / "model.verified")
    seen = {name: {"blake3": description.digests.get(name), **look(folder / name)} for name in FILES}
    if stamp.holds(seen):
        return True
    if _digests(folder) != description.digests:
        return False
    stamp.write(seen)
    return True


def _write(weights: Path, target: Path, progress: Progress) -> None:
    for stale in target.parent.glob(f"{target.name}*.partial"):
        shutil.rmtree(stale, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    partial.mkdir()
    try:
        with step(progress, "Reading the model", None):
            checkpoint = Checkpoint(weights)
            tokenizer = TextTokenizer.from_checkpoint(checkpoint)
        with step(progress, "Converting the model for this CPU (once)", checkpoint.weight_bytes):
            builder = Qwen2Graph(checkpoint, lambda name: _layout(checkpoint, name), progress.advance)
            graph = builder.build()
        with step(progress, "Saving the converted model", None):
            ov.serialize(graph, partial / "model.xml")
            (partial / "tokenizer.json").write_text(tokenizer.to_json(), encoding="utf-8")
            description = Description(
                name=weights.stem,
                context=int(checkpoint.parameter("context_length")),
                end_of_turn=tokenizer.end_of_turn,
                vocabulary=tokenizer.vocabulary_size,
                digests=_digests(partial),
            )
            (partial / "model.json").write_bytes(msgspec.json.encode(description))
            partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _layout(checkpoint: Checkpoint, name: str) -> Layout:
    return WIDE if checkpoint.bits_per_weight(name) >= WIDE_FROM_BITS else NARROW


def _digests(folder: Path) -> dict[str, str]:
    return {name: _digest(folder / name) for name in FILES}


def _digest(path: Path) -> str:
    hasher = blake3(max_threads=blake3.AUTO)
    hasher.update_mmap(path)
    return hasher.hexdigest()
