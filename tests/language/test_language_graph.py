"""The text model against the same model computed in plain NumPy: numbers, cache, prefixes, drafts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from gguf import GGMLQuantizationType
from numpy.typing import NDArray
from same_logits import assert_same
from tiny_qwen import CONTEXT, Reference, as_stored, random_tensors, relative_error, tiny_model, write_gguf

from beholder.errors import WeightsError
from beholder.language.cache import CachedSequence
from beholder.language.checkpoint import Checkpoint
from beholder.language.conversion import convert
from beholder.language.graph import Qwen2Graph
from beholder.language.model import MappedGraph, Model, Pass
from beholder.language.quantize import Layout
from beholder.progress import Silent

CLOSE = 0.06
"""Relative error that bfloat16 and quantized activations may cost here; a wrong rotation or mask costs 0.3 and more."""

TOKENS: list[int] = np.random.default_rng(3).integers(0, 256, 600).tolist()


@pytest.fixture(scope="module")
def model() -> Model:
    """The tiny model, compiled as the real one is."""
    return Model(MappedGraph(tiny_model().graph))


@pytest.fixture(scope="module")
def reference() -> Reference:
    """The same in NumPy."""
    return Reference(as_stored(random_tensors(), GGMLQuantizationType.Q8_0))


def begin(model: Model, prompt: Sequence[int]) -> tuple[CachedSequence, NDArray[np.float32]]:
    """A prompt read to its end, whatever of it is cached, and the logits after it, `(1, vocabulary)`."""
    sequence = model.open(tuple(prompt))
    outcome = None
    for end in sequence.ends():
        [outcome] = model.step([Pass(sequence, prompt[sequence.read : end], 1, prompt=end - sequence.read)])
    assert outcome is not None
    return sequence, outcome.logits.copy()


def read(model: Model, prompt: Sequence[int]) -> NDArray[np.float32]:
    """The logits after a prompt that is then over."""
    sequence, logits = begin(model, prompt)
    model.close(sequence)
    return logits


def cached(model: Model, prompt: Sequence[int]) -> int:
    """How many tokens of the prompt are in the cache."""
    sequence = model.open(tuple(prompt))
    model.close(sequence)
    return sequence.read


@pytest.mark.parametrize("has_head", [True, False], ids=["head", "tied"])
def test_the_graph_computes_qwen2(tmp_path: Path, has_head: bool) -> None:
    """In full precision, with the file's own weights, it is the reference to three digits, at every place."""
    tensors = random_tensors(has_head=has_head)
    write_gguf(tmp_path / "tiny.gguf", tensors)
    builder = Qwen2Graph(Checkpoint(tmp_path / "tiny.gguf"), lambda _name: Layout(bits=16), lambda _bytes: None)
    exact = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0, "KV_CACHE_PRECISION": "f32"}
    request = ov.Core().compile_model(builder.build(), "CPU", exact).create_infer_request()
    count = 100
    inputs = {
        "input_ids": np.array([TOKENS[:count]]),
        "position_ids": np.arange(count)[None],
        "attention_mask": np.triu(np.full((count, count), -65_504, np.float32), 1)[None, None],
        "beam_idx": np.zeros(1, np.int32),
        "logit_rows": np.arange(count),
    }
    for name, values in inputs.items():
        request.set_tensor(name, ov.Tensor(values))
    request.infer()
    expected = Reference(as_stored(tensors, GGMLQuantizationType.Q8_0)).logits(TOKENS[:count])
    assert relative_error(expected, request.get_tensor("logits").data[0]) < 0.003


def test_a_prompt_is_read_in_chunks(reference: Reference) -> None:
    """Four passes over 600 tokens, 256, 256, 64 and 24, each seeing those before, give what one look gives."""
    model = Model(MappedGraph(tiny_model().graph))
    logits = read(model, TOKENS)
    assert 4 == model.passes
    assert relative_error(reference.logits(TOKENS)[-1:], logits) < CLOSE


def test_a_pass_may_want_no_logits(model: Model, reference: Reference) -> None:
    """Its tokens are in the cache for those after them."""
    prompt = TOKENS[:90][::-1]
    sequence = model.open(tuple(prompt))
    [nothing] = model.step([Pass(sequence, prompt[:80], 0, prompt=80)])
    [outcome] = model.step([Pass(sequence, prompt[80:], 1, prompt=10)])
    assert 0 == len(nothing.logits) == len(nothing.states)
    assert relative_error(reference.logits(prompt)[-1:], outcome.logits) < CLOSE
    model.close(sequence)


def test_every_token_of_a_pass_sees_those_before_it(model: Model, reference: Reference) -> None:
    """The logits of several tokens in one pass are those of one after the other."""
    sequence, _ = begin(model, TOKENS[:300])
    [outcome] = model.step([Pass(sequence, TOKENS[300:310], 10)])
    assert relative_error(reference.logits(TOKENS[:310])[300:], outcome.logits) < CLOSE
    model.close(sequence)


