"""Answers of the tiny model: its weights are noise, so what is right about them is owed to the decoding alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_qwen import CONTEXT, tiny_model

from beholder.errors import ContextLengthExceeded, UnsupportedSchema
from beholder.evidence import Evidence
from beholder.language.answer import TextModel
from beholder.language.model import Outcome, Pass
from beholder.types import (
    Event,
    Finish,
    Job,
    JsonOutput,
    Output,
    Sampling,
    Started,
    TextDelta,
    TextOutput,
    TextPart,
    Turn,
    Usage,
)

RECEIPT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["invoice", "receipt"]},
        "shop": {
            "type": "object",
            "properties": {"name": {"type": "string", "maxLength": 4}, "open": {"type": "boolean"}},
            "required": ["name", "open"],
            "additionalProperties": False,
        },
        "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer", "maximum": 99}},
    },
    "required": ["kind", "shop", "items"],
    "additionalProperties": False,
}

FORCED: dict[str, Any] = {
    "type": "object",
    "properties": {"only": {"const": "one way"}},
    "required": ["only"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Answer:
    """What an answer's events say."""

    text: str
    usage: Usage
    reason: str
    deltas: tuple[TextDelta, ...]


@pytest.fixture(scope="module")
def model() -> TextModel:
    """The tiny model with a window of 1,024 tokens."""
    return TextModel(tiny_model(), threads=0, context_tokens=32_768)


def job(output: Output | None = None, text: str = "What is the total?", **options: Any) -> Job:
    """A question without images."""
    return Job((Turn("user", (TextPart(text),)),), sampling=Sampling(**options), output=output or TextOutput())


def told(model: TextModel, asked: Job, evidence: Mapping[str, Evidence]) -> Iterator[Event]:
    """The events of one answer, alone on the model."""
    work = model.answer(asked, evidence)
    outcome = None
    with suppress(StopIteration):
        while True:
            event = work.send(outcome)
            outcome = None
            if isinstance(event, Pass):
                [outcome] = model.perform([event])
            else:
                yield event


def ask(model: TextModel, output: Output | None = None, **options: Any) -> Answer:
    """The whole answer; that the events come in the order of the contract is checked here for all tests."""
    events = list(told(model, job(output, **options), {}))
    first, *deltas, usage, last = events
    assert isinstance(first, Started)
    assert isinstance(usage, Usage)
    assert isinstance(last, Finish)
    texts = tuple(delta for delta in deltas if isinstance(delta, TextDelta))
    assert len(deltas) == len(texts)
    return Answer("".join(delta.text for delta in texts), usage, last.reason, texts)


def is_receipt(value: Any) -> bool:
    """Whether the value conforms to `RECEIPT`."""
    return (
        ["kind", "shop", "items"] == list(value)
        and value["kind"] in {"invoice", "receipt"}
        and ["name", "open"] == list(value["shop"])
        and len(value["shop"]["name"]) <= 4
        and isinstance(value["shop"]["open"], bool)
        and 1 <= len(value["items"]) <= 3
        and all(isinstance(item, int) and item <= 99 for item in value["items"])
    )


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**31))
def test_any_draw_conforms_to_the_schema(model: TextModel, seed: int) -> None:
    """Nested objects, enum, array, limits: whatever is drawn from noise, the JSON is compact and of the schema."""
    answer = ask(model, JsonOutput(RECEIPT), temperature=1.5, seed=seed, max_tokens=500, logit_bias=NO_MINUS)
    assert "stop" == answer.reason
    value = json.loads(answer.text)
    assert is_receipt(value)
    assert json.dumps(value, ensure_ascii=False, separators=(",", ":")) == answer.text or "\\" in answer.text


NO_MINUS = {ord("-") - 33: -100.0}
"""An integer without a lower bound could go on for ever; the bytes' tokens begin with `!`."""


