"""LangChain's own standard tests for a chat model, run with ChatOpenAI."""

from __future__ import annotations

import httpx
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests, chat_models
from surroundings import BASE_URL, MODEL, PICTURE


@pytest.fixture(autouse=True)
def local_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture that the tests would download is the receipt, so that no network is needed."""
    answer = httpx.Response(200, content=PICTURE.read_bytes())
    monkeypatch.setattr(chat_models.httpx, "get", lambda _url, **_options: answer)


class TestChatOpenAI(ChatModelIntegrationTests):
    """The standard tests, those on pictures and structured output included."""

    supports_image_inputs = True
    supports_json_mode = True
    supports_anthropic_inputs = False
    # The server would have to reach the picture's own address; openai_client.py asks for pictures by URL.
    supports_image_urls = False
    structured_output_kwargs = {"method": "json_schema"}  # noqa: RUF012
    supports_model_override = True
    model_override_value = "grok-2-vision"

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        """The client under test."""
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict:
        """Where the server is."""
        server = {"model": MODEL, "base_url": BASE_URL, "api_key": "unused"}
        return {**server, "max_retries": 0, "temperature": 0, "stream_usage": True}
