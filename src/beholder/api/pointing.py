"""`grounding`, `verbatim` and `evidence`: what a request wants to know of where its answer is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from beholder.api.tools import invalid, refuse_incapable
from beholder.engines.base import Capabilities
from beholder.types import ImageRef, JsonOutput, Output, ToolOutput, Turn


class Asking(Protocol):
    """The fields, which chat completions and responses share."""

    @property
    def evidence(self) -> bool | None:
        """Whether everything that was seen is told."""
        ...

    @property
    def grounding(self) -> bool | None:
        """Whether the places of the answer's values are told."""
        ...

    @property
    def verbatim(self) -> bool | None:
        """Whether strings may only be what is printed."""
        ...


def wants_grounding(request: Asking, capabilities: Capabilities) -> bool:
    """Whether values are to be led to their places. Raises `InvalidRequest` where the engine cannot and it is asked."""
    refuse_incapable({"grounding": (request.grounding, capabilities.grounding)})
    return bool(request.grounding or request.evidence) and capabilities.grounding


def wants_verbatim(
    request: Asking, capabilities: Capabilities, output: Output, turns: Sequence[Turn], *, json: str
) -> bool:
    """Whether strings may only be what is printed; `json` names the field that asks for JSON.

    Raises `InvalidRequest` for an engine that cannot, an answer that is not JSON, and a request without images.
    """
    refuse_incapable({"verbatim": (request.verbatim, capabilities.verbatim)})
    if not request.verbatim:
        return False
    if not isinstance(output.otherwise if isinstance(output, ToolOutput) else output, JsonOutput):
        raise invalid(f"verbatim is about the strings of JSON; ask for JSON with {json} as well", "verbatim")
    if not any(isinstance(part, ImageRef) for turn in turns for part in turn.parts):
        raise invalid("verbatim allows what is printed in the images, and there are none; send an image", "verbatim")
    return True
