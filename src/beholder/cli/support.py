"""`beholder support`: what of the APIs is supported, as Markdown, which is also `docs/support.md`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from beholder.api.errors import XAI_STATUSES
from beholder.api.fields import FIELDS as CHAT_FIELDS
from beholder.api.fields import Field
from beholder.api.openapi import OPERATIONS
from beholder.api.responses.fields import FIELDS as RESPONSES_FIELDS
from beholder.cli.keywords import verdicts
from beholder.engines import Capabilities
from beholder.engines.builtin import BuiltinEngine
from beholder.engines.echo import EchoEngine
from beholder.images.loader import LOW_EDGE

ENGINES: tuple[tuple[str, Capabilities], ...] = (
    (BuiltinEngine.name, BuiltinEngine.capabilities),
    (EchoEngine.name, EchoEngine.capabilities),
)

HEAD = """\
# What is supported

Written by `beholder support` from the tables that the server itself uses. A field is **honoured**, **refused** with a
400 whose `param` names it, or a **no-op**: accepted, and without effect for the reason given. Fields that are not
listed are ignored, since clients send many. `null` is the same as leaving a field out.
"""

IMAGES = f"""\
## Images

PNG, JPEG, WebP and GIF without animation, by their bytes; a data URI, or an http(s) URL. In chat completions images
stand in system, developer and user messages, in any order between texts; in responses also in a function's output.
Elsewhere they are refused, never dropped.

| `detail` | What is looked at | Tokens in `usage` |
|---|---|---|
| `low` | at most {LOW_EDGE} pixels on the longest edge | 256 |
| `high` | the whole picture, up to `max_image_edge` | tiles of 448 × 448, at most 6, and one more: 256 each |
| `auto` | the same as `high` for now | the same as `high` |

Boxes are in the pixels of the picture that was sent, whatever its detail.
"""

SCHEMA_HEAD = """\
## JSON Schema

Every schema is enforced while the answer is written, `strict` or not, in `response_format`, `text.format` and the
parameters of functions. What cannot be enforced exactly is refused, not ignored. Each line below was tried on the
grammars that answers are written under.

| Keyword | |
|---|---|
"""

ERRORS_HEAD = """\
## Errors

The body is `{"error": {"message", "type", "param", "code"}, "code"}`: OpenAI's clients read the inner object, xAI's the
outer `code`. With the setting `xai_errors` it is xAI's `{"code", "error"}`, and these statuses are xAI's:

| `code` | Status with `xai_errors` |
|---|---|
"""


def run(arguments: argparse.Namespace) -> int:
    """Print the page."""
    print(to_markdown(), end="")
    return 0


def to_markdown() -> str:
    """The whole page."""
    return (
        "\n".join(
            (
                HEAD,
                "## Addresses\n\n| | | |\n|---|---|---|\n" + _lines(_addresses()),
                "## `POST /v1/chat/completions`\n\n" + _fields(CHAT_FIELDS),
                "## `POST /v1/responses`\n\n" + _fields(RESPONSES_FIELDS),
                IMAGES,
                SCHEMA_HEAD + _lines(_keywords()),
                ERRORS_HEAD + _lines(f"| `{code}` | {status} |" for code, status in XAI_STATUSES.items()),
            )
        ).rstrip("\n")
        + "\n"
    )


def _lines(rows: Iterable[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


def _addresses() -> Iterator[str]:
    for operation in OPERATIONS:
        yield f"| {operation.method.upper()} | `{operation.path}` | {operation.summary} |"


def _fields(fields: Iterable[Field]) -> str:
    return "| Field | | |\n|---|---|---|\n" + _lines(
        f"| `{field.name}` | {_handling(field)} | {field.note} |" for field in fields
    )


def _handling(field: Field) -> str:
    if field.handling != "capability":
        return field.handling
    able = [name for name, capabilities in ENGINES if getattr(capabilities, field.needs)]
    unable = [name for name, _ in ENGINES if name not in able]
    said = [f"honoured by {', '.join(able)}"] if able else []
    return "; ".join([*said, f"refused by {', '.join(unable)}"] if unable else said)


def _keywords() -> Iterator[str]:
    for trial, verdict in verdicts():
        yield f"| `{trial.keyword}` | {verdict} |"