@pytest.mark.parametrize("schema", [RECEIPT, FORCED, None], ids=["schema", "no choice", "any object"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 8, 9, 11, 14, 17, 20, 25, 30, 40])
def test_cut_json_parses(model: TextModel, schema: dict[str, Any] | None, limit: int) -> None:
    """However few tokens there are, the answer is JSON, is no longer than asked, and says that it was cut."""
    answer = ask(model, JsonOutput(schema), temperature=0.7, seed=5, max_tokens=limit)
    value = json.loads(answer.text)
    assert answer.usage.completion_tokens <= limit
    if answer.reason == "stop":
        assert schema is not RECEIPT or is_receipt(value)
        assert schema is not FORCED or value == {"only": "one way"}
    else:
        assert ("length", limit) == (answer.reason, answer.usage.completion_tokens)


def test_what_has_one_form_needs_one_pass(model: TextModel) -> None:
    """Where the schema leaves no choice, no token is chosen: the tokens cost no passes over the weights."""
    answer = ask(model, JsonOutput(FORCED), max_tokens=100)
    assert '{"only":"one way"}' == answer.text
    assert answer.usage.passes <= 3
    assert answer.usage.completion_tokens > 10


@pytest.mark.parametrize(
    "options", [{"temperature": 0.0}, {"temperature": 0.8, "seed": 11}, {"temperature": 1.2, "top_p": 0.9, "seed": 1}]
)
@pytest.mark.parametrize("output", [TextOutput(), JsonOutput(RECEIPT)], ids=["text", "json"])
def test_the_same_request_has_the_same_answer(model: TextModel, output: Output, options: dict[str, Any]) -> None:
    """With temperature 0, or a seed: whatever was asked in between, and however it was cached."""
    first = ask(model, output, max_tokens=30, **options)
    again = ask(model, output, max_tokens=30, **options)
    ask(model, None, text="Something else " * 40, max_tokens=5)
    later = ask(model, output, max_tokens=30, **options)
    assert first.text == again.text == later.text


def test_seeds_make_a_difference(model: TextModel) -> None:
    """Other seeds, other answers."""
    assert 1 < len({ask(model, max_tokens=10, temperature=1.0, seed=seed).text for seed in range(3)})


def test_tokens_are_counted(model: TextModel) -> None:
    """The limit is met exactly; what was read before is told as cached, all but the last token."""
    text = "The total is on the page. " * 20
    first = ask(model, text=text, temperature=0.0, max_tokens=7)
    again = ask(model, text=text, temperature=0.0, max_tokens=7)
    assert ("length", 7) == (first.reason, first.usage.completion_tokens)
    assert first.usage.prompt_tokens > 256
    assert again.usage.cached_tokens == first.usage.prompt_tokens - 1
    assert again.usage.passes <= first.usage.passes


def test_a_conversation_goes_on_from_its_answer(model: TextModel) -> None:
    """What was answered in the turn before is not read again."""
    asked = job(text="Say it in bytes.", temperature=0.0, max_tokens=20, logit_bias=LETTERS)
    first = ask(model, text="Say it in bytes.", temperature=0.0, max_tokens=20, logit_bias=LETTERS)
    turns = (*asked.turns, Turn("assistant", (TextPart(first.text),)), Turn("user", (TextPart("And now?"),)))
    [usage] = [each for each in told(model, replace(asked, turns=turns), {}) if isinstance(each, Usage)]
    assert usage.cached_tokens > first.usage.prompt_tokens + 10


def test_what_another_client_asked_is_not_found(model: TextModel) -> None:
    """The tokens that are told as cached say nothing about others' questions."""
    asked = job(text="What is our secret? " * 5, temperature=0.0, max_tokens=3)
    for owner, cached in (("one", False), ("other", False), ("one", True)):
        [usage] = [each for each in told(model, replace(asked, owner=owner), {}) if isinstance(each, Usage)]
        assert cached == (usage.cached_tokens > 0)


def test_log_probabilities_spell_the_answer(model: TextModel) -> None:
    """One for each token, their bytes together the text's."""
    answer = ask(model, temperature=0.0, max_tokens=9, top_logprobs=2)
    tokens = [token for delta in answer.deltas for token in delta.logprobs]
    assert 9 == len(tokens)
    spelled = b"".join(token.token_bytes for token in tokens)
    assert spelled.decode("utf-8", errors="replace") == answer.text
    assert all(2 == len(token.top) and token.logprob <= 0 for token in tokens)
    assert all(token.top[0][1] == token.token_bytes for token in tokens)


