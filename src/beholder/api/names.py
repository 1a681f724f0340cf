"""Model names: what a client may ask for, and what it is answered."""

from __future__ import annotations

from beholder.engines.base import Engine
from beholder.errors import NotFound

GROK_ID = "grok-2-vision-1212"
GROK_NAMES = (GROK_ID, "grok-2-vision", "grok-2-vision-latest")
"""The dated id, which xAI answers for all three, and its aliases (docs.x.ai/docs/models)."""

CREATED = 1_733_961_600
"""The `created` of grok-2-vision-1212 in xAI's /v1/models: 2024-12-12, in Unix seconds."""


def accepted_names(engine: Engine) -> tuple[str, ...]:
    """All names that `engine` answers to, the drop-in names first."""
    return tuple(dict.fromkeys((*GROK_NAMES, engine.model, engine.name)))


def answered_name(name: str, engine: Engine, *, any_model: bool = False) -> str:
    """The `model` of the answer to a request for `name`.

    Raises `NotFound` for a name that is not accepted; with `any_model` all are.
    """
    if name in GROK_NAMES:
        return GROK_ID
    if any_model or name in (engine.model, engine.name):
        return engine.model
    known = ", ".join(accepted_names(engine))
    raise NotFound(f"the model {name!r} does not exist; there are {known}", param="model", code="model_not_found")
