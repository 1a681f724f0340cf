"""instructor: typed answers by tool call, JSON mode and JSON Schema."""

from __future__ import annotations

import instructor
import openai
import pytest
from surroundings import BASE_URL, DATA_URI, MODEL, QUESTION, Receipt, ask, check_receipt, needs_model

# In JSON mode the schema stands in the prompt only.
MODES = [instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA, pytest.param(instructor.Mode.JSON, marks=needs_model)]


def client(mode: instructor.Mode) -> instructor.Instructor:
    """instructor around the official client."""
    return instructor.from_openai(openai.OpenAI(base_url=BASE_URL, api_key="unused", max_retries=0), mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_typed_answer(mode: instructor.Mode) -> None:
    """A receipt is read into a pydantic model."""
    options = {"model": MODEL, "messages": ask(question="Read the receipt."), "max_retries": 0, "temperature": 0}
    check_receipt(client(mode).chat.completions.create(response_model=Receipt, **options))


@pytest.mark.parametrize("mode", [instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA])
def test_partial_answers(mode: instructor.Mode) -> None:
    """The stream of partial answers ends with the whole one."""
    partials = client(mode).chat.completions.create_partial(
        response_model=Receipt, model=MODEL, messages=ask(question="Read the receipt."), max_retries=0, temperature=0
    )
    *_, last = partials
    check_receipt(Receipt.model_validate(last.model_dump()))


def test_its_own_image_type() -> None:
    """instructor's Image becomes an image part."""
    picture = instructor.Image.from_base64(DATA_URI)
    receipt = client(instructor.Mode.TOOLS).chat.completions.create(
        response_model=Receipt,
        model=MODEL,
        messages=[{"role": "user", "content": [QUESTION, picture]}],
        max_retries=0,
        temperature=0,
    )
    check_receipt(receipt)
