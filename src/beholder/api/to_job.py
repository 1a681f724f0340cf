"""From a chat request to the one internal request: the same for the server and for the command line."""

from __future__ import annotations

from beholder.api.fields import refuse_unsupported
from beholder.api.options import to_output, to_sampling
from beholder.api.pointing import wants_grounding, wants_verbatim
from beholder.api.turns import to_turns
from beholder.api.wire import ChatRequest
from beholder.engines.base import Capabilities
from beholder.types import Job


def to_job(request: ChatRequest, capabilities: Capabilities, *, local_files: bool = False) -> Job:
    """The job that `request` asks for, its images not yet loaded.

    `local_files` lets an image be named by a path; only the command line may say so. Raises `InvalidRequest` whose
    `param` is the field as the client wrote it.
    """
    refuse_unsupported(request)
    turns = to_turns(request.messages, local_files=local_files)
    output = to_output(request, capabilities)
    return Job(
        turns=turns,
        model=request.model,
        sampling=to_sampling(request, capabilities),
        output=output,
        grounding=wants_grounding(request, capabilities),
        verbatim=wants_verbatim(request, capabilities, output, turns, json="response_format"),
    )
