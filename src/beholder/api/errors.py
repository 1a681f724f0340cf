"""The one place where an exception becomes a response.

The body pleases OpenAI's clients, which read `error.message type param code`, and xAI's, which read a top-level `code`.
"""

from __future__ import annotations

import logging
import re
from typing import Final

import msgspec
from msgspec import Struct
from starlette.responses import Response

from beholder.errors import BeholderError, InvalidRequest

logger = logging.getLogger("beholder.api")

# The descriptions of gRPC's status codes (tonic, `Code::description`), which xAI's HTTP edge answers as `code`.
XAI_CODES: Final = {
    400: "Client specified an invalid argument",
    401: "The request does not have valid authentication credentials",
    404: "Some requested entity was not found",
    405: "Operation is not implemented or not supported",
    412: "The system is not in a state required for the operation's execution",
    413: "Client specified an invalid argument",
    415: "Client specified an invalid argument",
    422: "Client specified an invalid argument",
    500: "Internal error",
    503: "The service is currently unavailable",
}

# Where xAI's status differs from OpenAI's, by our code (docs.x.ai, Debugging Errors, and what was recorded of it).
XAI_STATUSES: Final = {
    "empty_body": 415,
    "failed_to_download_image": 412,
    "invalid_api_key": 400,
    "invalid_type": 422,
    "missing_required_parameter": 422,
}


class ErrorDetail(Struct, frozen=True):
    """What OpenAI's clients read."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(Struct, frozen=True):
    """The body of every error."""

    error: ErrorDetail
    code: str


class XaiErrorBody(Struct, frozen=True):
    """The body of every error with the setting `xai_errors`; `error` is the message."""

    code: str
    error: str


def to_error(exception: Exception) -> BeholderError:
    """`exception` itself if it is meant for a user; anything else is logged and becomes a 500 that tells nothing."""
    if isinstance(exception, BeholderError):
        return exception
    logger.error("unexpected %s", type(exception).__name__, exc_info=exception)
    return BeholderError(
        "an unexpected fault inside Beholder; the log has it under this request's x-request-id", code="internal_error"
    )


class ErrorStyle:
    """How errors are told: OpenAI's statuses with a body for both kinds of clients, or xAI's own."""

    def __init__(self, *, is_xai: bool) -> None:
        self._is_xai = is_xai

    def status(self, error: BeholderError) -> int:
        """The HTTP status of `error`."""
        return XAI_STATUSES.get(error.code or "", error.status) if self._is_xai else error.status

    def to_body(self, error: BeholderError) -> bytes:
        """`error` as JSON."""
        code = XAI_CODES.get(self.status(error), "Unknown error")
        if self._is_xai:
            return msgspec.json.encode(XaiErrorBody(code, error.message))
        return msgspec.json.encode(ErrorBody(ErrorDetail(error.message, error.type, error.param, error.code), code))

    def to_response(self, error: BeholderError) -> Response:
        """The response that tells `error`, with `Retry-After` where it knows when to come back."""
        response = Response(self.to_body(error), self.status(error), media_type="application/json")
        if error.retry_after is not None:
            response.headers["retry-after"] = str(error.retry_after)
        if response.status_code == 401:
            response.headers["www-authenticate"] = "Bearer"
        return response


# ── what msgspec says, in the client's spelling ─────────────────────────────────────────────────────────────────────

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at (?:`key` in )?`\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")
_HINTS = (
    (r"messages\[\d+\]\.role", "expected system, developer, user, assistant, tool or function"),
    (r"messages\[\d+\]\.content\[\d+\]\.type", "expected text or image_url (in an assistant message also refusal)"),
    (r"messages\[\d+\]\.content\[\d+\]\.image_url", 'write {"type": "image_url", "image_url": {"url": "…"}}'),
    (r"messages\[\d+\]\.content\[\d+\]\.image_url\.detail", "expected auto, low or high"),
    (r"response_format\.type", "expected text, json_object or json_schema"),
    (r"tools\[\d+\]\.type", "expected function"),
    (r"input", "expected text or a list of items"),
    (r"input\[\d+\]\.role", "expected system, developer, user or assistant"),
    (
        r"input\[\d+\]\.(content|output)\[\d+\]\.type",
        "expected input_text, input_image, or in an assistant message output_text or refusal",
    ),
    (r"input\[\d+\]\.(content|output)\[\d+\]\.image_url", "expected the URL itself, as a string"),
    (r"input\[\d+\]\.(content|output)\[\d+\]\.detail", "expected auto, low, high or original"),
    (r"text\.format\.type", "expected text, json_object or json_schema"),
    (r"tool_choice", "expected none, auto, required or {type: function, function: {name}}"),
    (r"tool_choice\.type", "expected function or allowed_tools"),
)


def from_validation(error: msgspec.ValidationError) -> InvalidRequest:
    """The 400 for JSON that is well-formed and does not fit the wire structs."""
    place = _PLACE.match(str(error))
    assert place is not None
    what, path = place["what"], (place["path"] or "").split("[...]")[0].removeprefix(".")
    missing = _MISSING.search(what)
    if missing:
        path = f"{path}.{missing['name']}".removeprefix(".")
        return InvalidRequest(f"{path} is missing", param=path, code="missing_required_parameter")
    hints = "".join(f"; {hint}" for pattern, hint in _HINTS if re.fullmatch(pattern, path))
    what = what[:1].lower() + what[1:]
    code = "invalid_type" if ", got " in what else "invalid_value"
    return InvalidRequest(f"{path or 'the body'}: {what}{hints}", param=path or None, code=code)
