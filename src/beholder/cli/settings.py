"""`beholder settings`: the table of settings as Markdown, which is also `docs/settings.md`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import fields

from beholder.cli.parser import show_default
from beholder.settings import PREFIX, Settings

HEAD = """\
# Settings

Written by `beholder settings`. Each setting can be given as a flag or in the environment; the flag wins. An unknown
name or a bad value stops the program. Lists take commas, or the flag several times.

| Flag | Environment | Default | Meaning |
|---|---|---|---|
"""


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    print(to_markdown(), end="")
    return 0


def to_markdown() -> str:
    """The whole page."""
    return HEAD + "".join(f"{row}\n" for row in _rows())


def _rows() -> Iterator[str]:
    for setting in fields(Settings):
        flag, variable = f"--{setting.name.replace('_', '-')}", f"{PREFIX}{setting.name.upper()}"
        yield f"| `{flag}` | `{variable}` | {show_default(setting)} | {setting.metadata['help']} |"