def test_a_stop_string_ends_the_answer(model: TextModel) -> None:
    """Before the stop, and with the reason `stop`."""
    whole = ask(model, temperature=0.0, max_tokens=40, logit_bias=LETTERS)
    stop = whole.text[10:12]
    answer = ask(model, temperature=0.0, max_tokens=40, logit_bias=LETTERS, stop=(stop,))
    assert (whole.text[: whole.text.index(stop)], "stop") == (answer.text, answer.reason)


LETTERS = dict.fromkeys(range(ord("a") - 33, ord("z") - 33), 50.0)


def test_control_tokens_are_never_said(model: TextModel) -> None:
    """Not even when their likelihood is raised: a turn can end, and nothing else."""
    control = tiny_model().tokenizer().control
    answer = ask(model, temperature=1.0, seed=2, max_tokens=20, logit_bias={control["<|im_start|>"]: 100.0})
    assert 20 == answer.usage.completion_tokens
    ended = ask(model, temperature=0.0, max_tokens=20, logit_bias={control["<|im_end|>"]: 100.0})
    assert ("", "stop") == (ended.text, ended.reason)


def test_the_window_is_kept(model: TextModel) -> None:
    """A prompt that leaves no room is refused with its true count; without a limit the answer fills the window."""
    with pytest.raises(ContextLengthExceeded, match=rf"{CONTEXT} tokens.*resulted in \d{{4}} tokens") as caught:
        next(iter(model.answer(job(text="x " * 600), {})))
    assert "context_length_exceeded" == caught.value.code
    with pytest.raises(ContextLengthExceeded, match="max_tokens"):
        next(iter(model.answer(job(max_tokens=CONTEXT), {})))
    answer = ask(model, text="y " * 490, temperature=0.0, logit_bias=LETTERS)
    assert "length" == answer.reason
    assert CONTEXT == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_schema_is_refused_before_the_answer_begins(model: TextModel) -> None:
    """No event comes first, so that the refusal can still be a plain error."""
    output = JsonOutput({"not": {"type": "string"}}, "response_format.json_schema.schema")
    with pytest.raises(UnsupportedSchema, match='"not"') as caught:
        next(iter(model.answer(job(output), {})))
    assert "response_format.json_schema.schema" == caught.value.param


def test_answers_share_passes(model: TextModel) -> None:
    """Three answers under way together are as long as they are alone, in fewer passes than one after the other."""
    jobs = [job(text=text, max_tokens=12, temperature=0.0, logit_bias=LETTERS) for text in ("one", "two", "three")]
    alone = ["".join(each.text for each in told(model, asked, {}) if isinstance(each, TextDelta)) for asked in jobs]
    works = [model.answer(asked, {}) for asked in jobs]
    texts = ["", "", ""]
    wanted: list[Pass | None] = [None, None, None]
    outcomes: list[Outcome | None] = [None, None, None]
    rounds = served = 0
    running = {0, 1, 2}
    while running:
        for place in sorted(running):
            while wanted[place] is None and place in running:
                try:
                    event = works[place].send(outcomes[place])
                except StopIteration:
                    running.remove(place)
                    break
                outcomes[place] = None
                if isinstance(event, Pass):
                    wanted[place] = event
                elif isinstance(event, TextDelta):
                    texts[place] += event.text
        waiting = [place for place in sorted(running) if wanted[place] is not None]
        if waiting:
            results = model.perform([each for each in wanted if each is not None])
            rounds += 1
            for place, result in zip(waiting, results, strict=True):
                if result is not None:
                    served += 1
                    outcomes[place] = Outcome(result.logits.copy(), result.states.copy())
                    wanted[place] = None
    assert [len(text) for text in alone] == [len(text) for text in texts]
    assert rounds < served
