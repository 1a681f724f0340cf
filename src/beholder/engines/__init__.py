"""Whatever answers jobs, behind one seam: a lazy registry, so that only the chosen engine's libraries are imported."""

from __future__ import annotations

from collections.abc import Callable

from beholder.engines.base import Capabilities, CountsText, Engine, Token
from beholder.errors import SettingsError
from beholder.settings import Settings

__all__ = ["ENGINES", "Capabilities", "CountsText", "Engine", "Token", "create"]


def _builtin(settings: Settings) -> Engine:
    from beholder.engines.builtin import BuiltinEngine  # noqa: PLC0415

    return BuiltinEngine(settings)


def _echo(settings: Settings) -> Engine:
    from beholder.engines.echo import EchoEngine  # noqa: PLC0415

    return EchoEngine(context_tokens=settings.context_tokens)


def _naive(settings: Settings) -> Engine:
    from beholder.engines.naive import NaiveEngine  # noqa: PLC0415

    return NaiveEngine(settings)


ENGINES: dict[str, Callable[[Settings], Engine]] = {"builtin": _builtin, "echo": _echo, "naive": _naive}
"""The engines by name; each factory imports its engine's libraries when called."""


def create(settings: Settings) -> Engine:
    """The engine that `settings.engine` names, not started. Raises `SettingsError` for a name that does not exist."""
    if settings.engine not in ENGINES:
        raise SettingsError(f"there is no engine {settings.engine!r}; there are {', '.join(ENGINES)}")
    return ENGINES[settings.engine](settings)
