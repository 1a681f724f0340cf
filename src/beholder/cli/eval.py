"""`beholder eval`: labelled pictures asked of an endpoint or of this process, and the answers' metrics."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from beholder import __version__
from beholder.cli.parser import read_settings
from beholder.evals.asking import Endpoint, first_model
from beholder.evals.in_process import in_process
from beholder.evals.results import Results
from beholder.evals.rows import LabelledSet, read_set
from beholder.evals.running import Run, known_rows, questions, summarise, to_table
from beholder.progress import for_stream


def run(arguments: argparse.Namespace) -> int:
    """Print the table, and with `--json` the summary as the last line; what is wrong is raised."""
    labelled = read_set(_find(arguments))
    try:
        summary, folder = asyncio.run(_evaluate(arguments, labelled))
    except KeyboardInterrupt:
        print("\nThe answers so far are kept; --resume goes on with them.", file=sys.stderr)
        raise
    print(to_table(summary))
    print(f"\nEvery answer: {folder / 'items.jsonl'}")
    if arguments.json:
        print(json.dumps(summary))
    return 0


def _find(arguments: argparse.Namespace) -> Path:
    """The folder that was named, as a path or within `--data`."""
    named = Path(arguments.set)
    if arguments.data is not None and not named.is_dir():
        return Path(arguments.data) / named
    return named


async def _evaluate(arguments: argparse.Namespace, labelled: LabelledSet) -> tuple[dict[str, Any], Path]:
    rows = known_rows(labelled, arguments.limit)
    if len(labelled.rows) > len(rows) and arguments.limit is None:
        print(f"{len(labelled.rows) - len(rows)} rows of unknown tasks are left out", file=sys.stderr)
    async with _endpoint(arguments) as (endpoint, system):
        run = {"set": labelled.name, "labels": labelled.digest, **system}
        folder = Path(arguments.out or Path("eval-results") / labelled.name / _file_name(system["system"]))
        results = Results(folder, run, resume=arguments.resume)
        outcomes = await Run(endpoint, results, for_stream(sys.stderr), arguments.concurrency).ask(questions(rows))
    summary = summarise(labelled.name, len(rows), outcomes)
    results.close([(each.row, each.answer, each.parts) for each in outcomes], summary)
    return summary, folder


@asynccontextmanager
async def _endpoint(arguments: argparse.Namespace) -> AsyncGenerator[tuple[Endpoint, dict[str, str]]]:
    """What is asked, and its name for the results."""
    if arguments.endpoint is None:
        settings = read_settings(arguments)
        async with in_process(settings, arguments.timeout) as (client, model):
            yield Endpoint(client, model), {"system": settings.engine, "model": model, "version": __version__}
        return
    headers = {"Authorization": f"Bearer {arguments.endpoint_key}"} if arguments.endpoint_key else {}
    address = arguments.endpoint.rstrip("/") + "/"
    async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=arguments.timeout) as client:
        model = arguments.model or await first_model(client)
        yield Endpoint(client, model), {"system": model, "model": model, "endpoint": address}


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)
