"""The command line: serve, ask, plan, eval, weights, bench, settings, support. One is imported only when it is run."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence

from beholder.cli.parser import build_parser
from beholder.errors import BeholderError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed with a line on standard error, 130 interrupted.

    Wrong usage exits with 2 by itself.
    """
    _survive_narrow_encodings()
    arguments = build_parser().parse_args(argv)
    try:
        status: int = importlib.import_module(f"beholder.cli.{arguments.command}").run(arguments)
    except BeholderError as error:
        print(f"beholder: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has enough; without this, Python would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _survive_narrow_encodings() -> None:
    """An answer with a letter that the terminal cannot show is printed without it, rather than not at all."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
