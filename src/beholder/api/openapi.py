"""`GET /openapi.json`: the whole API, generated from the structs that the endpoints decode and encode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from beholder import __version__
from beholder.api import replies
from beholder.api.api_key import ApiKey
from beholder.api.errors import ErrorBody, XaiErrorBody
from beholder.api.fields import FIELDS as CHAT_FIELDS
from beholder.api.health import Live, Ready
from beholder.api.language_models import LanguageModel, LanguageModelList
from beholder.api.models import Model, ModelList
from beholder.api.moderation_result import Moderation
from beholder.api.moderations import ModerationRequest
from beholder.api.plan import Plan
from beholder.api.responses import replies as responses
from beholder.api.responses.fields import FIELDS as RESPONSES_FIELDS
from beholder.api.responses.kept import MOST_ITEMS, Deleted, ItemList
from beholder.api.responses.wire import ResponsesRequest
from beholder.api.tokenize_text import TokenizeReply, TokenizeRequest
from beholder.api.wire import ChatRequest

ERRORS = {
    400: "the request is wrong; `param` names the field",
    401: "no API key, or a wrong one",
    404: "no such model, address or response",
    405: "the address takes another method",
    412: "with `xai_errors`: an image could not be fetched",
    413: "the body is over `max_body_bytes`",
    415: "the body is not JSON",
    422: "with `xai_errors`: a field has a wrong type or is missing",
    500: "a fault of the server",
    503: "the model is still loading, or the queue is full; see Retry-After",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address: what it takes, what it gives, and what it streams if it can."""

    method: str
    path: str
    summary: str
    gives: Any
    takes: Any = None
    streams: Any = None
    query: tuple[str, ...] = ()


OPERATIONS = (
    Operation(
        "post", "/v1/chat/completions", "Answer a conversation", replies.ChatCompletion, ChatRequest, replies.Chunk
    ),
    Operation("post", "/v1/responses", "Answer and keep", responses.Response, ResponsesRequest, responses.Event),
    Operation("get", "/v1/responses/{response_id}", "A kept response", responses.Response),
    Operation("delete", "/v1/responses/{response_id}", "Forget a response", Deleted),
    Operation(
        "get",
        "/v1/responses/{response_id}/input_items",
        "A kept response's input",
        ItemList,
        query=("after", "limit", "order"),
    ),
    Operation("post", "/v1/responses/{response_id}/cancel", "Always refused: nothing runs in the background", None),
    Operation("post", "/v1/moderations", "What pictures show that a rule may forbid", Moderation, ModerationRequest),
    Operation("post", "/v1/images/plan", "What a chat request would take", Plan, ChatRequest),
    Operation("get", "/v1/models", "The names that requests may use", ModelList),
    Operation("get", "/v1/models/{name}", "One of them", Model),
    Operation("get", "/v1/language-models", "The models as xAI describes them", LanguageModelList),
    Operation("get", "/v1/language-models/{name}", "One of them", LanguageModel),
    Operation("get", "/v1/api-key", "The request's own key, redacted", ApiKey),
    Operation("post", "/v1/tokenize-text", "A text's tokens", TokenizeReply, TokenizeRequest),
    Operation("get", "/healthz", "Whether the process lives", Live),
    Operation("get", "/readyz", "Whether the model is loaded", Ready),
    Operation("get", "/openapi.json", "This document", dict[str, Any]),
)

QUERY: dict[str, dict[str, Any]] = {
    "after": {"type": "string"},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": 20},
    "order": {"type": "string", "enum": ["asc", "desc"], "default": "desc"},
}


async def openapi(request: Request) -> Response:
    """The document."""
    return Response(document(), media_type="application/json")


@cache
def document() -> bytes:
    """The document as JSON (OpenAPI 3.1)."""
    structs = [each for operation in OPERATIONS for each in (operation.gives, operation.takes, operation.streams)]
    structs += [ErrorBody, XaiErrorBody]
    found, components = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    for name, fields in (("ChatRequest", CHAT_FIELDS), ("ResponsesRequest", RESPONSES_FIELDS)):
        for field in fields:
            if field.name in components[name]["properties"]:
                components[name]["properties"][field.name]["description"] = f"{field.handling}: {field.note}"
    schemas = iter(found)
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        gives, takes, streams = next(schemas), next(schemas), next(schemas)
        paths.setdefault(operation.path, {})[operation.method] = _describe(operation, gives, takes, streams)
    errors = list(schemas)
    text = msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Beholder",
                "version": __version__,
                "description": "Questions about images over the OpenAI API. Unknown fields of a request are ignored.",
            },
            "security": [{}, {"key": []}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
                "responses": {str(status): _error(note, errors) for status, note in ERRORS.items()},
            },
        }
    )
    return re.sub(rb"beholder\.api\.([a-z_.]+)\.([A-Za-z]+)", _short_name, text)


def _short_name(match: re.Match[bytes]) -> bytes:
    """Structs that share a name are told apart by their modules: `wire.Message` becomes `WireMessage`."""
    return b"".join(word.capitalize() for word in re.split(rb"[._]", match[1])) + match[2]


def _describe(operation: Operation, gives: Any, takes: Any, streams: Any) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{operation.method} {operation.path}").strip("_"),
        "summary": operation.summary,
        "responses": {str(status): {"$ref": f"#/components/responses/{status}"} for status in ERRORS},
    }
    if operation.gives is not None:
        content = {"application/json": {"schema": gives}}
        if operation.streams is not None:
            # Each event's data is one of these; a chat stream ends with the data `[DONE]`.
            content["text/event-stream"] = {"schema": streams}
        described["responses"]["200"] = {"description": operation.summary, "content": content}
    if operation.takes is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": takes}}}
    if parameters := list(_parameters(operation)):
        described["parameters"] = parameters
    return described


def _parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", operation.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    for name in operation.query:
        yield {"name": name, "in": "query", "required": False, "schema": QUERY[name]}


def _error(note: str, schemas: list[Any]) -> dict[str, Any]:
    return {"description": note, "content": {"application/json": {"schema": {"anyOf": schemas}}}}
