"""Reading GGUF files: what stands in them, and files that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType
from tiny_qwen import CONTEXT, WIDTH, as_stored, random_tensors, vocabulary, write_gguf

from beholder.errors import WeightsError
from beholder.language.checkpoint import Checkpoint
from beholder.language.tokenizer import TextTokenizer


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model's file, its matrices at 8.5 bits a weight."""
    path = tmp_path_factory.mktemp("checkpoint") / "tiny.gguf"
    write_gguf(path, random_tensors())
    return path


def test_tensors_are_read_as_written(file: Path) -> None:
    """Shapes are rows by columns; the pieces of a matrix, and vectors, are what was stored."""
    stored = as_stored(random_tensors(), GGMLQuantizationType.Q8_0)
    checkpoint = Checkpoint(file)
    name = "blk.1.ffn_down.weight"
    assert (WIDTH, 256) == checkpoint.shape(name)
    pieces = list(checkpoint.pieces("token_embd.weight"))
    assert [0] == [start for start, _ in pieces]
    assert np.allclose(stored["token_embd.weight"], np.concatenate([piece for _, piece in pieces]))
    assert np.allclose(stored["blk.0.attn_q.bias"], checkpoint.vector("blk.0.attn_q.bias"))
    assert 8.5 == checkpoint.bits_per_weight(name)
    assert (True, False) == (name in checkpoint, "blk.9.ffn_down.weight" in checkpoint)


def test_metadata_is_read_by_name(file: Path) -> None:
    """Parameters belong to the architecture; what is missing and has no default is told by its name."""
    checkpoint = Checkpoint(file)
    assert ("qwen2", CONTEXT, 7) == (
        checkpoint.architecture,
        checkpoint.parameter("context_length"),
        checkpoint.parameter("no_such_parameter", 7),
    )
    with pytest.raises(WeightsError, match=r"no metadata 'qwen2\.no_such_parameter'"):
        checkpoint.parameter("no_such_parameter")


@pytest.mark.parametrize("part", [0.0, 1e-5, 0.001, 0.2, 0.5, 0.99])
def test_a_file_cut_anywhere_is_refused(file: Path, tmp_path: Path, part: float) -> None:
    """Half a file is never half a model; the message names it."""
    whole = file.read_bytes()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(WeightsError, match=r"cut\.gguf is not a readable GGUF file"):
        Checkpoint(cut)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """The message names the path."""
    with pytest.raises(WeightsError, match=r"none\.gguf is not a readable GGUF file"):
        Checkpoint(tmp_path / "none.gguf")


def test_another_tokenizer_is_refused(tmp_path: Path) -> None:
    """A model that cuts its text in another way would read nonsense."""
    path = tmp_path / "other.gguf"
    write_gguf(path, random_tensors(), pre_tokenizer="llama-bpe")
    with pytest.raises(WeightsError, match="'llama-bpe' tokenizer"):
        TextTokenizer.from_checkpoint(Checkpoint(path))


def test_the_tokenizer_is_the_files_own(file: Path) -> None:
    """Its vocabulary, its end of a turn, its control tokens."""
    tokenizer = TextTokenizer.from_checkpoint(Checkpoint(file))
    tokens = vocabulary()
    assert len(tokens) == tokenizer.vocabulary_size
    assert tokens.index("<|im_end|>") == tokenizer.end_of_turn
    assert {token: tokens.index(token) for token in ("<|endoftext|>", "<|im_start|>", "<|im_end|>")} == (
        tokenizer.control
    )
