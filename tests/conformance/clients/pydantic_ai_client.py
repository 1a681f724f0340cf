"""pydantic-ai: tool output, native output, streams, tools, and both of its OpenAI models."""

from __future__ import annotations

import pytest
from pydantic_ai import Agent, BinaryContent, ImageUrl, NativeOutput, PromptedOutput, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider
from surroundings import (
    BASE_URL,
    MODEL,
    PICTURE,
    PICTURE_URL,
    QUESTION,
    Receipt,
    check_answer,
    check_receipt,
    needs_model,
)

PROVIDER = OpenAIProvider(base_url=BASE_URL, api_key="unused")
CHAT = OpenAIChatModel(MODEL, provider=PROVIDER)
RESPONSES = OpenAIResponsesModel(MODEL, provider=PROVIDER)
RECEIPT = BinaryContent(PICTURE.read_bytes(), media_type="image/png")
SETTINGS = {"temperature": 0.0}
MODELS = pytest.mark.parametrize("model", [CHAT, RESPONSES], ids=["chat", "responses"])


@MODELS
async def test_text(model: OpenAIChatModel) -> None:
    """A question about a picture is answered, given as bytes and as a URL."""
    agent = Agent(model, model_settings=SETTINGS)
    check_answer((await agent.run([QUESTION, RECEIPT])).output)
    check_answer((await agent.run([QUESTION, ImageUrl(PICTURE_URL, force_download=False)])).output)


@MODELS
@pytest.mark.parametrize("kind", [ToolOutput, NativeOutput])
async def test_typed_output(kind: type, model: OpenAIChatModel) -> None:
    """A receipt is read into a pydantic model, by tool call and by JSON Schema."""
    agent = Agent(model, output_type=kind(Receipt), model_settings=SETTINGS, retries=0)
    check_receipt((await agent.run(["Read the receipt.", RECEIPT])).output)


@needs_model
async def test_prompted_output() -> None:
    """A receipt is read into a pydantic model by JSON mode."""
    agent = Agent(CHAT, output_type=PromptedOutput(Receipt), model_settings=SETTINGS)
    check_receipt((await agent.run(["Read the receipt.", RECEIPT])).output)


@MODELS
async def test_stream(model: OpenAIChatModel) -> None:
    """A streamed answer comes in pieces, with usage."""
    async with Agent(model, model_settings=SETTINGS).run_stream([QUESTION, RECEIPT]) as run:
        *_, text = [text async for text in run.stream_text()]
        check_answer(text)
        assert run.usage.output_tokens


@needs_model
async def test_tool() -> None:
    """A tool is called, and its result is used."""
    agent = Agent(CHAT, model_settings=SETTINGS)
    asked = []

    @agent.tool_plain
    def weather(city: str) -> str:
        """The weather in a city."""
        asked.append(city)
        return "Snow, -3 degrees"

    result = await agent.run("What is the weather in Paris? Use the tool.")
    assert asked and "Paris" in asked[0]
    assert "now" in result.output
