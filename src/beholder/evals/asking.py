"""Asking an OpenAI-compatible endpoint about a row's images, whatever of the request's fields it knows."""

from __future__ import annotations

import asyncio
import base64
import mimetypes
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2

from beholder.errors import BeholderError, InvalidRequest, NotFound, Unauthorized
from beholder.evals.answer import Answer, GroundedBox, as_text, find_box, member
from beholder.evals.rows import Row
from beholder.evals.task import Question

ATTEMPTS: Final = 5
"""Tries of one request before its item counts as failed; the waits between them are 1, 2, 4 and 8 seconds."""
BUSY: Final = frozenset({408, 409, 429, 500, 502, 503, 504})
PLACEHOLDER: Final = "<image>"
"""Stands in a prompt where an image belongs."""


@dataclass(frozen=True, slots=True)
class Form:
    """Which fields are sent besides the messages: Beholder's own, JSON by schema, temperature and limit."""

    extension: bool = True
    schema: bool = True
    options: bool = True


FORMS: Final = (Form(), Form(extension=False), Form(extension=False, schema=False), Form(False, False, False))
"""What is tried in turn where an endpoint answers 400 or 422 because it does not know a field."""


@dataclass(slots=True)
class Endpoint:
    """An endpoint and what it turned out to know. `client` has the address up to `/v1/` and the key."""

    client: httpx2.AsyncClient
    model: str
    has_moderation: bool = True
    refused: set[str] = field(default_factory=set)

    async def answer(self, row: Row, question: Question) -> Answer:
        """The answer, or one with an `error`. Raises `BeholderError` where asking on is useless."""
        began = time.monotonic()
        try:
            images = [await asyncio.to_thread(data_uri, path) for path in row.images]
        except OSError as error:
            return Answer(error=f"cannot read {error.filename}: {error.strerror}")
        if question.category is not None and self.has_moderation:
            moderated = await self._moderate(images, question.category, began)
            if moderated is not None:
                return moderated
        return await self._chat(question, to_content(question.prompt, images), began)

    async def _chat(self, question: Question, content: list[dict[str, Any]], began: float) -> Answer:
        last = Answer(error="not asked")
        for form in self._forms(question):
            response = await self._post("chat/completions", self._body(question, content, form))
            last = _read(response, time.monotonic() - began)
            if response.status_code not in {400, 422}:
                self._remember(form, response)
                return last
        return last

    def _forms(self, question: Question) -> Iterator[Form]:
        asks_extension = question.grounding or question.evidence
        for form in FORMS:
            if form.extension and (not asks_extension or "extension" in self.refused):
                continue
            if form.schema and "schema" in self.refused:
                continue
            if not form.schema and form.options and question.schema is None:
                continue
            yield form

    def _remember(self, form: Form, response: httpx2.Response) -> None:
        """What was left out for an answer to come is left out from now on."""
        if response.is_success:
            self.refused |= {name for name in ("extension", "schema") if not getattr(form, name)} & self._tried(form)

    def _tried(self, form: Form) -> set[str]:
        return {
            name for earlier in FORMS[: FORMS.index(form)] for name in ("extension", "schema") if getattr(earlier, name)
        }

    def _body(self, question: Question, content: list[dict[str, Any]], form: Form) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self.model, "messages": [{"role": "user", "content": content}]}
        if form.options:
            body |= {"temperature": 0, "max_tokens": question.max_tokens}
        if form.schema and question.schema is not None:
            named = {"name": "answer", "strict": True, "schema": question.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        if form.extension:
            body |= {name: True for name in ("grounding", "evidence") if getattr(question, name)}
        return body

    async def _moderate(self, images: Sequence[str], category: str, began: float) -> Answer | None:
        """The verdict of `/v1/moderations` on the category; None where it does not judge such a thing."""
        parts = [{"type": "image_url", "image_url": {"url": image}} for image in images]
        response = await self._post("moderations", {"input": parts})
        result = next(iter(member(_json(response), "results") or []), None)
        scores, flags = member(result, "category_scores") or {}, member(result, "categories") or {}
        judged = [(name, score, flags.get(name)) for name, score in scores.items()]
        # Beholder scores policies, such as firearms, beside OpenAI's categories.
        ours = member(member(result, "x_beholder"), "scores") or []
        judged += [(member(each, "name"), member(each, "score"), member(each, "flagged")) for each in ours]
        found = [
            (float(score), bool(is_flagged))
            for name, score, is_flagged in judged
            if re.search(category, str(name)) and isinstance(score, int | float)
        ]
        self.has_moderation = bool(found)
        if not found:
            return None
        return Answer(
            response.text,
            time.monotonic() - began,
            flag_score=max(score for score, _ in found),
            flagged=any(is_flagged for _, is_flagged in found),
        )

    async def _post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        for attempt in range(ATTEMPTS):
            try:
                response = await self.client.post(path, json=body)
            except httpx2.TimeoutException as error:
                return httpx2.Response(408, text=f"no answer in time: {type(error).__name__}")
            except httpx2.TransportError as error:
                if attempt + 1 == ATTEMPTS:
                    raise BeholderError(f"cannot reach {self.client.base_url}: {error}") from None
                await asyncio.sleep(2**attempt)
                continue
            _refuse_useless(response)
            if response.status_code not in BUSY or attempt + 1 == ATTEMPTS:
                return response
            await asyncio.sleep(_wait(response, attempt))
        raise AssertionError("the last attempt returns")


async def first_model(client: httpx2.AsyncClient) -> str:
    """The name of the endpoint's first model. Raises `InvalidRequest` where it lists none."""
    try:
        response = await client.get("models")
    except httpx2.TransportError as error:
        raise InvalidRequest(f"cannot reach {client.base_url}: {error or type(error).__name__}") from None
    _refuse_useless(response)
    names = [as_text(member(each, "id")) for each in member(_json(response), "data") or []]
    if not response.is_success or not names:
        raise InvalidRequest(f"{client.base_url}models lists no model; name one with --model")
    return names[0]


def data_uri(path: Path) -> str:
    """The image file as a data URI, its type by its name."""
    kind = mimetypes.guess_type(path.name)[0] or "image/png"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def to_content(prompt: str, images: Sequence[str]) -> list[dict[str, Any]]:
    """The message's parts: each image at its placeholder, or all before the text where their numbers differ."""
    pieces = prompt.split(PLACEHOLDER)
    if len(pieces) - 1 != len(images):
        return [*map(_image_part, images), {"type": "text", "text": prompt.replace(PLACEHOLDER, "")}]
    parts: list[dict[str, Any]] = []
    for place, piece in enumerate(pieces):
        parts += [_image_part(images[place - 1])] if place else []
        parts += [{"type": "text", "text": piece}] if piece.strip() else []
    return parts


def _image_part(image: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": image}}


def _refuse_useless(response: httpx2.Response) -> None:
    """Stop at what would go wrong for every row."""
    if response.status_code in {401, 403}:
        raise Unauthorized(f"the endpoint refuses the key: {_message(response)}; give it with --api-key")
    if response.status_code == 404 and not response.request.url.path.endswith("/moderations"):
        raise NotFound(f"{response.request.url}: {_message(response)}; see --endpoint (it ends with /v1) and --model")


def _wait(response: httpx2.Response, attempt: int) -> float:
    told = response.headers.get("retry-after", "")
    return min(float(told), 60.0) if told.isdigit() else float(2**attempt)


def _json(response: httpx2.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _message(response: httpx2.Response) -> str:
    error = member(_json(response), "error")
    return as_text(member(error, "message")) or as_text(error) or response.text[:200] or str(response.status_code)


def _read(response: httpx2.Response, seconds: float) -> Answer:
    if not response.is_success:
        return Answer(seconds=seconds, error=f"{response.status_code}: {_message(response)}")
    body = _json(response)
    choice = next(iter(member(body, "choices") or []), None)
    content = member(member(choice, "message"), "content")
    extension = member(body, "x_beholder")
    return Answer(
        text=content if isinstance(content, str) else "",
        seconds=seconds,
        finish_reason=as_text(member(choice, "finish_reason")) or None,
        grounding=_grounding(member(extension, "grounding")),
        lines=_lines(member(extension, "evidence")),
    )


def _grounding(reports: Any) -> tuple[GroundedBox, ...] | None:
    """The boxes as reported; an empty report is none, since servers that cannot ground send one too."""
    boxes: list[GroundedBox] = []
    for report in reports or []:
        box, image = find_box(report), member(report, "image")
        if box is not None:
            pointer, text, match = (as_text(member(report, name)) for name in ("pointer", "text", "match"))
            boxes.append(GroundedBox(pointer, text, image if isinstance(image, int) else 0, box, match))
    return tuple(boxes) or None


def _lines(reports: Any) -> tuple[str, ...] | None:
    if not reports:
        return None
    return tuple(as_text(member(line, "text")) for report in reports for line in member(report, "lines") or [])