def test_sequences_share_a_pass(model: Model, reference: Reference) -> None:
    """Three answers and a prompt, in one pass of the model, each see their own tokens alone."""
    prompts = [TOKENS[:40], TOKENS[100:230], TOKENS[50:51]]
    opened = [begin(model, prompt)[0] for prompt in prompts]
    new = model.open(tuple(TOKENS[300:320]))
    before = model.passes
    parts = [Pass(sequence, TOKENS[400 : 400 + size], size) for sequence, size in zip(opened, (3, 1, 2), strict=True)]
    results = model.step([*parts, Pass(new, TOKENS[300:320], 1, prompt=20)])
    assert 1 == model.passes - before
    for prompt, part, outcome in zip(prompts, parts, results, strict=False):
        expected = reference.logits([*prompt, *part.ids])[-part.wanted :]
        assert relative_error(expected, outcome.logits) < CLOSE
    assert relative_error(reference.logits(TOKENS[300:320])[-1:], results[-1].logits) < CLOSE
    for sequence in (*opened, new):
        model.close(sequence)


def test_four_bit_weights_are_unpacked_in_order(tmp_path: Path) -> None:
    """A file with 4-bit matrices is within what four bits cost; nibbles or groups out of order cost far more."""
    tensors = random_tensors()
    write_gguf(tmp_path / "tiny.gguf", tensors, GGMLQuantizationType.Q4_0)
    converted = convert(tmp_path / "tiny.gguf", "cd" * 32, tmp_path / "models", Silent())
    logits = read(Model(MappedGraph(converted.graph)), TOKENS[:50])
    expected = Reference(as_stored(tensors, GGMLQuantizationType.Q4_0)).logits(TOKENS[:50])
    assert relative_error(expected[-1:], logits) < 0.5


def test_a_cached_prefix_changes_nothing() -> None:
    """A prompt gives the same logits whether it is new, wholly cached, or begins like one that is, up to any token."""
    other = [*TOKENS[:423], *TOKENS[:150]]
    fresh, fresh_other = (read(Model(MappedGraph(tiny_model().graph)), prompt) for prompt in (TOKENS, other))
    model = Model(MappedGraph(tiny_model().graph))
    assert_same(fresh, read(model, TOKENS))
    assert 599 == cached(model, TOKENS)
    assert_same(fresh, read(model, TOKENS))
    assert 423 == cached(model, other)
    assert_same(fresh_other, read(model, other))
    assert_same(fresh, read(model, TOKENS))


def test_an_answer_is_cached_for_what_follows_it(model: Model, reference: Reference) -> None:
    """A conversation's next prompt goes on behind it; of drafts that were hidden nothing is left."""
    sequence, _ = begin(model, TOKENS[:300])
    model.step([Pass(sequence, [*TOKENS[300:320], 5, 6, 7], 1)])
    sequence.hide(3)
    model.close(sequence)
    assert 320 == cached(model, [*TOKENS[:320], 5, 9, 9])
    assert relative_error(reference.logits(TOKENS[:400])[-1:], read(model, TOKENS[:400])) < CLOSE


def test_one_token_is_always_left_to_read(model: Model) -> None:
    """Its logits are wanted, even where all of a prompt is cached."""
    read(model, TOKENS[:512])
    assert 511 == cached(model, TOKENS[:512])


def test_forgotten_drafts_leave_no_trace(model: Model, reference: Reference) -> None:
    """After rejected tokens, the next ones see only what was kept, at their true places."""
    sequence, _ = begin(model, TOKENS[:300])
    clean = [model.step([Pass(sequence, TOKENS[at : at + 3], 3)])[0].logits.copy() for at in (300, 303)]
    model.close(sequence)
    sequence, _ = begin(model, TOKENS[:300])
    drafted = model.step([Pass(sequence, [*TOKENS[300:303], 5, 6, 7, 8], 7)])[0].logits[:3].copy()
    sequence.hide(4)
    after = model.step([Pass(sequence, TOKENS[303:306], 3)])[0].logits.copy()
    sequence.hide(0)
    assert 306 == sequence.position
    assert relative_error(clean[0], drafted) < 0.01
    assert relative_error(clean[1], after) < 0.01
    assert relative_error(reference.logits(TOKENS[:306])[303:], after) < CLOSE
    model.close(sequence)


def test_the_last_place_of_the_window_can_be_read(model: Model, reference: Reference) -> None:
    """A token alone there, beyond which the rotary tables have no place."""
    prompt = [TOKENS[place % 600] for place in range(CONTEXT)]
    sequence, _ = begin(model, prompt[:-1])
    [last] = model.step([Pass(sequence, prompt[-1:], 1)])
    assert relative_error(reference.logits(prompt)[-1:], last.logits) < CLOSE
    model.close(sequence)


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    """A file of another kind of model is told by its kind."""
    write_gguf(tmp_path / "other.gguf", random_tensors(), architecture="llama")
    with pytest.raises(WeightsError, match="'llama' model; the builtin engine runs qwen2"):
        convert(tmp_path / "other.gguf", "ef" * 32, tmp_path / "models", Silent())


def test_where_attention_knows_no_bfloat16_all_is_float32(
    monkeypatch: pytest.MonkeyPatch, reference: Reference
) -> None:
    """Though the processor is said to: OpenVINO refuses a cache in another precision than it computes in."""
    graph = MappedGraph(tiny_model().graph)
    compile_model = graph.core.compile_model

    def compile_in_float32(model: ov.Model, device: str, config: dict[str, str]) -> ov.CompiledModel:
        return compile_model(model, device, config | {"INFERENCE_PRECISION_HINT": "f32"})

    monkeypatch.setattr(graph.core, "compile_model", compile_in_float32)
    monkeypatch.setattr(graph.core, "get_property", lambda *_: ["FP32", "BF16"])
    model = Model(graph)
    assert relative_error(reference.logits(TOKENS[:100])[-1:], read(model, TOKENS[:100])) < CLOSE
