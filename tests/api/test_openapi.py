"""The OpenAPI document: every address, every field, and nothing that does not hold."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from live_server import Serve, make_app
from requests_for_tests import get_from
from stage_engines import ScriptedEngine
from starlette.applications import Starlette
from starlette.routing import Route

from beholder.api import fields
from beholder.api.openapi import document
from beholder.api.responses import fields as responses_fields
from beholder.api.responses.wire import ResponsesRequest
from beholder.api.wire import ChatRequest
from beholder.settings import Settings


@pytest.fixture(scope="module")
def described() -> Any:
    """The document."""
    return json.loads(document())


def test_it_is_served(echo_url: str, described: Any) -> None:
    """At its address, as JSON."""
    response = get_from(echo_url, "/openapi.json")
    assert (200, "application/json") == (response.status_code, response.headers["content-type"])
    assert described == response.json()


def test_every_route_is_described(described: Any) -> None:
    """The document has the routes that the application has, with their methods."""
    app = make_app(ScriptedEngine())
    assert isinstance(app, Starlette)
    routes = {
        (re.sub(r":\w+}", "}", route.path), method.lower())
        for route in app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert routes == {(path, method) for path, methods in described["paths"].items() for method in methods}


def test_every_reference_leads_somewhere(described: Any) -> None:
    """No component is missing, and none is named after a module's path."""
    for kind, name in re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(described)):
        assert name in described["components"][kind]
    assert not [name for name in described["components"]["schemas"] if "." in name]


def test_every_operation_has_its_answers(described: Any) -> None:
    """A whole answer, a streamed one where there is one, and the errors."""
    for methods in described["paths"].values():
        for operation in methods.values():
            assert {"400", "401", "404", "500", "503"} <= set(operation["responses"])
    for path in ("/v1/chat/completions", "/v1/responses"):
        content = described["paths"][path]["post"]["responses"]["200"]["content"]
        assert {"application/json", "text/event-stream"} == set(content)


@pytest.mark.parametrize(
    ("name", "request_type", "table"),
    [
        ("ChatRequest", ChatRequest, fields.FIELDS),
        ("ResponsesRequest", ResponsesRequest, responses_fields.FIELDS),
    ],
)
def test_every_field_says_what_becomes_of_it(described: Any, name: str, request_type: Any, table: Any) -> None:
    """Fields are those of the wire struct, each with its handling."""
    properties = described["components"]["schemas"][name]["properties"]
    assert set(request_type.__struct_fields__) == set(properties)
    handling = {field.name: field.handling for field in table}
    assert {field: handling[field] for field in properties} == {
        field: schema["description"].partition(":")[0] for field, schema in properties.items()
    }


def test_it_needs_no_key(serve: Serve) -> None:
    """The document says nothing of the server that it comes from."""
    url = serve(ScriptedEngine(), Settings(api_key=("k",)))
    assert [200, 401] == [get_from(url, path).status_code for path in ("/openapi.json", "/v1/models")]
