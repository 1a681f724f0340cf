"""LiteLLM: the same calls as `xai/…` and as `openai/…`."""

from __future__ import annotations

import json
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # LiteLLM would fetch its price list on import

import litellm
import pytest
from surroundings import BASE_URL, IS_REAL, MODEL, Receipt, ask, check_answer, check_receipt

PROVIDERS = pytest.mark.parametrize("provider", ["xai", "openai"])
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def complete(provider: str, **fields: object):
    """One completion over `provider`'s route."""
    return litellm.completion(
        f"{provider}/{MODEL}", api_base=BASE_URL, api_key="unused", temperature=0, num_retries=0, **fields
    )


@PROVIDERS
def test_answer(provider: str) -> None:
    """A question about a picture is answered."""
    answer = complete(provider, messages=ask())
    check_answer(answer.choices[0].message.content)
    assert answer.usage.total_tokens


@PROVIDERS
def test_stream(provider: str) -> None:
    """The pieces of a streamed answer are put together, with usage."""
    chunks = list(complete(provider, messages=ask(), stream=True, stream_options={"include_usage": True}))
    answer = litellm.stream_chunk_builder(chunks)
    check_answer(answer.choices[0].message.content)
    assert answer.choices[0].finish_reason == "stop"


@PROVIDERS
def test_typed_answer(provider: str) -> None:
    """A receipt is read into a pydantic model."""
    answer = complete(provider, messages=ask(question="Read the receipt."), response_format=Receipt)
    check_receipt(Receipt.model_validate_json(answer.choices[0].message.content))


@PROVIDERS
def test_tool_call(provider: str) -> None:
    """A call that is asked for comes."""
    question = [{"role": "user", "content": "What is the weather in Paris?"}]
    answer = complete(provider, messages=question, tools=[WEATHER], tool_choice="required")
    (call,) = answer.choices[0].message.tool_calls
    city = json.loads(call.function.arguments)["city"]
    assert call.function.name == "weather"
    if IS_REAL:
        assert "Paris" in city


@PROVIDERS
def test_fault(provider: str) -> None:
    """A broken picture is LiteLLM's BadRequestError."""
    with pytest.raises(litellm.BadRequestError):
        complete(provider, messages=ask("data:image/png;base64,@@@@"))
