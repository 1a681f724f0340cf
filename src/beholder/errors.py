"""Every error that a user can meet, each with the words a client reads.

    BeholderError
    ├── InvalidRequest            400  the request is wrong; `param` names the field
    │   ├── ContextLengthExceeded 400  the true token count is over the window
    │   ├── UnsupportedSchema     400  a JSON Schema keyword that cannot be enforced
    │   └── ImageError            400  one image is at fault; the message names message and part
    ├── Unauthorized              401
    ├── NotFound                  404  unknown model or address
    ├── MethodNotAllowed          405
    ├── BodyTooLarge              413
    ├── UnsupportedMediaType      415
    ├── Overloaded                503  the queue is full; `retry_after` seconds
    ├── NotReady                  503  the model is still loading
    ├── WeightsError              500  weights are missing or wrong; the message says what to run
    └── SettingsError             (start-up only) a bad setting

Raise, never return, an error. `api/errors.py` alone turns one into a response.
Codes of `ImageError` are OpenAI's image codes (openai-python, types/responses/response_error.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

if TYPE_CHECKING:
    from beholder.types import Where

ImageCode: TypeAlias = Literal[
    "invalid_image",
    "invalid_base64_image",
    "invalid_image_url",
    "failed_to_download_image",
    "unsupported_image_media_type",
    "image_parse_error",
    "empty_image_file",
    "image_file_too_large",
    "image_too_large",
    "image_file_not_found",
    "too_many_images",
]


class BeholderError(Exception):
    """Base of all errors meant for a user. `status`, `type` and `code` are what an OpenAI client reads."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    default_code: ClassVar[str | None] = None

    def __init__(
        self, message: str, *, param: str | None = None, code: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code or self.default_code
        self.retry_after = retry_after


class InvalidRequest(BeholderError):
    """The request is wrong; say what was expected, what came and where."""

    status = 400
    type = "invalid_request_error"


class ContextLengthExceeded(InvalidRequest):
    """Prompt and answer together do not fit the context window."""

    default_code = "context_length_exceeded"


class UnsupportedSchema(InvalidRequest):
    """A JSON Schema that the constraint library cannot enforce; the message names the keyword."""

    default_code = "invalid_json_schema"


class ImageError(InvalidRequest):
    """One image is at fault. The message begins with its place: "message 2, part 1: ..."."""

    def __init__(self, message: str, *, code: ImageCode, where: Where) -> None:
        super().__init__(f"{where}: {message}", param=where.param, code=code)
        self.where = where


class Unauthorized(BeholderError):
    """No key, or a wrong one."""

    status = 401
    type = "invalid_request_error"
    default_code = "invalid_api_key"


class NotFound(BeholderError):
    """No such model or address."""

    status = 404
    type = "invalid_request_error"
    default_code = "not_found"


class MethodNotAllowed(BeholderError):
    """The address exists, the method does not."""

    status = 405
    type = "invalid_request_error"
    default_code = "method_not_allowed"


class BodyTooLarge(BeholderError):
    """The request's body is over `max_body_bytes`."""

    status = 413
    type = "invalid_request_error"
    default_code = "request_too_large"


class UnsupportedMediaType(BeholderError):
    """The body is not JSON."""

    status = 415
    type = "invalid_request_error"
    default_code = "unsupported_media_type"


class Overloaded(BeholderError):
    """The queue is full; come back after `retry_after` seconds."""

    status = 503
    default_code = "server_overloaded"


class NotReady(BeholderError):
    """The model is still loading."""

    status = 503
    default_code = "model_loading"


class WeightsError(BeholderError):
    """Weights are missing, incomplete or not the pinned ones; the message says what to run."""

    default_code = "weights_unavailable"


class SettingsError(BeholderError):
    """A setting is unknown or has a bad value; only ever raised at start."""
