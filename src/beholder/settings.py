"""One table of settings: it feeds the command line, the environment (`BEHOLDER_<NAME>`) and `docs/settings.md`.

Read once at start and frozen; an unknown name or a bad value stops the program with a clear message.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from beholder.errors import SettingsError

PREFIX = "BEHOLDER_"
MEBIBYTE = 1024 * 1024


def _setting(default: Any, help: str, *, at_least: float | None = None, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help, "at_least": at_least, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. Lists are written with commas in the environment."""

    host: str = _setting("127.0.0.1", "address to listen on; anything but loopback needs an API key")
    port: int = _setting(8000, "port to listen on; 0 takes a free one", at_least=0)
    engine: str = _setting(
        "builtin", "engine that answers: builtin; naive, a baseline; or echo for protocol tests without a model"
    )
    model: str = _setting("", "path of a GGUF file to use instead of the pinned one")
    api_key: tuple[str, ...] = _setting((), "API keys that clients may send; none means no key is asked", secret=True)
    allow_no_key: bool = _setting(False, "listen beyond loopback without an API key: anybody who reaches it may ask")
    cache_dir: str = _setting("", "folder for assembled and converted weights; empty means the user's cache folder")
    threads: int = _setting(0, "CPU threads for the models; 0 means all cores", at_least=0)
    queue_size: int = _setting(32, "requests that may wait for the model; one more is answered 503", at_least=0)
    context_tokens: int = _setting(32_768, "context window in tokens: prompt and answer together", at_least=256)
    max_body_bytes: int = _setting(300 * MEBIBYTE, "largest request body, in bytes", at_least=1024)
    max_total_body_bytes: int = _setting(
        600 * MEBIBYTE, "bytes of all request bodies held at once; past it a request is answered 503", at_least=1024
    )
    max_images: int = _setting(10, "images in one message", at_least=0)
    max_image_bytes: int = _setting(20 * MEBIBYTE, "largest image file, in bytes", at_least=1)
    max_image_pixels: int = _setting(178_956_970, "largest image by width x height, read before decoding", at_least=1)
    max_image_edge: int = _setting(8_192, "longest edge in pixels; a larger picture is resized", at_least=64)
    max_total_pixel_bytes: int = _setting(
        2048 * MEBIBYTE,
        "bytes of all decoded pictures held at once, 3 a pixel; past it a request is answered 503",
        at_least=1024,
    )
    image_timeout: float = _setting(30.0, "seconds for decoding one image", at_least=0.01)
    image_worker_bytes: int = _setting(
        4096 * MEBIBYTE, "memory for decoding one image, in bytes; one that needs more is refused", at_least=MEBIBYTE
    )
    evidence_cache_bytes: int = _setting(
        64 * MEBIBYTE, "memory for what was seen in earlier pictures, in bytes; 0 keeps nothing", at_least=0
    )
    evidence_cache_dir: str = _setting(
        "", "folder that keeps what was seen in pictures beyond a restart; empty keeps it in memory only"
    )
    evidence_disk_bytes: int = _setting(1024 * MEBIBYTE, "most bytes in evidence_cache_dir", at_least=0)
    responses_kept: int = _setting(
        1_000, "answers of /v1/responses kept in the cache folder for previous_response_id; 0 keeps none", at_least=0
    )
    any_model: bool = _setting(False, "answer requests for any model name, not only for those that /v1/models lists")
    xai_errors: bool = _setting(False, "answer errors with xAI's statuses and bodies instead of OpenAI's")
    fetch_timeout: float = _setting(5.0, "seconds for fetching one image URL, redirects included")
    fetch_hosts: tuple[str, ...] = _setting(
        (), "the only hosts that image URLs may name, redirects included, e.g. cdn.example.com,*.example.org; none: any"
    )
    fetch_allow: tuple[str, ...] = _setting(
        (), "non-public hosts, addresses or networks that image URLs may reach all the same, e.g. 127.0.0.1,10.1.0.0/16"
    )

    @classmethod
    def load(cls, overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
        """Settings from the environment, then `overrides` (the command line), which win.

        Raises `SettingsError` for a name that does not exist and for a value that does not fit.
        """
        known = {f.name: f for f in fields(cls)}
        values: dict[str, Any] = {}
        for variable, text in environ.items():
            if not variable.startswith(PREFIX):
                continue
            name = variable.removeprefix(PREFIX).lower()
            if name not in known:
                raise SettingsError(f"{variable} is not a setting; the settings are {', '.join(sorted(known))}")
            values[name] = _parse(variable, text, known[name].default)
        for name, value in (overrides or {}).items():
            if name not in known:
                raise SettingsError(f"{name} is not a setting; the settings are {', '.join(sorted(known))}")
            if value is not None:
                values[name] = _parse(name, value, known[name].default) if isinstance(value, str) else value
        for name, value in values.items():
            lowest = known[name].metadata["at_least"]
            if lowest is not None and value < lowest:
                raise SettingsError(f"{name} must be at least {lowest}, got {value}")
        return cls(**values)


def _parse(name: str, text: str, default: Any) -> Any:
    """`text` as the type of the setting's default."""
    readers: dict[type, Callable[[str], Any]] = {
        int: int,
        float: float,
        bool: _parse_bool,
        str: str,
        tuple: lambda value: tuple(item.strip() for item in value.split(",") if item.strip()),
    }
    try:
        return readers[type(default)](text)
    except ValueError:
        raise SettingsError(f"{name} must be {type(default).__name__}, got {text!r}") from None


def _parse_bool(text: str) -> bool:
    if text.lower() not in {"1", "true", "yes", "0", "false", "no"}:
        raise ValueError(text)
    return text.lower() in {"1", "true", "yes"}
