"""`POST /v1/moderations`: what pictures show that a rule may forbid, in OpenAI's shape, and what was not judged.

Shape of the request: openai-python, `types/moderation_create_params.py`; `policies` is our own.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

import msgspec
from msgspec import Struct
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from beholder.api.body import Hold, read_json
from beholder.api.disconnect import run_until_disconnect
from beholder.api.keys import owner
from beholder.api.moderation_result import Moderation, moderation_result
from beholder.api.names import accepted_names
from beholder.api.service import Service
from beholder.api.wire import ImagePart, TextPart
from beholder.engines.base import Moderates
from beholder.errors import InvalidRequest, NotFound
from beholder.types import ImageRef, Job, Turn, Where

MODEL = "omni-moderation-latest"
MODELS = (MODEL, "omni-moderation-2024-09-26", "text-moderation-latest", "text-moderation-stable")
"""Names of OpenAI's models (openai-python, types/moderation_model.py), all served by the same networks."""

MOST_INPUTS = 1_000


class ModerationRequest(Struct, frozen=True, kw_only=True):
    """The body. A list of texts has a result for each; a list with images has one for all of it.

    `policies` names further things to flag, `["firearms"]`; all policies are scored for every image.
    """

    input: str | list[str | TextPart | ImagePart]
    model: str | None = None
    policies: list[str] | None = None


DECODER = msgspec.json.Decoder(ModerationRequest)


@dataclass(frozen=True, slots=True)
class Order:
    """A request, understood. `results` is how many there will be: more than one for a list of texts alone."""

    job: Job
    model: str
    policies: frozenset[str]
    has_text: bool
    results: int


class Moderations:
    """The endpoint, as an ASGI app, since it watches for the client's disconnect itself."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever is wrong with it is raised."""
        self._service.require_ready()
        engine = self._service.engine
        if not isinstance(engine, Moderates):
            raise InvalidRequest("the engine that is running cannot judge pictures", code="unsupported_parameter")

        async def respond(body: bytes) -> None:
            await Response(body, media_type="application/json")(scope, receive, send)

        with self._service.budget.hold() as hold:
            # No name here keeps the order, so that its data URIs can go once the images are decoded.
            answer = self._answer(engine, await self._read(engine, scope, receive, hold), hold, respond)
            await run_until_disconnect(receive, answer)

    async def _read(self, engine: Moderates, scope: Scope, receive: Receive, hold: Hold) -> Order:
        limit = self._service.settings.max_body_bytes
        request = await read_json(Headers(scope=scope), receive, DECODER, limit=limit, hold=hold)
        return Order(
            job=Job(turns=(Turn("user", tuple(_images(request))),), owner=owner(scope)),
            model=self._answered_name(request.model or MODEL),
            policies=_policies(request, engine),
            has_text=_has_text(request),
            results=_count_results(request),
        )

    def _answered_name(self, name: str) -> str:
        if name in MODELS or self._service.settings.any_model:
            return name
        known = (*MODELS, *accepted_names(self._service.engine))
        if name in known:
            return name
        raise NotFound(
            f"the model {name!r} does not exist; for moderation there are {', '.join(known)}",
            param="model",
            code="model_not_found",
        )

    async def _answer(
        self, engine: Moderates, order: Order, hold: Hold, respond: Callable[[bytes], Awaitable[None]]
    ) -> None:
        loading = self._service.loader.load(order.job)
        # From here on the loader alone holds the data URIs, and lets each go once it is decoded.
        order = replace(order, job=Job(turns=()))
        job = await loading
        hold.release()
        reports = await engine.moderate(job) if any(job.images()) else ()
        result = moderation_result(reports, policies=order.policies, has_text=order.has_text)
        reply = Moderation(f"modr-{uuid.uuid4().hex}", order.model, [result] * order.results)
        await respond(msgspec.json.encode(reply))


def _images(request: ModerationRequest) -> Iterator[ImageRef]:
    for number, part in enumerate(request.input if isinstance(request.input, list) else ()):
        if isinstance(part, ImagePart):
            where = Where(0, number, f"input[{number}].image_url.url")
            yield ImageRef(part.image_url.url, where, part.image_url.detail or "auto")


def _has_text(request: ModerationRequest) -> bool:
    return isinstance(request.input, str) or any(not isinstance(part, ImagePart) for part in request.input)


def _count_results(request: ModerationRequest) -> int:
    """A result for each text of a list of texts; one for anything else."""
    if isinstance(request.input, str):
        return 1
    if not request.input or len(request.input) > MOST_INPUTS:
        raise InvalidRequest(
            f"input: expected a text, or a list of 1 to {MOST_INPUTS:,} texts or parts, got {len(request.input):,}",
            param="input",
            code="invalid_value",
        )
    return len(request.input) if all(isinstance(part, str) for part in request.input) else 1


def _policies(request: ModerationRequest, engine: Moderates) -> frozenset[str]:
    for number, name in enumerate(request.policies or ()):
        if name not in engine.policies:
            raise InvalidRequest(
                f"policies[{number}]: {name!r} cannot be judged; there are {', '.join(engine.policies)}",
                param=f"policies[{number}]",
                code="invalid_value",
            )
    return frozenset(request.policies or ())
